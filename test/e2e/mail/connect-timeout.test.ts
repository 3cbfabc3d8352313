import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { proveImap } from '../../../src/mail/imap.js';
import { Secret } from '../../../src/words/secret.js';

/** Listens with room for one connection and then never accepts any, as its only thread sleeps. */
const DEAF = `
  const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    require('node:fs').writeSync(1, server.address().port + '\\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;

/** On Linux a full queue drops what comes next, like a firewall that answers nothing; other systems differ. */
test('M10 a connection nobody answers ends after 10 seconds', async () => {
  const deaf = spawn(process.execPath, ['-e', DEAF], { stdio: ['ignore', 'pipe', 'inherit'] });
  const queue: Socket[] = [];
  try {
    const [said] = (await once(deaf.stdout, 'data')) as [Buffer];
    const port = Number(said);
    for (let place = 0; place < 2; place += 1) {
      const socket = connect(port, '127.0.0.1');
      queue.push(socket);
      await once(socket, 'connect');
    }
    const started = Date.now();
    const outcome = await proveImap({
      server: { host: '127.0.0.1', port, security: 'tls' },
      user: 'ada@example.com',
      accessToken: new Secret('ya29.a-token-nobody-will-see'),
      deadline: 45_000,
    });
    expect(outcome).toMatchObject({ ok: false, evidence: { stage: 'connect', error: 'ETIMEDOUT' } });
    expect(Date.now() - started).toBeGreaterThanOrEqual(9_900);
    expect(Date.now() - started).toBeLessThan(13_000);
  } finally {
    for (const socket of queue) socket.destroy();
    deaf.kill('SIGKILL');
  }
});
