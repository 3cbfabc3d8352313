import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { compiledProgram } from './program.js';

const program = compiledProgram();

describe('an option of every command', () => {
  it.each([['-V'], ['--version', 'list'], ['list', '-V'], ['--no-color', '--version'], ['token', '--version']])(
    'the version is told by %s %s',
    async (...argv) => {
      expect(await program.run(argv)).toMatchObject({ code: 0, stdout: `${manifest.version}\n`, stderr: '' });
    },
  );

  it('the help of the program is the same wherever it is asked for', async () => {
    const { stdout } = await program.run(['--help']);
    expect(stdout).toContain('Begin with:');
    expect(await program.run(['--no-color', '--help'])).toMatchObject({ code: 0, stdout });
  });

  it('what stands behind -- is no option, and what an error means can be asked without a home folder', async () => {
    expect(await program.run(['explain', '--', '-V'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('unknown'),
    });
  });
});

describe('a variable', () => {
  it.each([
    ['MAILAUTH_STORE', 'safe', 64, 'MAILAUTH_STORE takes keychain, file, command:PATH, vault:URL'],
    ['MAILAUTH_STORE', 'vault', 64, 'MAILAUTH_STORE vault: needs an https address'],
    ['MAILAUTH_SMTP_PORT', '587a', 65, 'MAILAUTH_SMTP_PORT: a whole number from 1 to 65535 is needed here'],
    ['MAILAUTH_ACCOUNT', 'reception', 65, 'MAILAUTH_ACCOUNT: an e-mail address has an @'],
    ['MAILAUTH_NO_SMTP', 'maybe', 64, 'MAILAUTH_NO_SMTP takes 1, true, 0 or false, not "maybe"'],
    ['MAILAUTH_CLIENT_SECRET_FILE', 'hunter2', 66, 'MAILAUTH_CLIENT_SECRET_FILE names no file that can be read'],
  ])('that cannot be right is named: %s', async (name, value, code, sentence) => {
    const ran = await program.run(['guide', 'outlook', '--no-input'], { env: { HOME: '/nonexistent', [name]: value } });
    expect(ran).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(sentence) });
  });
});
