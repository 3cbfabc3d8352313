/** Waits of the wizard: for a value that the provider does not know yet, and for a browser that never comes back. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { freePorts } from '../servers/ports.js';
import { KEY } from '../servers/terminal.js';
import {
  gmailTable,
  type Home,
  leaks,
  nameOf,
  outlookTable,
  type Place,
  PROPOSALS,
  type Row,
  type Stage,
  setScene,
  until,
  urlIn,
  type Wizard,
  walk,
} from './stage.js';

const scene = setScene();
const COUNTDOWN = /Enter tries now, b back, q quit:/;
const NO_KEY: readonly Row[] = [[COUNTDOWN, async () => undefined]];
const NOT_FOUND = { error: 'invalid_client', error_description: 'The OAuth client was not found.' };
const WRONG_SECRET = { error: 'invalid_client', error_description: 'The provided client secret is invalid.' };

/** The Gmail guide at its step 8, and its registration. */
let ready: Home;
let gmail: Awaited<ReturnType<typeof gmailTable>>;
beforeAll(async () => {
  gmail = await gmailTable(scene.google);
  ready = scene.google.home();
  const wizard = scene.begin(ready, ['gmail', '--no-browser', ...scene.google.flags]);
  await until(wizard, gmail.table, /^8 Client ID:/);
  wizard.terminal.kill('SIGKILL');
}, 60_000);

/** The provider refuses the client so many times, as it does while a registration spreads. Gives what was asked. */
function refuse(stage: Stage, times: number, words: object): () => number {
  let asked = 0;
  stage.authorization.circumstances.answer = (request, response) => {
    if (request.method !== 'POST' || request.url !== '/token') return false;
    asked += 1;
    if (asked > times) return false;
    response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify(words));
    return true;
  };
  return () => asked;
}

const started: Wizard[] = [];

function endAll(): void {
  for (const { terminal } of started.splice(0)) terminal.kill('SIGKILL');
}

function begin(home: Home, args: readonly string[], second?: number): Wizard {
  const wizard = scene.begin(home, args, { ...(second !== undefined && { second }) });
  started.push(wizard);
  return wizard;
}

/** Carries on at step 8 and enters both values. */
async function enterClient(home: Home, second?: number): Promise<{ wizard: Wizard; place: Place | undefined }> {
  const wizard = begin(home, ['gmail', '--no-browser'], second);
  await wizard.place();
  expect((await wizard.answer('1'))?.asks).toBe('Client ID:');
  await wizard.answer(gmail.console.clientId);
  return { wizard, place: await wizard.answer(gmail.console.clientSecret) };
}

const flat = (place: Place | undefined): string => (place?.shown ?? '').replace(/\s+/g, ' ');

const since = (before: Place | undefined, after: Place | undefined): string =>
  after?.shown.slice(before?.shown.length) ?? '';

