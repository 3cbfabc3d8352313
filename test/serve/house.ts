/** `mailauth serve` in this process, in front of a played provider: one account, its servers, its token endpoint. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, vi } from 'vitest';
import { Secret } from '../../src/words/secret.js';
import { type Ended, mailauth } from '../cli/in-process.js';
import { type Authority, makeAuthority } from '../servers/certificates.js';
import { type ImapServer, startImapServer } from '../servers/imap-server.js';
import { type RotatingEndpoint, startRotatingEndpoint } from '../servers/rotating-endpoint.js';
import { type SmtpServer, startSmtpServer } from '../servers/smtp-server.js';
import { fileStoreIn, type Mailbox, makeMailbox, OVER } from '../swarm/mailbox.js';

export const ADDRESS = 'ann@happypaws.example';

export interface HouseWish {
  /** Whether the provider takes this access token; default: any that the endpoint has given. */
  readonly takes?: (token: string) => boolean;
  /** Flags of `serve`; ports are chosen by the system. */
  readonly flags?: readonly string[];
  /** A stored token that still has an hour. */
  readonly hasToken?: true;
  /** Seconds that a token lives. */
  readonly expiresIn?: number;
}

export interface House {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly authority: Authority;
  readonly endpoint: RotatingEndpoint;
  readonly mailbox: Mailbox;
  readonly smtp: SmtpServer;
  readonly imap: ImapServer;
  readonly password: string;
  /** Tokens that came to the mail servers, in order. */
  readonly presented: readonly string[];
  /** Runs another command on the same configuration. */
  command(...argv: readonly string[]): Promise<Ended>;
  /** Serves, until `stop`. */
  serve(...flags: readonly string[]): Promise<Served>;
  /** The same by the program itself, in a process of its own. */
  serveApart(...flags: readonly string[]): Promise<ServedApart>;
  close(): Promise<void>;
}

export interface Served {
  readonly ports: Readonly<Record<string, number>>;
  /** What was written to stderr. */
  log(): string;
  /** The records of connections that have ended. */
  records(): readonly Record<string, unknown>[];
  stop(): Promise<Ended>;
}

