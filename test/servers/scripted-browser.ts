/**
 * A browser played by a script: follows redirects, keeps cookies, fills in the forms of our own login pages and reads
 * the page it ends on. `signIn` runs it here; browser-program.ts makes a program of this file.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Agent, fetch, type Response } from 'undici';

export interface BrowserSettings {
  /** Authority of the played provider, PEM. */
  readonly ca: string;
  /** The account to choose; default: the one the page has selected (login_hint). */
  readonly account?: string;
  /** Scopes whose boxes to tick; default all. */
  readonly tick?: readonly string[];
  readonly action?: 'approve' | 'cancel';
  /** What to type where the page asks for a device's code. */
  readonly userCode?: string;
}

/** What the person saw. Addresses are without their query: a callback's holds the code. */
export interface Visit {
  readonly pages: readonly { readonly address: string; readonly status: number; readonly title: string }[];
  /** The last page's text without markup. */
  readonly text: string;
  readonly status: number;
  readonly address: string;
}

const MOST_PAGES = 20;

export async function signIn(url: string, settings: BrowserSettings): Promise<Visit> {
  const browser = openBrowser(settings.ca);
  try {
    const pages: { address: string; status: number; title: string }[] = [];
    let page = await browser.open(new URL(url));
    for (;;) {
      pages.push({ address: page.url.origin + page.url.pathname, status: page.status, title: titleOf(page.html) });
      const next = page.status === 200 ? fillIn(page, settings) : undefined;
      if (next === undefined || pages.length >= MOST_PAGES) break;
      page = await browser.open(next.action, next.body);
    }
    // A browser asks for the icon of a site it shows; the listener must bear it, or may be gone by then.
    if (page.url.protocol === 'http:') await browser.open(new URL('/favicon.ico', page.url)).catch(() => undefined);
    return { pages, text: textOf(page.html), status: page.status, address: page.url.origin + page.url.pathname };
  } finally {
    await browser.close();
  }
}

/**
 * Follows the authorization request up to the redirect and returns the redirect address, unopened: what a person
 * copies from a browser that runs on another computer.
 */
export async function redirectAddress(url: string, settings: BrowserSettings): Promise<string> {
  const browser = openBrowser(settings.ca, (target) => target.protocol === 'http:');
  try {
    let page = await browser.open(new URL(url));
    for (let hops = 0; hops < MOST_PAGES && page.url.protocol === 'https:'; hops += 1) {
      const next = fillIn(page, settings);
      if (next === undefined)
        throw new Error(`the provider kept the person on "${titleOf(page.html)}": ${textOf(page.html)}`);
      page = await browser.open(next.action, next.body);
    }
    return page.url.href;
  } finally {
    await browser.close();
  }
}

interface Page {
  readonly url: URL;
  readonly status: number;
  readonly html: string;
}

function openBrowser(ca: string, stopAt: (url: URL) => boolean = () => false) {
  // Each request has a connection of its own: a person may read for longer than a server keeps an idle one.
  const dispatcher = new Agent({ connect: { ca }, pipelining: 0 });
  const jar = new Map<string, { value: string; path: string }>();
  const request = async (url: URL, body?: URLSearchParams): Promise<Response> => {
    const cookie = [...jar]
      .filter(([, { path }]) => url.pathname.startsWith(path))
      .map(([name, { value }]) => `${name}=${value}`);
    const headers = {
      accept: 'text/html,*/*;q=0.8',
      ...(url.protocol === 'https:' ? { cookie: cookie.join('; ') } : {}),
    };
    const options = { dispatcher, redirect: 'manual', headers, signal: AbortSignal.timeout(15_000) } as const;
    const response = await fetch(url, body === undefined ? options : { ...options, method: 'POST', body });
    for (const line of response.headers.getSetCookie()) keep(jar, line);
    return response;
  };
  return {
    async open(url: URL, body?: URLSearchParams): Promise<Page> {
      let at = url;
      let response = await request(at, body);
      for (let hops = 0; hops < MOST_PAGES; hops += 1) {
        const location = response.headers.get('location');
        if (location === null) break;
        await response.body?.cancel();
        at = new URL(location, at);
        if (stopAt(at)) return { url: at, status: 0, html: '' };
        response = await request(at);
      }
      return { url: at, status: response.status, html: await response.text() };
    },
    close: () => dispatcher.close(),
  };
}

function keep(jar: Map<string, { value: string; path: string }>, line: string): void {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
  const name = pair.slice(0, pair.indexOf('='));
  const value = pair.slice(pair.indexOf('=') + 1);
  const attribute = (key: string): string | undefined =>
    attributes.find((part) => part.toLowerCase().startsWith(`${key}=`))?.slice(key.length + 1);
  if (value === '' || Date.parse(attribute('expires') ?? '') < Date.now()) jar.delete(name);
  else jar.set(name, { value, path: attribute('path') ?? '/' });
}

/** The request that the first form of a page sends when a person fills it in as told, or undefined where there is none. */
function fillIn(page: Page, settings: BrowserSettings): { action: URL; body: URLSearchParams } | undefined {
  const [, head = '', inside = ''] = /<form([^>]*)>([\s\S]*?)<\/form>/i.exec(page.html) ?? [];
  const inputs = [...inside.matchAll(/<input([^>]*)>/gi)].map(([, attributes = '']) => attributesOf(attributes));
  if (inputs.length === 0 && !/<button/.test(inside)) return undefined;
  const body = new URLSearchParams();
  for (const input of inputs) {
    const { name, type = 'text', value = '' } = input;
    if (name === undefined || name === 'other') continue;
    if (name === 'account') continue;
    if (type === 'checkbox') {
      if (settings.tick?.includes(value) ?? true) body.append(name, value);
    } else body.set(name, name === 'user_code' && value === '' ? (settings.userCode ?? '') : value);
  }
  const accounts = inputs.filter(({ name }) => name === 'account');
  if (accounts.length > 0) {
    const chosen = settings.account ?? accounts.find((input) => 'checked' in input)?.value ?? '';
    const listed = accounts.some(({ value }) => value === chosen);
    body.set('account', listed ? chosen : '');
    body.set('other', listed ? '' : chosen);
  }
  if (/name="do"/.test(inside))
    body.set('do', settings.action === 'cancel' || !/value="continue"/.test(inside) ? 'cancel' : 'continue');
  return { action: new URL(attributesOf(head)['action'] ?? page.url.href, page.url), body };
}

function attributesOf(text: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [, name = '', value = ''] of text.matchAll(/([\w-]+)(?:="([^"]*)")?/g)) attributes[name] = plain(value);
  return attributes;
}

function titleOf(html: string): string {
  return plain(/<title>([^<]*)<\/title>/i.exec(html)?.[1] ?? '');
}

function textOf(html: string): string {
  const body = html
    .replace(/<(style|script|title)[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<wbr>/gi, '')
    .replace(/<[^>]+>/g, ' ');
  return plain(body).replace(/\s+/g, ' ').trim();
}

function plain(text: string): string {
  const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(?:#(\d+)|(\w+));/g, (all, number?: string, name?: string) =>
    number === undefined ? (named[name ?? ''] ?? all) : String.fromCodePoint(Number(number)),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [settingsFile = '', url = ''] = process.argv.slice(2);
  const settings = JSON.parse(readFileSync(settingsFile, 'utf8')) as BrowserSettings & { record: string };
  const note = (seen: unknown): void => writeFileSync(settings.record, JSON.stringify(seen));
  await signIn(url, settings).then(note, (error: unknown) => note({ error: String(error) }));
}