describe('a client that was made a moment ago and is refused', () => {
  // No test leaves a program behind that would still knock at the provider.
  afterEach(() => {
    endAll();
    scene.google.authorization.circumstances.answer = undefined;
  });

  test('is tried again by itself after a visible countdown, and nothing is blamed when it works', async () => {
    const asked = refuse(scene.google, 2, NOT_FOUND);
    const home = ready.copy();
    const { wizard, place } = await enterClient(home, 20);
    expect(place?.asks).toMatch(COUNTDOWN);
    expect(flat(place)).toContain(
      'Gmail does not accept these values yet. New ones can take five minutes or more to work, so mailauth tries again by itself, for up to 5 minutes. Is one of them wrong? Then press b.',
    );
    expect(place?.shown).toMatch(/\n {2}Try 1 of 5 in \d+ seconds\.\n {2}Enter tries now, b back, q quit:$/);
    // Nobody touches a key.
    const signIn = await until(wizard, NO_KEY, /whole address/);
    expect(signIn.shown).toMatch(
      /Try 1 of 5 in \d+ seconds\.\n {2}Try 2 of 5 in \d+ seconds\.\n {2}OK {2}Gmail knows this client\n/,
    );
    expect(wizard.terminal.raw()).toMatch(/Try 1 of 5 in (?:25|20|15|10) seconds/);
    expect(signIn.shown).not.toContain('FAIL');
    expect(asked()).toBe(3);
    await walk(wizard, gmail.table);
    expect((await wizard.terminal.exited()).code).toBe(0);
    expect(leaks(scene.google, home, [wizard.terminal])).toBe('');
  });

  test('Enter tries at once, b shows what may be wrong; the same value is not waited for twice, a new one is', async () => {
    refuse(scene.google, 100, WRONG_SECRET);
    const { wizard } = await enterClient(ready.copy());
    const second = await wizard.answer('');
    expect(second?.shown).toMatch(
      /Try 1 of 5 in \d+ seconds\.\n {2}Try 2 of 5 in 30 seconds\.\n {2}Enter tries now.*$/,
    );
    const blamed = await wizard.answer('b');
    expect(since(second, blamed)).toMatch(
      /the client secret is not the one that\s+belongs to it\s+do: copy the secret again/,
    );
    expect(since(second, blamed)).toMatch(
      /1 {2}go back to step 8 and enter it again\n {4}2 {2}wait 30 seconds and try again/,
    );
    const again = await wizard.answer('3');
    expect(since(blamed, again)).toMatch(/^[\s\S]{0,10}FAIL {2}Google knows/);
    // A wait that the person chose can be left in the same way.
    const chosen = await wizard.answer('2');
    expect(since(again, chosen)).toContain('Next try in 30 seconds.');
    expect(nameOf((await wizard.answer('b')) as Place)).toMatch(/What next\?/);
    const secret = await wizard.answer('1');
    expect(secret?.asks).toBe('Client secret (hidden):');
    const anew = await wizard.answer(gmail.console.clientSecret);
    expect(anew?.asks).toMatch(COUNTDOWN);
    wizard.type('q');
    expect((await wizard.terminal.exited()).code).toBe(130);
    expect(wizard.terminal.text()).toMatch(/mailauth: saved at step 8 of 9\n/);
  });

  test('is explained when it is still refused at the end, with a longer wait as a choice', async () => {
    const asked = refuse(scene.google, 100, NOT_FOUND);
    const { wizard } = await enterClient(ready.copy(), 2);
    const end = await until(wizard, NO_KEY, /What next\?/);
    expect(asked()).toBe(6);
    expect(end.shown.match(/does not accept these values yet/g)).toHaveLength(1);
    expect(end.shown).toMatch(/FAIL {2}Google knows no client with this Client ID/);
    wizard.type('5');
    expect((await wizard.terminal.exited()).code).toBe(78);
    expect(wizard.terminal.text()).toMatch(/if it was made a moment ago, wait: it can take five minutes or more/);
  });

  test('Ctrl-C ends the countdown with the place saved; carrying on asks for nothing again', async () => {
    refuse(scene.google, 1, NOT_FOUND);
    const home = ready.copy();
    const { wizard } = await enterClient(home);
    wizard.terminal.send(KEY.ctrlC);
    expect((await wizard.terminal.exited()).code).toBe(130);
    expect(wizard.terminal.text()).toMatch(/mailauth: saved at step 8 of 9\n {2}do: carry on later/);
    const again = begin(home, ['gmail', '--no-browser']);
    await again.place();
    expect((await again.answer('1'))?.asks).toContain('whole address');
  });

  test('nobody waits for a value that was kept although it did not look right', async () => {
    refuse(scene.google, 100, NOT_FOUND);
    const [port = 0] = await freePorts(1);
    const wizard = begin(ready.copy(), ['gmail', '--no-browser', '--redirect-port', String(port)]);
    await wizard.place();
    await wizard.answer('1');
    const { clientId, clientSecret } = gmail.console;
    const file = {
      web: { client_id: clientId, client_secret: clientSecret, redirect_uris: ['https://elsewhere.example'] },
    };
    const doubt = await wizard.answer(JSON.stringify(file));
    expect(doubt?.asks).toBe('Keep it all the same? [y/N]');
    await wizard.answer('y');
    const place = await until(wizard, PROPOSALS, /What next\?|Enter tries/);
    expect(nameOf(place)).toMatch(/What next/);
    expect(place.shown).toMatch(/FAIL {2}Google knows no client/);
  });

  test('what waiting cannot fix is said at once', async () => {
    const { console, table } = await outlookTable(scene.microsoft);
    const home = scene.microsoft.home();
    const wizard = begin(home, ['outlook', '--no-browser', ...scene.microsoft.flags]);
    await until(wizard, table, /Expiry date/);
    scene.microsoft.authorization.expireSecret(console.clientId);
    const place = await wizard.answer('');
    expect(nameOf(place as Place)).toMatch(/^9 What next\?/);
    expect(place?.shown).toMatch(/FAIL {2}the client secret is past its last day/);
    expect(place?.shown).not.toMatch(/does not accept|wait 30 seconds/);
  });
});

