import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeBrowser } from '../servers/browser-program.js';
import { KEY, run, type Terminal } from '../servers/terminal.js';
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
  { prompt: /Number 1 to 3:/, about: /Who will use this mailbox/, type: '2' },
  { prompt: /Number 1 to \d+:/, type: '' },
  { prompt: /run the same command again, or n and Enter[^\n]*:/, type: '' },
  { prompt: /end the rehearsal:/, type: '' },
];

/** The rehearsal by hand in a terminal, begun with this provider. */
function begin(first: string): Terminal {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const args = ['--import', import.meta.resolve('tsx'), main, '--by-hand', first];
  const env = { PATH: process.env['PATH'], HOME: home, BROWSER: join(home, 'browser') };
  return run(process.execPath, args, { env, cols: 120 });
}

test('by hand, the reader gets the values, the wizards and this terminal, and needs no more', {
  timeout: 60_000,
}, async () => {
  const terminal = begin('gmail');
  await answerPrompts(terminal, reader);
  expect(await terminal.exited()).toMatchObject({ code: 0 });
  expect(terminal.text()).toContain('2 accounts: 2 working');
  expect(terminal.text()).toContain('both mailboxes are set up and proven');
});

test('by hand, the world stays while the wizard is stopped, and a second terminal has all it needs', {
  timeout: 60_000,
}, async () => {
  const terminal = begin('outlook');
  await terminal.expect(/Mailbox to connect:[^\n]*$/, 30_000);
  const shown = terminal.text();
  expect(shown).toContain('have the keyboard and the browser');
  expect(shown).not.toContain('a script named in BROWSER');
  expect(shown.indexOf('setup outlook')).toBeGreaterThan(0);
  const variables = [...shown.matchAll(/^export (MAILAUTH_\w+)='([^']+)'$/gm)].map(([, name, value]) => [name, value]);
  expect(variables.map(([name]) => name)).toEqual(['MAILAUTH_CONFIG_DIR', 'MAILAUTH_STORE', 'MAILAUTH_KEY_FILE']);
  terminal.send(KEY.ctrlC);
  await terminal.expect(/run the same command again, or n and Enter[^\n]*:\s*$/, 30_000);
  const [, node = '', program = ''] = /^mailauth\(\) \{ '([^']+)' '([^']+)'/m.exec(shown) ?? [];
  const elsewhere = spawnSync(node, [program, 'list'], {
    env: { PATH: process.env['PATH'], HOME: home, ...Object.fromEntries(variables) },
    encoding: 'utf8',
  });
  expect(elsewhere.status).toBe(0);
  terminal.send(KEY.enter);
  await terminal.expect(/Mailbox to connect:[^\n]*$/, 30_000);
  terminal.send(KEY.ctrlC);
  await terminal.expect(/run the same command again[^\n]*:\s*$/, 30_000);
  terminal.send(KEY.ctrlC);
  expect((await terminal.exited()).code).toBe(1);
  expect(existsSync(Object.fromEntries(variables)['MAILAUTH_CONFIG_DIR'] ?? '')).toBe(false);
});
