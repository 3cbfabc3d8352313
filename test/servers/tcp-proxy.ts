/** A TCP proxy that treats the bytes of a server badly: cut after byte N, slowed from there on, or all of them late. */
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface TcpProxyOptions {
  /** Where the bytes come from, on 127.0.0.1. */
  readonly target: number;
  /** Resets the client's connection once the server has sent this many bytes. */
  readonly cutAfter?: number;
  /** Milliseconds between the single bytes that follow byte `slowAfter`. */
  readonly pause?: number;
  readonly slowAfter?: number;
  /** Milliseconds by which everything the server says comes later, as from far away. */
  readonly latency?: number;
}

export interface TcpProxy {
  readonly port: number;
  /** Bytes the server has sent through, all connections together. */
  readonly passed: () => number;
  close(): Promise<void>;
}

export async function startTcpProxy(options: TcpProxyOptions): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let passed = 0;
  const server = createServer((client) => {
    const upstream = connect(options.target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    }
    client.pipe(upstream);
    client.on('close', () => upstream.destroy());
    const counted = (count: number) => {
      passed += count;
    };
    const { latency } = options;
    const passing = latency ? passLater(upstream, client, latency, counted) : pass(upstream, client, options, counted);
    passing.then(
      () => client.end(),
      () => client.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    passed: () => passed,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

async function pass(
  from: Socket,
  to: Socket,
  { cutAfter = Infinity, slowAfter = 0, pause }: TcpProxyOptions,
  count: (bytes: number) => void,
): Promise<void> {
  let sent = 0;
  for await (const chunk of from as AsyncIterable<Buffer>) {
    const piece = chunk.subarray(0, Math.max(0, cutAfter - sent));
    const fast = pause === undefined ? piece.length : Math.max(0, Math.min(piece.length, slowAfter - sent));
    to.write(piece.subarray(0, fast));
    for (const byte of piece.subarray(fast)) {
      to.write(Buffer.of(byte));
      await sleep(pause);
    }
    sent += piece.length;
    count(piece.length);
    if (sent >= cutAfter) {
      // What was written goes out before the reset, which would otherwise overtake it.
      await sleep(1);
      to.resetAndDestroy();
      return;
    }
  }
}

/** Each piece is as late as the others: what is sent together arrives together. */
async function passLater(from: Socket, to: Socket, latency: number, count: (bytes: number) => void): Promise<void> {
  for await (const chunk of from as AsyncIterable<Buffer>) {
    setTimeout(() => {
      count(chunk.length);
      if (!to.destroyed) to.write(chunk);
    }, latency);
  }
  await sleep(latency);
}
