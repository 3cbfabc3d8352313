import type { IncomingMessage } from 'node:http';

/** Where the sign-in is waited for, and where its page is. */
export interface Place {
  /** Host and port, as the browser must name them. */
  readonly authority: string;
  readonly path: string;
  readonly donePath: string;
  readonly redirectUri: string;
}

export type Asked =
  | { readonly kind: 'callback'; readonly query: string }
  | { readonly kind: 'done' }
  /** `told`: what the terminal hears if the request knew our state. */
  | { readonly kind: 'refused'; readonly status: number; readonly query: string; readonly told?: string };

/** What a request is, before anything it says is believed: Host, method, purpose, path, in this order. */
export function classify(request: IncomingMessage, place: Place): Asked {
  const target = request.url ?? '';
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? '' : target.slice(mark + 1);
  const refused = (status: number, told?: string): Asked => ({
    kind: 'refused',
    status,
    query,
    ...(told === undefined ? {} : { told }),
  });
  // DNS rebinding: a page elsewhere can make a browser ask here, but not under our name. Node keeps the first of two
  // Host headers, so they are counted in the raw list; a target in absolute form would overrule them.
  const hosts = request.rawHeaders.filter(
    (_, index, all) => index % 2 === 1 && all[index - 1]?.toLowerCase() === 'host',
  );
  if (hosts.length !== 1 || hosts[0] !== place.authority || !/^(?:\/|\*$)/.test(target)) {
    return refused(421, 'an answer came under a foreign host name');
  }
  if (request.method !== 'GET') return refused(405, `an answer came as ${request.method}, not as a page visit`);
  if (isPrefetch(request)) return refused(204);
  if (path === place.donePath) return { kind: 'done' };
  return path === place.path ? { kind: 'callback', query } : refused(404);
}

/** A browser that only looks ahead must not use the code up. */
function isPrefetch(request: IncomingMessage): boolean {
  const { 'sec-purpose': secPurpose, purpose, 'x-moz': moz } = request.headers;
  return [secPurpose, purpose, moz].some((value) => /\b(?:prefetch|prerender|preview)\b/.test(String(value ?? '')));
}
