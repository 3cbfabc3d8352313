/**
 * An HTTPS server in front of another one that counts what passes, and can stop the one who asks at any request: before
 * the server behind has seen it, or after that has answered and before the answer arrives.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type Authority, makeAuthority } from './certificates.js';

export interface Gate {
  readonly origin: string;
  /** Whom its certificate is from: nobody else knows it. */
  readonly authority: Authority;
  /** `METHOD path` of each request since `arm`, in order. */
  readonly passed: readonly string[];
  /** From now on: `stop` is called at request number `at`, counted from 1, which then gets no answer. 0: at none. */
  arm(at: number, when: 'before' | 'after', stop: () => Promise<unknown>): void;
}

export async function startGate(behind: { readonly origin: string; readonly ca: string }): Promise<Gate> {
  const authority = makeAuthority();
  let armed = { at: 0, when: 'before', stop: async (): Promise<unknown> => undefined };
  let passed: string[] = [];
  const pass = async (asking: IncomingMessage, answering: ServerResponse): Promise<void> => {
    const body = await bytesOf(asking);
    passed.push(`${asking.method} ${asking.url}`);
    const { at, when, stop } = armed;
    const isTheOne = passed.length === at;
    const end = async (): Promise<void> => {
      await stop();
      answering.destroy();
    };
    if (isTheOne && when === 'before') return end();
    const answer = await forwarded(behind, asking, body);
    if (isTheOne) return end();
    const type = answer.headers['content-type'] ?? 'application/json';
    answering.writeHead(answer.statusCode ?? 502, { 'content-type': type }).end(await bytesOf(answer));
  };
  // A server behind that is gone is a line that is cut.
  const server = createServer(authority.issue(), (asking, answering) => {
    pass(asking, answering).catch(() => answering.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    origin: `https://localhost:${(server.address() as AddressInfo).port}`,
    authority,
    get passed() {
      return passed;
    },
    arm(at, when, stop) {
      armed = { at, when, stop };
      passed = [];
    },
  };
}

function forwarded(
  { origin, ca }: { readonly origin: string; readonly ca: string },
  { method, url, headers }: IncomingMessage,
  body: Buffer,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { host: _, connection: __, ...kept } = headers;
    const sending = request(`${origin}${url}`, { method, headers: kept, ca, agent: false }, resolve);
    sending.once('error', reject).end(body);
  });
}

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