describe.concurrent('a browser that never comes back', () => {
  afterAll(endAll);

  const toSignIn = async (second: number): Promise<{ wizard: Wizard; place: Place }> => {
    const { wizard, place } = await enterClient(ready.copy(), second);
    expect(place?.asks).toContain('whole address');
    return { wizard, place: place as Place };
  };

  test('after a minute help is offered once beside the prompt, which stays, and an answer is explained', async () => {
    const { wizard, place } = await toSignIn(10);
    const reminded = await wizard.next();
    expect(flat(reminded)).toContain('If the browser shows an error, type ? and Enter');
    expect(reminded?.asks).toBe(place.asks);
    // Once: who reads the page is not disturbed every minute.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(wizard.terminal.text().match(/Nothing has come back yet/g)).toHaveLength(1);
    const question = await wizard.answer('?');
    expect(question?.asks).toBe('Number 1 to 14, Enter to wait, or an address (hidden):');
    const told = await wizard.answer('2');
    expect(since(question, told)).toMatch(
      /the client does not list the redirect URI of mailauth[\s\S]*\(step 7\)[\s\S]*still\s+waiting/,
    );
    expect(urlIn(since(question, told))).toBe(urlIn(place.shown));
    expect(told?.asks).toBe(place.asks);
    await scene.google.signIn(urlIn(place.shown));
    expect(await wizard.next()).toBeUndefined();
    expect((await wizard.terminal.exited()).code).toBe(0);
  });

  test('at the list of what the browser shows an address is taken, and words of a page are explained', async () => {
    const { wizard, place } = await toSignIn(1000);
    const words = await wizard.answer('AADSTS50105: the signed in user is not assigned to a role');
    expect(flat(words)).toMatch(/FAIL .*assign/i);
    expect(words?.asks).toBe(place.asks);
    await wizard.answer('help');
    wizard.type(await scene.google.signInElsewhere(urlIn(place.shown)));
    expect(await wizard.next()).toBeUndefined();
    expect((await wizard.terminal.exited()).code).toBe(0);
  });

  test('the answer of the browser wins while the question is open, and takes no key with it', async () => {
    const { wizard, place } = await toSignIn(10);
    await wizard.next();
    wizard.terminal.send('1');
    await scene.google.signIn(urlIn(place.shown));
    expect(await wizard.next()).toBeUndefined();
    expect((await wizard.terminal.exited()).code).toBe(0);
    expect(wizard.terminal.text()).toMatch(/OK {2}signed in as reception\.happypaws@gmail\.com/);
  });

  test('nobody is interrupted who is typing, and what was typed outlives a message', async () => {
    const { wizard, place } = await toSignIn(10);
    const { searchParams } = new URL(urlIn(place.shown));
    wizard.terminal.send('http://127.0.0.1:1/else');
    await wizard.terminal.expect('(23 characters)');
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(wizard.terminal.text()).not.toContain('Nothing has come back yet');
    // Somebody knocks with the right state and the wrong code twice: that is told, above what is being typed.
    const redirect = new URL(searchParams.get('redirect_uri') ?? '');
    redirect.search = `state=${searchParams.get('state')}&code=a&code=b`;
    expect((await fetch(redirect)).status).toBe(400);
    await wizard.terminal.expect('still waiting');
    await wizard.terminal.expect(/\(hidden\): \*+ \(23 characters\)/);
    const answered = await wizard.answer('where?code=x');
    expect(answered?.shown).toContain('WARN  this is the address of another page');
    // Who reads the list for longer than a minute may still leave it.
    await wizard.answer('?');
    await new Promise((resolve) => setTimeout(resolve, 1000));
    wizard.type('q');
    expect((await wizard.terminal.exited()).code).toBe(130);
  });
});
