/** What a process may find around itself: hostile folders and variables, too few files, sleep, an old backup. */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ADDRESS, CANARY, issuerMetadata, newTokens, type Scene, setScene } from '../exposure/scene.js';
import { makeAuthority, wrongLeaf } from '../servers/certificates.js';
import { compiledProgram, type Running } from './program.js';

const program = compiledProgram();
const now = Math.floor(Date.now() / 1000);
const VALID = { accessTokenIssued: now, accessTokenExpires: now + 3600 };

describe('a hostile folder', () => {
  const LIBRARIES = [
    'undici',
    'openid-client',
    'commander',
    'chalk',
    'keytar',
    'imapflow',
    'nodemailer',
    'open',
    'tslib',
  ];
  const PROGRAMS = ['node', 'sh', 'secret-tool', 'security', 'xdg-open', 'ps', 'lsof', 'ss', 'xclip', 'wl-copy', 'env'];

  /** Everything in it leaves a mark when it is loaded or run. */
  function plant(scene: Scene): { readonly folder: string; marks(): readonly string[] } {
    const folder = join(scene.home, 'hostile');
    const marked = join(scene.home, 'marks');
    mkdirSync(folder);
    mkdirSync(marked);
    for (const name of PROGRAMS) {
      writeFileSync(join(folder, name), `#!/bin/sh\n: > '${join(marked, name)}'\n`);
      chmodSync(join(folder, name), 0o755);
    }
    for (const name of LIBRARIES) {
      mkdirSync(join(folder, 'node_modules', name), { recursive: true });
      writeFileSync(
        join(folder, 'node_modules', name, 'index.js'),
        `require('node:fs').writeFileSync(${JSON.stringify(join(marked, `library-${name}`))}, '')`,
      );
    }
    const settings = 'MAILAUTH_CONFIG_DIR=/nonexistent\nNODE_OPTIONS=--inspect\nHTTPS_PROXY=http://127.0.0.1:9\n';
    for (const name of ['.env', '.env.local', '.mailauthrc', '.node_repl_history', 'mailauth.env']) {
      writeFileSync(join(folder, name), settings);
    }
    writeFileSync(join(folder, '.npmrc'), 'proxy=http://127.0.0.1:9\nnode-options=--inspect\n');
    writeFileSync(join(folder, 'package.json'), '{"type":"commonjs","imports":{"#x":"./x.js"},"main":"./index.js"}');
    writeFileSync(join(folder, 'accounts.json'), '{"version":1,"accounts":[],"clients":[]}');
    return { folder, marks: () => readdirSync(marked) };
  }

  it('N19 is not looked into: no library, no program, no settings come from it', async () => {
    const scene = await setScene({ credential: VALID });
    const { folder, marks } = plant(scene);
    const before = readdirSync(folder).sort();
    const run = (args: readonly string[]) => program.run(args, { env: scene.env, cwd: folder });
    expect(await run(['token', 'outlook'])).toMatchObject({ code: 0, stdout: `${CANARY.accessToken}\n` });
    scene.endpoint.answer('/token', newTokens());
    expect(await run(['token', 'outlook', '--force-refresh'])).toMatchObject({ code: 0 });
    scene.endpoint.answer('/token', newTokens());
    expect((await run(['check', '--json'])).code).toBe(75);
    expect((await run(['list', '--json'])).stdout).toContain(ADDRESS);
    expect((await run(['guide', 'gmail'])).code).toBe(0);
    expect(marks()).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual(before);
  });

  it('N19 gives the sign-in no browser and no helper: that is told, and the other ways', async () => {
    const scene = await setScene();
    const { folder, marks } = plant(scene);
    scene.endpoint.answer('/.well-known/openid-configuration', issuerMetadata(scene));
    const ran = await program.run(['authorize', 'outlook'], {
      env: { ...scene.env, PATH: '/nonexistent' },
      cwd: folder,
    });
    expect(ran).toMatchObject({ code: 77, stdout: '', stderr: expect.stringContaining('--begin') });
    expect(marks()).toEqual([]);
  });
});

describe('variables meant for Node', () => {
  it('N18 T18 NODE_TLS_REJECT_UNAUTHORIZED=0 opens nothing, and that is told', async () => {
    const scene = await setScene({ leaf: wrongLeaf('self-signed', makeAuthority()) });
    const env = { ...scene.env, NODE_TLS_REJECT_UNAUTHORIZED: '0' };
    const ran = await program.run(['token', 'outlook'], { env });
    expect(ran).toMatchObject({ code: 76, stdout: '' });
    expect(ran.stderr).toContain('NODE_TLS_REJECT_UNAUTHORIZED=0 has no effect here');
    expect(ran.stderr).not.toContain('insecure');
    expect(scene.endpoint.received).toEqual([]);
  });

  it.each([
    ['a file that is not there', '/nonexistent/ca.pem'],
    ['a folder', '/'],
    ['a file that is no certificate', '/etc/hostname'],
  ])('N18 NODE_EXTRA_CA_CERTS naming %s is no reason to stop', async (_, path) => {
    const scene = await setScene();
    scene.endpoint.answer('/token', newTokens());
    const ran = await program.run(['token', 'outlook'], { env: { ...scene.env, NODE_EXTRA_CA_CERTS: path } });
    expect(ran).toMatchObject({ code: 0, stdout: `${CANARY.newAccessToken}\n` });
  });

  it('N18 options that weaken TLS change nothing', async () => {
    const scene = await setScene();
    scene.endpoint.answer('/token', newTokens());
    const env = { ...scene.env, NODE_OPTIONS: '--tls-min-v1.0 --use-openssl-ca --no-warnings' };
    expect(await program.run(['token', 'outlook'], { env })).toMatchObject({ code: 0 });
  });
});

