/**
 * What an administrator has just allowed takes its time: at a terminal that is a wait with a countdown, and no verdict.
 * The clock is the test's: hours pass at once, and what is to spread spreads at its minute.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Check } from '../../src/explain/check.js';
import type { Interviewer } from '../../src/flows/interviewer.js';
import type { RegisteredApp, ServiceAccount } from '../servers/authorization-server.js';
import { ADDRESS, type AppHouse, openAppHouse, ROLES } from './app-house.js';
import type { Ended } from './in-process.js';

const MINUTE = 60;
const HOUR = 3600;

const folder = mkdtempSync(join(tmpdir(), 'mailauth-waits-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What happens so many seconds after the wait began. */
type Happens = readonly (readonly [after: number, event: () => void])[];

interface Waited extends Ended {
  /** Seconds that went by in countdowns. */
  readonly seconds: number;
  /** What was asked, in order. */
  readonly asked: readonly string[];
  readonly told: readonly string[];
}

interface Person {
  readonly happens?: Happens;
  /** The choices, in turn. */
  readonly chooses: readonly string[];
  /** After how many seconds of which countdown a key is pressed, and which. */
  readonly presses?: { readonly countdown: number; readonly key: 'over' | 'declined' };
}

/** Runs a set-up in front of a person, whose clock only the countdowns move. */
async function watch(house: AppHouse, argv: readonly string[], person: Person): Promise<Waited> {
  const began = Date.now();
  const left = [...(person.happens ?? [])];
  const chooses = [...person.chooses];
  const [asked, told]: [string[], string[]] = [[], []];
  let seconds = 0;
  let countdowns = 0;
  const answers: Partial<Interviewer> = {
    attended: true,
    tell: (status, text) => void told.push(`${status} ${text}`),
    explain: ({ code }) => void told.push(`explained ${code}`),
    async choose(message, choices) {
      asked.push(message);
      const choice = chooses.shift();
      if (choice === undefined) throw new Error(`nobody told what to choose: ${message}\n${told.join('\n')}`);
      return (choices.find(({ value }) => value === choice) as (typeof choices)[number]).value;
    },
    async countdown({ seconds: pause, why }) {
      countdowns += 1;
      if (why !== undefined) told.push(why);
      const { presses } = person;
      if (presses?.countdown === countdowns) return presses.key;
      seconds += pause;
      while (left[0] !== undefined && left[0][0] <= seconds) left.shift()?.[1]();
      return 'over';
    },
    async ask({ question }) {
      if (question.required === true) throw new Error(`nobody told what to answer: ${question.id}`);
      const value = question.id === 'mailbox-kind' ? 'work' : (question.default ?? '');
      return { kind: 'answer', value: { value, learnt: {} } };
    },
  };
  const now = () => new Date(began + seconds * 1000);
  const ended = await house.at({ answers, now }, ...argv);
  return { ...ended, seconds, asked, told };
}

