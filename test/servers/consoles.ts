/** The providers' consoles, played: what a person would create there by hand, in the shape in which it is shown there. */
import { randomInt, randomUUID } from 'node:crypto';
import type { AuthorizationServer, ClientKind } from './authorization-server.js';

export interface RegistrationForm {
  readonly type: ClientKind;
  readonly appName: string;
  readonly redirectUris?: readonly string[];
}

export interface GoogleRegistration {
  readonly projectId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** What DOWNLOAD JSON saves. */
  readonly clientFile: { readonly name: string; readonly text: string };
  /** The address of a page of the project, for whoever copies that. */
  readonly pageAddress: string;
}

export interface MicrosoftRegistration {
  readonly clientId: string;
  readonly tenant: string;
  /** On the same page as the two above, and of no use. */
  readonly objectId: string;
  /** The column Value; empty for a public client. */
  readonly secretValue: string;
  /** The column Secret ID. */
  readonly secretId: string;
  /** ISO date, 24 months from now. */
  readonly secretExpires: string;
}

/** Steps 3 to 7 of the Gmail guide. */
export async function registerAtGoogle(
  server: AuthorizationServer,
  form: RegistrationForm,
): Promise<GoogleRegistration> {
  const projectId = `${form.appName.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-${randomInt(100_000, 999_999)}`;
  const { clientId, clientSecret } = await server.registerClient({
    type: form.type,
    name: form.appName,
    ...(form.redirectUris === undefined ? {} : { redirectUris: form.redirectUris }),
  });
  const kind = form.type === 'web' ? 'web' : 'installed';
  const text = JSON.stringify({
    [kind]: {
      client_id: clientId,
      project_id: projectId,
      auth_uri: 'https://accounts.google.com/o/oauth2/auth',
      token_uri: 'https://oauth2.googleapis.com/token',
      auth_provider_x509_cert_url: 'https://www.googleapis.com/oauth2/v1/certs',
      client_secret: clientSecret,
      redirect_uris: form.redirectUris ?? ['http://localhost'],
    },
  });
  return {
    projectId,
    clientId,
    clientSecret,
    clientFile: { name: `client_secret_${clientId}.json`, text },
    pageAddress: `https://console.cloud.google.com/auth/overview?project=${projectId}`,
  };
}

/** Steps 3 to 12 of the Outlook guide. */
export async function registerAtMicrosoft(
  server: AuthorizationServer,
  form: RegistrationForm & { readonly redirectUris: readonly string[] },
): Promise<MicrosoftRegistration> {
  const { clientId, clientSecret, secretId, tenant } = await server.registerClient({
    type: form.type,
    name: form.appName,
    redirectUris: form.redirectUris,
  });
  const expires = new Date();
  expires.setUTCMonth(expires.getUTCMonth() + 24);
  return {
    clientId,
    tenant,
    objectId: randomUUID(),
    secretValue: clientSecret,
    secretId,
    secretExpires: expires.toISOString().slice(0, 10),
  };
}
