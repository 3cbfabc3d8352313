import { describe, expect, it, vi } from 'vitest';
import type { Account } from '../../src/account/account.js';
import { hashOf } from '../../src/account/password.js';
import { type Door, openDoor } from '../../src/serve/door.js';

const password = (text: string) => ({ label: text, hash: hashOf(text), created: '2026-11-26T00:00:00Z' });
const account = (name: string, address: string, ...words: string[]) =>
  ({ name, address, credential: name, passwords: words.map(password) }) as unknown as Account;
const ACCOUNTS = [
  account('gmail', 'ann@happypaws.example', 'one', 'two'),
  account('outlook', 'ann@happypaws.example', 'three'),
  account('silent', 'pat@happypaws.example'),
];

function tried(door: Door, user: string, secret: string, address = '127.0.0.1', signal = new AbortController().signal) {
  return door.admit({ user, password: secret }, address, signal);
}

describe('the door', () => {
  it.each([
    ['gmail', 'one', 'gmail', 'one'],
    ['gmail', 'two', 'gmail', 'two'],
    ['GMAIL', 'two', 'gmail', 'two'],
    ['ann@happypaws.example', 'three', 'outlook', 'three'],
    ['Ann@HappyPaws.example', 'one', 'gmail', 'one'],
  ])('lets %s in with %s, as %s', async (user, secret, name, label) => {
    const found = await tried(
      openDoor(async () => ACCOUNTS),
      user,
      secret,
    );
    expect(found).toMatchObject({ account: { name }, password: { label } });
  });

  it.each([
    ['gmail', 'three'],
    ['outlook', 'one'],
    ['silent', ''],
    ['', 'one'],
    ['@', 'one'],
    ['nobody', 'one'],
  ])('D10 keeps %s out with %s', async (user, secret) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    try {
      const answer = tried(
        openDoor(async () => ACCOUNTS),
        user,
        secret,
      );
      await vi.advanceTimersByTimeAsync(10);
      expect(await Promise.race([answer, Promise.resolve('waits')])).toBe('waits');
    } finally {
      vi.useRealTimers();
    }
  });

  it('D09 closes for a minute after ten wrong ones, and only to the address they came from', async () => {
    let now = 0;
    const door = openDoor(
      async () => ACCOUNTS,
      () => now,
    );
    const gone = new AbortController();
    const guesses = Array.from({ length: 12 }, () => tried(door, 'gmail', 'guess', '192.0.2.1', gone.signal));
    // Ten wait for their second; the others are not looked at.
    const refused = await Promise.race([
      Promise.all(guesses.slice(10)),
      new Promise((resolve) => setTimeout(resolve, 500)),
    ]);
    expect(refused).toMatchObject([{ code: 'closed_door' }, { code: 'closed_door' }]);
    expect(await tried(door, 'gmail', 'one', '192.0.2.1')).toMatchObject({ code: 'closed_door', kind: 'later' });
    expect(await tried(door, 'gmail', 'one', '192.0.2.2')).toMatchObject({ account: { name: 'gmail' } });
    now += 60_001;
    expect(await tried(door, 'gmail', 'one', '192.0.2.1')).toMatchObject({ account: { name: 'gmail' } });
    gone.abort(new Error('over'));
    await Promise.allSettled(guesses);
  });
});
