import { mkdirSync, readFileSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { explain } from '../../../src/explain/explain.js';
import { MailauthError } from '../../../src/explain/problem.js';
import { usableToken } from '../../../src/flows/token/usable.js';
import { outlook } from '../../../src/providers/outlook/provider.js';
import { openJournal } from '../../../src/store/journal.js';
import { lockPath } from '../../../src/store/stores.js';
import { Secret } from '../../../src/words/secret.js';
import type { ScriptedAnswer } from '../../servers/scripted-token-endpoint.js';
import { ANSWER, granted, LASTING, living, NEWER, REFUSED, setTable, type Table, tokenOf } from './table.js';

const HOUR = 3600;

/** The table with a stored token that lives so many seconds more. */
async function tableWith(secondsLeft: number): Promise<Table> {
  const table = await setTable();
  await table.mailbox.save(living(secondsLeft));
  return table;
}

describe('a stored token', () => {
  it('T14 that lives long enough is given without asking anybody', async () => {
    const table = await tableWith(130);
    expect(tokenOf(await table.ask())).toBe('access-old');
    expect(table.sent()).toEqual([]);
  });

  it('T14 that would end too soon is renewed', async () => {
    const table = await tableWith(110);
    table.answer(granted('new'));
    expect(tokenOf(await table.ask())).toBe('access-new');
    expect(tokenOf(await table.ask({ minTtl: HOUR - 10, want: 'lasting' }))).toBe('access-new');
    expect(table.sent()).toEqual(['refresh-old']);
  });

  it('T13 that was issued in the future is renewed: the clock has been set back', async () => {
    const table = await tableWith(HOUR);
    table.answer(granted('new'));
    const yesterday = new Date(Date.now() - 86_400_000);
    expect(tokenOf(await table.ask(LASTING, { now: () => yesterday }))).toBe('access-new');
    // The lifetime counts from the clock as it is now.
    expect(tokenOf(await table.ask(LASTING, { now: () => yesterday }))).toBe('access-new');
    expect(table.sent()).toEqual(['refresh-old']);
  });

  it('whose lifetime the server did not tell is trusted for a minute', async () => {
    const table = await tableWith(0);
    table.answer(granted('new', { expires_in: undefined }));
    tokenOf(await table.ask());
    const { accessTokenIssued, accessTokenExpires } = await table.mailbox.credential();
    expect((accessTokenExpires ?? 0) - (accessTokenIssued ?? 0)).toBe(60);
  });
});

describe('the answer', () => {
  it('T11 with a new refresh token replaces the old one', async () => {
    const table = await tableWith(0);
    table.answer(granted('new'));
    tokenOf(await table.ask());
    const stored = await table.mailbox.credential();
    expect([stored.refreshToken?.reveal(), stored.generation]).toEqual(['refresh-new', 2]);
    expect(await table.unanswered()).toBeUndefined();
  });

  it('T11 without one keeps the old one', async () => {
    const table = await tableWith(0);
    table.answer(granted('new', { refresh_token: undefined }));
    tokenOf(await table.ask());
    const stored = await table.mailbox.credential();
    expect([stored.refreshToken?.reveal(), stored.accessToken?.reveal()]).toEqual(['refresh-old', 'access-new']);
  });

  it('is stored although the lock cannot be looked at any more', async () => {
    const table = await tableWith(0);
    const lock = lockPath('file', table.mailbox.account.credential, table.mailbox.configDir);
    table.answer(async () => {
      unlinkSync(lock);
      mkdirSync(lock);
      return granted('new');
    });
    expect(tokenOf(await table.ask())).toBe('access-new');
    expect((await table.mailbox.credential()).refreshToken?.reveal()).toBe('refresh-new');
  });

  it('is stored although the store cannot be used for a moment', async () => {
    const table = await tableWith(0);
    const { account, configDir } = table.mailbox;
    const path = join(configDir, 'secrets', `${account.credential}.enc`);
    table.answer(async () => {
      renameSync(path, `${path}.away`);
      mkdirSync(path);
      setTimeout(() => {
        rmdirSync(path);
        renameSync(`${path}.away`, path);
      }, 150);
      return granted('new');
    });
    expect(tokenOf(await table.ask())).toBe('access-new');
    expect((await table.mailbox.credential()).refreshToken?.reveal()).toBe('refresh-new');
  });

  it('with an end of the sign-in moves the date of the account, by more than an hour only', async () => {
    const table = await tableWith(0);
    const path = join(table.mailbox.configDir, 'accounts.json');
    const ends = (): string | undefined => JSON.parse(readFileSync(path, 'utf8')).accounts[0].signInEnds;
    const day = 86_400;
    const at = (seconds: number) => async () => {
      table.answer(granted('new', { refresh_token_expires_in: seconds }));
      const [account] = JSON.parse(readFileSync(path, 'utf8')).accounts;
      await usableToken(table.world, { ...table.open, account }, NEWER, async () => new MailauthError('bug', ''));
      return ends();
    };
    const first = await at(7 * day)();
    expect(Date.parse(first ?? '')).toBeCloseTo(Date.now() + 7 * day * 1000, -5);
    expect(await at(7 * day + 600)()).toBe(first);
    expect(Date.parse((await at(3 * day)()) ?? '')).toBeCloseTo(Date.now() + 3 * day * 1000, -5);
  });
});

describe('callers that come together', () => {
  it('S01 are served by one refresh', async () => {
    const table = await tableWith(0);
    table.answer(granted('new'));
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => table.ask()));
    expect(outcomes.map(tokenOf)).toEqual(outcomes.map(() => 'access-new'));
    expect(table.sent()).toEqual(['refresh-old']);
  });

  it('S01 are served by one refresh also where each wants a newer token than the one that is still good', async () => {
    const table = await tableWith(HOUR);
    table.answer(granted('new'));
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => table.ask(NEWER)));
    expect(outcomes.map(tokenOf)).toEqual(outcomes.map(() => 'access-new'));
    expect(table.sent()).toEqual(['refresh-old']);
    table.answer(granted('newest'));
    expect(tokenOf(await table.ask(NEWER))).toBe('access-newest');
  });

  it('ask one after the other, each with the newest token, where each wants an answer of its own', async () => {
    const table = await tableWith(HOUR);
    for (const name of ['one', 'two', 'three']) table.answer(granted(name));
    await Promise.all([table.ask(ANSWER), table.ask(ANSWER), table.ask(ANSWER)]);
    expect(table.sent()).toEqual(['refresh-old', 'refresh-one', 'refresh-two']);
  });
});