export async function buildHouse(wish: HouseWish = {}): Promise<House> {
  const folder = mkdtempSync(join(tmpdir(), 'mailauth-serve-'));
  const authority = makeAuthority();
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, authority.cert);
  const endpoint = await startRotatingEndpoint(authority, {
    clientId: 'the-client',
    clientSecret: 'the-secret',
    ...(wish.expiresIn && { expiresIn: wish.expiresIn }),
  });
  const presented: string[] = [];
  const { takes = (token: string) => token.startsWith('access-') } = wish;
  const verify = async (_user: string, token: string) => {
    presented.push(token);
    return takes(token);
  };
  const leaf = authority.issue();
  const smtp = await startSmtpServer({ leaf, security: 'starttls', verify });
  const imap = await startImapServer({ leaf, security: 'tls', verify, messages: 7 });
  const configDir = join(folder, 'config');
  const tokens = endpoint.signIn();
  const mailbox = await makeMailbox(configDir, await fileStoreIn(configDir), {
    tokenEndpoint: `${endpoint.origin}/token`,
    clientSecret: 'the-secret',
    ca,
    address: ADDRESS,
    account: {
      smtp: { host: 'localhost', port: smtp.port, security: 'starttls' },
      imap: { host: 'localhost', port: imap.port, security: 'tls' },
    },
    credential: {
      refreshToken: new Secret(tokens.refreshToken),
      accessToken: new Secret(tokens.accessToken),
      ...(wish.hasToken ? { accessTokenIssued: 1_700_000_000, accessTokenExpires: 4_000_000_000 } : OVER),
    },
  });
  const env = { MAILAUTH_CONFIG_DIR: configDir, MAILAUTH_KEY_FILE: join(configDir, 'key') };
  const command = (...argv: readonly string[]) => mailauth(argv, { configDir, env: { ...env } });
  const { password } = (await command('password', 'outlook', '--label', 'scanner', '--json')).document<{
    password: string;
  }>();
  const serving: Served[] = [];
  const apart: ServedApart[] = [];
  return {
    folder,
    env,
    authority,
    endpoint,
    mailbox,
    smtp,
    imap,
    password,
    presented,
    command,
    async serve(...flags) {
      const one = await startServe(configDir, env, flags);
      serving.push(one);
      return one;
    },
    async serveApart(...flags) {
      const one = await startApart({ PATH: process.env['PATH'], HOME: folder, ...env }, flags);
      apart.push(one);
      return one;
    },
    async close() {
      for (const one of serving) await one.stop();
      for (const { child, ended } of apart) {
        child.kill('SIGKILL');
        await ended;
      }
      await Promise.all([smtp.close(), imap.close(), endpoint.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startServe(configDir: string, env: NodeJS.ProcessEnv, flags: readonly string[]): Promise<Served> {
  const stop = new AbortController();
  let log = '';
  const ports = ['smtp', 'imap', 'pop'].flatMap((protocol) =>
    flags.includes(`--${protocol}`) || flags.includes('--socket') ? [] : [`--${protocol}`, '0'],
  );
  const running = mailauth(['serve', '--json', ...ports, ...flags], {
    configDir,
    env: { ...env },
    signal: stop.signal,
    hears: (text) => {
      log += text;
    },
  });
  const lines = (): Record<string, unknown>[] =>
    log.split('\n').flatMap((line) => (line.startsWith('{') ? JSON.parse(line) : []));
  const listening = () => lines().filter(({ event }) => event === 'listening');
  await Promise.race([
    running.then(({ stderr }) => {
      throw new Error(`serve has ended: ${stderr}`);
    }),
    vi.waitFor(() => expect(log).toContain('"event":"ready"'), { timeout: 30_000, interval: 5 }),
  ]);
  return {
    ports: Object.fromEntries(
      listening().map((one) => [one['protocol'], Number(String(one['address']).split(':').at(-1))]),
    ),
    log: () => log,
    records: () => lines().filter(({ event }) => event === 'connection'),
    async stop() {
      stop.abort();
      return running;
    },
  };
}

export interface ServedApart {
  readonly child: ChildProcess;
  readonly ports: Readonly<Record<string, number>>;
  log(): string;
  /** The exit code. */
  readonly ended: Promise<number | null>;
}

/** `npm test` has built the program. */
export const PROGRAM = fileURLToPath(new URL('../../bin/mailauth.js', import.meta.url));

async function startApart(env: NodeJS.ProcessEnv, flags: readonly string[]): Promise<ServedApart> {
  const ports = ['--smtp', '0', '--imap', '0', '--pop', 'off'];
  const child = spawn(process.execPath, [PROGRAM, 'serve', '--json', ...ports, ...flags], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  await vi.waitFor(() => expect(log).toContain('"event":"ready"'), { timeout: 30_000, interval: 10 });
  const found = [...log.matchAll(/"protocol":"(\w+)","address":"[^"]*:(\d+)"/g)];
  return {
    child,
    ports: Object.fromEntries(found.map(([, protocol = '', port]) => [protocol, Number(port)])),
    log: () => log,
    ended,
  };
}

/** A program at one end of a connection. */
export interface Program {
  readonly socket: Socket;
  send(...lines: readonly string[]): void;
  hears(shape: RegExp): Promise<string>;
  heard(): string;
  /** Resolves when the other end has closed. */
  readonly closed: Promise<void>;
}

export function program(at: number | string, host = '127.0.0.1'): Program {
  return programOver(typeof at === 'string' ? connect(at) : connect(at, host));
}

export function programOver(socket: Socket): Program {
  let heard = '';
  socket
    .on('error', () => undefined)
    .on('data', (chunk: Buffer) => {
      heard += chunk.toString('latin1');
    });
  return {
    socket,
    send: (...lines) => void socket.write(lines.map((line) => `${line}\r\n`).join('')),
    async hears(shape) {
      await vi.waitFor(() => expect(heard).toMatch(shape), { timeout: 18_000, interval: 3 });
      return heard;
    },
    heard: () => heard,
    closed: new Promise((resolve) => socket.once('close', () => resolve())),
  };
}

/** The command that logs in to SMTP. */
export const authPlain = (user: string, password: string) =>
  `AUTH PLAIN ${Buffer.from(`\0${user}\0${password}`).toString('base64')}`;
