import { randomBytes } from 'node:crypto';
import { type Configuration, clientCredentialsGrant, genericGrantRequest, randomPKCECodeVerifier } from 'openid-client';
import type { Preflight } from '../account/grant.js';
import { type Evidence, withoutSecrets } from '../explain/evidence.js';
import type { Outcome } from '../explain/outcome.js';
import type { Provider } from '../guide/provider.js';
import { networkEvidence } from '../system/connection-failure.js';
import type { Network } from '../system/network.js';
import { type ClientCredentials, eitherWay, maySpeakOfMethod } from './client-authentication.js';
import { answerEvidence, observe } from './evidence.js';
import type { Issuer } from './issuer.js';
import { mint } from './tokens.js';

/** Errors that speak about the client and about nothing else (RFC 6749 section 5.2, and providers' own). */
const CLIENT_ERRORS = ['invalid_client', 'deleted_client', 'disabled_client', 'invalid_tenant'];
/** The client may not use this grant: decisive for the grant of the sign-in, and not for a token of the client itself. */
const NOT_THIS_GRANT = 'unauthorized_client';

/**
 * Asks the token endpoint about a client before any person signs in. A probe exchanges a code that cannot be valid:
 * an answer about the code proves the client, an answer about the client refuses it, and any other answer, or none,
 * leaves it unproven. A directory of its own and a secret allow the stronger way: a token of the client itself, which
 * is thrown away unread.
 */
export async function preflight(
  issuer: Issuer,
  client: ClientCredentials,
  how: Provider['preflight'],
  options: PreflightOptions,
): Promise<Preflight> {
  // What an app asks with is no client that a bogus code could be tried with; its first token will show it.
  if (client.app !== undefined && how.kind === 'probe') return { result: 'unproven' };
  const hasCredential = client.clientSecret !== undefined || client.app !== undefined;
  const ownToken = how.kind === 'client-credentials' && hasCredential && !options.sharedTenant;
  const outcome = await eitherWay<unknown>(issuer, client, () =>
    ownToken ? askForToken(issuer, client, how.scope, options) : askWithBogusCode(issuer, client, options),
  );
  // A token for a code nobody issued says that this endpoint checks nothing.
  if (outcome.ok) return { result: ownToken ? 'proven' : 'unproven' };
  const { evidence } = outcome;
  // Nobody spoke: that says nothing about the client.
  if (evidence.status === undefined) return { result: 'unproven', evidence };
  return { result: verdictOn(evidence, how), evidence } as Preflight;
}

interface PreflightOptions {
  readonly network: Network;
  readonly redirectUri: string;
  /** The tenant stands for several directories, so that no token of the client itself can be asked for. */
  readonly sharedTenant: boolean;
  readonly signal?: AbortSignal;
}

function askForToken(
  issuer: Issuer,
  client: ClientCredentials,
  scope: string,
  options: PreflightOptions,
): Promise<Outcome<unknown>> {
  if (client.app !== undefined) return mint(issuer.endpoints, client, { scopes: [scope], subject: '' }, options);
  return ask(issuer, client, options, {
    grant: 'client_credentials',
    send: async (configuration) => clientCredentialsGrant(configuration, { scope }),
  });
}

function askWithBogusCode(issuer: Issuer, client: ClientCredentials, options: PreflightOptions) {
  return ask(issuer, client, options, {
    grant: 'probe',
    send: async (configuration) =>
      genericGrantRequest(configuration, 'authorization_code', {
        code: `mailauth-probe-${randomBytes(16).toString('hex')}`,
        redirect_uri: options.redirectUri,
        code_verifier: randomPKCECodeVerifier(),
      }),
  });
}

async function ask(
  issuer: Issuer,
  client: ClientCredentials,
  { network, signal }: PreflightOptions,
  { grant, send }: { grant: 'client_credentials' | 'probe'; send: (by: Configuration) => Promise<unknown> },
): Promise<Outcome<undefined>> {
  const watch = observe(network.fetch, { signal });
  try {
    await send(await issuer.configuration(client, watch.fetch));
    return { ok: true, value: undefined };
  } catch (error) {
    signal?.throwIfAborted();
    const answer = watch.answer();
    if (answer !== undefined) {
      return { ok: false, evidence: answerEvidence(answer, { where: 'token', grant }, [client.clientSecret]) };
    }
    const { hostname, port } = new URL(issuer.endpoints.token);
    const peer = { host: hostname, port: Number(port || 443) };
    return {
      ok: false,
      evidence: withoutSecrets({ ...networkEvidence(error, 'token', peer), grant }, [client.clientSecret]),
    };
  }
}

function verdictOn(evidence: Evidence, how: Provider['preflight']): Preflight['result'] {
  const says = (words: readonly string[]) =>
    words.some((word) => evidence.error === word || evidence.text.includes(word));
  const grantRefused = evidence.error === NOT_THIS_GRANT && evidence.grant === 'probe';
  if (grantRefused || CLIENT_ERRORS.includes(evidence.error ?? '') || says(how.refusedBy ?? [])) return 'refused';
  // An answer about the way the secret was sent is none about the code, whatever its error says.
  if (maySpeakOfMethod(evidence)) return 'unproven';
  return how.kind === 'probe' && says(how.knownBy) ? 'proven' : 'unproven';
}
