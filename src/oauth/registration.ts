import type { Evidence } from '../explain/evidence.js';
import type { Outcome } from '../explain/outcome.js';
import { networkEvidence } from '../system/connection-failure.js';
import type { Network } from '../system/network.js';
import { Secret } from '../words/secret.js';
import { type Answer, answerEvidence, observe } from './evidence.js';

/** A client that an issuer made for this program (RFC 7591 section 3.2.1). */
export interface RegisteredClient {
  readonly clientId: string;
  /** As the issuer keeps them: it may replace what was asked for. Empty where it does not say. */
  readonly redirectUris: readonly string[];
  /** How the registration is deleted again, where the issuer offers that (RFC 7592 section 3). */
  readonly management?: { readonly uri: string; readonly token: Secret };
}

interface RegistrationWish {
  readonly name: string;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
}

interface Asking {
  readonly network: Network;
  readonly signal?: AbortSignal;
}

/** Registers a public native client: no secret, the code protected by PKCE, the browser sent back to this computer. */
export async function register(
  endpoint: string,
  { name, redirectUri, scopes }: RegistrationWish,
  { network, signal }: Asking,
): Promise<Outcome<RegisteredClient>> {
  const body = JSON.stringify({
    client_name: name,
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    application_type: 'native',
    scope: scopes.join(' '),
  });
  const watch = observe(network.fetch, { signal });
  try {
    await watch.fetch(endpoint, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  } catch (error) {
    signal?.throwIfAborted();
    return { ok: false, evidence: networkEvidence(error, 'registration', peerOf(endpoint)) };
  }
  const answer = watch.answer();
  const client = answer && clientIn(answer, endpoint);
  if (client !== undefined) return { ok: true, value: client };
  const evidence: Evidence = answer
    ? answerEvidence(answer, { where: 'registration' }, [])
    : { where: 'registration', stage: 'response', text: 'an empty answer', ...peerOf(endpoint) };
  return { ok: false, evidence };
}

/** Deletes a registration (RFC 7592 section 2.3). @returns whether it is gone */
export async function unregister(
  { uri, token }: NonNullable<RegisteredClient['management']>,
  { network, signal }: Asking,
): Promise<boolean> {
  try {
    const headers = { authorization: `Bearer ${token.reveal()}` };
    const { status } = await network.fetch(uri, { method: 'DELETE', headers, ...(signal && { signal }) });
    return status === 204 || status === 404 || status === 401;
  } catch {
    signal?.throwIfAborted();
    return false;
  }
}

/** RFC 7592 section 3: address and token come together. The token goes nowhere but to the host that gave it. */
function clientIn({ status, json }: Answer, endpoint: string): RegisteredClient | undefined {
  const clientId = json?.['client_id'];
  if (status !== 201 && status !== 200) return undefined;
  if (typeof clientId !== 'string' || clientId === '' || clientId.length > LONGEST) return undefined;
  const { registration_client_uri: uri, registration_access_token: token, redirect_uris: uris } = json ?? {};
  const redirectUris = Array.isArray(uris) ? uris.filter((one): one is string => typeof one === 'string') : [];
  const isOurs = typeof uri === 'string' && URL.canParse(uri) && new URL(uri).origin === new URL(endpoint).origin;
  if (!isOurs || typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) return { clientId, redirectUris };
  return { clientId, redirectUris, management: { uri, token: new Secret(token) } };
}

/** Some issuers put all that they know of a client into its ID. */
const LONGEST = 2048;

function peerOf(endpoint: string): Pick<Evidence, 'host' | 'port'> {
  const { hostname, port } = new URL(endpoint);
  return { host: hostname, port: Number(port || 443) };
}
