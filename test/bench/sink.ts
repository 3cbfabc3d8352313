/**
 * A mail server for measurements, in a process of its own: it lets everybody in, takes a message and forgets it, and
 * sends one as large as it is told to. SMTP and IMAP, TLS from the first byte. Started with the files of a certificate
 * and its key, and how many octets a second its line carries (0: as many as come); prints its two ports.
 */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';

const [certFile = '', keyFile = '', line = '0'] = process.argv.slice(2);
const RATE = Number(line);
const leaf = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
const CHUNK = Buffer.alloc(64 * 1024, 'x');

/** How long a line still takes, in milliseconds, for the octets that were put on it since it was last idle. */
function openLine(): (octets: number) => number {
  let free = 0;
  return (octets) => {
    if (RATE === 0) return 0;
    const now = performance.now();
    free = Math.max(free, now) + (octets / RATE) * 1_000;
    return free - now;
  };
}

/** A wait that is too short for a timer is part of the next one. */
const SHORTEST_MS = 4;

/** Reads lines, and counted octets between them, without keeping either. */
function reading(
  socket: TLSSocket,
  onLine: (line: string) => void,
): { skip(octets: number): void; until(end: string): void } {
  let rest = '';
  let left = 0;
  let end = '';
  const lines = (text: string): void => {
    rest += text;
    while (left === 0 && end === '') {
      const at = rest.indexOf('\n');
      if (at < 0) return;
      const line = rest.slice(0, at).trim();
      rest = rest.slice(at + 1);
      onLine(line);
    }
    const text2 = rest;
    rest = '';
    take(text2);
  };
  const take = (text: string): void => {
    if (left > 0) {
      const used = Math.min(left, text.length);
      left -= used;
      if (left > 0) return;
      lines(text.slice(used));
    } else if (end !== '') {
      const seen = rest + text;
      const at = seen.indexOf(end);
      if (at < 0) {
        rest = seen.slice(-end.length);
        return;
      }
      rest = '';
      const after = seen.slice(at + end.length);
      end = '';
      onLine('(end)');
      lines(after);
    } else lines(text);
  };
  socket.on('error', () => socket.destroy());
  const comes = openLine();
  socket.on('data', (chunk: Buffer) => {
    take(chunk.toString('latin1'));
    const wait = comes(chunk.length);
    if (wait < SHORTEST_MS) return;
    socket.pause();
    setTimeout(() => socket.resume(), wait);
  });
  return {
    skip: (octets) => {
      left = octets;
    },
    until: (text) => {
      end = text;
    },
  };
}

function smtp(socket: TLSSocket): void {
  const say = (line: string): void => void socket.write(`${line}\r\n`);
  const reader = reading(socket, (line) => {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'EHLO') say('250-sink\r\n250 AUTH XOAUTH2');
    else if (verb === 'AUTH') say('235 in');
    else if (verb === 'DATA') {
      reader.until('\r\n.\r\n');
      say('354 go on');
    } else if (verb === 'QUIT') socket.end('221 bye\r\n');
    else say('250 ok');
  });
  say('220 sink');
}

async function sendMessage(socket: TLSSocket, octets: number): Promise<void> {
  const leaves = openLine();
  for (let sent = 0; sent < octets; sent += CHUNK.length) {
    const chunk = CHUNK.subarray(0, Math.min(CHUNK.length, octets - sent));
    if (!socket.write(chunk)) await new Promise((resolve) => socket.once('drain', resolve));
    const wait = leaves(chunk.length);
    if (wait >= SHORTEST_MS) await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

function imap(socket: TLSSocket): void {
  const say = (line: string): void => void socket.write(`${line}\r\n`);
  let waiting = '';
  const reader = reading(socket, (line) => {
    const [tag = '', verb = '', ...rest] = line.split(' ');
    if (line === '') {
      if (waiting !== '') say(`${waiting} OK taken`);
      waiting = '';
    } else if (verb === 'APPEND') {
      waiting = tag;
      reader.skip(Number(/\{(\d+)/.exec(rest.join(' '))?.[1] ?? 0));
      say('+ go on');
    } else if (verb === 'FETCH') {
      const octets = Number(rest[0]);
      say(`* 1 FETCH (BODY[] {${octets}}`);
      void sendMessage(socket, octets).then(() => say(`)\r\n${tag} OK sent`));
    } else if (verb === 'LOGOUT') socket.end(`* BYE\r\n${tag} OK bye\r\n`);
    else if (verb === 'CAPABILITY') say(`* CAPABILITY IMAP4rev1\r\n${tag} OK done`);
    else say(`${tag} OK [CAPABILITY IMAP4rev1] done`);
  });
  say('* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] sink');
}

const servers = [createServer(leaf, smtp), createServer(leaf, imap)];
await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))));
console.log(servers.map((server) => (server.address() as AddressInfo).port).join(' '));
