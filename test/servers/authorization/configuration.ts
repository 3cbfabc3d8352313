/** oidc-provider, configured to behave as the provider does. */
import { createHash, generateKeyPair, type KeyPairKeyObjectResult, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import type Provider from 'oidc-provider';
import type { Configuration, errors, KoaContextWithOIDC } from 'oidc-provider';
import { devicePage, errorPage, type Layout } from '../login-pages.js';
import { judgeAssertion } from './apps.js';
import {
  EXCHANGE_DEFAULT,
  GRAPH_DEFAULT,
  type House,
  MAIL_SERVER,
  mailScopes,
  REAL_DIRECTORY,
  routes,
} from './house.js';

/**
 * oidc-provider warns on standard error about a Node without its long-term support, and about a body that was read
 * before it (apps.ts); it works there, and a test's output is read.
 */
export async function loadProvider(): Promise<typeof Provider> {
  const { warn } = console;
  console.warn = () => {};
  try {
    return (await import('oidc-provider')).default;
  } finally {
    console.warn = (text: unknown, ...more: unknown[]) => {
      if (!String(text).includes('already parsed request body')) warn(text, ...more);
    };
  }
}

/** Of every server in this process: making one takes a tenth of a second of processor time, and at times a whole one. */
let signingKey: Promise<KeyPairKeyObjectResult> | undefined;

export async function configure(house: Omit<House, 'provider'>): Promise<Configuration> {
  const { layout, accessTokenLife = 3600, redirects } = house.options;
  const { InvalidClientMetadata } = (await import('oidc-provider')).errors;
  signingKey ??= promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const { privateKey } = await signingKey;
  const microsoft = layout === 'microsoft';
  return {
    ...(house.options.protectedResource && {
      discovery: { protected_resources: [house.options.protectedResource] },
    }),
    ...(redirects && {
      extraClientMetadata: {
        properties: ['any'],
        validator: (_ctx, _key, _value, { redirect_uris: uris = [] }) => {
          // The word makes it the error invalid_redirect_uri (RFC 7591 section 3.2.2).
          if (!uris.every((uri) => redirects.test(uri)))
            throw new InvalidClientMetadata('redirect_uris must be others');
        },
      },
    }),
    adapter: (kind) => house.storage.adapter(kind),
    routes: routes[layout],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
    clients: [
      {
        client_id: MAIL_SERVER.id,
        client_secret: MAIL_SERVER.secret,
        redirect_uris: [],
        response_types: [],
        grant_types: [],
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
    scopes: [
      'openid',
      'offline_access',
      ...mailScopes[layout],
      ...(microsoft ? [GRAPH_DEFAULT, EXCHANGE_DEFAULT] : []),
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username', 'tid'] },
    // Both providers put the address into the ID token although an access token is issued beside it.
    conformIdTokenClaims: false,
    findAccount: (_ctx, id) => ({ accountId: id, claims: async () => claimsOf(house, id) }),
    extraTokenClaims: async (_ctx, token) =>
      'accountId' in token ? { email: token.accountId, username: token.accountId } : undefined,
    features: {
      devInteractions: { enabled: false },
      ...(house.options.registration && {
        registration: { enabled: true },
        registrationManagement: { enabled: true },
      }),
      revocation: { enabled: !microsoft },
      clientCredentials: { enabled: microsoft },
      deviceFlow: {
        enabled: microsoft,
        userCodeInputSource: async (ctx, form, _out, error) => {
          const text = error
            ? 'That code did not work. Check it and try again.'
            : 'Enter the code shown on your device.';
          ctx.body = devicePage({ heading: 'Enter code', text, form, formId: 'op.deviceInputForm' });
        },
        userCodeConfirmSource: async (ctx, form, _client, _info, userCode) => {
          const text = `Is ${userCode} the code on your device?`;
          ctx.body = devicePage({ heading: 'Are you trying to sign in?', text, form, formId: 'op.deviceConfirmForm' });
        },
        successSource: async (ctx) => {
          ctx.body = devicePage({
            heading: 'You have signed in',
            text: 'You can close this window.',
            form: '',
            formId: '',
          });
        },
      },
      introspection: { enabled: true, allowedPolicy: async () => true },
      resourceIndicators: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      pushedAuthorizationRequests: {
        enabled: house.options.pushed === true,
        requirePushedAuthorizationRequests: house.options.pushed === true,
      },
      dPoP: { enabled: false },
    },
    assertJwtClientAuthClaimsAndHeader: async (_ctx, claims, header, client) =>
      judgeAssertion(house, claims, header, client.clientId),
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    pkce: { required: () => true },
    extraParams: ['access_type', 'login_hint'],
    rotateRefreshToken: microsoft,
    issueRefreshToken: async (_ctx, client, code) =>
      client.grantTypeAllowed('refresh_token') &&
      (microsoft || house.options.registration
        ? code.scopes.has('offline_access')
        : house.offline.has(code.grantId ?? '')),
    interactions: { url: (_ctx, interaction) => `/signin/${interaction.uid}` },
    renderError: (ctx, _out, error) => {
      ctx.type = 'html';
      ctx.body = errorPage({ layout, ...pageWords(layout, ctx, error) });
    },
    ttl: {
      AccessToken: accessTokenLife,
      AuthorizationCode: 60,
      ClientCredentials: 3600,
      DeviceCode: 900,
      Grant: 90 * 86_400,
      IdToken: 3600,
      Interaction: 600,
      RefreshToken: 90 * 86_400,
      Session: 86_400,
    },
    cookies: { keys: [randomUUID()] },
  };
}

function claimsOf(house: Omit<House, 'provider'>, address: string): { sub: string; [claim: string]: unknown } {
  const sub = createHash('sha256').update(address).digest('hex').slice(0, 21);
  const usual = { email: address, email_verified: true, name: address.split('@')[0], preferred_username: address };
  return { ...usual, tid: REAL_DIRECTORY, ...house.circumstances.claims[address], sub };
}

/** A Google desktop client may use any loopback port and any path. Other clients keep oidc-provider's own rule. */
export function freeLoopback(provider: Provider): void {
  const prototype = provider.Client.prototype as InstanceType<Provider['Client']>;
  const usual = prototype.redirectUriAllowed;
  prototype.redirectUriAllowed = function redirectUriAllowed(redirectUri) {
    const loopback = /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(\/[^#]*)?$/.test(redirectUri);
    return (this.applicationType === 'native' && loopback) || usual.call(this, redirectUri);
  };
}

/** What a person reads when the provider keeps an error to itself. */
function pageWords(layout: Layout, ctx: KoaContextWithOIDC, error: Error): { title: string; text: string } {
  const { error_description: description = '', error_detail: detail = '' } = error as Partial<errors.OIDCProviderError>;
  const sent = ctx.oidc?.params ?? {};
  if (/redirect_uri/.test(description))
    return layout === 'google'
      ? { title: 'Access blocked', text: `Error 400: redirect_uri_mismatch. redirect_uri=${String(sent.redirect_uri)}` }
      : {
          title: 'Sign in',
          text: `AADSTS50011: The redirect URI '${String(sent.redirect_uri)}' specified in the request does not match the redirect URIs configured for the application '${String(sent.client_id)}'.`,
        };
  if (/client not found/.test(detail))
    return layout === 'google'
      ? {
          title: 'Access blocked: authorization error',
          text: 'Error 401: invalid_client. The OAuth client was not found.',
        }
      : {
          title: 'Sign in',
          text: `AADSTS700016: Application with identifier '${String(sent.client_id)}' was not found in the directory.`,
        };
  return { title: 'Something went wrong', text: `${error.message}: ${description} ${detail}` };
}
