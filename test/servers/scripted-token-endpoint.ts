/**
 * An authorization server over TLS that answers what a real one will not answer on demand: portals, torn bodies,
 * redirects, odd lifetimes. It plays nothing it was not told to, and fails the test on a request it did not expect.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Authority, Leaf } from './certificates.js';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly form: URLSearchParams;
}

export interface ScriptedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: string | Buffer | object;
  /** Instead of an answer: nothing for ever, or a cut connection after so many bytes of the body. */
  readonly never?: true;
  readonly cutAfter?: number;
}

/** An answer that depends on the request, or waits for something. */
export type Chosen = (received: Received) => ScriptedAnswer | Promise<ScriptedAnswer>;

export interface ScriptedEndpoint {
  readonly origin: string;
  readonly port: number;
  /** What arrived, in order. */
  readonly received: readonly Received[];
  /** Queues the answer to the next request for a path. A request without one is answered 500 and remembered. */
  answer(path: string, answer: ScriptedAnswer | Chosen): void;
  /** Throws when a request came that had no answer, or an answer was never asked for. */
  stop(): Promise<void>;
}

export async function startScriptedEndpoint(
  authority: Authority,
  leaf: Leaf = authority.issue(),
): Promise<ScriptedEndpoint> {
  const received: Received[] = [];
  const unexpected: string[] = [];
  const queues = new Map<string, (ScriptedAnswer | Chosen)[]>();
  const sockets = new Set<Duplex>();
  const server = createServer({ cert: leaf.cert, key: leaf.key }, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const path = request.url ?? '';
    const seen = { method: request.method ?? '', path, headers: request.headers, form: new URLSearchParams(body) };
    received.push(seen);
    const next = queues.get(path)?.shift();
    if (next === undefined) {
      unexpected.push(`${seen.method} ${path}`);
      response.writeHead(500).end();
      return;
    }
    let answer: ScriptedAnswer;
    try {
      answer = typeof next === 'function' ? await next(seen) : next;
    } catch (error) {
      unexpected.push(`${seen.method} ${path}: ${String(error)}`);
      response.writeHead(500).end();
      return;
    }
    if (answer.never) return;
    const isObject = typeof answer.body === 'object' && !Buffer.isBuffer(answer.body);
    const bytes = isObject ? JSON.stringify(answer.body) : ((answer.body ?? '') as string | Buffer);
    const headers = { ...(isObject ? { 'content-type': 'application/json' } : {}), ...answer.headers };
    if (answer.cutAfter === undefined) {
      response.writeHead(answer.status ?? 200, headers).end(bytes);
    } else {
      response.writeHead(answer.status ?? 200, { ...headers, 'content-length': String(bytes.length) });
      response.write(Buffer.from(bytes).subarray(0, answer.cutAfter), () => request.socket.destroy());
    }
  });
  // The raw connections: a client that refuses the certificate never becomes a request.
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `https://localhost:${port}`,
    port,
    received,
    answer: (path, answer) => {
      queues.set(path, [...(queues.get(path) ?? []), answer]);
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      const unasked = [...queues].filter(([, queue]) => queue.length > 0).map(([path]) => path);
      if (unexpected.length > 0) throw new Error(`requests nobody expected: ${unexpected.join(', ')}`);
      if (unasked.length > 0) throw new Error(`answers nobody asked for: ${unasked.join(', ')}`);
    },
  };
}
