/**
 * Measures whole processes and writes docs/performance.md. Not a test: what it says depends on the machine and on what
 * else the machine does. Ends with 1 where a bar is not held.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Etcd, makeEtcd } from '../servers/etcd.js';
import { type Keyring, startKeyring } from '../servers/keyring.js';
import {
  folder,
  homeToCheck,
  homeWithEtcd,
  homeWithKeychain,
  homeWithKeyFile,
  homeWithPassphrase,
  removeHomes,
} from './homes.js';
import { isHeld, type Row, renderPage, type Table } from './page.js';
import { type Contestant, type Medians, race, type Times } from './rounds.js';
import { measureServe } from './serve.js';
import { startServers } from './servers.js';

const ROOT = new URL('../../', import.meta.url);
const PROGRAM = fileURLToPath(new URL('bin/mailauth.js', ROOT));
const PAGE = fileURLToPath(new URL('docs/performance.md', ROOT));
const ROUNDS = { start: 31, check: 11, accounts: 5 } as const;

const FLOOR: Contestant = { label: 'node -e 0', args: ['-e', '0'] };
/** What stretching the passphrase costs by itself (src/store/file/sealed.ts). */
const SCRYPT: Contestant = {
  label: 'scrypt',
  args: ['-e', "require('node:crypto').scryptSync('p', 's', 32, { N: 2 ** 15, r: 8, p: 3, maxmem: 2 ** 27 })"],
};

/** Node 24 itself takes longer to start, so the program is less of the whole. */
const START = Number(process.versions.node.split('.')[0]) >= 24 ? 2.5 : 3;

/** Half of what version 0.1 took: 0.74 s where `node -e 0` takes 38 ms. */
const CHECK = 9.7;

/** What a person waits for; the token by its address and as a SASL string goes the quick way too. */
const COMMANDS = [
  { label: '(alone)', args: [], bar: START },
  { label: 'list', args: ['list'], bar: START },
  { label: 'explain LINE', args: ['explain', '535 5.7.139 Authentication unsuccessful'], bar: START },
  { label: 'guide outlook', args: ['guide', 'outlook'], bar: START },
  { label: 'export outlook', args: ['export', 'outlook', '--format', 'msmtp'], bar: START },
  { label: 'token ADDRESS', args: ['token', 'ann@happypaws.example'], bar: 2 },
  { label: 'token --format xoauth2', args: ['token', 'outlook', '--format', 'xoauth2'], bar: 2 },
] as const;

