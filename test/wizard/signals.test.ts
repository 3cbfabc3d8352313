/** Ctrl-C and signals at every kind of question: the terminal is as before, the place is saved, and the exit code says why. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { KEY } from '../servers/terminal.js';
import {
  APP_URI,
  type Home,
  leaks,
  nameOf,
  outlookTable,
  type Place,
  PROPOSALS,
  type Row,
  reply,
  setScene,
  until,
  WHO,
  type Wizard,
  walk,
} from './stage.js';

const scene = setScene();

/** Each kind of question, by what is asked where it stands first. */
const KINDS: Readonly<Record<string, RegExp>> = {
  'a line': /^1 Mailbox to connect:/,
  'a choice': /^1 Keep these details/,
  'a choice without a proposal': WHO,
  'one of several': /^2 Another one, or Enter:/,
  'an instruction': /^3\.ii /,
  'a secret': /^9 Client secret Value \(hidden\):/,
  'a date': /^9 Expiry date/,
  'the sign-in': /whole address \(hidden\):/,
  'the last instruction': /^14\.i /,
};

const PASSPHRASE = 'correct horse battery staple';

/** A home as it is while the question stands. */
const homes = new Map<string, Home>();
let table: readonly Row[] = [];

beforeAll(async () => {
  const answers = await outlookTable(scene.microsoft);
  table = [[WHO, '1'], [/Redirect URI of the other/, APP_URI], [/Another one/, ''], ...answers.table];
  const home = scene.microsoft.home();
  const wizard = begin(home, scene.microsoft.flags);
  await walk(wizard, table, (place) => {
    for (const [kind, asks] of Object.entries(KINDS)) {
      if (asks.test(nameOf(place)) && !homes.has(kind)) homes.set(kind, home.copy());
    }
    return homes.size === Object.keys(KINDS).length;
  });
  wizard.terminal.kill('SIGKILL');
}, 60_000);

function begin(home: Home, flags: readonly string[], under: readonly string[] = [], env = {}): Wizard {
  return scene.begin(home, ['outlook', '--no-browser', ...flags], { under, env });
}

// The shell outlives the program and tells what became of the terminal; its child tells its number and becomes the program.
// What a shell says last is lost with the terminal where it ends at once.
const INNER = 'echo "process: $$"; exec "$@"';
const OUTER = `sh -c '${INNER}' sh "$@"; echo "left with $?"; stty -a; sleep 0.2`;

// A shell with jobs: Ctrl-Z stops the program and gives the terminal to the shell, which hands it back at once.
const STOPPING = `set -m; sh -c '${INNER}' sh "$@"; echo "stopped with $?"; fg; echo "left with $?"; sleep 0.2`;

/** Carries on to the question of this kind, in a shell that outlives the program. */
async function at(kind: string, outer = OUTER): Promise<{ wizard: Wizard; home: Home; place: Place; pid: number }> {
  const home = (homes.get(kind) as Home).copy();
  const isFresh = home.drafts().length === 0;
  const wizard = begin(home, isFresh ? scene.microsoft.flags : [], ['sh', '-c', outer, 'sh']);
  const pid = Number((await wizard.terminal.expect(/process: (\d+)/))[1]);
  let place = isFresh ? await wizard.place() : await wizard.place().then(() => wizard.answer('1'));
  // The list of a repeatable question is not saved before it is complete.
  if (kind === 'one of several') place = await wizard.answer(APP_URI);
  if (place === undefined) throw new Error(`the program ended:\n${wizard.terminal.text()}`);
  expect(nameOf(place)).toMatch(KINDS[kind] as RegExp);
  return { wizard, home, place, pid };
}

