import { timingSafeEqual } from 'node:crypto';

/**
 * The one judge of authorization responses (RFC 6749 section 4.1.2), used by the listener and by paste-back alike.
 * Only a response that carries our `state` can end a sign-in, whatever else it says: everything in front of that
 * check is noise from the network and is ignored.
 */
export interface ExpectedResponse {
  readonly state: string;
  readonly issuer: string;
  /** The issuer's metadata promise `iss` in every response (RFC 9207 section 3). */
  readonly issInResponse: boolean;
}

type Verdict =
  /** Not an answer to our request. Nothing is told to anybody; the wait goes on. */
  | { readonly kind: 'ignore'; readonly reason: string }
  /** It knows our state and is wrong all the same: told in the terminal; the wait goes on. */
  | { readonly kind: 'reject'; readonly reason: string }
  /** The provider's refusal; ends the wait. Both texts are the server's. */
  | { readonly kind: 'error'; readonly error: string; readonly description: string }
  | { readonly kind: 'code'; readonly code: string };

const SINGLE = ['state', 'error', 'iss', 'code'] as const;

/** An authority of many tenants writes the person's tenant into this place of its issuer; only then is it known. */
const TENANT_PLACE = '{tenantid}';
const TENANT = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function judgeResponse(query: URLSearchParams, expected: ExpectedResponse): Verdict {
  const knowsState = carriesState(query, expected.state);
  const doubled = SINGLE.find((name) => query.getAll(name).length > 1);
  if (doubled !== undefined) {
    return { kind: knowsState ? 'reject' : 'ignore', reason: `the answer names "${doubled}" twice` };
  }
  if (!knowsState) {
    return {
      kind: 'ignore',
      reason: query.has('state') ? 'the answer belongs to another sign-in' : 'the answer belongs to no sign-in',
    };
  }
  // RFC 9207 section 2.4: an answer of another issuer is nobody's error and nobody's code.
  const iss = query.get('iss');
  if (iss !== null && !isIssuer(iss, expected.issuer)) {
    return { kind: 'reject', reason: 'the answer comes from another authorization server than the one asked' };
  }
  // A refusal ends the wait without `iss`, although it should carry one too: nothing is exchanged for it.
  const error = query.get('error');
  if (error !== null) return { kind: 'error', error, description: query.get('error_description') ?? '' };
  if (iss === null && expected.issInResponse) {
    return { kind: 'reject', reason: 'the answer does not say which authorization server it comes from' };
  }
  const code = query.get('code');
  // RFC 6749 appendix A.11: a code is printable ASCII.
  if (code === null || !/^[\x20-\x7e]+$/.test(code)) {
    return { kind: 'reject', reason: 'the answer holds neither a code nor an error' };
  }
  return { kind: 'code', code };
}

/** Whether the query carries exactly one `state` and it is ours: compared in constant time, byte for byte. */
export function carriesState(query: URLSearchParams, state: string): boolean {
  const [given, ...more] = query.getAll('state');
  if (given === undefined || more.length > 0) return false;
  const [a, b] = [Buffer.from(given), Buffer.from(state)];
  return a.length === b.length && a.length > 0 && timingSafeEqual(a, b);
}

function isIssuer(iss: string, issuer: string): boolean {
  if (iss === issuer) return true;
  const [before, after, ...more] = issuer.split(TENANT_PLACE);
  if (before === undefined || after === undefined || more.length > 0) return false;
  const tenant = iss.slice(before.length, iss.length - after.length);
  return TENANT.test(tenant) && iss === `${before}${tenant}${after}`;
}

const WHOLE = 'copy the whole address from the address bar, from "http" to its end';

/**
 * The address a person copied out of the browser, as the redirect it should be. What is wrong is said in words that
 * tell what to copy instead; the text itself is never repeated, because it may hold a code.
 */
export function parsePastedResponse(text: string, redirectUri: string): URL | { readonly reason: string } {
  const pasted = clean(text);
  if (pasted === '') return { reason: `nothing was pasted: ${WHOLE}` };
  const redirect = new URL(redirectUri);
  const url = parse(pasted, redirect);
  if (url === undefined) return { reason: whyNoAddress(pasted) };
  if (url.host !== redirect.host || url.pathname !== redirect.pathname) return { reason: whyForeign(url, redirectUri) };
  if (/(?:^#|&)(?:code|error)=/.test(url.hash)) {
    return { reason: 'the answer stands behind a "#", where it cannot be used: start the sign-in again' };
  }
  url.hash = '';
  if (!url.searchParams.has('code') && !url.searchParams.has('error')) {
    return { reason: `the address looks cut off, it holds no answer: ${WHOLE}` };
  }
  if (!url.searchParams.has('state') || /(?:…|\.\.\.)$/.test(pasted)) {
    return { reason: `the address looks cut off, a part is missing: ${WHOLE}` };
  }
  return url;
}

/** Takes away what terminals, chat programs and mail put around an address, and the line breaks of a wrapped one. */
function clean(text: string): string {
  return (
    text
      .slice(0, 65_536)
      // The markers of a bracketed paste begin with ESC.
      .replace(/\x1b?\[20[01]~/g, '')
      .replace(/\s+/g, '')
      // From the beginning of a run only, so that a long one is looked through once.
      .replace(/^[<"'`(]+|(?<![>"'`)])[>"'`)]+$/g, '')
  );
}

/** Some browsers hide the scheme when the address is copied, and some insist on https; both mean our address. */
function parse(pasted: string, redirect: URL): URL | undefined {
  const spelled = pasted.startsWith(redirect.host) ? `http://${pasted}` : pasted;
  if (!/^https?:\/\//i.test(spelled) || !URL.canParse(spelled)) return undefined;
  const url = new URL(spelled);
  if (url.username !== '' || url.password !== '') return undefined;
  if (url.host !== redirect.host || url.protocol === redirect.protocol) return url;
  return new URL(redirect.protocol + spelled.slice(spelled.indexOf('//')));
}

function whyNoAddress(pasted: string): string {
  if (/(?:^|[?&])(?:code|state|error)=/.test(pasted)) return `this is only a part of the address: ${WHOLE}`;
  if (/^(?:4\/|[01]\.A|M\.C)/.test(pasted)) return `this is only the code, and the code alone is not enough: ${WHOLE}`;
  return `this is not a web address: ${WHOLE}`;
}

function whyForeign(url: URL, redirectUri: string): string {
  if (['client_id', 'response_type', 'redirect_uri', 'code_challenge'].some((name) => url.searchParams.has(name))) {
    return 'this is the address of the sign-in page: finish signing in there, then copy the address of the page that comes after it';
  }
  return `this is the address of another page: the right one begins with ${redirectUri}`;
}
