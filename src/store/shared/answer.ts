/** A question to a store on the network, in JSON over HTTPS, and its answer; `web.ts` and `one-answer.ts` ask. */
import { MailauthError } from '../../explain/problem.js';
import { recordIn } from '../../words/json.js';
import { redact } from '../../words/redact.js';
import { oneLine } from '../../words/sanitise.js';
import type { Secret } from '../../words/secret.js';

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

/** How a site is asked: by the whole network, or by one connection a question. */
export type Reach = (site: Site) => Ask;

export function answerOf(status: number, text: string, secrets: Request['secrets']): Answer {
  // A page of a proxy, or nothing, holds nothing: the status decides then.
  return { status, body: recordIn(text) ?? {}, words: oneLine(redact(text, secrets)) };
}

/** An answer that none of the engine's rules knows. */
export function unknownAnswer(site: Site, { status, words }: Answer): MailauthError {
  return new MailauthError('store_unavailable', `${site.name} answered ${status}`, {
    who: 'admin',
    fix: [{ text: `ask whoever runs it what the answer means` }],
    ...(words !== '' && { server: words }),
  });
}