describe('a refresh that fails', () => {
  const passing: readonly (readonly [string, ScriptedAnswer, string])[] = [
    [
      'T05 a page of a captive portal',
      { status: 200, body: '<html><title>Log in to the hotel</title>' },
      'intercepted',
    ],
    ['T05 a redirect to one', { status: 302, headers: { location: 'https://portal.example/' } }, 'intercepted'],
    ['T05 N05 the word of one', { status: 511, body: 'log in first' }, 'intercepted'],
    ['T05 half a token response', { body: { access_token: 'half' }, cutAfter: 9 }, 'connect_timeout'],
    ['T05 a token response without a token', { body: { token_type: 'Bearer' } }, 'intercepted'],
    ['a server that broke', { status: 500, body: 'oops' }, 'server_unavailable'],
  ];

  it.each(passing)('%s changes nothing in the store, and the next one succeeds', async (_, answer) => {
    const table = await tableWith(0);
    const before = await table.stored();
    table.answer(answer);
    expect((await table.ask()).ok).toBe(false);
    expect(await table.stored()).toBe(before);
    table.answer(granted('new'));
    expect(tokenOf(await table.ask())).toBe('access-new');
    expect(table.sent()).toEqual(['refresh-old', 'refresh-old']);
    expect(await table.unanswered()).toBeUndefined();
  });

  it('T07 with 429 or 503 is tried again when the server says, three times in all', async () => {
    const table = await tableWith(0);
    table.answer({ status: 429, headers: { 'retry-after': '1' } });
    table.answer({ status: 503, headers: { 'retry-after': '0' } });
    table.answer(granted('new'));
    const started = performance.now();
    expect(tokenOf(await table.ask())).toBe('access-new');
    expect(performance.now() - started).toBeGreaterThanOrEqual(1000);
    expect(table.sent()).toHaveLength(3);
  });

  it('T07 with a wait of more than a minute is not tried again', async () => {
    const table = await tableWith(0);
    table.answer({ status: 429, headers: { 'retry-after': '61' } });
    expect(await table.ask()).toMatchObject({ ok: false, evidence: { error: 'rate_limited', retryAfter: 61 } });
  });

  it('T07 is told at once to somebody who has a token that still works, and to somebody who checks', async () => {
    const table = await tableWith(60);
    for (const wish of [LASTING, ANSWER]) {
      table.answer({ status: 503, headers: { 'retry-after': '30' } });
      expect(await table.ask(wish)).toMatchObject({ ok: false, evidence: { status: 503 } });
    }
    expect(table.sent()).toHaveLength(2);
  });

  it('is not sent twice where the first request may have been processed', async () => {
    const table = await tableWith(0);
    table.answer({ body: { access_token: 'lost' }, cutAfter: 0 });
    expect(await table.ask()).toMatchObject({ ok: false, evidence: { stage: 'response' } });
    expect(table.sent()).toHaveLength(1);
  });
});

