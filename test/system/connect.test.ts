import { type AddressInfo, createServer, type Server } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectToAny } from '../../src/system/connect.js';
import { blackHole } from './black-hole.js';

const V4 = { address: '127.0.0.1', family: 4 } as const;
const V6 = { address: '::1', family: 6 } as const;
const never = new AbortController().signal;

async function listening(host: string, port = 0): Promise<{ readonly port: number; readonly met: () => number }> {
  let met = 0;
  const server: Server = createServer((socket) => {
    met += 1;
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  onTestFinished(() => {
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, met: () => met };
}

describe('TCP to one of several addresses', () => {
  it('takes the first one that answers', async () => {
    const { port } = await listening('127.0.0.1');
    const before = performance.now();
    const socket = await connectToAny([V4], port, never);
    expect(socket.remoteAddress).toBe('127.0.0.1');
    expect(performance.now() - before).toBeLessThan(1_000);
    socket.destroy();
  });

  it('N07 goes on at once where one refuses', async () => {
    const { port } = await listening('127.0.0.1');
    const before = performance.now();
    const socket = await connectToAny([V6, V6, V4], port, never).catch(() => undefined);
    expect(socket?.remoteAddress).toBe('127.0.0.1');
    expect(performance.now() - before).toBeLessThan(1_000);
    socket?.destroy();
  });

  it('says what kept each one, the first one’s code for all', async () => {
    const { port } = await listening('127.0.0.1');
    const nobody = await connectToAny([V6, V6], port, never).catch((error) => error);
    expect(nobody).toMatchObject({
      code: nobody.errors[0].code,
      errors: [{ syscall: 'connect' }, { syscall: 'connect' }],
    });
    const one = await connectToAny([V6], port, never).catch((error) => error);
    expect(one).toMatchObject({ code: expect.stringMatching(/^E(?:CONNREFUSED|ADDRNOTAVAIL)$/), syscall: 'connect' });
    expect(one).not.toBeInstanceOf(AggregateError);
    await expect(connectToAny([], port, never)).rejects.toThrow('none of the addresses');
  });

  it('N11 an abort ends all attempts with its reason', async () => {
    const stop = new AbortController();
    const { port } = await listening('127.0.0.1');
    const attempt = connectToAny([V4], port, stop.signal);
    stop.abort(new Error('interrupted'));
    await expect(attempt).rejects.toThrow('interrupted');
    await expect(connectToAny([V4], port, stop.signal)).rejects.toThrow('interrupted');
  });

  // Elsewhere there is only one address of loopback, and the queue of connections works differently.
  describe.runIf(process.platform === 'linux')('one of which swallows packets', () => {
    it('N07 the next one is reached within a second', async () => {
      const port = await blackHole('127.0.0.1');
      const { met } = await listening('127.0.0.2', port);
      const before = performance.now();
      const socket = await connectToAny([V4, { address: '127.0.0.2', family: 4 }], port, never);
      expect(socket.remoteAddress).toBe('127.0.0.2');
      expect(performance.now() - before).toBeLessThan(1_000);
      expect(met()).toBeLessThanOrEqual(1);
      socket.destroy();
    });

    it('N07 a whole family that leads nowhere does not stand in front of the other one', async () => {
      const port = await blackHole('127.0.0.1');
      await listening('::1', port);
      const dead = ['127.0.0.1', '127.0.0.1', '127.0.0.1', '127.0.0.1'].map((address) => ({ address, family: 4 }));
      const before = performance.now();
      const socket = await connectToAny([...dead, V6], port, never);
      expect(socket.remoteAddress).toBe('::1');
      expect(performance.now() - before).toBeLessThan(1_000);
      socket.destroy();
    });
  });
});
