/** JSON over HTTPS to a store on the network, through the same room as everything OAuth: proxy, authorities, deadlines. */
import { explain } from '../../explain/explain.js';
import { MailauthError } from '../../explain/problem.js';
import { networkEvidence } from '../../system/connection-failure.js';
import type { Network } from '../../system/network.js';
import { hostPort } from '../../words/host.js';
import type { Opening } from '../store.js';
import { type Answer, type Ask, answerOf, type Request, type Site } from './answer.js';

/** Milliseconds; a store is near, and whoever waits for a token waits for it. */
const DEADLINES = { dns: 5_000, connect: 5_000, answer: 10_000 } as const;

export function openSite(site: Site, { env, signal, waitFor }: Opening): Ask {
  let network: Promise<Network> | undefined;
  const open = async (): Promise<Network> => {
    const { openNetwork } = await import('../../system/network.js');
    const caFile = env[site.caVariable];
    return openNetwork({
      ...{ env, signal, deadlines: DEADLINES },
      ...(caFile && { caFile, caAlone: true }),
      ...(site.certificate && { certificate: site.certificate }),
    });
  };
  const send = async ({ method, path, headers, body, secrets }: Request): Promise<Answer> => {
    network ??= open();
    const { fetch } = await network;
    const response = await fetch(new URL(path, site.url), {
      method,
      headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    return answerOf(response.status, await response.text(), secrets);
  };
  return async (request) => {
    try {
      return await waitFor({ what: `the answer of ${site.name}`, seconds: 15 }, send(request));
    } catch (error) {
      if (error instanceof MailauthError || signal.aborted) throw error;
      throw await unreachable(site, error);
    }
  };
}

/** A certificate has its own code; every other way of not being there is one, for whoever asks again later. */
async function unreachable(site: Site, error: unknown): Promise<MailauthError> {
  const { hostname: host, port } = site.url;
  const evidence = networkEvidence(error, 'store', { host, port: Number(port || 443) });
  const { code, message, fix, detail } = await explain(evidence, { answers: {} });
  const isCertificate = code.startsWith('tls_') || code === 'clock_skew';
  const authority = { text: `name the certificate of its authority in ${site.caVariable}` };
  const way = { text: `see whether ${hostPort(host, port || 443)} can be reached from this host, then run it again` };
  return new MailauthError(isCertificate ? code : 'store_unavailable', `${site.name} cannot be asked: ${message}`, {
    who: 'admin',
    fix: code === 'tls_untrusted' ? [authority] : isCertificate ? fix.filter(({ command }) => !command) : [way],
    ...(detail !== undefined && { detail }),
    cause: error,
  });
}
