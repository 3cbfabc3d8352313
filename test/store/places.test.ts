import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configDirectory } from '../../src/store/places.js';
import { lockPath } from '../../src/store/stores.js';

describe('the configuration folder', () => {
  test.each([
    ['linux', { HOME: '/home/ann' }, '/home/ann/.config/mailauth'],
    ['linux', { HOME: '/home/ann', XDG_CONFIG_HOME: '/cfg' }, '/cfg/mailauth'],
    ['linux', { XDG_CONFIG_HOME: '/cfg' }, '/cfg/mailauth'],
    ['linux', { HOME: '/home/ann', XDG_CONFIG_HOME: 'cfg' }, '/home/ann/.config/mailauth'],
    ['linux', { HOME: '/home/ann', XDG_CONFIG_HOME: '' }, '/home/ann/.config/mailauth'],
    ['darwin', { HOME: '/Users/ann', XDG_CONFIG_HOME: '/cfg' }, '/Users/ann/Library/Application Support/mailauth'],
    ['win32', { APPDATA: 'C:\\Users\\ann\\AppData\\Roaming' }, 'C:\\Users\\ann\\AppData\\Roaming\\mailauth'],
    ['win32', { MAILAUTH_CONFIG_DIR: 'D:\\keep' }, 'D:\\keep'],
    ['win32', { MAILAUTH_CONFIG_DIR: 'd:/keep' }, 'd:\\keep'],
    ['win32', { MAILAUTH_CONFIG_DIR: '\\\\server\\share\\keep' }, '\\\\server\\share\\keep'],
    ['linux', { HOME: '/home/ann', MAILAUTH_CONFIG_DIR: '/srv/mail' }, '/srv/mail'],
    ['linux', { MAILAUTH_CONFIG_DIR: '/srv/a b\nc/' }, '/srv/a b\nc/'],
  ] as const)('on %s with %o is %s', (platform, env, expected) => {
    expect(configDirectory(env, platform)).toBe(expected);
  });

  test.each([
    ['linux', {}, 'HOME is not set'],
    ['linux', { HOME: '' }, 'HOME is not set'],
    ['linux', { HOME: 'home/ann' }, 'HOME is not an absolute path'],
    ['darwin', {}, 'HOME is not set'],
    ['win32', {}, 'APPDATA is not set'],
    ['win32', { APPDATA: 'Roaming' }, 'APPDATA is not an absolute path'],
    ['win32', { MAILAUTH_CONFIG_DIR: '\\keep' }, 'MAILAUTH_CONFIG_DIR is not an absolute path'],
    ['win32', { MAILAUTH_CONFIG_DIR: '/keep' }, 'MAILAUTH_CONFIG_DIR is not an absolute path'],
    ['win32', { MAILAUTH_CONFIG_DIR: 'D:keep' }, 'MAILAUTH_CONFIG_DIR is not an absolute path'],
    ['win32', { APPDATA: '\\Roaming' }, 'APPDATA is not an absolute path'],
    ['linux', { HOME: '/home/ann', MAILAUTH_CONFIG_DIR: './here' }, 'MAILAUTH_CONFIG_DIR is not an absolute path'],
  ] as const)('S13 on %s with %o is refused: %s', (platform, env, message) => {
    expect(() => configDirectory(env, platform)).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: expect.stringContaining(message),
        problem: expect.objectContaining({ fix: [expect.anything()] }),
      }),
    );
  });
});

describe('the lock of a credential', () => {
  test('lies beside the encrypted file', () => {
    expect(lockPath('file', 'some-id', '/cfg')).toBe(join('/cfg', 'secrets', 'some-id.lock'));
  });

  test('S05 of a keychain is the same for every configuration folder', () => {
    const before = lockPath('keychain', 'some-id', '/cfg');
    const usual = process.env['XDG_CONFIG_HOME'];
    try {
      process.env['XDG_CONFIG_HOME'] = '/elsewhere/cfg';
      expect(lockPath('keychain', 'some-id', '/other')).toBe(before);
    } finally {
      if (usual === undefined) delete process.env['XDG_CONFIG_HOME'];
      else process.env['XDG_CONFIG_HOME'] = usual;
    }
  });

  test('is another one for another credential', () => {
    expect(lockPath('keychain', 'a', '/cfg')).not.toBe(lockPath('keychain', 'b', '/cfg'));
  });
});
