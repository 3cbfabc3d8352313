/** Where a set-up leaves the straight way: another person, a refusal, a busy port, a stored registration, an account that is there. */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Configuration } from '../../src/account/account.js';
import { registerAtMicrosoft } from '../servers/consoles.js';
import { freePorts, holdPort } from '../servers/ports.js';
import type { BrowserSettings } from '../servers/scripted-browser.js';
import {
  browser,
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

/** What stands at the sign-in, and what is set up; the table answers for both. */
interface Ready {
  readonly stage: Stage;
  readonly table: readonly Row[];
  readonly atSignIn: Home;
  readonly done: Home;
}
let gmail: Ready;
let outlook: Ready;

beforeAll(async () => {
  [gmail, outlook] = await Promise.all([
    gmailTable(scene.google).then(({ table }) => prepare('gmail', scene.google, table)),
    outlookTable(scene.microsoft).then(({ table }) => prepare('outlook', scene.microsoft, table)),
  ]);
}, 60_000);

async function prepare(provider: string, stage: Stage, table: readonly Row[]): Promise<Ready> {
  const done = stage.home();
  const wizard = scene.begin(done, [provider, '--no-browser', ...stage.flags]);
  await until(wizard, table, SIGN_IN);
  const atSignIn = done.copy();
  await walk(wizard, table);
  expect((await wizard.terminal.exited()).code, wizard.terminal.text()).toBe(0);
  return { stage, table, atSignIn, done };
}

const SIGN_IN = /whole address \(hidden\):/;

/** Carries on at the sign-in. */
async function toSignIn(provider: string, { atSignIn }: Ready): Promise<{ wizard: Wizard; home: Home; place: Place }> {
  const home = atSignIn.copy();
  const wizard = scene.begin(home, [provider, '--no-browser']);
  await wizard.place();
  return { wizard, home, place: (await wizard.answer('1')) as Place };
}

async function signIn({ stage }: Ready, wizard: Wizard, place: Place, how: Partial<BrowserSettings>): Promise<Place> {
  await stage.signIn(urlIn(place.shown), how);
  return (await wizard.next()) as Place;
}

function configuration(home: Home): Configuration {
  return JSON.parse(readFileSync(join(home.path, 'config', 'accounts.json'), 'utf8'));
}

async function end(wizard: Wizard): Promise<string> {
  expect(await wizard.place(), wizard.terminal.text()).toBeUndefined();
  expect((await wizard.terminal.exited()).code, wizard.terminal.text()).toBe(0);
  return flat(wizard.terminal.text());
}

const flat = (text: string): string => text.replace(/\s+/g, ' ');

describe.concurrent('at the sign-in', () => {
  test('who signs in as somebody else may sign in again, or set up that mailbox instead', async () => {
    const { address, other } = scene.google;
    const { wizard, home, place } = await toSignIn('gmail', gmail);
    const asked = await signIn(gmail, wizard, place, { account: other });
    expect(flat(asked.shown)).toContain(`You signed in as ${other}, and ${address} was expected. 1 sign in again`);
    const again = (await wizard.answer('1')) as Place;
    expect(again.asks).toMatch(SIGN_IN);
    expect(urlIn(again.shown)).not.toBe(urlIn(place.shown));
    await signIn(gmail, wizard, again, { account: other });
    await wizard.answer('2');
    expect(await end(wizard)).toContain(`OK ${other} is set up, as gmail`);
    expect(configuration(home).accounts.map((one) => one.address)).toEqual([other]);
  });

  test('a shared mailbox is set up through the person who signs in for it', async () => {
    const { address, other, authorization } = scene.microsoft;
    authorization.circumstances.delegates[address] = [other];
    const { wizard, home, place } = await toSignIn('outlook', outlook);
    await signIn(outlook, wizard, place, { account: other });
    await wizard.answer('3');
    expect(await end(wizard)).toContain(`OK ${address} is set up, as outlook`);
    expect(wizard.terminal.text()).toContain(`OK  signed in as ${other}`);
    expect(configuration(home).accounts).toMatchObject([{ address, authUser: other, smtp: { user: other } }]);
  });

  test('who cancels, and then leaves the mail permission unticked, is told so and asked again', async () => {
    const { wizard, place } = await toSignIn('gmail', gmail);
    const cancelled = await signIn(gmail, wizard, place, { action: 'cancel' });
    expect(flat(cancelled.shown)).toMatch(
      /FAIL .*(?:Cancel|declined|cancelled).* do: .*What next\? 1 sign in again 2 go back to the last question 3 stop/,
    );
    const second = (await wizard.answer('1')) as Place;
    const unticked = await signIn(gmail, wizard, second, { tick: [] });
    expect(flat(unticked.shown.slice(second.shown.length))).toMatch(
      /FAIL .*the box for reading and sending mail was left unticked.* do: sign in again and tick/,
    );
    const third = (await wizard.answer('')) as Place;
    await scene.google.signIn(urlIn(third.shown));
    await wizard.next();
    expect(await end(wizard)).toContain(`OK ${scene.google.address} is set up, as gmail`);
  });
});

describe.concurrent('with an account that is there', () => {
  test('a second mailbox uses the stored registration; when its mail check fails it is stored all the same', async () => {
    const { address, other, flags } = scene.google;
    const [closed = 0] = await freePorts(1);
    const home = gmail.done.copy();
    const broken = [...flags];
    broken[broken.indexOf('--imap-port') + 1] = String(closed);
    const wizard = scene.begin(home, ['gmail', '--no-browser', ...broken]);
    const places = await walk(wizard, [[/Mailbox to connect/, other], browser(scene.google), ...PROPOSALS]);
    const shown = flat(wizard.terminal.text());
    expect((await wizard.terminal.exited()).code).toBe(75);
    expect(places.map(nameOf).filter((name) => /Client|Project/.test(name))).toEqual([]);
    for (const step of [3, 4, 5, 7]) {
      expect(shown).toMatch(new RegExp(`STEP ${step} of 9 .{5,80} SKIP the registration of gmail is used again`));
    }
    expect(shown).toMatch(/OK send .* FAIL receive/);
    expect(shown).toContain(`FAIL ${other} is stored as gmail-2, and does not work yet do: fix what failed above`);
    expect(shown).toMatch(/mailauth check gmail-2$/);
    const { accounts, clients } = configuration(home);
    expect(accounts.map((one) => [one.name, one.address])).toEqual([
      ['gmail', address],
      ['gmail-2', other],
    ]);
    expect(clients).toHaveLength(1);
    expect(leaks(scene.google, home, [wizard.terminal])).toBe('');
  });

  test('the same address is done again in place, and Enter keeps everything, the secret included', async () => {
    const { address } = scene.google;
    const home = gmail.done.copy();
    const before = configuration(home);
    const wizard = scene.begin(home, ['gmail', '--no-browser']);
    await until(wizard, PROPOSALS, /Mailbox to connect/);
    const asked = await wizard.answer(address.toUpperCase());
    expect(flat(asked?.shown ?? '')).toMatch(
      /is set up already, as gmail\. 1 do it again in place; the old sign-in works/,
    );
    expect((await wizard.answer('2'))?.asks).toBe('Mailbox to connect:');
    await wizard.answer(address);
    await wizard.answer('1');
    const keep: readonly Row[] = [[/Enter keeps the stored one|Client ID:|Project ID:/, ''], browser(scene.google)];
    await walk(wizard, [...keep, ...PROPOSALS]);
    expect(await end(wizard)).toContain(`OK ${address} is set up, as gmail`);
    const after = configuration(home);
    // Where the browser came back to is of no account: the system chooses that port anew.
    const plain = ({ clients }: Configuration) => clients.map((client) => ({ ...client, redirectUri: '' }));
    expect(plain(after)).toEqual(plain(before));
    expect(after.accounts).toMatchObject([{ name: 'gmail', credential: before.accounts[0]?.credential }]);
    expect(home.drafts()).toEqual([]);
  });
});

// It takes the secret away that the others sign in with.
test('--from-step renews the secret alone: its three steps, no sign-in, and the check', async () => {
  const home = outlook.done.copy();
  const { clientId } = configuration(home).clients[0] ?? { clientId: '' };
  const renewed = await scene.microsoft.authorization.replaceSecret(clientId);
  const wizard = scene.begin(home, ['outlook', '--no-browser', '--from-step', '7']);
  const table: readonly Row[] = [[/Client secret Value/, renewed], [/Expiry date/, '2028-10-31'], ...PROPOSALS];
  const places = await walk(wizard, table);
  const shown = await end(wizard);
  // At the heading of step 7 there is nothing to do, so nobody is stopped there.
  expect([...shown.matchAll(/STEP (\d+) of 14/g)].map(([, number]) => number)).toEqual(['7', '8', '9', '14']);
  expect([...new Set(places.map(({ at }) => at.replace(/\..*/, '')))]).toEqual(['8', '9']);
  expect(places.map(nameOf).filter((name) => SIGN_IN.test(name))).toEqual([]);
  expect(shown).toMatch(/OK Microsoft Outlook knows this client .*OK sign-in new access token/);
  expect(configuration(home).clients).toMatchObject([{ clientId, secretExpires: '2028-10-31' }]);
});

test('another provider is walked to its end: details edited, a busy port named and another one taken', {
  timeout: 60_000,
}, async () => {
  const { microsoft } = scene;
  const holder = await holdPort(0);
  const { port: busy } = holder.address() as AddressInfo;
  const flag = (name: string): string => microsoft.flags[microsoft.flags.indexOf(`--${name}`) + 1] ?? '';
  const scopes = microsoft.authorization.mailScopes.join(' ');
  const home = microsoft.home();
  const wizard = scene.begin(home, [
    ...['custom', '--no-browser', '--ca', flag('ca'), '--redirect-port', String(busy)],
  ]);
  const details: readonly Row[] = [
    [/Mailbox to connect/, microsoft.address],
    [/Issuer:/, microsoft.authorization.issuer],
    [/SMTP host/, 'localhost'],
    [/SMTP port/, flag('smtp-port')],
    [/IMAP host/, 'localhost'],
    [/IMAP port/, flag('imap-port')],
    ...PROPOSALS,
  ];
  const keep = await until(wizard, details, /Keep these details/);
  await wizard.answer('2');
  const edited = await until(
    wizard,
    [[/Description/, 'Front desk'], [/Timeout/, '30'], [/Name of|registration:/, ''], ...PROPOSALS],
    /Keep these details/,
  );
  expect(edited.shown.slice(keep.shown.length)).toMatch(/STEP|Description:\n {10}Front desk[\s\S]*Timeout:\n {10}30/);
  await wizard.answer('');

  const noPort = await until(wizard, PROPOSALS, /What next\?/);
  expect(flat(noPort.shown)).toMatch(new RegExp(`FAIL port ${busy} .*\\bnode\\b`));
  expect(noPort.shown).toMatch(/1 {2}use another port\n/);
  const moved = (await wizard.answer('1')) as Place;
  const mine = /http:\/\/127\.0\.0\.1:(\d+)\/callback/.exec(moved.shown.slice(noPort.shown.length))?.[0] ?? '';
  expect(mine).not.toContain(String(busy));
  const console = await registerAtMicrosoft(microsoft.authorization, {
    type: 'web',
    appName: 'mailauth',
    redirectUris: [mine],
  });
  const client: readonly Row[] = [
    [/Client ID:/, console.clientId],
    [/Client secret/, console.secretValue],
    [/Another one|Expiry/, ''],
    browser(microsoft),
    ...PROPOSALS,
  ];
  const short = await until(wizard, [[/Scope/, `openid email ${scopes}`], ...client], /What next\?/);
  expect(flat(short.shown)).toMatch(/FAIL .*nothing to renew it with do: ask for offline access too/);
  expect(nameOf((await wizard.answer('2')) as Place)).toBe('4.i Enter when done:');
  await wizard.answer('b');
  await walk(wizard, [[/Scope/, `openid email offline_access ${scopes}`], ...client]);
  expect(await end(wizard)).toContain(`OK ${microsoft.address} is set up, as custom`);
  expect(configuration(home)).toMatchObject({
    accounts: [{ description: 'Front desk', mailTimeout: 30 }],
    clients: [{ redirectUri: mine }],
  });
  expect(leaks(microsoft, home, [wizard.terminal])).toBe('');
  holder.close();
});
