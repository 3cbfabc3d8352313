import { createHash } from 'node:crypto';
import { defuse } from '../../words/sanitise.js';

/** What the browser shows when it comes back. Our own words only: never a server's. */
export interface Page {
  readonly kind: 'success' | 'failure';
  readonly title: string;
  readonly heading: string;
  readonly lines: readonly string[];
}

/**
 * @param signedInAs whom the answer named; undefined where it named nobody
 * @param afterwards what mailauth does next, as a sentence
 */
export function signedInPage(signedInAs: string | undefined, afterwards: string): Page {
  return {
    kind: 'success',
    title: 'Signed in - mailauth',
    heading: signedInAs === undefined ? 'You are signed in' : `Signed in as ${signedInAs}`,
    lines: [afterwards, 'You can close this tab.'],
  };
}

export function failedPage(heading: string, nextAction: string | undefined): Page {
  return {
    kind: 'failure',
    title: 'Not signed in - mailauth',
    heading: `${heading.charAt(0).toUpperCase()}${heading.slice(1)}`,
    lines: [
      ...(nextAction === undefined ? [] : [`${nextAction.charAt(0).toUpperCase()}${nextAction.slice(1)}.`]),
      'Go back to the terminal: it is waiting, and nothing was lost.',
    ],
  };
}

/** A page of a sign-in, or one of the listener's own: neither good nor bad news, such as "look at the terminal". */
export interface ShownPage extends Omit<Page, 'kind'> {
  readonly kind: Page['kind'] | 'notice';
}

/** Contrast of text on its ground is 12:1 or more in both schemes, that of the quiet line 7:1. */
const STYLE = `
:root{color-scheme:light dark;--ground:#f6f5f2;--card:#fff;--text:#1d1f23;--quiet:#4c5058;--edge:#e2e0da;--mark:#11613f;--soft:#e3f1ea}
.failure{--mark:#8f1d14;--soft:#fbe9e7}
.notice{--mark:#274d78;--soft:#e6eef7}
@media(prefers-color-scheme:dark){
:root{--ground:#15171a;--card:#1e2125;--text:#f0efeb;--quiet:#b9bdc4;--edge:#30343a;--mark:#8fd9b2;--soft:#1b3228}
.failure{--mark:#ffb4a8;--soft:#3b201d}
.notice{--mark:#a9cbf3;--soft:#1d2b3c}
}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;min-height:100svh;display:grid;place-items:center;padding:24px;background:var(--ground);color:var(--text);font:17px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;-webkit-text-size-adjust:100%}
main{width:100%;max-width:34rem;padding:40px;background:var(--card);border:1px solid var(--edge);border-radius:16px}
h1{margin:20px 0 0;font-size:1.55rem;line-height:1.25;font-weight:650;letter-spacing:-.012em;overflow-wrap:anywhere;text-wrap:balance}
p{margin:14px 0 0;overflow-wrap:anywhere;text-wrap:pretty}
footer{margin-top:28px;padding-top:18px;border-top:1px solid var(--edge);color:var(--quiet);font-size:1rem;text-wrap:pretty}
svg{display:block;width:48px;height:48px;padding:11px;border-radius:50%;background:var(--soft);fill:none;stroke:var(--mark);stroke-width:2.6;stroke-linecap:round;stroke-linejoin:round}
@media(max-width:30rem){body{padding:16px;place-items:start center}main{padding:28px 24px}h1{font-size:1.15rem}}
@media(forced-colors:active){svg{stroke:CanvasText}}
`.trim();

/** The shapes differ, not only the colours: a tick, a cross, a dot over a line. */
const MARK: Readonly<Record<ShownPage['kind'], string>> = {
  success: '<path d="M4 12.5l5 5L20 6.5"/>',
  failure: '<path d="M6 6l12 12M18 6L6 18"/>',
  notice: '<path d="M12 11v8M12 5v.01"/>',
};

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** Sent with every answer of the listener. Nothing is fetched, run, framed, remembered or passed on. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

/** One self-contained document: no script, no image, no font, no link. */
export function renderPage(page: ShownPage): string {
  const lines = page.lines.map(escapeHtml);
  const last = lines.length > 1 ? lines.pop() : undefined;
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="robots" content="noindex">',
    `<title>${escapeHtml(page.title)}</title>`,
    `<style>${STYLE}</style>`,
    `<body class="${page.kind}">`,
    '<main role="status">',
    `<svg viewBox="0 0 24 24" aria-hidden="true">${MARK[page.kind]}</svg>`,
    `<h1>${escapeHtml(page.heading)}</h1>`,
    ...lines.map((line) => `<p>${line}</p>`),
    ...(last === undefined ? [] : [`<footer>${last}</footer>`]),
    '</main>',
    '</html>',
    '',
  ].join('\n');
}

function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return defuse(text).replace(/[&<>"']/g, (char) => entities[char] ?? char);
}
