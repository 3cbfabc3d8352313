/** What an app sends for a token of its own, by the kind of its credential: a row each. */
import { type ClientAuth, ClientSecretBasic, ClientSecretPost, None } from 'openid-client';
import type { Endpoints } from '../account/account.js';
import type { ClientCredential, CredentialKind } from '../account/client-credential.js';
import type { Evidence } from '../explain/evidence.js';
import { MailauthError } from '../explain/problem.js';
import { readTextFile } from '../system/text-file.js';
import { shownPath } from '../words/sanitise.js';
import { Secret } from '../words/secret.js';
import { clientAssertion, grantAssertion } from './assertion.js';

/** What the token is to be for. */
export interface AppWish {
  readonly scopes: readonly string[];
  /** The mailbox, where a token opens one alone. */
  readonly subject: string;
}

interface AppRequest {
  readonly grant: NonNullable<Evidence['grant']>;
  /** As the request has it. */
  readonly grantType: string;
  readonly authentication: ClientAuth;
  readonly parameters: Readonly<Record<string, string>>;
  /** Everything secret in it. */
  readonly sent: readonly Secret[];
}

interface Asked extends AppWish {
  readonly clientId: string;
  readonly endpoints: Endpoints;
  readonly signal: AbortSignal | undefined;
}

type Row<Kind extends CredentialKind> = (
  credential: ClientCredential & { readonly kind: Kind },
  asked: Asked,
) => Promise<AppRequest>;

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const CLIENT_ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const ROWS: { readonly [Kind in CredentialKind]: Row<Kind> } = {
  async secret({ secret }, asked) {
    const isBasic = asked.endpoints.clientAuthentication === 'client_secret_basic';
    return clientCredentials(asked, {
      authentication: isBasic ? ClientSecretBasic(secret.reveal()) : ClientSecretPost(secret.reveal()),
      sent: [secret],
    });
  },
  async certificate(credential, asked) {
    return withAssertion(asked, clientAssertion(credential, asked.clientId, asked.endpoints.token));
  },
  async federated({ file }, asked) {
    const token = (await readTextFile(file, { signal: asked.signal })).trim();
    if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) throw noToken(file);
    return withAssertion(asked, new Secret(token));
  },
  async 'service-account'(credential, { scopes, subject, endpoints }) {
    const assertion = grantAssertion(credential, { endpoint: endpoints.token, subject, scopes });
    return {
      grant: 'jwt_bearer',
      grantType: JWT_BEARER,
      // The assertion says who asks; there is no client besides.
      authentication: () => undefined,
      parameters: { assertion: assertion.reveal() },
      sent: [assertion],
    };
  },
};

/** @throws MailauthError file_not_found, bad_input: a file that holds another issuer's token cannot be used */
export function appRequest(credential: ClientCredential, asked: Asked): Promise<AppRequest> {
  return (ROWS[credential.kind] as Row<CredentialKind>)(credential, asked);
}

/** RFC 6749 section 4.4.2 */
function clientCredentials(
  { scopes }: Asked,
  { authentication, sent, ...more }: Pick<AppRequest, 'authentication' | 'sent'> & { readonly parameters?: object },
): AppRequest {
  return {
    grant: 'client_credentials',
    grantType: 'client_credentials',
    authentication,
    parameters: { scope: scopes.join(' '), ...more.parameters },
    sent,
  };
}

/** RFC 7523 section 2.2 */
function withAssertion(asked: Asked, assertion: Secret): AppRequest {
  return clientCredentials(asked, {
    authentication: None(),
    parameters: { client_assertion_type: CLIENT_ASSERTION, client_assertion: assertion.reveal() },
    sent: [assertion],
  });
}

function noToken(file: string): MailauthError {
  return new MailauthError('bad_input', `${shownPath(file)} does not hold a token of another issuer`, {
    fix: [{ text: 'see that the file holds one JSON Web Token, and that whoever renews it has written it to the end' }],
  });
}