async function expectRestored(wizard: Wizard, code: number): Promise<void> {
  expect((await wizard.terminal.expect(/left with (\d+)/))[1]).toBe(String(code));
  const [modes] = await wizard.terminal.expect(/[- ]icanon[\s\S]*[- ]echo\b/);
  expect(modes).toMatch(/(?<!-)icanon/);
  expect(modes).toMatch(/(?<!-)\becho\b/);
  await wizard.terminal.exited();
  const cursor = wizard.terminal.raw().match(/\x1b\[\?25[hl]/g) ?? [];
  expect(cursor.at(-1)).not.toBe('\x1b[?25l');
}

describe.concurrent('N11', () => {
  test.each(Object.keys(KINDS))('Ctrl-C at %s', { timeout: 60_000 }, async (kind) => {
    const { wizard, home } = await at(kind);
    wizard.terminal.send(KEY.ctrlC);
    await expectRestored(wizard, 130);
    const shown = wizard.terminal.text();
    if (kind === 'a line') expect(shown).toContain('mailauth: stopped; nothing was entered yet');
    else
      expect(shown).toMatch(
        /mailauth: saved at step \d+(\.[ivx]+)? of 14\n {2}do: carry on later\n {6}mailauth setup outlook/,
      );
    expect(home.drafts()).toHaveLength(kind === 'a line' ? 0 : 1);
    expect(leaks(scene.microsoft, home, [wizard.terminal])).toBe('');
  });

  test.each([
    ['SIGINT', 130, 'a choice'],
    ['SIGTERM', 143, 'an instruction'],
    ['SIGTERM', 143, 'a secret'],
    ['SIGTERM', 143, 'the sign-in'],
    ['SIGHUP', 143, 'a line'],
    ['SIGHUP', 143, 'the last instruction'],
  ] as const)('%s ends with %i at %s', { timeout: 60_000 }, async (signal, code, kind) => {
    const { wizard, home, pid } = await at(kind);
    process.kill(pid, signal);
    await expectRestored(wizard, code);
    expect(home.drafts()).toHaveLength(kind === 'a line' ? 0 : 1);
    expect(leaks(scene.microsoft, home, [wizard.terminal])).toBe('');
  });

  test.each(['a line', 'an instruction', 'a secret', 'the sign-in'])(
    'Ctrl-Z at %s, then fg: the same is asked again, and answered',
    { timeout: 60_000 },
    async (kind) => {
      const { wizard, place } = await at(kind, STOPPING);
      wizard.terminal.send('\x1a');
      await wizard.terminal.expect(/stopped with \d+/);
      const again = await wizard.next();
      expect(again?.asks).toBe(place.asks);
      const further = await wizard.answer(kind === 'the sign-in' ? '?' : ((await reply(table, place)) ?? ''));
      expect(further && nameOf(further)).not.toBe(nameOf(place));
      wizard.terminal.send(KEY.ctrlC);
      expect((await wizard.terminal.expect(/left with (\d+)/))[1]).toBe('130');
    },
  );

  test.each(['a line', 'a secret', 'a choice without a proposal'])(
    'Ctrl-D at %s ends like Ctrl-C',
    { timeout: 60_000 },
    async (kind) => {
      const { wizard } = await at(kind);
      wizard.terminal.send(KEY.ctrlD);
      await expectRestored(wizard, 130);
    },
  );

  test.each([
    ['Ctrl-C', 130, 1],
    ['Ctrl-C', 130, 2],
    ['SIGTERM', 143, 1],
  ] as const)('%s ends with %i at the passphrase (%i)', { timeout: 60_000 }, async (how, code, time) => {
    const home = scene.microsoft.home();
    const wizard = begin(home, scene.microsoft.flags, ['sh', '-c', OUTER, 'sh'], { MAILAUTH_KEY_FILE: '' });
    const pid = Number((await wizard.terminal.expect(/process: (\d+)/))[1]);
    await until(wizard, [[/Mailbox to connect/, scene.microsoft.address], ...PROPOSALS], /Passphrase .*\(hidden\):/);
    if (time === 2) expect((await wizard.answer(PASSPHRASE))?.asks).toBe('The same passphrase once more (hidden):');
    wizard.terminal.send(PASSPHRASE.slice(0, 9));
    await wizard.terminal.expect('*'.repeat(9));
    if (how === 'Ctrl-C') wizard.terminal.send(KEY.ctrlC);
    else process.kill(pid, how);
    await expectRestored(wizard, code);
    expect(wizard.terminal.text()).toContain('mailauth: saved at step 2 of 14');
    expect(wizard.terminal.raw()).not.toContain(PASSPHRASE.slice(0, 9));
    expect(home.files().filter((file) => file.endsWith('.enc'))).toEqual([]);
  });

  test('half a secret that was typed when Ctrl-C came is nowhere', { timeout: 60_000 }, async () => {
    const { wizard, home } = await at('a secret');
    const [secret = ''] = [...scene.microsoft.authorization.secrets];
    wizard.terminal.send(secret);
    await wizard.terminal.expect(`${'*'.repeat(secret.length)}`);
    wizard.terminal.send(KEY.ctrlC);
    await expectRestored(wizard, 130);
    expect(leaks(scene.microsoft, home, [wizard.terminal])).toBe('');
  });

  test('the port of the sign-in is free again, and the next sign-in works', { timeout: 60_000 }, async () => {
    const { wizard, home } = await at('the sign-in');
    wizard.terminal.send(KEY.ctrlC);
    await expectRestored(wizard, 130);
    const again = begin(home, []);
    await walk(again, [[/last touched/, '1'], ...table]);
    expect((await again.terminal.exited()).code).toBe(0);
    const accounts = JSON.parse(readFileSync(join(home.path, 'config', 'accounts.json'), 'utf8'));
    expect(accounts.clients[0].appRedirectUris).toEqual([APP_URI]);
  });
});

test('L28 a person who never returns is told the deadline, and asked what next when it has passed', {
  timeout: 60_000,
}, async () => {
  const home = (homes.get('the sign-in') as Home).copy();
  const wizard = begin(home, ['--timeout', '2']);
  await wizard.place();
  const waiting = await wizard.answer('1');
  expect(waiting?.shown).toMatch(/Waiting for the browser to come back \(localhost, port \d+\), 2 seconds at\s+most\./);
  const place = await wizard.next();
  expect(place?.shown).toContain('nobody finished the sign-in within 2 seconds');
  expect(nameOf(place as Place)).toMatch(/^13 What next\?/);
  wizard.type('q');
  expect((await wizard.terminal.exited()).code).toBe(130);
});
