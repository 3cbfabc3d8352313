/**
 * The words in which Google's and Microsoft's token endpoints refuse a request. oidc-provider decides that a request is
 * refused and why (its `error_detail`); these tables only say it as the provider would, so that a diagnosis is tested
 * against what it will meet.
 */
import { randomUUID } from 'node:crypto';

export interface Refusal {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface RefusedRequest {
  /** oidc-provider's `error`, such as `invalid_grant`. */
  readonly error: string;
  /** oidc-provider's own reason, such as `refresh token not found`. */
  readonly detail: string;
  /** oidc-provider's words, or those of a grant of ours. */
  readonly description: string;
  readonly clientId: string;
  readonly clientDeleted: boolean;
  readonly sentSecret: boolean;
  readonly tenant: string;
}

type Words = readonly [status: number, error: string, description: string];

export function refuseAsGoogle(request: RefusedRequest): Refusal {
  const [status, error, description] = googleWords(request);
  return { status, body: { error, error_description: description } };
}

function googleWords({ error, detail, description, clientDeleted, sentSecret }: RefusedRequest): Words {
  if (detail.startsWith('as it is: ')) return [error === 'unauthorized_client' ? 401 : 400, error, description];
  if (clientDeleted) return [401, 'deleted_client', 'The OAuth client was deleted.'];
  if (detail === 'client not found') return [401, 'invalid_client', 'The OAuth client was not found.'];
  if (detail === 'invalid secret provided') return [401, 'invalid_client', 'The provided client secret is invalid.'];
  if (error === 'invalid_client' && !sentSecret) return [400, 'invalid_request', 'client_secret is missing.'];
  if (detail === 'authorization code not found') return [400, 'invalid_grant', 'Malformed auth code.'];
  if (detail === 'authorization code redirect_uri mismatch') return [400, 'redirect_uri_mismatch', 'Bad Request'];
  if (detail.includes('code_verifier must be provided')) return [400, 'invalid_grant', 'Missing code verifier.'];
  if (detail.includes('code_verifier')) return [400, 'invalid_grant', 'Invalid code verifier.'];
  if (detail === 'client mismatch') return [401, 'unauthorized_client', 'Unauthorized'];
  if (/^(refresh token|grant) /.test(detail)) return [400, 'invalid_grant', 'Token has been expired or revoked.'];
  return [400, error, 'Bad Request'];
}

export function refuseAsMicrosoft(request: RefusedRequest): Refusal {
  return microsoftRefusal(...microsoftWords(request));
}

export function noSuchTenant(tenant: string): Refusal {
  return microsoftRefusal(
    400,
    'invalid_request',
    `AADSTS90002: Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.`,
  );
}

export function sharedTenantRefused(): Refusal {
  return microsoftRefusal(
    400,
    'invalid_request',
    'AADSTS9001023: The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.',
  );
}

function microsoftRefusal(status: number, error: string, description: string): Refusal {
  const code = Number(/^AADSTS(\d+)/.exec(description)?.[1] ?? 0);
  const trace = randomUUID();
  const correlation = randomUUID();
  const timestamp = `${new Date().toISOString().slice(0, 19).replace('T', ' ')}Z`;
  return {
    status,
    body: {
      error,
      error_description: `${description} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
      error_codes: [code],
      timestamp,
      trace_id: trace,
      correlation_id: correlation,
      error_uri: `https://login.microsoftonline.com/error?code=${code}`,
    },
  };
}

function microsoftWords({ error, detail, clientId, clientDeleted, sentSecret, tenant }: RefusedRequest): Words {
  if (clientDeleted || detail === 'client not found')
    return [
      400,
      'unauthorized_client',
      `AADSTS700016: Application with identifier '${clientId}' was not found in the directory '${tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.`,
    ];
  if (detail === 'invalid secret provided')
    return [
      401,
      'invalid_client',
      `AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${clientId}'.`,
    ];
  if (/client_secret expired/.test(detail))
    return [
      401,
      'invalid_client',
      `AADSTS7000222: The provided client secret keys for app '${clientId}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.`,
    ];
  if (detail.startsWith('the key was not found'))
    return [
      401,
      'invalid_client',
      `AADSTS700027: The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found., Thumbprint of key used by client: '${detail.split(': ')[1]}'].`,
    ];
  if (error === 'invalid_client' && sentSecret)
    return [
      401,
      'invalid_client',
      "AADSTS700025: Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
    ];
  if (error === 'invalid_client')
    return [
      401,
      'invalid_client',
      "AADSTS7000218: The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    ];
  if (detail === 'authorization code not found')
    return [400, 'invalid_grant', 'AADSTS9002313: Invalid request. Request is malformed or invalid.'];
  if (detail === 'authorization code already consumed')
    return [
      400,
      'invalid_grant',
      'AADSTS54005: OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.',
    ];
  if (detail === 'authorization code is expired')
    return [
      400,
      'invalid_grant',
      'AADSTS70008: The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.',
    ];
  if (detail.includes('code_verifier'))
    return [
      400,
      'invalid_grant',
      'AADSTS501481: The Code_Verifier does not match the code_challenge supplied in the authorization request.',
    ];
  if (detail === 'refresh token is expired')
    return [
      400,
      'invalid_grant',
      'AADSTS700082: The refresh token has expired due to inactivity. The token was inactive for 90.00:00:00.',
    ];
  if (/^(refresh token|grant) /.test(detail))
    return [
      400,
      'invalid_grant',
      'AADSTS50173: The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.',
    ];
  if (error === 'authorization_pending')
    return [400, error, 'AADSTS70016: OAuth 2.0 device flow error. Authorization is pending. Continue polling.'];
  if (error === 'access_denied')
    return [400, 'authorization_declined', 'The end user denied the authorization request.'];
  if (error === 'invalid_scope')
    return [
      400,
      error,
      "AADSTS70011: The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid.",
    ];
  return [400, error, 'AADSTS70000: Provided grant is invalid or malformed.'];
}
