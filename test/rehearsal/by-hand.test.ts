import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeBrowser } from '../servers/scripted-browser.js';
import { run } from '../servers/terminal.js';
import { answerPrompts, type Reply } from './autopilot.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'by-hand-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** A value of the table that was printed last. */
const printed =
  (label: string) =>
  (shown: string): string =>
    shown.slice(shown.lastIndexOf('== Values for')).match(new RegExp(`^  ${label} +(\\S+)$`, 'm'))?.[1] ?? '';

// The reader of this test has a browser that trusts the certificate the rehearsal named on its command line.
const pressEnterWithBrowser = (shown: string): string => {
  const caFile = /--ca (\S+)/.exec(shown)?.[1] ?? '';
  writeBrowser(home, { ca: readFileSync(caFile, 'utf8'), record: join(home, 'visit.json') });
  return '';
};

const reader: readonly Reply[] = [
  { prompt: /Mailbox to connect:/, type: printed('Mailbox') },
  { prompt: /Project ID:/, type: printed('Project ID') },
  { prompt: /(?:Client|\(client\)) ID:/, type: printed('Client ID') },
  { prompt: /\(tenant\) ID:/, type: printed('Tenant ID') },
  { prompt: /Client secret[^\n]* \(hidden\):/, type: printed('Client secret') },
  { prompt: /Expiry date[^\n]*:/, type: printed('Secret expires') },
  { prompt: /Press Enter to open it:/, type: pressEnterWithBrowser },
  { prompt: /Enter when done:/, type: '' },
  { prompt: /\[(?:Y\/n|y\/N)\]/, type: '' },
  { prompt: /Number 1 to \d+:/, type: '' },
];

test('by hand, the reader gets the values, the wizards and this terminal, and needs no more', {
  timeout: 60_000,
}, async () => {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const args = ['--import', import.meta.resolve('tsx'), main, '--by-hand'];
  const env = { PATH: process.env['PATH'], HOME: home, BROWSER: join(home, 'browser') };
  const terminal = run(process.execPath, args, { env, cols: 120 });
  await answerPrompts(terminal, reader);
  expect(await terminal.exited()).toMatchObject({ code: 0 });
  expect(terminal.text()).toContain('2 accounts: 2 working');
  expect(terminal.text()).toContain('both mailboxes are set up and proven');
});
