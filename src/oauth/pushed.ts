import { buildAuthorizationUrlWithPAR } from 'openid-client';
import type { Outcome } from '../explain/outcome.js';
import { networkEvidence } from '../system/connection-failure.js';
import type { PendingAuthorization } from './authorization.js';
import { type ClientCredentials, eitherWay } from './client-authentication.js';
import { answerEvidence, observe } from './evidence.js';
import type { Issuer } from './issuer.js';

/**
 * Hands the request to an issuer that takes it from the program alone (RFC 9126): the browser is then sent there with no
 * more than a name for it, which is good for about a minute. Any other issuer gets the request from the browser.
 */
export async function pushWhereDemanded(
  issuer: Issuer,
  client: ClientCredentials,
  { pending, signal }: { readonly pending: PendingAuthorization; readonly signal: AbortSignal },
): Promise<Outcome<PendingAuthorization>> {
  if (!issuer.mustPush) return { ok: true, value: pending };
  const { hostname: host, port } = new URL(issuer.endpoints.authorization);
  return eitherWay(issuer, client, async () => {
    const watch = observe(issuer.network.fetch, { signal });
    try {
      const configuration = await issuer.configuration(client, watch.fetch);
      const url = await buildAuthorizationUrlWithPAR(configuration, new URL(pending.url).searchParams);
      return { ok: true, value: { ...pending, url: url.href } };
    } catch (error) {
      signal.throwIfAborted();
      const answer = watch.answer();
      if (answer === undefined) {
        return { ok: false, evidence: networkEvidence(error, 'authorization', { host, port: Number(port || 443) }) };
      }
      const sent = [client.clientSecret, pending.state, pending.nonce, pending.codeVerifier];
      return { ok: false, evidence: answerEvidence(answer, { where: 'authorization' }, sent) };
    }
  });
}
