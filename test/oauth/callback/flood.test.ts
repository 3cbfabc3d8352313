import { spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { GOOD, get, locationOf, SIGNED_IN, start, takeCode } from './free-port.js';

/** A program of another user: opens connections as fast as it can, every second one with the beginning of a request. */
const FLOOD = `
  const { connect } = require('node:net');
  const port = Number(process.argv[1]);
  let made = 0;
  const open = () => {
    const half = made % 2 === 0;
    const socket = connect(port, '127.0.0.1', () => {
      made += 1;
      if (half) socket.write('GET /callback HTTP/1.1\\r\\nHo');
      if (made === 1000) console.log('flooding');
    });
    socket.on('error', () => {});
  };
  setInterval(() => { for (let count = 0; count < 8; count += 1) open(); }, 1);`;

async function flood(port: number): Promise<void> {
  const child = spawn(process.execPath, ['-e', FLOOD, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
}

/** A connection of this process; `gone` once the other side has ended it. */
function opened(port: number): Promise<{ readonly socket: Socket; gone: () => boolean }> {
  return new Promise((resolve) => {
    let gone = false;
    const socket = connect(port, '127.0.0.1', () => resolve({ socket, gone: () => gone }));
    socket.on('error', () => {});
    socket.on('close', () => {
      gone = true;
    });
    // Only a stream that is read tells its end.
    socket.resume();
    onTestFinished(() => {
      socket.destroy();
    });
  });
}

const openedMany = (port: number, count: number) => Promise.all(Array.from({ length: count }, () => opened(port)));

describe('L25 a flood of connections', () => {
  it('L25 the genuine answer gets through within two seconds', async () => {
    const { listener, arrival } = await start();
    await flood(listener.port);
    const before = performance.now();
    const browser = get(listener, `/callback?${GOOD}`);
    const arrived = await takeCode(arrival);
    const settling = arrived.settle(SIGNED_IN);
    expect((await browser).status).toBe(303);
    expect(performance.now() - before).toBeLessThan(2_000);
    expect((await get(listener, locationOf(await browser))).body).toContain('Signed in as');
    await settling;
  });

  it('L25 a browser that is a little slow with its request is not pushed out', async () => {
    const { listener, arrival } = await start();
    const { socket } = await opened(listener.port);
    await openedMany(listener.port, 200);
    const { host } = new URL(listener.redirectUri);
    socket.write(`GET /callback?${GOOD} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    expect((await takeCode(arrival)).url.searchParams.get('code')).toBe('4/0AbCdEf');
  });

  it('L25 the number of connections is bounded, the oldest goes first, the browser that waits for its page never', async () => {
    const { listener, arrival } = await start();
    const browser = get(listener, `/callback?${GOOD}`);
    const arrived = await takeCode(arrival);
    const others = await openedMany(listener.port, 600);
    await expect.poll(() => others.filter(({ gone }) => !gone()).length, { timeout: 15_000 }).toBeLessThanOrEqual(256);
    expect(others.slice(-200).some(({ gone }) => gone())).toBe(false);
    const settling = arrived.settle(SIGNED_IN);
    expect((await browser).status).toBe(303);
    await get(listener, locationOf(await browser));
    await settling;
    // Nothing is left open.
    await expect.poll(() => others.filter(({ gone }) => !gone()).length, { timeout: 15_000 }).toBe(0);
  });
});
