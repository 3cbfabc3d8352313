/** The keys at every question, what is pasted into the wrong box, and what is pasted too long. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Terminal } from '../servers/terminal.js';
import {
  APP_URI,
  gmailTable,
  type Home,
  leaks,
  nameOf,
  outlookTable,
  type Place,
  type Row,
  reply,
  setScene,
  until,
  urlIn,
  WHO,
  type Wizard,
} from './stage.js';

const scene = setScene();

function end(...wizards: readonly Wizard[]): void {
  for (const { terminal } of wizards) terminal.kill('SIGKILL');
}

const OSC_52 = /\x1b\]52;c;([A-Za-z0-9+/=]*)\x07/g;

function copied(terminal: Terminal): readonly string[] {
  return [...terminal.raw().matchAll(OSC_52)].map(([, base64 = '']) => Buffer.from(base64, 'base64').toString());
}

const isSignIn = (name: string | undefined): boolean => name?.includes('whole address') === true;

async function explains(wizard: Wizard, place: Place): Promise<void> {
  const explained = await wizard.answer('?');
  expect(explained).toMatchObject({ at: place.at, asks: place.asks });
  const more = explained?.shown.slice(place.shown.length) ?? '';
  expect(more, nameOf(place)).toContain('b back | ? explain | q quit');
  expect(more.length, nameOf(place)).toBeGreaterThan(130);
}

/** Back to the question before, where Enter keeps what was answered, and on to this one again. */
async function backAndForth(wizard: Wizard, place: Place, previous: string | undefined): Promise<Place> {
  const name = nameOf(place);
  const before = await wizard.answer('b');
  expect(nameOf(before as Place), `back from ${name}`).toBe(previous ?? name);
  const again = previous === undefined ? before : await wizard.answer('');
  expect(nameOf(again as Place), `on from ${previous}`).toBe(name);
  return again as Place;
}

/** At every question: `?` explains it, `b` goes back and Enter on. Only the sign-in would have to be made once more. */
async function forthAndBack(wizard: Wizard, table: readonly Row[]): Promise<readonly string[]> {
  const passed: string[] = [];
  for (let place = await wizard.place(); place !== undefined; ) {
    const previous = passed.at(-1);
    passed.push(nameOf(place));
    if (!isSignIn(nameOf(place))) await explains(wizard, place);
    if (!isSignIn(previous)) place = await backAndForth(wizard, place, previous);
    const text = await reply(table, place);
    place = text === undefined ? await wizard.next() : await wizard.answer(text);
  }
  return passed;
}

describe.concurrent('back and explain', () => {
  test('at every question of the Gmail guide', { timeout: 60_000 }, async () => {
    const { table } = await gmailTable(scene.google);
    const home = scene.google.home();
    const wizard = scene.begin(home, ['gmail', '--no-browser', ...scene.google.flags]);
    const passed = await forthAndBack(wizard, table);
    expect((await wizard.terminal.exited()).code).toBe(0);
    expect(new Set(passed).size).toBe(passed.length);
    expect(wizard.terminal.text()).toContain(`OK  ${scene.google.address} is set up, as gmail`);
    expect(leaks(scene.google, home, [wizard.terminal])).toBe('');
  });

  test('at every question of the Outlook guide', { timeout: 60_000 }, async () => {
    const { table } = await outlookTable(scene.microsoft);
    const home = scene.microsoft.home();
    const wizard = scene.begin(home, ['outlook', '--no-browser', ...scene.microsoft.flags]);
    const passed = await forthAndBack(wizard, table);
    expect((await wizard.terminal.exited()).code).toBe(0);
    expect(new Set(passed).size).toBe(passed.length);
    // What came by flag was not asked for, and going back did not lose it.
    expect(wizard.terminal.text()).toMatch(/OK {4}send {5}localhost:\d+ {2}logged in/);
    expect(leaks(scene.microsoft, home, [wizard.terminal])).toBe('');
  });
});

