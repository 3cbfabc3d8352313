/** JSON over HTTPS to a store on the network, through the same room as everything OAuth: proxy, authorities, deadlines. */
import { explain } from '../../explain/explain.js';
import { MailauthError } from '../../explain/problem.js';
import { networkEvidence } from '../../system/connection-failure.js';
import type { Network } from '../../system/network.js';
import { hostPort } from '../../words/host.js';
import { redact } from '../../words/redact.js';
import { oneLine } from '../../words/sanitise.js';
import type { Secret } from '../../words/secret.js';
import type { Opening } from '../store.js';

/** Milliseconds; a store is near, and whoever waits for a token waits for it. */
const DEADLINES = { dns: 5_000, connect: 5_000, answer: 10_000 } as const;

export interface Answer {
  readonly status: number;
  /** Empty where it was no JSON object. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The server's own words, without what was sent. */
  readonly words: string;
}

export interface Request {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** What must not come back in words. */
  readonly secrets: readonly (Secret | undefined)[];
}

/** Sends one request. Rejects with what kept it from being answered, and never follows or repeats anything. */
export type Ask = (request: Request) => Promise<Answer>;

export interface Site {
  /** Without a path. */
  readonly url: URL;
  /** What it is called in a sentence: `etcd at db.example.org:2379`. */
  readonly name: string;
  /** The variable that names its authority's certificate. */
  readonly caVariable: string;
  /** Files of a certificate of this host, where the store wants one. */
  readonly certificate?: { readonly certFile: string; readonly keyFile: string } | undefined;
}

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
    const text = await response.text();
    return { status: response.status, body: objectIn(text), words: oneLine(redact(text, secrets)) };
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

function objectIn(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // A page of a proxy, or nothing: the status decides then.
  }
  return {};
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

/** An answer that none of the engine's rules knows. */
export function unknownAnswer(site: Site, { status, words }: Answer): MailauthError {
  return new MailauthError('store_unavailable', `${site.name} answered ${status}`, {
    who: 'admin',
    fix: [{ text: `ask whoever runs it what the answer means` }],
    ...(words !== '' && { server: words }),
  });
}
