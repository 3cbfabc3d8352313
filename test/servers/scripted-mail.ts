/**
 * A mail server that follows a script, for what real servers will not do on demand. One line of the script a step:
 *
 *   S: text            sends a line; lines in a row, and !inject, leave in one segment
 *   C: pattern         asserts the client's next line; `*` stands for anything, `$tag` for an IMAP tag, remembered
 *   !tls               TLS handshake as the server
 *   !inject "text"     sends the text as it is (JSON string), in the same segment as the S: lines before it
 *   !wait 20           milliseconds, so that what follows leaves in a segment of its own
 *   !drip 5 "text"     sends the text byte by byte, that many milliseconds apart
 *   !flood 1000 "text" sends the text that many times
 *   !stall             says nothing more, until the client leaves
 *   !rst  !close       resets or closes the connection
 *
 * At the end of the script the server listens until the client leaves.
 */
import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import type { Leaf } from './certificates.js';

export interface ScriptedServer {
  readonly port: number;
  /** How many connections the client made; one login attempt is one. */
  readonly connections: () => number;
  /** What the client sent, line by line, before TLS and under it. */
  readonly plaintext: readonly string[];
  readonly secured: readonly string[];
  /** Resolves when the script was followed to its end, rejects at the first difference. */
  readonly played: Promise<void>;
  /** Resolves when the script has come to `!stall` or to `!drip`. */
  readonly stalled: Promise<void>;
  close(): Promise<void>;
}

/** Starts the server on a free port of 127.0.0.1. */
export async function playScript(script: string, leaf?: Leaf): Promise<ScriptedServer> {
  const plaintext: string[] = [];
  const secured: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let settle: { resolve: () => void; reject: (error: Error) => void };
  const played = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  let onStall: () => void = () => {};
  const stalled = new Promise<void>((resolve) => {
    onStall = resolve;
  });
  // A test that fails earlier may never look at it.
  played.catch(() => {});
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    connections += 1;
    if (connections > 1) settle.reject(new Error('the client connected a second time'));
    play(socket, steps(script), leaf, { plaintext, secured, onStall }).then(settle.resolve, (error) => {
      settle.reject(error);
      socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    connections: () => connections,
    plaintext,
    secured,
    played,
    stalled,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

interface Step {
  readonly verb: string;
  readonly rest: string;
}

function steps(script: string): Step[] {
  return script
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [, verb = '', rest = ''] = /^(S:|C:|!\w+) ?(.*)$/.exec(line) ?? [];
      if (verb === '') throw new Error(`not a step of a script: ${line}`);
      return { verb, rest };
    });
}

async function play(
  plain: Socket,
  script: readonly Step[],
  leaf: Leaf | undefined,
  heard: { plaintext: string[]; secured: string[]; onStall: () => void },
): Promise<void> {
  let line = lineQueue(plain, heard.plaintext);
  let socket: Socket = plain;
  let tag = '';
  let segment = '';
  const withTag = (text: string) => text.replaceAll('$tag', tag);
  const send = (text: string) => socket.write(Buffer.from(text, 'latin1'));
  for (const { verb, rest } of script) {
    if (verb === 'S:') segment += `${Buffer.from(withTag(rest)).toString('latin1')}\r\n`;
    else if (verb === '!inject') segment += withTag(JSON.parse(rest));
    else {
      if (segment !== '') send(segment);
      segment = '';
    }
    if (verb === 'C:') tag = expectLine(await line.next(), rest, tag);
    else if (verb === '!tls') {
      if (leaf === undefined) throw new Error('the script wants TLS and has no certificate');
      line.stop();
      const secured = new TLSSocket(plain, { isServer: true, ...leaf });
      secured.on('error', () => {});
      // What comes next in the script comes after the handshake, however busy the machine is.
      await new Promise<void>((resolve) =>
        secured.once('secure', resolve).once('error', resolve).once('close', resolve),
      );
      socket = secured;
      line = lineQueue(secured, heard.secured);
    } else if (verb === '!wait') await sleep(Number(rest));
    else if (verb === '!drip') {
      const [, pause, text] = /^(\d+) (.*)$/.exec(rest) ?? [];
      heard.onStall();
      for (const byte of withTag(JSON.parse(text ?? '""'))) {
        if (socket.destroyed) return;
        send(byte);
        await sleep(Number(pause));
      }
    } else if (verb === '!flood') {
      const [, times, text] = /^(\d+) (.*)$/.exec(rest) ?? [];
      send(withTag(JSON.parse(text ?? '""')).repeat(Number(times)));
    } else if (verb === '!rst') {
      plain.resetAndDestroy();
      return;
    } else if (verb === '!close') {
      socket.end();
      return;
    } else if (verb === '!stall') {
      heard.onStall();
      await line.gone;
      return;
    }
  }
  if (segment !== '') send(segment);
  await line.gone;
}

/** Compares one line of the client with the script; returns the tag it was sent with. */
function expectLine(line: string, pattern: string, tag: string): string {
  const shape = pattern
    .split(/(\*|\$tag)/)
    .map((part) =>
      part === '*' ? '.*' : part === '$tag' ? '(?<tag>\\w+)' : part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'),
    )
    .join('');
  const match = new RegExp(`^${shape}$`).exec(line);
  if (match === null) throw new Error(`the script expected "${pattern}" and the client sent "${line}"`);
  return match.groups?.['tag'] ?? tag;
}

/** Lines in the order they come; `gone` when the client has left. */
function lineQueue(socket: Socket, record: string[]) {
  const waiting: string[] = [];
  let partial = '';
  let wake: () => void = () => {};
  let left = false;
  const onData = (chunk: Buffer) => {
    const pieces = (partial + chunk.toString('latin1')).split('\r\n');
    partial = pieces.pop() ?? '';
    waiting.push(...pieces);
    record.push(...pieces);
    wake();
  };
  socket.on('data', onData);
  const gone = new Promise<void>((resolve) => {
    const leave = () => {
      left = true;
      if (partial !== '') record.push(partial);
      partial = '';
      wake();
      resolve();
    };
    socket.once('close', leave).once('end', leave);
  });
  return {
    gone,
    stop: () => socket.off('data', onData),
    async next(): Promise<string> {
      for (;;) {
        const line = waiting.shift();
        if (line !== undefined) return line;
        if (left) throw new Error('the client left before the end of the script');
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
