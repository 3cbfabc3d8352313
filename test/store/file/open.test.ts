import { describe, expect, it } from 'vitest';
import type { StoreChoice } from '../../../src/account/account.js';
import type { MailauthError } from '../../../src/explain/problem.js';
import { open, requireKeySource } from '../../../src/store/file/open.js';
import type { Opening } from '../../../src/store/store.js';
import { Secret } from '../../../src/words/secret.js';
import { testFolder } from '../folder.js';

/** What cron has that has none of the variables: nobody is there to be asked. */
function cron(): Opening {
  return {
    env: {},
    platform: process.platform,
    configDir: testFolder(),
    attended: false,
    askPassphrase: async () => undefined,
    note: () => undefined,
    waitFor: (_, work) => work,
    signal: new AbortController().signal,
  };
}

async function lacking(choice: Pick<StoreChoice, 'key' | 'keyPath'>): Promise<MailauthError> {
  return requireKeySource({ kind: 'file', ...choice }, cron()).then(
    () => {
      throw new Error('a key was found');
    },
    (error: MailauthError) => error,
  );
}

describe('S28 S30 without the key of the encrypted file', () => {
  it.each([
    ['key-file', '/etc/mailauth.key', 'MAILAUTH_KEY_FILE=/etc/mailauth.key'],
    ['passphrase', '/run/phrase', 'MAILAUTH_PASSPHRASE_FILE=/run/phrase'],
    // What a shell would read otherwise is left for the reader to put in; the sentence says what.
    ['key-file', '/home/ann/my keys/$(id)', 'MAILAUTH_KEY_FILE=FILE'],
    ['passphrase', '/home/ann/my keys/$(id)', 'MAILAUTH_PASSPHRASE_FILE=FILE'],
  ] as const)('a %s at %s is named', async (key, keyPath, command) => {
    const error = await lacking({ key, keyPath });
    expect(error).toMatchObject({ code: 'key_missing', problem: { fix: [{ command }] } });
    expect(error.message).toContain(keyPath);
  });

  it('a passphrase that came from no file is asked for as one', async () => {
    const error = await lacking({ key: 'passphrase' });
    expect(error).toMatchObject({
      code: 'key_missing',
      problem: { fix: [{ command: 'MAILAUTH_PASSPHRASE_FILE=FILE' }] },
    });
  });
});

it('a passphrase is typed twice as long as it locks nothing, and once from then on', async () => {
  const asked: boolean[] = [];
  const passphrase = new Secret('correct horse battery');
  const askPassphrase = async (isNew: boolean): Promise<Secret> => {
    asked.push(isNew);
    return passphrase;
  };
  const opening = { ...cron(), askPassphrase };
  const store = await open({ kind: 'file' }, opening);
  await store.prove(true);
  // The place was made, and whoever made it stopped there.
  await open(store.choice, opening);
  expect(asked).toEqual([true, true]);
  await store.put('one', new Secret('a secret'));
  const again = await open(store.choice, opening);
  expect(asked).toEqual([true, true, false]);
  expect((await again.get('one'))?.value.reveal()).toBe('a secret');
});
