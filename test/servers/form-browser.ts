/**
 * A browser for the pages of servers that are not ours: keeps cookies, follows redirects, fills in what a form asks for
 * and sends it, until it is sent back to this computer.
 */
import { get as getLoopback, type IncomingMessage } from 'node:http';
import { request } from 'node:https';

export interface Person {
  /** What is typed into the fields of these names. */
  readonly fields: Readonly<Record<string, string>>;
  /** The button that is pressed where a form has several, as its name and value. */
  readonly button: readonly [name: string, value: string];
}

/** @returns the titles or first words of the pages that the person saw */
export async function signInByForms(url: string, ca: string, { fields, button }: Person): Promise<readonly string[]> {
  const cookies = new Map<string, string>();
  const pages: string[] = [];
  let next: { readonly url: string; readonly form?: URLSearchParams } = { url };
  for (let turn = 0; turn < 12; turn += 1) {
    const asked = new URL(next.url);
    if (asked.protocol === 'http:') {
      await new Promise((resolve, reject) => {
        getLoopback(asked, (response) => response.resume().once('end', resolve)).once('error', reject);
      });
      return pages;
    }
    const { status, location, page } = await visit(asked, ca, { cookies, form: next.form });
    if (status >= 300 && status < 400) next = { url: new URL(location, asked).href };
    else {
      pages.push(
        page
          .replace(/<!--[\s\S]*?-->|<(style|script)[\s\S]*?<\/\1>|<[^>]*>/g, ' ')
          .replace(/\s+/g, ' ')
          .trim()
          .slice(0, 200),
      );
      const inputs = [...page.matchAll(/<input\b[^>]*>/g)]
        .map(([tag]) => tag)
        .filter((tag) => !/type="submit"/.test(tag));
      if (status !== 200 || inputs.length === 0)
        throw new Error(`${asked.pathname} answered ${status}: ${pages.at(-1)}`);
      const form = new URLSearchParams(
        inputs.map((tag): [string, string] => [attribute(tag, 'name'), attribute(tag, 'value')]),
      );
      for (const [name, value] of Object.entries(fields)) if (form.has(name)) form.set(name, value);
      if (page.includes(`name="${button[0]}"`)) form.set(...button);
      next = { url: asked.href, form };
    }
  }
  throw new Error(`the sign-in went round in circles: ${pages.join(' | ')}`);
}

function attribute(tag: string, name: string): string {
  const [, value = ''] = new RegExp(`\\b${name}=["']([^"']*)["']`).exec(tag) ?? [];
  return value
    .replace(/&amp;/g, '&')
    .replace(/&quot;/g, '"')
    .replace(/&#x27;/g, "'");
}

interface Jar {
  readonly cookies: Map<string, string>;
  readonly form: URLSearchParams | undefined;
}

async function visit(url: URL, ca: string, { cookies, form }: Jar) {
  const headers = {
    cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
    ...(form && { 'content-type': 'application/x-www-form-urlencoded', referer: url.href, origin: url.origin }),
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const asking = request(url, { method: form ? 'POST' : 'GET', headers, ca, agent: false }, resolve);
    asking.once('error', reject).end(form?.toString());
  });
  for (const line of response.headers['set-cookie'] ?? []) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    cookies.set(name, value);
  }
  let page = '';
  for await (const chunk of response) page += chunk;
  return { status: response.statusCode ?? 0, location: response.headers.location ?? '', page };
}
