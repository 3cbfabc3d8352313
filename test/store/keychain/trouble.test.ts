import { describe, expect, test } from 'vitest';
import { explainKeychain } from '../../../src/store/keychain/trouble.js';

describe('on Windows a keychain that cannot be used', () => {
  test.each([
    'A specified logon session does not exist. It may already have been terminated.',
    'Eine angegebene Anmeldesitzung ist nicht vorhanden. Sie wurde gegebenenfalls bereits beendet.',
    'Could not connect',
  ])('S03 leads to the desktop, the password of the task or a key file: %s', (words) => {
    const { problem } = explainKeychain(new Error(words), { platform: 'win32', env: {} });
    expect(problem).toMatchObject({
      code: 'keychain_unavailable',
      message: 'the Windows Credential Manager cannot be used in this session',
      fix: [
        { text: expect.stringMatching(/sign in at the desktop, or let the scheduled task store the password/) },
        { text: expect.stringMatching(/key file: .* --store file/) },
      ],
    });
    expect(JSON.stringify(problem)).not.toMatch(/D-Bus|keyring/);
  });

  test('elsewhere a missing session bus is still called so', () => {
    const { problem } = explainKeychain(new Error('Could not connect'), { platform: 'linux', env: {} });
    expect(problem.message).toContain('D-Bus session');
  });
});
