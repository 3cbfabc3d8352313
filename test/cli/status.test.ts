import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Draft, saveDraft } from '../../src/store/drafts.js';
import { Secret } from '../../src/words/secret.js';
import { type Employee, GOOD, type Office, openOffice } from './office.js';

/** `mailauth` alone: the state of each account, and the one next command. */

const NOW = new Date('2026-11-23T09:00:00Z');
let office: Office;

beforeEach(async () => {
  office = await openOffice();
});
afterEach(() => office.close());

const status = async () => {
  const { code, stdout, stderr } = await office.mailauth([], { now: () => NOW });
  expect(code).toBe(0);
  return { state: stdout, next: stderr };
};

const begun = { credential: 'the-begun-sign-in', redirectUri: 'http://localhost:8765/callback' };
const draft: Draft = {
  version: 1,
  id: 'a-set-up',
  provider: 'gmail',
  savedAt: NOW.toISOString(),
  answers: { account: 'pat@gmail.com' },
  done: [],
  credentials: {},
};

describe('the one next command', () => {
  it('is a set-up where nothing is set up', async () => {
    expect(await status()).toEqual({
      state: '',
      next: expect.stringMatching(
        /No account is set up yet\.\ndo: set up a mailbox \(gmail, outlook, fastmail, yandex, mail-ru, seznam or custom\)\n {6}mailauth setup gmail\n$/,
      ),
    });
  });

  it.each<[string, Employee, RegExp]>([
    ['nothing is known against it', {}, /do: prove that everything works\n {6}mailauth check\n$/],
    [
      'a begun sign-in waits',
      { account: { begun: { ...begun, expires: '2026-11-23T09:05:00Z' }, lastFailures: ['signin_expired'] } },
      /do: finish the sign-in to outlook that was begun\n {6}mailauth authorize outlook --finish\n$/,
    ],
    [
      'a begun sign-in is too old',
      { account: { begun: { ...begun, expires: '2026-11-23T09:00:00Z' } } },
      /prove that everything works/,
    ],
    [
      'the sign-in has ended',
      { account: { signInEnds: '2026-11-23T08:59:59Z', lastFailures: ['signin_expired'] } },
      /do: sign in to outlook again: its sign-in has ended\n {6}mailauth authorize outlook\n$/,
    ],
    [
      'the sign-in ends tomorrow',
      { account: { signInEnds: '2026-11-24T09:00:00Z' } },
      /do: sign in to outlook again before its sign-in ends\n {6}mailauth authorize outlook\n$/,
    ],
    ['the sign-in ends in five days', { account: { signInEnds: '2026-11-28T09:00:00Z' } }, /prove that everything/],
    [
      'the secret has expired',
      { client: { secretExpires: '2026-11-22' } },
      /do: renew the client secret of outlook: its day has passed\n {6}mailauth setup outlook --from-step 7\n$/,
    ],
    [
      'the secret expires in a month',
      { client: { secretExpires: '2026-12-22' } },
      /do: renew the client secret of outlook: it soon expires\n {6}mailauth setup outlook --from-step 7\n$/,
    ],
    ['the secret expires in a year', { client: { secretExpires: '2027-11-22' } }, /prove that everything works/],
    [
      'the last check failed',
      { account: { lastFailures: ['smtp_auth_disabled'] } },
      /do: see whether outlook works again; the last check failed\n {6}mailauth check outlook\n$/,
    ],
  ])('where %s', async (_, wish, next) => {
    await office.employ({ mail: false, ...wish });
    expect((await status()).next).toMatch(next);
  });

  it('carries on with a set-up before what is merely soon, and after what is broken', async () => {
    await saveDraft(office.configDir, draft);
    await office.employ({ mail: false, client: { secretExpires: '2026-12-22' } });
    const carryOn = 'do: carry on with the unfinished set-up of pat@gmail.com\n      mailauth setup gmail\n';
    expect((await status()).next).toBe(carryOn);
    await office.employ({ mail: false, account: { name: 'broken', lastFailures: ['imap_disabled'] } });
    expect((await status()).next).toContain('mailauth check broken');
  });
});

describe('the state of an account', () => {
  it('says what is known, and what is over', async () => {
    await office.employ({
      account: {
        signInEnds: '2026-11-20T10:00:00Z',
        lastCheck: '2026-11-21T10:00:00Z',
        lastFailures: ['signin_expired', 'imap_disabled'],
        begun: { ...begun, expires: '2026-11-23T09:05:00Z' },
      },
      client: { secretExpires: '2028-11-22' },
    });
    const { state } = await status();
    expect(state).toMatch(/^outlook {2}reception@happypaws\.example\n/);
    for (const line of [
      'sign-in ended   2026-11-20',
      'secret expires  2028-11-22',
      'last check      2026-11-21 10:00 UTC  FAIL signin_expired, imap_disabled',
      'begun           a sign-in, which can be finished until 2026-11-23 09:05 UTC',
    ]) {
      expect(state).toContain(`\n  ${line}\n`);
    }
  });

  it('learns from a whole check, and not from half of one', async () => {
    await office.employ();
    office.answer({ body: { ...GOOD, access_token: 'bad-access-token' } });
    expect((await office.mailauth(['check', '--only', 'imap'], { now: () => NOW })).code).not.toBe(0);
    expect((await status()).state).not.toContain('last check');
    office.answer({ body: { ...GOOD, access_token: 'bad-access-token' } });
    await office.mailauth(['check'], { now: () => NOW });
    expect((await status()).state).toContain('last check      2026-11-23 09:00 UTC  FAIL token_refused\n');
    office.answer({ body: GOOD });
    expect((await office.mailauth(['check'], { now: () => NOW })).code).toBe(0);
    expect((await status()).state).toContain('last check      2026-11-23 09:00 UTC  OK\n');
  });
});

it('a check deletes what is left of a sign-in that nobody finished in time', async () => {
  for (const [name, expires] of [
    ['late', '2026-11-23T08:59:00Z'],
    ['waiting', '2026-11-23T09:05:00Z'],
  ] as const) {
    await office.store.put(name, new Secret('state and verifier'));
    await office.employ({ mail: false, account: { name, begun: { ...begun, credential: name, expires } } });
    office.answer({ body: GOOD });
  }
  expect((await office.mailauth(['check'], { now: () => NOW })).code).toBe(0);
  expect([await office.store.get('late'), (await office.account('late')).begun]).toEqual([undefined, undefined]);
  expect((await office.store.get('waiting'))?.value.reveal()).toBe('state and verifier');
  expect((await office.account('waiting')).begun?.credential).toBe('waiting');
});