describe.concurrent('open and copy', () => {
  test('X10 o opens the link that stands there, c copies the value that stands there, and nothing else is copied', {
    timeout: 60_000,
  }, async () => {
    const { console, table } = await gmailTable(scene.google);
    const home = scene.google.home();
    const opened = join(home.path, 'opened');
    const opener = join(home.path, 'opener');
    writeFileSync(opener, `#!/bin/sh\nprintf '%s\\n' "$1" >>'${opened}'\n`);
    chmodSync(opener, 0o755);
    const wizard = scene.begin(home, ['gmail', ...scene.google.flags], { env: { BROWSER: opener } });
    await until(wizard, table, /^1\.ii /);
    const choice = await wizard.answer('c');
    expect(nameOf(choice as Place)).toBe('1 Copy which one? Number 1 to 12:');
    await wizard.answer('3');
    expect(copied(wizard.terminal)).toEqual(['localhost']);
    await until(wizard, table, /^5\.viii /);
    await wizard.answer('c');
    await wizard.answer('1');
    expect(copied(wizard.terminal)[1]).toMatch(/^openid,https:.*,https:\/\/mail\.google\.com\/$/);
    await wizard.answer('o');
    expect(readFileSync(opened, 'utf8')).toBe(
      `https://console.cloud.google.com/auth/scopes?project=${console.projectId}\n`,
    );
    const secret = await until(wizard, table, /Client secret \(hidden\):/);
    const more = await wizard.answer('c');
    expect(more?.shown.slice(secret.shown.length)).toContain('there is nothing to copy here');
    expect(more?.asks).toBe(secret.asks);
    expect(copied(wizard.terminal)).toHaveLength(2);
    end(wizard);
    expect(leaks(scene.google, home, [wizard.terminal])).toBe('');
  });

  test('at the sign-in c copies the address and o opens it, ? asks what the browser shows', {
    timeout: 60_000,
  }, async () => {
    const { table } = await gmailTable(scene.google);
    const home = scene.google.home();
    const wizard = scene.begin(home, ['gmail', ...scene.google.flags], { env: { BROWSER: '/bin/true' } });
    const offer = await until(wizard, table, /Press Enter to open it:/);
    await wizard.answer('c');
    const [address = ''] = copied(wizard.terminal);
    expect(new URL(address).searchParams.get('code_challenge_method')).toBe('S256');
    expect(offer.shown).toContain(`\n${address}\n`);
    const waiting = await wizard.answer('');
    expect(waiting?.asks).toBe('The page does not load? Paste its whole address (hidden):');
    const wrong = await wizard.answer('http://127.0.0.1:1/elsewhere?code=x');
    expect(wrong?.shown).toContain('WARN  this is the address of another page');
    const what = await wizard.answer('?');
    expect(nameOf(what as Place)).toMatch(/Number 1 to \d+, Enter to wait, or an address \(hidden\):/);
    const told = await wizard.answer('1');
    expect(told?.shown).toMatch(/do: Publish the app, or add the account as a test user/);
    // The listener has waited all along.
    await scene.google.signIn(address);
    expect(await wizard.next()).toBeUndefined();
    expect((await wizard.terminal.exited()).code).toBe(0);
  });
});

test('at the sign-in an address from another computer is taken before a browser was opened here, and not shown', {
  timeout: 60_000,
}, async () => {
  const { table } = await gmailTable(scene.google);
  const home = scene.google.home();
  const wizard = scene.begin(home, ['gmail', ...scene.google.flags], { env: { BROWSER: '/bin/true' } });
  const offer = await until(wizard, table, /Press Enter to open it:/);
  const wrong = await wizard.answer('https://elsewhere.example/?code=x');
  expect(wrong?.shown).toContain('WARN  this is the address of another page');
  expect(wrong?.asks).toBe(offer.asks);
  // What was said of the sign-in stands above, and is not said once more.
  expect(wrong?.shown.match(/Sign in with this address/g)).toHaveLength(1);
  wizard.type(await scene.google.signInElsewhere(urlIn(wrong?.shown ?? '')));
  expect(await wizard.next()).toBeUndefined();
  expect((await wizard.terminal.exited()).code).toBe(0);
  expect(leaks(scene.google, home, [wizard.terminal])).toBe('');
});

const COVERED = /\(hidden[^)]*\): (\*+)(?: \((\d+) characters\))?$/;