describe('little room', () => {
  /** What Node itself has open before a program begins; with one more it can read the program. */
  const opened = Number(execFileSync(process.execPath, ['-p', 'fs.readdirSync("/proc/self/fd").length']));

  it.each([
    ['room for one open file', `ulimit -n ${opened + 1}`],
    ['room for five open files', `ulimit -n ${opened + 5}`],
    ['room for thirteen open files', `ulimit -n ${opened + 13}`],
    ['a small stack', 'ulimit -s 256'],
  ])('N17 %s ends in plain words', async (_, limit) => {
    const scene = await setScene({ tokenEndpoint: () => 'https://localhost:2/token' });
    const ran = await program.run(['token', 'outlook'], { env: scene.env, shell: `${limit}; exec "$@"` });
    expect(ran.code).toBeGreaterThan(0);
    expect(ran).toMatchObject({ stdout: '', stderr: expect.stringContaining('mailauth: ') });
    scene.expectClean('token', ran);
  });

  it('N17 64 MB are enough', async () => {
    const scene = await setScene();
    scene.endpoint.answer('/token', newTokens());
    const env = { ...scene.env, NODE_OPTIONS: '--max-old-space-size=64' };
    const ran = await program.run(['check', '--only', 'smtp'], { env });
    expect(ran.code).toBe(75);
    expect(ran.stdout).toContain('new access token');
  });
});

describe('sleep', () => {
  it('N16 in the middle of a refresh is slept through: the answer is stored and printed', async () => {
    const scene = await setScene();
    scene.endpoint.answer('/token', newTokens());
    const running = program.start(['token', 'outlook'], { env: scene.env });
    while (scene.endpoint.received.length === 0) await sleep(5);
    running.child.kill('SIGSTOP');
    await sleep(1_500);
    running.child.kill('SIGCONT');
    expect(await running.ended).toMatchObject({ code: 0, stdout: `${CANARY.newAccessToken}\n` });
    expect((await scene.mailbox.credential()).refreshToken?.reveal()).toBe(CANARY.newRefreshToken);
  });

  it('N16 beyond a deadline ends the wait on waking up', async () => {
    const scene = await setScene();
    scene.endpoint.answer('/.well-known/openid-configuration', issuerMetadata(scene));
    const running = program.start(['authorize', 'outlook', '--no-browser', '--timeout', '3'], { env: scene.env });
    await shows(running, 'open');
    running.child.kill('SIGSTOP');
    await sleep(3_500);
    const woken = performance.now();
    running.child.kill('SIGCONT');
    const ran = await running.ended;
    expect(ran.code).toBe(77);
    expect(performance.now() - woken).toBeLessThan(2_500);
  });
});

describe('a working folder that was deleted', () => {
  const gone = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"';
  it.each([
    [['key', 'k'], {}, 66],
    [['export', 'outlook', '--format', 'msmtp', '--write', 'rc'], {}, 66],
    [['token', 'outlook'], { MAILAUTH_KEY_FILE: 'k' }, 64],
    [['token', 'outlook'], {}, 0],
    [['list'], {}, 0],
  ])('is told where a relative name needs it: %j %o', async (args, more, code) => {
    const scene = await setScene({ credential: VALID });
    const ran = await program.run(args, { env: { ...scene.env, ...more }, cwd: scene.home, shell: gone });
    expect([ran.code, ran.stderr]).toEqual([code, code === 0 ? '' : expect.stringMatching(/folder/)]);
    expect(ran.stderr).not.toContain('bug');
  });
});

describe.runIf(process.platform === 'linux')('a terminal that is closed', () => {
  // GNU nohup gives a program a standard input that is open for writing, and nobody else does.
  it.each([
    ['ends the wait', 'exec "$@"', 143],
    ['under nohup ends nothing', 'exec "$@" 0>/dev/null', 77],
  ])('%s', async (_, shell, code) => {
    const scene = await setScene();
    scene.endpoint.answer('/.well-known/openid-configuration', issuerMetadata(scene));
    const args = ['authorize', 'outlook', '--no-browser', '--timeout', '2'];
    const running = program.start(args, { env: scene.env, shell });
    await shows(running, 'open');
    running.child.kill('SIGHUP');
    expect((await running.ended).code).toBe(code);
  });
});

it('S21 an old copy of the store that is put back is explained, and asked about once', async () => {
  const scene = await setScene();
  const [secrets, copy] = [join(scene.configDir, 'secrets'), join(scene.home, 'backup')];
  cpSync(secrets, copy, { recursive: true });
  scene.endpoint.answer('/token', newTokens());
  expect((await program.run(['token', 'outlook'], { env: scene.env })).code).toBe(0);
  rmSync(secrets, { recursive: true });
  cpSync(copy, secrets, { recursive: true });
  scene.endpoint.answer('/token', ({ form }) => {
    expect(form.get('refresh_token')).toBe(CANARY.refreshToken);
    return { status: 400, body: { error: 'invalid_grant', error_description: 'token was already used' } };
  });
  const ran = await program.run(['token', 'outlook'], { env: scene.env });
  expect(ran).toMatchObject({ code: 77, stdout: '' });
  expect(ran.stderr).toContain('mailauth authorize outlook');
  expect(scene.endpoint.received).toHaveLength(2);
  expect(readFileSync(join(secrets, `${scene.mailbox.account.credential}.enc`))).toEqual(
    readFileSync(join(copy, `${scene.mailbox.account.credential}.enc`)),
  );
});

async function shows(running: Running, word: string): Promise<void> {
  while (!running.stderr().includes(word)) {
    if (running.child.exitCode !== null) throw new Error(`it ended: ${running.stderr()}`);
    await sleep(20);
  }
}
