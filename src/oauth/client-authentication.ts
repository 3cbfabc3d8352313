import { type ClientAuth, ClientSecretBasic, ClientSecretPost, None } from 'openid-client';
import type { Endpoints } from '../account/account.js';
import type { ClientCredential } from '../account/client-credential.js';
import type { Evidence } from '../explain/evidence.js';
import type { Outcome } from '../explain/outcome.js';
import type { Secret } from '../words/secret.js';

export interface ClientCredentials {
  readonly clientId: string;
  /** Absent for a public client. */
  readonly clientSecret?: Secret;
  /** What an app asks for tokens of its own with; absent where a person signs in. */
  readonly app?: ClientCredential;
}

/** The two ways of RFC 6749 section 2.3.1 to send a client secret: in the header Authorization, or in the body. */
export type SecretMethod = 'client_secret_basic' | 'client_secret_post';

/**
 * The ways that a discovery document allows, the body first. Where the document names none, Basic is the default
 * (OpenID Connect Discovery section 3), and servers take the body all the same.
 */
export function methodsIn(document: Readonly<Record<string, unknown>>): readonly SecretMethod[] {
  const listed = document['token_endpoint_auth_methods_supported'];
  if (!Array.isArray(listed)) return ['client_secret_basic', 'client_secret_post'];
  const known: readonly SecretMethod[] = ['client_secret_post', 'client_secret_basic'];
  const allowed = known.filter((method) => listed.includes(method));
  return allowed.length > 0 ? allowed : ['client_secret_basic'];
}

/** One way of client authentication per request, never two (RFC 6749 section 2.3). */
export function authenticationOf(client: ClientCredentials, endpoints: Endpoints): ClientAuth {
  if (client.clientSecret === undefined) return None();
  const secret = client.clientSecret.reveal();
  return endpoints.clientAuthentication === 'client_secret_basic'
    ? ClientSecretBasic(secret)
    : ClientSecretPost(secret);
}

/** Errors that blame the client (RFC 6749 section 5.2); a client that was registered for the other way gets one of them. */
const CLIENT_ERRORS = ['invalid_client', 'unauthorized_client'];
/** Words of servers that say so outright. */
const NAMES_METHOD = /client_secret_(?:basic|post)|\bauth(?:entication)?[ _]method|basic auth/i;

/** Whether an answer may speak of the way the secret was sent, and not of the client or of what was asked for. */
export function maySpeakOfMethod({ stage, status = 0, error = '', text }: Evidence): boolean {
  if (stage !== 'response' || status < 400 || status >= 500) return false;
  return CLIENT_ERRORS.includes(error) || NAMES_METHOD.test(text);
}

/** Of an issuer, what the choice of a way needs. */
interface MethodChoice {
  readonly endpoints: Endpoints;
  readonly secretMethods: readonly SecretMethod[];
  use(method: SecretMethod): void;
}

/**
 * Sends a request that carries the client's secret, and once more the other way where the answer may blame the way. What
 * worked stays chosen, and is stored with the account. A server judges the client before anything else in a request, so
 * a code is not used up by the first try (RFC 6749 section 4.1.3).
 */
export async function eitherWay<T>(
  issuer: MethodChoice,
  client: ClientCredentials,
  request: () => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const outcome = await request();
  if (outcome.ok || client.clientSecret === undefined || !maySpeakOfMethod(outcome.evidence)) return outcome;
  const first = issuer.endpoints.clientAuthentication ?? 'client_secret_post';
  const other = issuer.secretMethods.find((method) => method !== first);
  if (other === undefined) return outcome;
  issuer.use(other);
  const again = await request();
  if (again.ok || !maySpeakOfMethod(again.evidence)) return again;
  issuer.use(first);
  return outcome;
}
