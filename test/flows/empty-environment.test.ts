/**
 * N15: what a cron job or a service has: `env -i`, or next to it. The keychain's half of it, a missing or frozen session
 * bus, needs a real keyring and is in `test/e2e/keyring`.
 */
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { compiledProgram, type Ran } from '../process/program.js';
import { type Stage, setStage } from './stage.js';

const program = compiledProgram();
let stage: Stage;
beforeAll(async () => {
  stage = await setStage('outlook');
  const { stdout } = await stage.authorize(['--begin']);
  const address = await stage.redirect(stdout.trim());
  expect(await stage.authorize(['--finish', '--callback-url-file', 'ADDRESS'], { address })).toMatchObject({ exit: 0 });
}, 60_000);
afterAll(() => stage.clear());

/** The whole environment is what is given; the shell adds what shells add (PWD and the like), as cron's does. */
const mailauth = (args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran> =>
  program.run(args, { env, cwd: '/' });

const key = () => ({ MAILAUTH_KEY_FILE: join(stage.home, 'key') });

/** The key file is elsewhere while the test runs. */
function moveKeyAway(): void {
  const path = join(stage.home, 'key');
  renameSync(path, `${path}.away`);
  onTestFinished(() => renameSync(`${path}.away`, path));
}

describe('N15 with nothing but what is needed', () => {
  it('N15 N13 a token and a check need HOME and the key, and no PATH', async () => {
    const env = { HOME: stage.home, ...key() };
    const token = await mailauth(['token', 'outlook'], env);
    expect(token, token.stderr).toMatchObject({ code: 0, stderr: '' });
    expect(await stage.authorization.verify(stage.address, token.stdout.trim())).toBe(true);
    const check = await mailauth(['check', '--json'], env);
    expect(check.code, check.stdout).toBe(0);
    expect(JSON.parse(check.stdout)).toMatchObject({ ok: true, accounts: [{ name: 'outlook' }] });
  });

  it('N15 MAILAUTH_CONFIG_DIR stands in for HOME', async () => {
    const token = await mailauth(['token', 'outlook'], { MAILAUTH_CONFIG_DIR: stage.configDir, ...key() });
    expect(token, token.stderr).toMatchObject({ code: 0, stderr: '' });
  });

  it('N15 the key of a systemd service stands in for MAILAUTH_KEY_FILE', async () => {
    const token = await mailauth(['token', 'outlook'], {
      MAILAUTH_CONFIG_DIR: stage.configDir,
      CREDENTIALS_DIRECTORY: credentials(),
    });
    expect(token, token.stderr).toMatchObject({ code: 0, stderr: '' });
  });

  it('N15 a key file that is where it was when the store was made needs no variable', async () => {
    for (const args of [
      ['token', 'outlook'],
      ['token', 'outlook', '--force-refresh'],
      ['check', '--json'],
    ]) {
      const ran = await mailauth(args, { HOME: stage.home });
      expect(ran, ran.stderr).toMatchObject({ code: 0, stderr: '' });
    }
  });

  it('N15 a locale that knows no letters changes nothing', async () => {
    const token = await mailauth(['token', 'outlook'], { HOME: stage.home, LANG: 'C', LC_ALL: 'POSIX', ...key() });
    expect(token).toMatchObject({ code: 0 });
  });
});

describe('N15 the missing piece is named', () => {
  it.each(['token', 'check'])('N15 %s: HOME', async (command) => {
    const ran = await mailauth(command === 'token' ? ['token', 'outlook'] : ['check'], {});
    expect(ran).toMatchObject({ code: 64, stdout: '' });
    expect(ran.stderr).toContain('HOME is not set');
    expect(ran.stderr).toContain('MAILAUTH_CONFIG_DIR');
    expect(ran.milliseconds).toBeLessThan(5000);
  });

  it('N15 token: the key file, at the path it had', async () => {
    moveKeyAway();
    const ran = await mailauth(['token', 'outlook'], { HOME: stage.home });
    expect(ran).toMatchObject({ code: 74, stdout: '' });
    expect(ran.stderr).toContain(`MAILAUTH_KEY_FILE=${join(stage.home, 'key')}`);
  });

  it('N15 check --json: the same, as a finding', async () => {
    moveKeyAway();
    const ran = await mailauth(['check', '--json'], { HOME: stage.home });
    expect(ran.code).toBe(74);
    const [account] = JSON.parse(ran.stdout).accounts;
    expect(account.checks[0]).toMatchObject({ id: 'store', status: 'fail', code: 'key_missing' });
    expect(JSON.stringify(account.checks[0].fix)).toContain(join(stage.home, 'key'));
  });

  it('N15 a home without accounts', async () => {
    const ran = await mailauth(['check'], { HOME: '/' });
    expect(ran).toMatchObject({ code: 67, stdout: '' });
  });
});

describe('the cron job of docs/running.md', () => {
  const page = readFileSync(new URL('../../docs/running.md', import.meta.url), 'utf8');
  const line = /^(?:\S+ ){5}(report=.*)$/m.exec(page)?.[1] ?? '';

  const cron = async (env: Readonly<Record<string, string>>): Promise<Ran> => {
    const bin = mkdtempSync(join(tmpdir(), 'mailauth-cron-'));
    onTestFinished(() => rmSync(bin, { recursive: true }));
    symlinkSync(join(program.folder(), 'bin', 'mailauth.js'), join(bin, 'mailauth'));
    chmodSync(join(program.folder(), 'bin', 'mailauth.js'), 0o755);
    // cron has /usr/bin:/bin; the page adds a folder, which here is the one of this Node.
    const PATH = [bin, dirname(process.execPath), '/usr/bin', '/bin'].join(':');
    // `$@` is the program: the line of the page names it by itself.
    return program.run([], { env: { HOME: stage.home, PATH, ...env }, cwd: '/', shell: line });
  };

  it('says nothing while all is well, so that no mail is sent', async () => {
    expect(await cron(key())).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  it('prints the report where something fails', async () => {
    moveKeyAway();
    const { stdout } = await cron({});
    expect(stdout).toContain('FAIL');
    expect(stdout).toContain(`MAILAUTH_KEY_FILE=${join(stage.home, 'key')}`);
  });
});

/** A folder such as systemd gives to a service (LoadCredential=mailauth-key:FILE). */
function credentials(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mailauth-credentials-'));
  copyFileSync(key().MAILAUTH_KEY_FILE, join(folder, 'mailauth-key'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}
