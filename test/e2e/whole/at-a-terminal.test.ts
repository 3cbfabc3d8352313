/** The whole program as a person runs it: in a real terminal, step by step, with a real keychain and a real browser. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerPrompts, type Reply } from '../../rehearsal/autopilot.js';
import { registerAtGoogle, registerAtMicrosoft } from '../../servers/consoles.js';
import { type Keyring, startKeyring } from '../../servers/keyring.js';
import { type Seen, writeChromium } from '../browser/chromium.js';
import { ALL_OK, type Computer, documentOf, openComputer, recorded, verdicts } from './computer.js';
import { type MailProvider, makePlace, openGmail, openOutlook } from './providers.js';
import { startWitness, type Witness } from './witness.js';

let folder: string;
let keyring: Keyring;
let computer: Computer;
let witness: Witness;
let gmail: MailProvider;
let outlook: MailProvider;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mailauth-whole-'));
  const place = makePlace(folder);
  keyring = await startKeyring('unlocked');
  computer = openComputer(keyring.env);
  gmail = await openGmail(place);
  outlook = await openOutlook(place);
  witness = await startWitness();
});

afterAll(async () => {
  await witness?.stop();
  await gmail?.stop();
  await outlook?.stop();
  await keyring?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** Enter where the wizard proposes, which is the guide's own way. */
const ENTER: readonly Reply[] = [
  { prompt: /Enter when done:/, type: '' },
  { prompt: /Press Enter to open it:/, type: '' },
  { prompt: /\[(?:Y\/n|y\/N)\]/, type: '' },
  { prompt: /Number 1 to 3:/, about: /Who will use this mailbox/, type: '2' },
  { prompt: /Number 1 to \d+:/, type: '' },
];

/** The redirect URI as the wizard shows it at step 2, for the console. */
function redirectUriOn(screen: string): string {
  return /Redirect URI:\s+(http:\S+)/.exec(screen)?.[1] ?? 'http://nowhere.invalid/';
}

async function repliesFor(provider: MailProvider): Promise<readonly Reply[]> {
  if (provider.id === 'gmail') {
    const console = await registerAtGoogle(gmail.authorization, { type: 'desktop', appName: 'OpenVPMS' });
    return [
      { prompt: /Mailbox to connect:/, type: provider.address },
      { prompt: /Project ID:/, type: console.projectId },
      { prompt: /Client ID:/, type: console.clientId },
      { prompt: /Client secret[^\n]* \(hidden\):/, type: console.clientSecret },
      ...ENTER,
    ];
  }
  let registering: ReturnType<typeof registerAtMicrosoft> | undefined;
  const registration = (screen: string) => {
    const redirectUris = [redirectUriOn(screen)];
    registering ??= registerAtMicrosoft(outlook.authorization, { type: 'web', appName: 'OpenVPMS', redirectUris });
    return registering;
  };
  return [
    { prompt: /Mailbox to connect:/, type: provider.address },
    { prompt: /\(client\) ID:/, type: async (screen) => (await registration(screen)).clientId },
    { prompt: /\(tenant\) ID:/, type: async (screen) => (await registration(screen)).tenant },
    { prompt: /Client secret[^\n]* \(hidden\):/, type: async (screen) => (await registration(screen)).secretValue },
    { prompt: /Expiry date[^\n]*:/, type: async (screen) => (await registration(screen)).secretExpires },
    ...ENTER,
  ];
}

describe.each(['gmail', 'outlook'] as const)('%s', (id) => {
  const record = () => join(folder, `${id}-seen`);

  test('setup shows every step in order and ends with both logins proven', async () => {
    const provider = id === 'gmail' ? gmail : outlook;
    const terminal = computer.terminal(['setup', id, '--app-name', 'OpenVPMS', ...provider.flags], {
      BROWSER: writeChromium(folder, record()),
    });
    await answerPrompts(terminal, await repliesFor(provider));
    const { code } = await terminal.exited();
    const screen = terminal.text();
    const steps = [...screen.matchAll(/^STEP (\d+) of (\d+) /gm)].map(([, step, of]) => `${step} of ${of}`);
    const all = Array.from({ length: provider.steps }, (_, index) => `${index + 1} of ${provider.steps}`);
    expect(steps.filter((step, index) => steps.indexOf(step) === index)).toEqual(all);
    expect(screen).toContain(`OK  signed in as ${provider.address}`);
    expect(screen).toMatch(/^ +OK +send +localhost:\d+ +logged in; no message was sent$/m);
    expect(screen).toMatch(/^ +OK +receive +localhost:\d+ +inbox opened, 0 messages$/m);
    expect({ code, end: screen.slice(-400) }).toMatchObject({ code: 0 });
  });

  test('L23 the browser ends on a calm page of ours, with no code in its address', async () => {
    const { address, title, heading, text, complaints, hosts, titles, error, light, dark } = await recorded<Seen>(
      record(),
    );
    const provider = id === 'gmail' ? gmail : outlook;
    expect(error).toBeUndefined();
    expect(title).toBe('Signed in - mailauth');
    expect(heading).toBe(`Signed in as ${provider.address}`);
    expect(text).toContain('You can close this tab.');
    expect(address).toMatch(/^http:\/\/(127\.0\.0\.1|localhost):\d+\/done-[\w-]{22}$/);
    expect(complaints.filter((complaint) => !complaint.startsWith('https:'))).toEqual([]);
    expect(hosts.filter((host) => host !== 'localhost' && host !== '127.0.0.1')).toEqual([]);
    expect(titles[0]).toBe('Choose an account');
    const [day, night] = [light, dark].map((path) => readFileSync(path));
    expect(day?.subarray(1, 4).toString()).toBe('PNG');
    expect(night?.equals(day ?? Buffer.alloc(0))).toBe(false);
  });
});

test('a second process checks both mailboxes from nothing but the keychain', async () => {
  const ran = await computer.mailauth(['check', '--json']);
  const report = documentOf(ran);
  expect(report.accounts.map(({ name, checks }) => [name, ...verdicts(checks)])).toEqual([
    ['gmail', ...ALL_OK],
    ['outlook', ...ALL_OK],
  ]);
  expect(ran.code).toBe(0);
});

test('S31 remove asks, and leaves nothing in the keychain', async () => {
  for (const provider of [gmail, outlook]) {
    const terminal = computer.terminal(['remove', provider.id]);
    await terminal.expect(`Delete ${provider.id} (${provider.address}) and its secrets?`);
    await terminal.expect(/Number 1 to 2:/);
    terminal.send('2\r');
    expect((await terminal.exited()).code).toBe(0);
  }
  expect(await keyring.accounts('mailauth')).toEqual([]);
});

test('X01 X02 X04 no secret was on a screen, in a file, on a command line or in the environment of a child', async () => {
  const seen = await witness.stop();
  const secrets = new Set([...gmail.authorization.secrets, ...outlook.authorization.secrets]);
  expect(secrets.size).toBeGreaterThan(20);
  expect(computer.leaks(secrets, seen)).toBe('');
});