describe.concurrent('pastes', () => {
  test('X11 into the wrong box: recognised, kept for its own, and masked even where a box is visible', {
    timeout: 60_000,
  }, async () => {
    const { console, table } = await gmailTable(scene.google);
    const home = scene.google.home();
    const wizard = scene.begin(home, ['gmail', '--no-browser', ...scene.google.flags]);
    await until(wizard, table, /^3 Optional: Project ID:/);
    const asAnInstruction = await wizard.answer('b');
    expect(nameOf(asAnInstruction as Place)).toBe('2.i Enter when done:');
    const early = await wizard.answer(console.clientSecret);
    expect(early?.shown).toContain('this was not taken. Press Enter alone to go on');
    await until(wizard, table, /^8 Client ID:/);
    const kept = await wizard.answer(console.clientSecret);
    expect(kept?.shown).toMatch(
      /Client ID: GOCSPX-\*{28}\n {2}FAIL {2}that is the client secret\. The client ID is still needed\n {2}OK {2}what you pasted is kept/,
    );
    const elsewhere = await wizard.answer('/nowhere/client_secret_1.json');
    expect(elsewhere?.shown).toContain('FAIL  /nowhere/client_secret_1.json: there is no such file');
    const signIn = await wizard.answer(` "${console.clientId}" `);
    expect(signIn?.shown).toMatch(/removed \d spaces?/);
    expect(signIn?.asks).toContain('whole address');
    end(wizard);
    expect(leaks(scene.google, home, [wizard.terminal])).toBe('');
  });

  test('of Google’s client file, as its text or as its name, answers both boxes', { timeout: 60_000 }, async () => {
    const { console, table } = await gmailTable(scene.google);
    const homes = [scene.google.home(), scene.google.home()];
    const file = join(homes[0]?.path ?? '', console.clientFile.name);
    const wizards = await Promise.all(
      homes.map(async (home, index) => {
        if (index === 0) writeFileSync(file, console.clientFile.text);
        const wizard = scene.begin(home, ['gmail', '--no-browser', ...scene.google.flags]);
        await until(wizard, table, /^8 Client ID:/);
        const place = await wizard.answer(index === 0 ? `'${file}'` : console.clientFile.text);
        expect(place?.asks).toContain('whole address');
        return wizard;
      }),
    );
    end(...wizards);
    expect(leaks(scene.google, homes[1] as Home, [wizards[1]?.terminal as Terminal])).toBe('');
  });

  test('of 4000 characters arrive whole in a visible and in a masked box, and fill no screen', {
    timeout: 60_000,
  }, async () => {
    const { table } = await gmailTable(scene.google);
    const home = scene.google.home();
    const wizard = scene.begin(home, ['gmail', '--no-browser', ...scene.google.flags]);
    await until(wizard, table, /^1 Keep these details/);
    await wizard.answer('2');
    await wizard.answer('');
    const long = 'm'.repeat(4000);
    const lines = wizard.terminal.text().split('\n').length;
    await wizard.answer(long);
    expect(home.drafts()[0]?.answers['description']).toBe(long);
    expect(wizard.terminal.text().split('\n').length - lines).toBeLessThan(10);
    const details: readonly Row[] = [[/registration:|Timeout|port|host|\[y\/N\]|security/, ''], ...table];
    await until(wizard, [...details], /Client secret \(hidden\):/);
    await wizard.answer(long);
    const [, asterisks = '', count] =
      COVERED.exec(
        wizard.terminal
          .text()
          .split('\n')
          .findLast((line) => COVERED.test(line)) ?? '',
      ) ?? [];
    expect([asterisks.length > 10, count]).toEqual([true, '4000']);
    expect(wizard.terminal.text()).not.toMatch(/m{4001}/);
    end(wizard);
  });

  test('X11 a masked box shows the secret to no key, and takes nothing of a second line', {
    timeout: 60_000,
  }, async () => {
    const { console, table } = await outlookTable(scene.microsoft);
    const home = scene.microsoft.home();
    const wizard = scene.begin(home, ['outlook', '--no-browser', ...scene.microsoft.flags]);
    await until(wizard, table, /Client secret Value/);
    const asId = await wizard.answer(console.secretId);
    expect(asId?.shown).toContain('FAIL  that is the Secret ID. Copy the column named Value');
    wizard.terminal.send(console.secretValue);
    for (const key of ['\x14', '\t', '\x1b[D', '\x1b[C', '\x12', '\x1bt']) wizard.terminal.send(key);
    const date = await wizard.answer('');
    expect(date?.asks).toBe('Expiry date of the secret:');
    const next = await wizard.answer(`${console.secretExpires}\r${console.secretValue}`);
    expect(nameOf(next as Place)).toBe('11.i Enter when done:');
    end(wizard);
    expect(leaks(scene.microsoft, home, [wizard.terminal])).toBe('');
  });

  test('of two IDs the wrong way round are offered to be swapped', { timeout: 60_000 }, async () => {
    const { console, table } = await outlookTable(scene.microsoft);
    const home = scene.microsoft.home();
    const wizard = scene.begin(home, ['outlook', '--no-browser', ...scene.microsoft.flags]);
    await until(wizard, table, /\(client\) ID:/);
    await wizard.answer(console.tenant);
    const swapped = await wizard.answer(console.clientId);
    expect(swapped?.shown).toMatch(
      /the client ID and the tenant ID are swapped: the one given as the client ID is\s+a directory/,
    );
    const on = await wizard.answer('1');
    expect(on?.shown).toContain(`OK  the directory ${console.tenant} exists`);
    expect(home.drafts()[0]?.answers).toMatchObject({ tenant: console.tenant, 'client-id': console.clientId });
    end(wizard);
  });

  test('no shared registration goes on without the address of the other program', { timeout: 60_000 }, async () => {
    const home = scene.microsoft.home();
    const { table } = await outlookTable(scene.microsoft);
    const wizard = scene.begin(home, ['outlook', '--no-browser', ...scene.microsoft.flags]);
    await until(wizard, table, WHO);
    expect((await wizard.answer(''))?.shown).toContain('type a number from 1 to 3');
    await wizard.answer('1');
    const again = await wizard.answer('');
    expect(again?.shown).toContain('FAIL  a value is needed here');
    const more = await wizard.answer(APP_URI);
    expect(more?.asks).toBe('Another one, or Enter:');
    await wizard.answer('');
    expect(wizard.terminal.text()).not.toMatch(/<[a-z-]+>/);
    end(wizard);
  });
});
