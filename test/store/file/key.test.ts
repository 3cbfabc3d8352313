import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findKeySource, makeKeyFile, readKeyFile } from '../../../src/store/file/key.js';
import { Secret } from '../../../src/words/secret.js';
import { testFolder } from '../folder.js';

function file(folder: string, name: string, text: string | Buffer, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

/** A folder as systemd makes it for LoadCredential=. */
function credentials(names: Record<string, string>): string {
  const folder = join(testFolder(), 'credentials');
  mkdirSync(folder);
  for (const [name, text] of Object.entries(names)) file(folder, name, text, 0o400);
  return folder;
}

describe('where the key comes from', () => {
  test('nowhere, unless it is named', () => {
    expect(findKeySource({})).toBeUndefined();
    expect(findKeySource({ MAILAUTH_KEY_FILE: '', MAILAUTH_PASSPHRASE: '' })).toBeUndefined();
    expect(findKeySource({ CREDENTIALS_DIRECTORY: credentials({}) })).toBeUndefined();
  });

  test('each of the five places', () => {
    const path = file(testFolder(), 'phrase', 'from a file\n');
    const folder = credentials({ 'mailauth-key': 'x' });
    const other = credentials({ 'mailauth-passphrase': 'from systemd' });
    expect(findKeySource({ MAILAUTH_KEY_FILE: '/k' })).toEqual({ kind: 'key-file', path: '/k' });
    expect(findKeySource({ CREDENTIALS_DIRECTORY: folder })).toEqual({
      kind: 'key-file',
      path: join(folder, 'mailauth-key'),
    });
    const phrase = (source: ReturnType<typeof findKeySource>): string | undefined =>
      source?.kind === 'passphrase' ? source.passphrase.reveal() : undefined;
    expect(phrase(findKeySource({ MAILAUTH_PASSPHRASE_FILE: path }))).toBe('from a file');
    expect(phrase(findKeySource({ MAILAUTH_PASSPHRASE: 'from the environment' }))).toBe('from the environment');
    expect(phrase(findKeySource({}, new Secret('taken out before')))).toBe('taken out before');
    expect(phrase(findKeySource({ CREDENTIALS_DIRECTORY: other }))).toBe('from systemd');
  });

  test('two at once are a contradiction that names both', () => {
    const folder = credentials({ 'mailauth-key': 'x', 'mailauth-passphrase': 'y' });
    const pairs: [NodeJS.ProcessEnv, string, string][] = [
      [{ MAILAUTH_KEY_FILE: '/k', MAILAUTH_PASSPHRASE: 'p' }, 'MAILAUTH_KEY_FILE', 'MAILAUTH_PASSPHRASE'],
      [{ MAILAUTH_PASSPHRASE_FILE: '/p', MAILAUTH_PASSPHRASE: 'p' }, 'MAILAUTH_PASSPHRASE_FILE', 'MAILAUTH_PASSPHRASE'],
      [
        { CREDENTIALS_DIRECTORY: folder },
        '$CREDENTIALS_DIRECTORY/mailauth-key',
        '$CREDENTIALS_DIRECTORY/mailauth-passphrase',
      ],
    ];
    for (const [env, one, other] of pairs) {
      const message = `${one} and ${other} both name a key for the encrypted file`;
      expect(() => findKeySource(env)).toThrow(expect.objectContaining({ code: 'usage', exit: 64, message }));
    }
  });

  test('a relative path is kept as a full one, so that cron can be told', () => {
    expect(findKeySource({ MAILAUTH_KEY_FILE: 'k' })).toEqual({ kind: 'key-file', path: join(process.cwd(), 'k') });
  });

  test.each([
    ['one line end is not part of it', 'secret words\n', 'secret words'],
    ['nor one of Windows', 'secret words\r\n', 'secret words'],
    ['further ones are', 'secret words\n\n', 'secret words\n'],
    ['spaces are', ' secret words ', ' secret words '],
  ])('a passphrase file: %s', (_, text, expected) => {
    const source = findKeySource({ MAILAUTH_PASSPHRASE_FILE: file(testFolder(), 'phrase', text) });
    expect(source?.kind === 'passphrase' && source.passphrase.reveal()).toBe(expected);
  });

  test('a passphrase file that is empty, far too long or missing is named', () => {
    const folder = testFolder();
    const read = (path: string) => () => findKeySource({ MAILAUTH_PASSPHRASE_FILE: path });
    expect(read(file(folder, 'empty', '\n'))).toThrow(expect.objectContaining({ code: 'bad_input' }));
    expect(read(file(folder, 'long', 'x'.repeat(5000)))).toThrow(expect.objectContaining({ code: 'bad_input' }));
    expect(read(join(folder, 'none'))).toThrow(
      expect.objectContaining({ code: 'key_missing', message: expect.stringContaining(join(folder, 'none')) }),
    );
  });
});

describe('a key file', () => {
  test.each([0o000, 0o022, 0o277])('S10 is made of 32 random bytes, 0600 under umask %o', async (umask) => {
    const folder = testFolder();
    const usual = process.umask(umask);
    try {
      await makeKeyFile(join(folder, 'one'));
      await makeKeyFile(join(folder, 'two'));
    } finally {
      process.umask(usual);
    }
    expect(statSync(join(folder, 'one')).mode & 0o777).toBe(0o600);
    expect(readKeyFile(join(folder, 'one'))).toHaveLength(32);
    expect(readKeyFile(join(folder, 'one'))).not.toEqual(readKeyFile(join(folder, 'two')));
  });

  test('S28 never takes the place of another file', async () => {
    const path = join(testFolder(), 'key');
    await makeKeyFile(path);
    const before = readFileSync(path);
    await expect(makeKeyFile(path)).rejects.toMatchObject({ code: 'cannot_write', exit: 73 });
    expect(readFileSync(path)).toEqual(before);
  });

  describe('in a folder that is not there', () => {
    function atHome(): string {
      const home = testFolder();
      const usual = process.env['HOME'];
      process.env['HOME'] = home;
      onTestFinished(() => {
        if (usual === undefined) delete process.env['HOME'];
        else process.env['HOME'] = usual;
      });
      return home;
    }

    test('S10 makes the folders of a home, for their owner alone, and says which', async () => {
      const home = atHome();
      const path = join(home, '.config', 'keys', 'mailauth.key');
      expect(await makeKeyFile(path)).toEqual({ folder: dirname(path) });
      expect(readKeyFile(path)).toHaveLength(32);
      for (const folder of [dirname(path), join(home, '.config')]) expect(statSync(folder).mode & 0o777).toBe(0o700);
      expect(await makeKeyFile(join(home, '.config', 'other.key'))).toEqual({});
    });

    test('S10 leaves the rights of a folder that is there', async () => {
      const home = atHome();
      mkdirSync(join(home, '.config'), { mode: 0o755 });
      expect(await makeKeyFile(join(home, '.config', 'mailauth.key'))).toEqual({});
      expect(statSync(join(home, '.config')).mode & 0o777).toBe(0o755);
    });

    test('makes none outside the home', async () => {
      atHome();
      const missing = join(testFolder(), 'none');
      await expect(makeKeyFile(join(missing, 'key'))).rejects.toMatchObject({ code: 'cannot_write' });
      expect(existsSync(missing)).toBe(false);
    });
  });

  test('may be a link, as services are given theirs', async () => {
    const folder = testFolder();
    await makeKeyFile(join(folder, 'real'));
    symlinkSync(join(folder, 'real'), join(folder, 'key'));
    expect(readKeyFile(join(folder, 'key'))).toHaveLength(32);
  });

  test.each([
    ['shorter', Buffer.alloc(31, 'ab')],
    ['longer', Buffer.alloc(33, 'ab')],
    ['empty', Buffer.alloc(0)],
    ['one byte over and over', Buffer.alloc(32)],
  ])('that is %s is no key', (_, bytes) => {
    const path = file(testFolder(), 'key', bytes);
    expect(() => readKeyFile(path)).toThrow(
      expect.objectContaining({ code: 'bad_input', message: expect.stringContaining(path) }),
    );
  });

  test('S11 that others can read is refused, with the command that closes it', () => {
    const path = file(testFolder(), 'key', Buffer.alloc(32, 'ab'), 0o640);
    expect(() => readKeyFile(path)).toThrow(
      expect.objectContaining({
        code: 'bad_input',
        problem: expect.objectContaining({ fix: [expect.objectContaining({ command: `chmod 600 ${path}` })] }),
      }),
    );
  });

  // Docker and Kubernetes hand a secret to root like this, on a mount where nobody can change it.
  test.runIf(process.geteuid?.() === 0)('S11 that root alone could change, and does not, may be read by others', () => {
    expect(readKeyFile(file(testFolder(), 'key', Buffer.alloc(32, 'ab'), 0o444))).toHaveLength(32);
    expect(() => readKeyFile(file(testFolder(), 'key', Buffer.alloc(32, 'ab'), 0o446))).toThrow();
  });

  test('S12 that is a folder or a device is refused at once', () => {
    const folder = testFolder();
    for (const path of [folder, '/dev/zero']) {
      expect(() => readKeyFile(path)).toThrow(expect.objectContaining({ code: 'bad_input' }));
    }
  });
});
