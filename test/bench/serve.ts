/** `mailauth serve` against a direct connection: the first login, large messages both ways, many connections. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { logIn } from '../../src/mail/logged-in.js';
import { trusting } from '../../src/system/trust.js';
import { Secret } from '../../src/words/secret.js';
import { mailauth } from '../cli/in-process.js';
import { makeAuthority } from '../servers/certificates.js';
import { fileStoreIn, makeMailbox } from '../swarm/mailbox.js';
import type { Row, Table } from './page.js';
import type { Servers } from './servers.js';

const PROGRAM = fileURLToPath(new URL('../../bin/mailauth.js', import.meta.url));
const SINK = fileURLToPath(new URL('sink.ts', import.meta.url));
const ADDRESS = 'ann@happypaws.example';
const MESSAGE = 100 * 1024 * 1024;
const ROUNDS = { login: 15, first: 5, message: 5 } as const;
/** Octets a second. */
const GIGABIT = 1_000_000_000 / 8;
const IDLE = 500;
const LOGINS = { seconds: 5, each: 50 } as const;
/** Milliseconds of each reply of a server that is not next door. */
const LATENCY = 20;

interface Ports {
  readonly smtp: number;
  readonly imap: number;
}

interface Serving {
  readonly ports: Ports;
  readonly password: string;
  /** MiB of memory that are in use; `peak`: the most since this was last asked. */
  memory(): number;
  peak(): number;
  stop(): Promise<void>;
}