describe('FullAccess to a mailbox, which takes up to two hours', { timeout: 60_000 }, () => {
  let house: AppHouse;
  let app: RegisteredApp;
  let given: readonly string[];

  beforeAll(async () => {
    house = await openAppHouse('microsoft', folder);
    app = await house.as.registerApp('secret');
    app.allow(...ROLES);
    house.as.openMailboxes.delete(ADDRESS);
    given = [
      ...['--sign-in', 'app', '--account', ADDRESS, '--tenant', app.tenant, '--client-id', app.clientId],
      ...['--client-secret-file', house.file('secret', app.clientSecret)],
    ];
    // A script stores the account all the same, and is told what is missing.
    const ended = await house.run('setup', 'outlook', '--json', ...given, ...house.flags);
    expect(ended.document()).toMatchObject({ ok: false, account: { name: 'outlook' } });
    expect(ended.code).toBe(77);
  }, 60_000);
  beforeEach(() => void house.as.openMailboxes.delete(ADDRESS));
  afterAll(() => house.close());

  const again = ['setup', 'outlook', '--from-step', '14', '--json'];
  const opens = () => void house.as.openMailboxes.add(ADDRESS);
  const checksOf = (waited: Waited) => waited.document<{ ok: boolean; checks: Check[] }>();

  it('is asked about once, and then looked for every five minutes until it is there', async () => {
    const waited = await watch(house, again, { chooses: ['wait'], happens: [[35 * MINUTE, opens]] });
    expect(checksOf(waited)).toMatchObject({ ok: true });
    expect(waited.code).toBe(0);
    expect([waited.seconds, waited.asked]).toEqual([35 * MINUTE, ['What next?']]);
    expect(waited.told.filter((line) => line.startsWith('explained'))).toEqual(['explained mailbox_mismatch']);
    expect(waited.told.join('\n')).toMatch(/tries again by itself until 20\d\d-/);
  });

  it('a key cuts short: Enter looks at once', async () => {
    const presses = { countdown: 2, key: 'over' } as const;
    const waited = await watch(house, again, { chooses: ['wait'], presses, happens: [[5 * MINUTE, opens]] });
    expect(checksOf(waited)).toMatchObject({ ok: true });
    expect(waited.seconds).toBe(5 * MINUTE);
  });

  it('a key ends: the person is asked again, and may leave it at that', async () => {
    const presses = { countdown: 3, key: 'declined' } as const;
    const waited = await watch(house, again, { chooses: ['wait', 'end'], presses });
    expect([waited.seconds, waited.asked.length, waited.code]).toEqual([10 * MINUTE, 2, 77]);
  });

  it('that never comes leads on after two hours, with a command that works when it is there', async () => {
    const waited = await watch(house, again.slice(0, -1), { chooses: ['wait'] });
    expect([waited.seconds, waited.asked, waited.code]).toEqual([2 * HOUR, ['What next?'], 77]);
    const command = /mailauth (check outlook)$/m.exec(waited.stderr)?.[1] ?? `nothing in ${waited.stderr}`;
    opens();
    expect((await house.run(...command.split(' '))).code).toBe(0);
  });

  it('is waited for although a server cannot be reached meanwhile', async () => {
    const fails = () => {
      house.as.circumstances.answer = (_, response) => {
        response.writeHead(503).end('maintenance');
        return true;
      };
    };
    const works = () => {
      house.as.circumstances.answer = undefined;
      opens();
    };
    const happens: Happens = [
      [5 * MINUTE, fails],
      [20 * MINUTE, works],
    ];
    const waited = await watch(house, again, { chooses: ['wait'], happens });
    expect(checksOf(waited)).toMatchObject({ ok: true });
    expect(waited.asked).toEqual(['What next?']);
  });
});

describe('consent, which takes minutes', { timeout: 60_000 }, () => {
  let house: AppHouse;
  let app: RegisteredApp;
  beforeAll(async () => {
    house = await openAppHouse('microsoft', join(folder, 'consent'));
    app = await house.as.registerApp('secret');
  }, 60_000);
  afterAll(() => house.close());

  const setup = () => [
    ...[
      'setup',
      'outlook',
      '--sign-in',
      'app',
      '--account',
      ADDRESS,
      '--tenant',
      app.tenant,
      '--client-id',
      app.clientId,
    ],
    ...[
      '--client-secret-file',
      house.file('secret', app.clientSecret),
      '--name',
      'scanner',
      '--restart',
      ...house.flags,
    ],
  ];

  it('is looked for every half minute', async () => {
    const happens: Happens = [[3 * MINUTE, () => app.allow(...ROLES)]];
    const waited = await watch(house, setup(), { chooses: ['wait'], happens });
    expect(waited.code, waited.stderr).toBe(0);
    expect([waited.seconds, waited.asked]).toEqual([3 * MINUTE, ['What next?']]);
    expect((await house.run('remove', 'scanner', '--yes')).code).toBe(0);
  });

  it('that does not come is saved after a quarter of an hour, with the command that carries on', async () => {
    app.allow();
    const waited = await watch(house, setup(), { chooses: ['wait'] });
    expect([waited.code, waited.seconds, waited.asked.length]).toEqual([69, 15 * MINUTE, 1]);
    expect(waited.stderr).toContain('mailauth setup outlook');
    app.allow(...ROLES);
    const carried = await watch(house, ['setup', 'outlook'], { chooses: ['resume'] });
    expect(carried.code, carried.stderr).toBe(0);
  });
});

describe('a delegation, which takes up to a day', { timeout: 60_000 }, () => {
  let house: AppHouse;
  let robot: ServiceAccount;
  beforeAll(async () => {
    house = await openAppHouse('google', folder);
    robot = await house.as.makeServiceAccount();
  }, 60_000);
  afterAll(() => house.close());

  it('is looked for every two minutes', async () => {
    const key = house.file('robot.json', robot.keyFile);
    const argv = ['setup', 'gmail', '--sign-in', 'app', '--account', ADDRESS, '--service-account-file', key];
    const happens: Happens = [[40 * MINUTE, () => robot.delegate('https://mail.google.com/')]];
    const waited = await watch(house, [...argv, ...house.flags], { chooses: ['wait'], happens });
    expect(waited.code, `${waited.stderr}\n${waited.told.join('\n')}`).toBe(0);
    expect([waited.seconds, waited.asked]).toEqual([40 * MINUTE, ['What next?']]);
  });
});