describe('T08 a token that still works', () => {
  const trouble = (table: Table, wish = LASTING) =>
    usableToken(
      table.world,
      table.open,
      wish,
      async ({ error }) => new MailauthError('server_unavailable', String(error)),
    );

  it('is given where no newer one can be had, with the reason', async () => {
    const table = await tableWith(60);
    table.answer({ status: 500 });
    const token = await trouble(table);
    expect(token.accessToken.reveal()).toBe('access-old');
    expect(token.trouble?.message).toBe('server_error');
  });

  it('is given where the sign-in behind it is refused', async () => {
    const table = await tableWith(60);
    table.answer(REFUSED);
    expect((await trouble(table)).trouble?.message).toBe('invalid_grant');
  });

  it('S09 is given where nothing can be written, and the refresh token is not spent', async () => {
    const table = await tableWith(60);
    mkdirSync(lockPath('file', table.mailbox.account.credential, table.mailbox.configDir));
    const token = await trouble(table);
    expect([token.accessToken.reveal(), token.trouble?.code]).toEqual(['access-old', 'cannot_write']);
    expect(table.sent()).toEqual([]);
  });

  it('is not given to somebody who wants a newer one, nor once it is over', async () => {
    const table = await tableWith(60);
    table.answer({ status: 500 });
    await expect(trouble(table, NEWER)).rejects.toMatchObject({ code: 'server_unavailable' });
    await table.mailbox.save(living(0));
    table.answer({ status: 500 });
    await expect(trouble(table)).rejects.toMatchObject({ code: 'server_unavailable' });
  });
});

describe('T09 a refused refresh token', () => {
  it('that was replaced meanwhile is no loss: the newer token is taken', async () => {
    const table = await tableWith(0);
    table.answer(async () => {
      // Somebody without our lock, on another machine, was faster.
      await table.mailbox.save(living(HOUR, 'theirs', 2));
      return REFUSED;
    });
    expect(tokenOf(await table.ask())).toBe('access-theirs');
    expect(table.sent()).toEqual(['refresh-old']);
  });

  it('that was replaced by one without a good access token is followed by one more attempt with the new one', async () => {
    const table = await tableWith(0);
    table.answer(async () => {
      await table.mailbox.save(living(0, 'theirs', 2));
      return REFUSED;
    });
    table.answer(granted('new'));
    expect(tokenOf(await table.ask())).toBe('access-new');
    expect(table.sent()).toEqual(['refresh-old', 'refresh-theirs']);
  });

  it('that nobody has replaced is told, and stays where it is', async () => {
    const table = await tableWith(0);
    const before = await table.stored();
    table.answer(REFUSED);
    const outcome = await table.ask();
    expect(outcome).toMatchObject({ ok: false, evidence: { error: 'invalid_grant' } });
    expect(await table.stored()).toBe(before);
    expect(table.sent()).toEqual(['refresh-old']);
    expect(await messageOf(outcome)).not.toContain('cut off');
  });
});

async function messageOf(outcome: Awaited<ReturnType<Table['ask']>>): Promise<string> {
  if (outcome.ok) throw new Error('it succeeded');
  const { code, message } = await explain(outcome.evidence, { provider: outlook, answers: { name: 'outlook' } });
  return `${code}: ${message}`;
}

