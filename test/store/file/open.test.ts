import { describe, expect, it } from 'vitest';
import type { StoreChoice } from '../../../src/account/account.js';
import type { MailauthError } from '../../../src/explain/problem.js';
import { requireKeySource } from '../../../src/store/file/open.js';
import type { Opening } from '../../../src/store/store.js';
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