function program(label: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Contestant {
  return { label, args: [PROGRAM, ...args], env };
}

function timeOf(medians: Medians, label: string, which: keyof Times = 'elapsed'): number {
  const times = medians.get(label);
  if (times === undefined) throw new Error(`nobody ran ${label}`);
  return times[which];
}

async function measureStart(): Promise<Table> {
  const keyring = await startKeyring('unlocked').catch((error: Error) => error);
  const etcd = await runningEtcd();
  try {
    return startTable(await raceStarts(keyring, etcd), {
      hasKeyring: !(keyring instanceof Error),
      hasEtcd: etcd !== undefined,
    });
  } finally {
    await etcd?.remove();
    if (!(keyring instanceof Error)) await keyring.close();
  }
}

async function raceStarts(keyring: Keyring | Error, etcd: Etcd | undefined): Promise<Medians> {
  const home = await homeWithKeyFile();
  return race(
    [
      FLOOR,
      SCRYPT,
      program('--help', ['--help']),
      ...COMMANDS.map(({ label, args }) => program(label, args, home)),
      program('key file', ['token', 'outlook'], home),
      program('passphrase', ['token', 'outlook'], await homeWithPassphrase()),
      ...(await withKeychain(keyring)),
      ...(etcd === undefined ? [] : [program('etcd', ['token', 'outlook'], await homeWithEtcd(etcd))]),
    ],
    ROUNDS.start,
  );
}

function startTable(
  medians: Medians,
  { hasKeyring, hasEtcd }: { readonly hasKeyring: boolean; readonly hasEtcd: boolean },
): Table {
  const base = timeOf(medians, FLOOR.label, 'processor');
  const row = (what: string, label: string, bar?: number): Row => ({
    what,
    median: timeOf(medians, label, 'processor'),
    base,
    ...(bar !== undefined && { bar }),
  });
  const stretching = timeOf(medians, SCRYPT.label, 'processor') - base;
  return {
    title: 'Start',
    over: '`node -e 0`',
    text: [
      'Time of the processor, which a busy machine does not stretch as it stretches the clock. The token is stored and',
      'still good for an hour, as it is at most calls. Where cron or a service calls many times',
      'at once, take the key file: a passphrase is stretched in every process, and the processes take turns at it.',
    ].join('\n'),
    rows: [
      row('`node -e 0`', FLOOR.label),
      row('`mailauth --help`', '--help', 1.8),
      ...COMMANDS.map(({ label, bar }) => row(`\`mailauth ${label}\``.replace(' (alone)', ''), label, bar)),
      ...(hasKeyring ? [row('`mailauth token NAME`, keychain', 'keychain', 2)] : []),
      row('`mailauth token NAME`, encrypted file with a key file', 'key file', 1.5),
      row(
        `\`mailauth token NAME\`, encrypted file with a passphrase (${stretching.toFixed(0)} ms of it scrypt)`,
        'passphrase',
      ),
      ...(hasEtcd ? [row('`mailauth token NAME`, etcd on this machine, over TLS', 'etcd', 3)] : []),
    ],
  };
}

async function runningEtcd(): Promise<Etcd | undefined> {
  try {
    const etcd = await makeEtcd();
    await etcd.start();
    return etcd;
  } catch (error) {
    console.error(`without etcd: ${(error as Error).message}`);
    return undefined;
  }
}

async function withKeychain(keyring: Keyring | Error): Promise<readonly Contestant[]> {
  if (!(keyring instanceof Error)) {
    return [program('keychain', ['token', 'outlook'], await homeWithKeychain(keyring.env))];
  }
  console.error(`without the keychain: ${keyring.message}`);
  return [];
}

/** At each distance: the whole check, and each of its protocols alone. */
async function measureCheck(at: (latency: number) => Promise<NodeJS.ProcessEnv>): Promise<readonly Table[]> {
  const latencies = [0, 20, 100];
  const contestants: Contestant[] = [FLOOR];
  for (const latency of latencies) {
    const env = await at(latency);
    contestants.push(
      program(`both ${latency}`, ['check'], env),
      program(`smtp ${latency}`, ['check', '--only', 'smtp'], env),
      program(`imap ${latency}`, ['check', '--only', 'imap'], env),
    );
  }
  const medians = await race(contestants, ROUNDS.check);
  const rows = latencies.flatMap((latency): Row[] => {
    const base = Math.max(timeOf(medians, `smtp ${latency}`), timeOf(medians, `imap ${latency}`));
    const row = (what: string, label: string, bar?: number): Row => ({
      what: `${what}, ${latency} ms a reply`,
      median: timeOf(medians, `${label} ${latency}`),
      base,
      ...(bar !== undefined && { bar }),
    });
    return [
      row('`mailauth check`', 'both', latency === 0 ? undefined : 1.15),
      row('`mailauth check --only smtp`', 'smtp'),
      row('`mailauth check --only imap`', 'imap'),
    ];
  });
  const used = (what: string, label: string, bar?: number): Row => ({
    what,
    median: timeOf(medians, label, 'processor'),
    base: timeOf(medians, FLOOR.label, 'processor'),
    ...(bar !== undefined && { bar }),
  });
  return [
    {
      title: 'Check of one account',
      over: 'the slower protocol alone',
      text: 'Each check asks the token endpoint, stores the new token, and logs in. SMTP and IMAP are checked at the same time.',
      rows,
    },
    {
      title: 'Processor time of a check',
      over: '`node -e 0`',
      text: 'Most of it is the libraries for HTTP, OAuth, SMTP and IMAP, and TLS. The bar is half of what version 0.1 took.',
      rows: [
        used('`mailauth check`', 'both 0', CHECK),
        used('`mailauth check --only smtp`', 'smtp 0'),
        used('`mailauth check --only imap`', 'imap 0'),
      ],
    },
  ];
}

async function measureAccounts(of: (accounts: number) => Promise<NodeJS.ProcessEnv>): Promise<Table> {
  const sizes = [1, 10, 100];
  const contestants: Contestant[] = [];
  for (const size of sizes) contestants.push(program(String(size), ['check'], await of(size)));
  const medians = await race(contestants, ROUNDS.accounts);
  return {
    title: 'Check of many accounts',
    over: 'one account',
    text: 'At 100 ms a reply. All accounts are checked at the same time.',
    rows: sizes.map((size) => ({
      what: size === 1 ? '1 account' : `${size} accounts`,
      median: timeOf(medians, String(size)),
      base: timeOf(medians, '1'),
      ...(size === 100 && { bar: 3 }),
    })),
  };
}

// Node reads it before anything of ours runs, and hands it on to every process that is measured.
delete process.env['NODE_EXTRA_CA_CERTS'];
const servers = await startServers();
try {
  const parts: Readonly<Record<string, () => Promise<readonly Table[]>>> = {
    start: async () => [await measureStart()],
    check: () => measureCheck(async (latency) => homeToCheck(1, await servers.at(latency), servers.ca)),
    accounts: async () => [
      await measureAccounts(async (accounts) => homeToCheck(accounts, await servers.at(100), servers.ca)),
    ],
    serve: () => measureServe(folder, servers),
  };
  // `npm run bench -- serve` measures one part, and prints it.
  const part = process.argv[2];
  const tables: Table[] = [];
  for (const [name, measure] of Object.entries(parts)) {
    if (part === undefined || part === name) tables.push(...(await measure()));
  }
  const rounds = `${ROUNDS.start} rounds for the start, ${ROUNDS.check} for one account, ${ROUNDS.accounts} for many.`;
  const page = renderPage(tables, { date: new Date().toISOString().slice(0, 10), rounds });
  if (part === undefined) writeFileSync(PAGE, page);
  console.log(page);
  if (tables.some(({ rows }) => !rows.every(isHeld))) process.exitCode = 1;
} finally {
  await servers.stop();
  removeHomes();
}
