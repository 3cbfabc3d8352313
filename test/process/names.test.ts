/** Names that do not resolve, and addresses that do not answer. */
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { authority, CANARY, newTokens, setScene } from '../exposure/scene.js';
import { startImapServer } from '../servers/imap-server.js';
import { says } from '../store/processes.js';
import { resolver } from './preload.js';
import { compiledProgram, type Running } from './program.js';

const program = compiledProgram();

describe('a name', () => {
  const failing = { host: 'mail.happypaws.example', port: 993, security: 'tls' } as const;

  it.each([
    ['does not exist', "'ENOTFOUND'", 'ENOTFOUND'],
    ['cannot be asked about now', "'EAI_AGAIN'", 'EAI_AGAIN'],
    ['has a resolver in trouble', "'EAI_FAIL'", 'EAI_FAIL'],
  ])('N06 that %s is named, of the token endpoint and of a mail server', async (_, answer, word) => {
    const scene = await setScene({ imap: failing, tokenEndpoint: () => 'https://login.happypaws.example/token' });
    const flags = [resolver(scene.home, `(name) => (name.endsWith('.example') ? ${answer} : 'ask the system')`)];
    const token = await program.run(['token', 'outlook', '--verbose'], { env: scene.env, nodeFlags: flags });
    expect(token).toMatchObject({ code: 75, stdout: '' });
    expect(token.stderr).toContain('login.happypaws.example');
    expect(token.stderr).toContain(word);
    scene.expectClean('token', token);
  });

  it('N06 that does not exist is told for a mail server while the sign-in works', async () => {
    const scene = await setScene({ imap: failing });
    scene.endpoint.answer('/token', newTokens());
    const flags = [resolver(scene.home, "(name) => (name.endsWith('.example') ? 'ENOTFOUND' : 'ask the system')")];
    const env = scene.env;
    const check = await program.run(['check', '--only', 'imap', '--json'], { env, nodeFlags: flags });
    const { accounts } = JSON.parse(check.stdout);
    expect(accounts[0].checks.at(-1)).toMatchObject({ id: 'imap', status: 'fail', code: 'dns_failed', who: 'network' });
    expect(check.code).toBe(75);
  });

  it('N06 that nobody answers about ends after five seconds', async () => {
    const scene = await setScene({ tokenEndpoint: () => 'https://login.happypaws.example/token' });
    const flags = [resolver(scene.home, "(name) => (name.endsWith('.example') ? undefined : 'ask the system')")];
    // `check` asks once, and what is cached has expired.
    const ran = await program.run(['check', '--json', '--verbose'], { env: scene.env, nodeFlags: flags });
    expect(ran.code).toBe(75);
    const { checks } = JSON.parse(ran.stdout).accounts[0];
    expect(checks.find(({ id }: { id: string }) => id === 'signin')).toMatchObject({
      code: 'dns_failed',
      retryable: true,
    });
    const waited = Number(/failed at dns \(ETIMEDOUT\) in (\d+) ms/.exec(ran.stderr)?.[1]);
    expect(waited).toBeGreaterThan(4_900);
    expect(waited).toBeLessThan(7_000);
  });
});

/**
 * A server whose system drops the first packets of a new connection, as a very slow link looks from here: its queue of
 * connections is full while the process stands still, and the client's system knocks again after a second.
 */
async function slowDoor(target: number): Promise<{ readonly port: number; open(): void }> {
  const child = spawn(process.execPath, ['-e', DOOR, String(target)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let told = '';
  child.stdout.on('data', (chunk: Buffer) => {
    told += chunk.toString();
  });
  await says(child, 'ready');
  const port = Number(/port (\d+)/.exec(told)?.[1]);
  child.kill('SIGSTOP');
  const fillers = [1, 2, 3, 4].map(() => connect(port, '127.0.0.1').on('error', () => {}));
  onTestFinished(() => {
    for (const filler of fillers) filler.destroy();
    child.kill('SIGKILL');
  });
  await sleep(100);
  return { port, open: () => child.kill('SIGCONT') };
}

const DOOR = `
  const net = require('node:net');
  const server = net.createServer((socket) => {
    const through = net.connect(Number(process.argv[1]), '127.0.0.1');
    socket.pipe(through).pipe(socket);
    socket.on('error', () => through.destroy());
    through.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1', 1, () => console.log('port ' + server.address().port + '\\nready'));`;

// On other systems the queue of connections works differently.
describe.runIf(process.platform === 'linux')('a server that takes a second to let anybody in', () => {
  // Node's own patience is 250 ms for each address of a name; the second one here refuses at once.
  const two =
    "(name) => name === 'far.example' ? (console.error('asked'), ['127.0.0.1', '127.0.0.2']) : 'ask the system'";

  it('N08 is reached for a token', async () => {
    let door = { port: 0, open: () => {} };
    const scene = await setScene({
      names: ['far.example'],
      async tokenEndpoint(port) {
        door = await slowDoor(port);
        return `https://far.example:${door.port}/token`;
      },
    });
    scene.endpoint.answer('/token', newTokens());
    const running = program.start(['token', 'outlook'], { env: scene.env, nodeFlags: [resolver(scene.home, two)] });
    await asked(running);
    await sleep(500);
    door.open();
    expect(await running.ended).toMatchObject({ code: 0, stdout: `${CANARY.newAccessToken}\n` });
  });

  it('N08 is reached for mail', async () => {
    const leaf = authority.issue({ names: ['far.example'] });
    const imap = await startImapServer({ leaf, security: 'tls', verify: async () => true, messages: 3 });
    onTestFinished(() => imap.close());
    const door = await slowDoor(imap.port);
    const scene = await setScene({ imap: { host: 'far.example', port: door.port, security: 'tls' } });
    scene.endpoint.answer('/token', newTokens());
    const flags = [resolver(scene.home, two)];
    const running = program.start(['check', '--only', 'imap'], { env: scene.env, nodeFlags: flags });
    await asked(running);
    await sleep(500);
    door.open();
    const ran = await running.ended;
    expect(ran.stdout).toContain('inbox opened');
    expect(ran.code).toBe(0);
  });
});

async function asked(running: Running): Promise<void> {
  while (!running.stderr().includes('asked')) {
    if (running.child.exitCode !== null) throw new Error(`it ended: ${running.stderr()}`);
    await sleep(20);
  }
}
