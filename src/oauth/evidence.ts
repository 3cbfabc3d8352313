import { type Evidence, withoutSecrets } from '../explain/evidence.js';
import { recordIn } from '../words/json.js';
import type { Secret } from '../words/secret.js';

/** What an endpoint answered, kept beside the library's own reading of it: failures are explained from here. */
export interface Answer {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body, where it is a JSON object. */
  readonly json: Readonly<Record<string, unknown>> | undefined;
  /** Our clock minus the server's, in seconds. */
  readonly clockOffset: number | undefined;
}

export type Fetch = (url: string, options: RequestInit) => Promise<Response>;

/**
 * Watches one request of openid-client. `amend` may take out of a JSON body what the library must not see;
 * `answer()` gives the answer as it came.
 */
export function observe(
  fetch: typeof globalThis.fetch,
  options: {
    readonly signal?: AbortSignal | undefined;
    readonly amend?: (json: Readonly<Record<string, unknown>>) => Record<string, unknown>;
  } = {},
): { readonly fetch: Fetch; answer(): Answer | undefined } {
  let seen: Answer | undefined;
  return {
    answer: () => seen,
    fetch: async (url, init) => {
      const signals = [init.signal, options.signal].filter((signal) => signal != null);
      const response = await fetch(url, { ...init, signal: AbortSignal.any(signals) });
      const text = await response.text();
      const json = recordIn(text);
      const { status, headers } = response;
      seen = { url, status, headers, text, json, clockOffset: clockOffsetOf(headers) };
      const body = json !== undefined && options.amend ? JSON.stringify(options.amend(json)) : text;
      return new Response(isBodiless(status) ? null : body, { status, headers });
    },
  };
}

function isBodiless(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}

function clockOffsetOf(headers: Headers): number | undefined {
  const date = Date.parse(headers.get('date') ?? '');
  return Number.isFinite(date) ? Math.round((Date.now() - date) / 1000) : undefined;
}

/** RFC 9110 section 10.2.3: seconds or a date. What makes no sense is left out; the caller decides how long to obey. */
export function retryAfterOf(headers: Headers, clockOffset: number | undefined): number | undefined {
  const value = headers.get('retry-after')?.trim() ?? '';
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const date = Date.parse(value);
  if (!/[a-z]/i.test(value) || !Number.isFinite(date)) return undefined;
  const serverNow = Date.now() - (clockOffset ?? 0) * 1000;
  return Math.max(0, Math.ceil((date - serverNow) / 1000));
}

/**
 * Evidence of an answer that is not what was asked for.
 * `error` is the OAuth `error` (RFC 6749 section 5.2) of a 4xx or 5xx; else `server_error` for 5xx, `rate_limited`
 * for 429, and `intercepted` for everything a token endpoint does not say: HTML, a redirect, a 2xx without a token.
 */
export function answerEvidence(
  answer: Answer,
  about: Pick<Evidence, 'where' | 'grant'>,
  sent: readonly (Secret | undefined)[],
): Evidence {
  const { status, headers, json, clockOffset } = answer;
  const named = json?.['error'];
  const oauthError = status >= 400 && typeof named === 'string' && named !== '' ? named : undefined;
  const url = new URL(answer.url);
  const retryAfter = retryAfterOf(headers, clockOffset);
  const evidence: Evidence = {
    where: about.where,
    stage: 'response',
    ...(about.grant === undefined ? {} : { grant: about.grant }),
    error: oauthError ?? wordFor(status),
    status,
    text: oauthError === undefined ? told(answer) : described(oauthError, json ?? {}),
    host: url.hostname,
    port: Number(url.port || 443),
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(clockOffset === undefined ? {} : { clockOffset }),
  };
  const { error, text, ...rest } = withoutSecrets(evidence, sent);
  return {
    ...rest,
    ...(error !== undefined && { error: error.slice(0, 200) }),
    text: oauthError === undefined ? excerpt(text) : text.slice(0, 4_000),
  };
}

function wordFor(status: number): string {
  if (status === 429) return 'rate_limited';
  // 511: "network authentication required" is a captive portal's own word (RFC 6585 section 6).
  return status >= 500 && status !== 511 ? 'server_error' : 'intercepted';
}

/** `suberror` and `error_subtype`, where a provider adds them, name causes that the description may leave out. */
function described(error: string, json: Readonly<Record<string, unknown>>): string {
  const parts = [json['error_description'] ?? json['error_message'], json['error_subtype'], json['suberror']];
  const texts = parts.filter((part): part is string => typeof part === 'string' && part !== '');
  return texts.join(' ') || error;
}

/** What an answer says that is no OAuth answer. */
function told({ status, headers, text }: Answer): string {
  return status >= 300 && status < 400 ? `answered with a redirect${hostIn(headers.get('location'))}` : text;
}

/** The beginning of a body that is no OAuth answer: a page's title, or its first words without the tags. */
function excerpt(text: string): string {
  const title = /<title[^>]*>([^<]{1,200})/i.exec(text.slice(0, 20_000))?.[1];
  const words = text
    .slice(0, 4_000)
    .replace(/<(script|style)[\s\S]*?(<\/\1>|$)/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return (title?.trim() || words).slice(0, 300) || 'an empty answer';
}

/** Only the host: the rest of such an address may repeat what was sent. */
function hostIn(location: string | null): string {
  return location !== null && URL.canParse(location) ? ` to ${new URL(location).host}` : '';
}

/** The refusal that a browser brings back (RFC 6749 section 4.1.2.1): both texts are the server's. */
export function refusalEvidence(
  { error, description }: { readonly error: string; readonly description: string },
  sent: readonly (Secret | undefined)[] = [],
): Evidence {
  return withoutSecrets({ where: 'authorization', stage: 'response', error, text: description || error }, sent);
}