describe('S06 a refresh whose answer was lost', () => {
  it('is told of when the provider no longer takes the token it used up', async () => {
    const table = await tableWith(0);
    const { account, configDir } = table.mailbox;
    const journal = openJournal('file', account.credential, configDir);
    await journal.begin(new Secret('refresh-old'), new Date('2026-11-23T09:14:07Z'));
    table.answer(REFUSED);
    expect(await messageOf(await table.ask())).toBe(
      'signin_expired: Microsoft Outlook no longer takes the stored sign-in, usually because the refresh of 2026-11-23 09:14 UTC was cut off before its answer could be stored',
    );
    // Each run tries the old token once, and says the same.
    table.answer(REFUSED);
    expect(await messageOf(await table.ask())).toContain('2026-11-23 09:14 UTC');
    expect(table.sent()).toEqual(['refresh-old', 'refresh-old']);
  });

  it('is forgotten when the old token is still taken', async () => {
    const table = await tableWith(0);
    table.answer({ body: { access_token: 'lost' }, cutAfter: 0 });
    expect((await table.ask()).ok).toBe(false);
    expect(await table.unanswered()).toBeInstanceOf(Date);
    table.answer(granted('new'));
    expect(tokenOf(await table.ask())).toBe('access-new');
    expect(await table.unanswered()).toBeUndefined();
  });

  it('is remembered over attempts that got nowhere', async () => {
    const table = await tableWith(0);
    table.answer({ body: { access_token: 'lost' }, cutAfter: 0 });
    expect((await table.ask()).ok).toBe(false);
    const began = await table.unanswered();
    expect(began).toBeInstanceOf(Date);
    table.answer({ status: 429, headers: { 'retry-after': '3600' } });
    expect((await table.ask()).ok).toBe(false);
    expect(await table.unanswered()).toEqual(began);
  });

  it.each<readonly [string, ScriptedAnswer]>([
    ['a refusal', REFUSED],
    ['a server that is too busy', { status: 503, headers: { 'retry-after': '3600' } }],
  ])('is not suspected after %s', async (_, answer) => {
    const table = await tableWith(0);
    table.answer(answer);
    expect((await table.ask()).ok).toBe(false);
    expect(await table.unanswered()).toBeUndefined();
  });
});

describe('S04 a holder that was suspended until another process took its lock', () => {
  it('does not write over what the other one has stored', async () => {
    const table = await tableWith(0);
    const path = lockPath('file', table.mailbox.account.credential, table.mailbox.configDir);
    table.answer(async () => {
      unlinkSync(path);
      await table.mailbox.save(living(HOUR, 'theirs', 2));
      return granted('late');
    });
    expect(tokenOf(await table.ask())).toBe('access-late');
    expect((await table.mailbox.credential()).refreshToken?.reveal()).toBe('refresh-theirs');
  });

  it('takes the lock again and stores its answer where nobody has stored another', async () => {
    const table = await tableWith(0);
    const path = lockPath('file', table.mailbox.account.credential, table.mailbox.configDir);
    table.answer(async () => {
      unlinkSync(path);
      return granted('late');
    });
    expect(tokenOf(await table.ask())).toBe('access-late');
    expect((await table.mailbox.credential()).refreshToken?.reveal()).toBe('refresh-late');
    expect(await table.unanswered()).toBeUndefined();
  });
});

describe('N12 a person who stops the program', () => {
  it('while the answer is on its way does not lose it', async () => {
    const table = await tableWith(0);
    const stop = new AbortController();
    table.answer(async () => {
      stop.abort(new MailauthError('interrupted', 'stopped'));
      return granted('new');
    });
    await expect(table.ask(LASTING, { signal: stop.signal })).rejects.toMatchObject({ code: 'interrupted' });
    expect((await table.mailbox.credential()).refreshToken?.reveal()).toBe('refresh-new');
    expect(await table.unanswered()).toBeUndefined();
  });

  it('before anything was sent sends nothing', async () => {
    const table = await tableWith(0);
    const signal = AbortSignal.abort(new MailauthError('terminated', 'stopped'));
    await expect(table.ask(LASTING, { signal })).rejects.toMatchObject({ code: 'terminated' });
    expect(table.sent()).toEqual([]);
  });
});
