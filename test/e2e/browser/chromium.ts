/**
 * A real Chromium that signs in at the played provider. `writeChromium` makes a program to be named in BROWSER; it notes
 * what a person would have seen, and takes pictures of the page the sign-in ends on.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

export interface Chromium {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Whatever asks for the internet all the same finds no such name.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
];

/** With a profile of its own that is thrown away. It goes on past the warning of the provider's certificate. */
export async function openChromium(): Promise<Chromium> {
  const profile = mkdtempSync(join(tmpdir(), 'mailauth-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium',
    headless: true,
    ignoreHTTPSErrors: true,
    args: ARGUMENTS,
    viewport: { width: 1000, height: 700 },
  });
  return {
    context,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const MOST_PAGES = 6;

/** Takes the selected account, ticks every box and goes on, until the provider sends the browser back to loopback. */
export async function signInWith(page: Page, url: string): Promise<void> {
  await page.goto(url);
  for (let pages = 0; pages < MOST_PAGES && page.url().startsWith('https:'); pages += 1) {
    for (const box of await page.locator('input[type=checkbox]').all()) await box.check();
    const before = page.url();
    await page.locator('button[value=continue]').click();
    await page.waitForURL((address) => address.href !== before);
  }
  await page.waitForLoadState('load');
}

export interface Seen {
  readonly address: string;
  readonly title: string;
  readonly heading: string;
  readonly text: string;
  /** Titles of the pages on the way, the last included. */
  readonly titles: readonly string[];
  /** Messages of the console, each behind the address it is about, and errors of the pages. */
  readonly complaints: readonly string[];
  /** Hosts that were asked for anything. */
  readonly hosts: readonly string[];
  readonly light: string;
  readonly dark: string;
  readonly error?: string;
}

/** Writes an executable into `directory`; what it saw is JSON in `record`, its pictures are files beside it. */
export function writeChromium(directory: string, record: string): string {
  const program = join(directory, 'chromium');
  const words = [process.execPath, '--import', import.meta.resolve('tsx'), fileURLToPath(import.meta.url), record];
  writeFileSync(program, `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(' ')} "$1"\n`, { mode: 0o755 });
  return program;
}

async function visit(url: string, record: string): Promise<Seen> {
  const browser = await openChromium();
  try {
    const page = await browser.context.newPage();
    const titles: string[] = [];
    const complaints: string[] = [];
    const hosts = new Set<string>();
    page.on('console', (message) => complaints.push(`${message.location().url}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(error.message));
    browser.context.on('request', (request) => hosts.add(new URL(request.url()).hostname));
    page.on('load', () => {
      page.title().then(
        (title) => titles.push(title),
        () => undefined,
      );
    });
    await signInWith(page, url);
    const light = await photograph(page, 'light', record);
    const dark = await photograph(page, 'dark', record);
    return {
      address: page.url(),
      title: await page.title(),
      heading: await page.locator('h1').innerText(),
      text: await page.locator('body').innerText(),
      titles,
      complaints,
      hosts: [...hosts],
      light,
      dark,
    };
  } finally {
    await browser.close();
  }
}

async function photograph(page: Page, colorScheme: 'light' | 'dark', record: string): Promise<string> {
  const path = `${record}-${colorScheme}.png`;
  await page.emulateMedia({ colorScheme });
  await page.screenshot({ path });
  return path;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [record = '', url = ''] = process.argv.slice(2);
  const seen = await visit(url, record).catch((error: unknown) => ({ error: String(error) }));
  writeFileSync(record, JSON.stringify(seen));
}