/** The real program in front of these servers, with a token that is good for an hour. */
async function serve(
  folder: string,
  upstream: Ports,
  security: { smtp: 'starttls' | 'tls' },
  ca: string,
): Promise<Serving> {
  const now = Math.floor(Date.now() / 1000);
  await makeMailbox(folder, await fileStoreIn(folder), {
    address: ADDRESS,
    ca,
    account: {
      smtp: { host: 'localhost', port: upstream.smtp, security: security.smtp },
      imap: { host: 'localhost', port: upstream.imap, security: 'tls' },
    },
    credential: { accessToken: new Secret('a'.repeat(1_800)), accessTokenIssued: now, accessTokenExpires: now + 3600 },
  });
  const env = {
    PATH: '/usr/bin:/bin',
    HOME: folder,
    MAILAUTH_CONFIG_DIR: folder,
    MAILAUTH_KEY_FILE: join(folder, 'key'),
  };
  const made = await mailauth(['password', 'outlook'], { configDir: folder, env });
  const args = ['serve', '--json', '--smtp', '0', '--imap', '0', '--pop', 'off', '--max-connections', '1000'];
  const child = spawn(process.execPath, [PROGRAM, ...args], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const ports = await portsOf(child);
  return {
    ports,
    password: made.stdout.trim(),
    memory: () => ofStatus(child, 'VmRSS'),
    peak: () => {
      const most = ofStatus(child, 'VmHWM');
      writeFileSync(`/proc/${child.pid}/clear_refs`, '5');
      return most;
    },
    stop: async () => {
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}

async function portsOf(child: ChildProcess): Promise<Ports> {
  let log = '';
  const found = (protocol: string): number =>
    Number(new RegExp(`"protocol":"${protocol}","address":"[^"]*:(\\d+)"`).exec(log)?.[1]);
  await new Promise<void>((resolve, reject) => {
    child.once('close', () => reject(new Error(`serve has ended: ${log}`)));
    // Read on to the end: a log that nobody takes would stop the server.
    child.stderr?.on('data', (chunk: Buffer) => {
      if (log.length < 4_096) log += chunk;
      if (log.includes('"ready"')) resolve();
    });
  });
  return { smtp: found('smtp'), imap: found('imap') };
}

function ofStatus({ pid }: ChildProcess, field: string): number {
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[values.length >> 1] as number;
}

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** A program that speaks line by line and counts what it does not look at. */
class Talk {
  readonly #socket: Socket;
  #heard = '';
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => this.#wake());
    socket.on('data', (chunk: Buffer) => {
      // Only the end of what comes is looked at.
      this.#heard = (this.#heard + chunk.toString('latin1')).slice(-4_096);
      this.#wake();
    });
  }

  async hears(shape: RegExp): Promise<void> {
    while (!shape.test(this.#heard)) {
      if (this.#socket.destroyed) throw new Error(`closed: ${this.#heard.slice(-200)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#heard = '';
  }

  async ask(line: string, shape: RegExp): Promise<void> {
    this.#socket.write(`${line}\r\n`);
    await this.hears(shape);
  }

  async sends(octets: number): Promise<void> {
    const chunk = Buffer.from(`${'x'.repeat(76)}\r\n`.repeat(840));
    for (let sent = 0; sent < octets; sent += chunk.length) {
      if (!this.#socket.write(chunk.subarray(0, Math.min(chunk.length, octets - sent))))
        await once(this.#socket, 'drain');
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}

const TOKEN = Buffer.from(`user=${ADDRESS}\x01auth=Bearer ${'a'.repeat(1_800)}\x01\x01`).toString('base64');
const plain = (password: string): string => Buffer.from(`\0${ADDRESS}\0${password}`).toString('base64');

/** How a program reaches a mailbox: past `serve`, with a token, or through it, with a password. */
interface Way {
  smtp(): Promise<Talk>;
  imap(): Promise<Talk>;
}

function direct(ports: Ports, ca: string): Way {
  const secured = (port: number) => new Talk(connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca }));
  return {
    async smtp() {
      const talk = secured(ports.smtp);
      await talk.hears(/^220/m);
      await talk.ask('EHLO x', /^250 /m);
      await talk.ask(`AUTH XOAUTH2 ${TOKEN}`, /^235/m);
      return talk;
    },
    async imap() {
      const talk = secured(ports.imap);
      await talk.hears(/^\* OK/m);
      await talk.ask(`a AUTHENTICATE XOAUTH2 ${TOKEN}`, /^a OK/m);
      return talk;
    },
  };
}

function through({ ports, password }: Serving): Way {
  const opened = (port: number) => new Talk(connect(port, '127.0.0.1'));
  return {
    async smtp() {
      const talk = opened(ports.smtp);
      await talk.hears(/^220/m);
      await talk.ask('EHLO x', /^250 /m);
      await talk.ask(`AUTH PLAIN ${plain(password)}`, /^235/m);
      return talk;
    },
    async imap() {
      const talk = opened(ports.imap);
      await talk.hears(/^\* OK/m);
      await talk.ask(`a LOGIN ${ADDRESS} ${password}`, /^a OK/m);
      return talk;
    },
  };
}

/** What a large message does; each resolves when the other end has acknowledged all of it. */
const MESSAGES: readonly (readonly [string, (way: Way) => Promise<void>])[] = [
  [
    'SMTP, sending',
    async (way) => {
      const talk = await way.smtp();
      await talk.ask('MAIL FROM:<a@b>', /^250/m);
      await talk.ask('RCPT TO:<a@b>', /^250/m);
      await talk.ask('DATA', /^354/m);
      await talk.sends(MESSAGE);
      await talk.ask('\r\n.', /^250/m);
      talk.close();
    },
  ],
  [
    'IMAP, reading',
    async (way) => {
      const talk = await way.imap();
      await talk.ask(`b FETCH ${MESSAGE} BODY[]`, /^b OK/m);
      talk.close();
    },
  ],
  [
    'IMAP, storing',
    async (way) => {
      const talk = await way.imap();
      await talk.ask(`b APPEND INBOX {${MESSAGE}}`, /^\+/m);
      await talk.sends(MESSAGE);
      await talk.ask('', /^b OK/m);
      talk.close();
    },
  ],
];

/** The very first login of a server that has just said that it is ready. */
async function measureFirst(
  folder: () => string,
  far: Ports,
  ca: string,
  direct: readonly Row[],
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [index, protocol] of (['smtp', 'imap'] as const).entries()) {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS.first; round += 1) {
      const serving = await serve(folder(), far, { smtp: 'starttls' }, ca);
      times.push(await timed(async () => (await through(serving)[protocol]()).close()));
      await serving.stop();
    }
    const what = `${protocol.toUpperCase()}, the first login of a new server`;
    rows.push({ what, median: median(times), base: direct[index]?.base ?? 0, bar: 1.2 });
  }
  return rows;
}

async function measureLogin(folder: () => string, servers: Servers): Promise<Table> {
  const far = await servers.at(LATENCY);
  const serving = await serve(folder(), far, { smtp: 'starttls' }, servers.ca);
  const ca = readFileSync(servers.ca, 'utf8');
  const trust = trusting([ca]);
  const directly = async (protocol: 'smtp' | 'imap'): Promise<void> => {
    const outcome = await logIn(protocol, {
      server: { host: 'localhost', port: far[protocol], security: protocol === 'smtp' ? 'starttls' : 'tls' },
      user: ADDRESS,
      accessToken: new Secret('a'.repeat(1_800)),
      trust,
      deadline: 20_000,
    });
    if (!outcome.ok) throw new Error(outcome.evidence.text);
    outcome.value.socket.destroy();
  };
  const rows: Row[] = [];
  for (const protocol of ['smtp', 'imap'] as const) {
    const times: { readonly direct: number[]; readonly through: number[] } = { direct: [], through: [] };
    for (let round = 0; round < ROUNDS.login; round += 1) {
      times.direct.push(await timed(() => directly(protocol)));
      times.through.push(await timed(async () => (await through(serving)[protocol]()).close()));
    }
    rows.push({
      what: `${protocol.toUpperCase()}, until the login is taken`,
      median: median(times.through),
      base: median(times.direct),
      bar: 1.2,
    });
  }
  await serving.stop();
  rows.push(...(await measureFirst(folder, far, servers.ca, rows)));
  return {
    title: 'A login through serve',
    over: 'the same login with a token',
    text: `At ${LATENCY} ms a reply of the provider, the token stored and good.`,
    rows,
  };
}

interface Ways {
  readonly straight: Way;
  readonly passed: Way;
}

/** `line`: what a row says of the way to the server. */
async function raceMessages({ straight, passed }: Ways, line = ''): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [what, move] of MESSAGES) {
    const times: { readonly direct: number[]; readonly through: number[] } = { direct: [], through: [] };
    for (let round = 0; round < ROUNDS.message; round += 1) {
      times.direct.push(await timed(() => move(straight)));
      times.through.push(await timed(() => move(passed)));
    }
    rows.push({ what: `${what} 100 MiB${line}`, median: median(times.through), base: median(times.direct), bar: 1.25 });
  }
  return rows;
}

async function measureMessages(serving: Serving, near: Ways, far: Ways): Promise<readonly Table[]> {
  // The first of each kind also loads what it needs.
  for (const [, move] of MESSAGES) await move(near.passed);
  const before = serving.memory();
  serving.peak();
  const rows = await raceMessages(near);
  const grown = serving.peak() - before;
  return [
    {
      title: 'Large messages through serve',
      over: 'a direct connection',
      text: [
        '1.25 times the time is 80 % of the speed. Server, program and `serve` share this machine, and TLS is once on either',
        'way. Without a line between them, the server takes and gives as much as its processor can.',
      ].join('\n'),
      rows: [...rows, ...(await raceMessages(far, ', over a line of 1 Gbit/s'))],
    },
    {
      title: 'Memory of serve',
      over: 'the bar',
      unit: 'MiB more',
      text: 'At the most, while these messages pass; and for connections that are open and idle.',
      rows: [{ what: 'messages of 100 MiB', median: grown, base: 60, bar: 1 }, await measureIdle(serving)],
    },
  ];
}

async function measureIdle(serving: Serving): Promise<Row> {
  const before = serving.memory();
  const way = through(serving);
  const open: Talk[] = [];
  for (let count = 0; count < IDLE; count += 25) {
    open.push(...(await Promise.all(Array.from({ length: 25 }, () => way.imap()))));
  }
  await Promise.all(open.map((talk) => talk.ask('b NOOP', /^b OK/m)));
  const grown = serving.memory() - before;
  for (const talk of open) talk.close();
  return { what: `${IDLE} idle IMAP connections, all answered`, median: grown, base: 200, bar: 1 };
}

async function measureRate(serving: Serving): Promise<Table> {
  const way = through(serving);
  const all: Promise<void>[] = [];
  const time = await timed(async () => {
    for (let count = 0; count < LOGINS.seconds * LOGINS.each; count += 1) {
      all.push(way.imap().then((talk) => talk.close()));
      await new Promise((resolve) => setTimeout(resolve, 1_000 / LOGINS.each - 1));
    }
    await Promise.all(all);
  });
  return {
    title: 'Logins through serve',
    over: 'the time in which they came',
    text: `${LOGINS.each} programs a second come, log in over IMAP and leave; the last is answered when the time is over.`,
    rows: [{ what: `${all.length} logins`, median: time, base: LOGINS.seconds * 1_000, bar: 1.2 }],
  };
}

/** A server of mail for large messages, its line, and the ways to it. */
interface Sink {
  readonly serving: Serving;
  readonly ways: Ways;
  stop(): Promise<void>;
}

/** `rate`: octets a second that its line carries; 0 where there is none. */
async function startSink(folder: () => string, rate = 0): Promise<Sink> {
  const authority = makeAuthority();
  const place = folder();
  const file = (name: string, text: string): string => {
    writeFileSync(join(place, name), text);
    return join(place, name);
  };
  const leaf = authority.issue();
  const args = [SINK, file('cert.pem', leaf.cert), file('key.pem', leaf.key), String(rate)];
  const sink = spawn(process.execPath, ['--import', 'tsx', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [smtp = 0, imap = 0] = String((await once(sink.stdout, 'data'))[0])
    .trim()
    .split(' ')
    .map(Number);
  const serving = await serve(folder(), { smtp, imap }, { smtp: 'tls' }, file('ca.pem', authority.cert));
  return {
    serving,
    ways: { straight: direct({ smtp, imap }, authority.cert), passed: through(serving) },
    stop: async () => {
      await serving.stop();
      sink.kill();
    },
  };
}

export async function measureServe(folder: () => string, servers: Servers): Promise<readonly Table[]> {
  const login = await measureLogin(folder, servers);
  const near = await startSink(folder);
  const far = await startSink(folder, GIGABIT);
  try {
    return [login, ...(await measureMessages(near.serving, near.ways, far.ways)), await measureRate(near.serving)];
  } finally {
    await far.stop();
    await near.stop();
  }
}
