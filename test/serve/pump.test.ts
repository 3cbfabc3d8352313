import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Ending } from '../../src/serve/ending.js';
import { pump } from '../../src/serve/pump.js';

/** What may wait for a side, and what the streams on both ends of it hold. */
const MOST = 1.25 * 1024 * 1024;
const CHUNK = Buffer.alloc(16 * 1024, 'x');

/** A side that has more to say than anybody would hold, and takes nothing until it is told to. */
function slowSide(chunks: number) {
  let said = 0;
  let taken = 0;
  let take: () => void = () => undefined;
  const side = new Duplex({
    allowHalfOpen: true,
    read() {
      if (said < chunks) said += 1;
      this.push(said < chunks ? CHUNK : null);
    },
    write(chunk: Buffer, _encoding, done) {
      taken += chunk.length;
      take = done;
    },
  });
  return {
    side,
    said: () => said * CHUNK.length,
    taken: () => taken,
    take: () => {
      const taking = take;
      take = () => undefined;
      taking();
    },
  };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('the pump', () => {
  it('D16 holds back a side as long as the other takes nothing', async () => {
    const [client, server] = [slowSide(10_000), slowSide(1)];
    const end = new AbortController();
    const outcome = pump(client.side, server.side, end.signal);
    await settled();
    expect(client.said()).toBeLessThan(MOST);
    while (server.taken() <= 99 * CHUNK.length) {
      server.take();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await settled();
    expect(client.said() - server.taken()).toBeLessThan(MOST);
    end.abort(new Ending('stopped'));
    expect(await outcome).toBe('stopped');
    expect([client.side.destroyed, server.side.destroyed]).toEqual([true, true]);
  });

  it.each(['client', 'server'] as const)('ends both sides when the %s breaks', async (which) => {
    const sides = { client: slowSide(10_000).side, server: slowSide(10_000).side };
    const outcome = pump(sides.client, sides.server, new AbortController().signal);
    sides[which].destroy(new Error('broken'));
    expect(await outcome).toBe(`${which}_lost`);
    expect([sides.client.destroyed, sides.server.destroyed]).toEqual([true, true]);
  });
});
