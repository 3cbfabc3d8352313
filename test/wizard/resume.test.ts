/** Quit or be killed at any question, and carry on there: nothing is asked twice, nothing is lost, no secret is left about. */
import { describe, expect, test } from 'vitest';
import type { Terminal } from '../servers/terminal.js';
import {
  gmailTable,
  type Home,
  leaks,
  nameOf,
  outlookTable,
  type Place,
  type Row,
  reply,
  type Stage,
  setScene,
  type Wizard,
  walk,
} from './stage.js';

const scene = setScene();

const CARRY_ON = /unfinished set-up for|last touched/;

function begin(home: Home, provider: string, args: readonly string[]): Wizard {
  return scene.begin(home, [provider, '--no-browser', ...args]);
}

/** The first question that is not about carrying on. */
async function placeAfterResume(wizard: Wizard): Promise<Place | undefined> {
  const place = await wizard.place();
  return place !== undefined && CARRY_ON.test(place.shown) && place.at === '' ? wizard.answer('1') : place;
}

type Leave = (wizard: Wizard) => Promise<void>;

const quit: Leave = async (wizard) => {
  wizard.type('q');
  expect((await wizard.terminal.exited()).code).toBe(130);
  expect(wizard.terminal.text()).toMatch(
    /mailauth: saved at step \d+(\.[ivx]+)? of \d+\n {2}do: carry on later\n {6}mailauth setup \w+$/,
  );
};

const kill: Leave = async (wizard) => {
  wizard.terminal.kill('SIGKILL');
  await wizard.terminal.exited();
};

interface Lives {
  /** What was asked, in order, over all lives. */
  readonly asked: readonly string[];
  readonly terminals: readonly Terminal[];
  /** How the last life ended. */
  readonly code: number;
}

/**
 * Answers in one life of the program after the other. Where `leaves` says so the next question is not answered but
 * left, and the next life has to begin with it.
 */
async function inLives(
  stage: Stage,
  home: Home,
  provider: string,
  table: readonly Row[],
  leave: Leave,
  leaves: (name: string) => boolean = () => true,
): Promise<Lives> {
  const asked: string[] = [];
  const terminals: Terminal[] = [];
  let left: string | undefined;
  for (let life = 0; life < 80; life++) {
    const wizard = begin(home, provider, life === 0 ? stage.flags : []);
    terminals.push(wizard.terminal);
    let place = await placeAfterResume(wizard);
    if (place !== undefined) expect(nameOf(place)).toBe(left ?? nameOf(place));
    while (place !== undefined && (asked.at(-1) === undefined || nameOf(place) === left || !leaves(nameOf(place)))) {
      asked.push(nameOf(place));
      const text = await reply(table, place);
      place = text === undefined ? await wizard.next() : await wizard.answer(text);
    }
    if (place === undefined) return { asked, terminals, code: (await wizard.terminal.exited()).code };
    left = nameOf(place);
    await leave(wizard);
    expect(home.drafts()).toHaveLength(1);
  }
  throw new Error(`it never ends:\n${asked.join('\n')}`);
}

const isOnce = (asked: readonly string[]): boolean => new Set(asked).size === asked.length;

describe.concurrent('N11 who quits at every question carries on there, and is asked nothing twice', () => {
  test('Gmail', { timeout: 120_000 }, async () => {
    const { table } = await gmailTable(scene.google);
    const home = scene.google.home();
    const { asked, terminals, code } = await inLives(scene.google, home, 'gmail', table, quit);
    expect(code).toBe(0);
    expect(isOnce(asked), asked.join('\n')).toBe(true);
    expect(asked.length).toBeGreaterThan(15);
    expect(home.drafts()).toEqual([]);
    expect(leaks(scene.google, home, terminals)).toBe('');
  });

  test('Outlook', { timeout: 120_000 }, async () => {
    const { table } = await outlookTable(scene.microsoft);
    const home = scene.microsoft.home();
    const { asked, terminals, code } = await inLives(scene.microsoft, home, 'outlook', table, quit);
    expect(code).toBe(0);
    expect(isOnce(asked), asked.join('\n')).toBe(true);
    expect(asked.length).toBeGreaterThan(15);
    expect(home.drafts()).toEqual([]);
    expect(leaks(scene.microsoft, home, terminals)).toBe('');
  });
});

describe.concurrent('N11 who is killed', () => {
  test('carries on at the question that stood there, and finds each secret where it was put', {
    timeout: 60_000,
  }, async () => {
    const { table } = await outlookTable(scene.microsoft);
    const home = scene.microsoft.home();
    const places = /^1\.ii |^6 Directory|Expiry date|whole address|^12\.vi /;
    const leaves = (name: string): boolean => places.test(name);
    const { asked, terminals, code } = await inLives(scene.microsoft, home, 'outlook', table, kill, leaves);
    expect(code).toBe(0);
    expect(terminals).toHaveLength(6);
    expect(isOnce(asked), asked.join('\n')).toBe(true);
    expect(leaks(scene.microsoft, home, terminals)).toBe('');
    // One client secret and one sign-in: nothing that an earlier life put away is left over.
    expect(home.files().filter((file) => /^config\/secrets\/.*\.enc$/.test(file))).toHaveLength(2);
  });

  test('is asked again for a secret that has gone from the store meanwhile', { timeout: 60_000 }, async () => {
    const { table } = await outlookTable(scene.microsoft);
    const home = scene.microsoft.home();
    const first = begin(home, 'outlook', scene.microsoft.flags);
    await walk(first, table, ({ asks }) => asks.startsWith('Expiry date'));
    await kill(first);
    for (const { credentials } of home.drafts()) home.forget(Object.values(credentials));
    const second = begin(home, 'outlook', []);
    const places = await walk(second, [[/last touched/, '1'], ...table]);
    expect((await second.terminal.exited()).code).toBe(0);
    const asked = places.map(nameOf).filter((name) => name.startsWith('9 '));
    expect(asked).toEqual(['9 Expiry date of the secret:', '9 Client secret Value (hidden):']);
    expect(second.terminal.text()).toMatch(/WARN {2}the client secret is no longer in the encrypted file/);
  });
});
