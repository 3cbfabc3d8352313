/**
 * `tsx packaging/starts.ts`, after `npm run executables linux-x64` and `tsx test/windows/prepare.ts`: how long whole
 * commands take that need no network, as a ratio over `node -e 0` of the same Node. The tables of docs/executables.md;
 * every line is the fastest of many rounds in which each command runs once, which other work on the machine disturbs least.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileStoreIn, makeMailbox } from '../test/swarm/mailbox.js';
import { hostPath, MAILAUTH, NODE, ONE_FILE, WINE, windowsPath, wineEnvironment } from '../test/windows/windows.js';
import { startWineServer, stopWineServer } from '../test/windows/wine-server.js';
import { fetchPackage, ROOT } from './packages.js';
import { targetOf } from './targets.js';

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  'token outlook': ['token', 'outlook'],
  '--help': ['--help'],
  list: ['list'],
  'guide gmail': ['guide', 'gmail'],
  'export outlook --format msmtp': ['export', 'outlook', '--format', 'msmtp'],
  'explain "535 5.7.139 …"': ['explain', '535 5.7.139 Authentication unsuccessful'],
};
const ACCOUNT = 'starts';

interface System {
  readonly rounds: number;
  readonly node: readonly string[];
  readonly dist: readonly string[];
  readonly oneFile: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

async function linux(): Promise<System> {
  const { node, binary, file } = targetOf('linux-x64');
  const program = join(await fetchPackage(node), binary);
  const folder = hostPath(ACCOUNT);
  return {
    rounds: 21,
    node: [program],
    dist: [program, join(ROOT, 'bin', 'mailauth.js')],
    oneFile: [join(ROOT, 'executables', file)],
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      MAILAUTH_CONFIG_DIR: folder,
      MAILAUTH_KEY_FILE: join(folder, 'key'),
    },
  };
}

function windows(): System {
  const folder = { MAILAUTH_CONFIG_DIR: windowsPath(ACCOUNT), MAILAUTH_KEY_FILE: windowsPath(`${ACCOUNT}/key`) };
  return {
    rounds: 11,
    node: [WINE, NODE],
    dist: [WINE, NODE, MAILAUTH],
    oneFile: [WINE, ...ONE_FILE],
    env: { ...wineEnvironment(), ...folder },
  };
}

/** Milliseconds from its start to its end. */
function timed([program = '', ...args]: readonly string[], env: NodeJS.ProcessEnv): number {
  const began = performance.now();
  const { status } = spawnSync(program, args, { env, cwd: hostPath('.'), stdio: 'ignore' });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`);
  return performance.now() - began;
}

function table({ rounds, node, dist, oneFile, env }: System): string {
  const runs = {
    'node -e 0': { dist: [...node, '-e', '0'], oneFile: [...node, '-e', '0'] },
    ...Object.fromEntries(
      Object.entries(COMMANDS).map(([name, args]) => [
        name,
        { dist: [...dist, ...args], oneFile: [...oneFile, ...args] },
      ]),
    ),
  };
  const times = Object.entries(runs).flatMap(([name, pair]) =>
    Object.values(pair).map((words) => ({ name, words, taken: [] as number[] })),
  );
  for (let round = 0; round < rounds; round += 1) for (const { words, taken } of times) taken.push(timed(words, env));
  const [base] = times.map(({ taken }) => Math.min(...taken)) as [number];
  const rows = Object.keys(runs).map((name) => {
    const [first = 0, second = 0] = times.filter((one) => one.name === name).map(({ taken }) => Math.min(...taken));
    return `| \`${name}\` | ${cell(first, base)} | ${cell(second, base)} |`;
  });
  return ['| | the package | one file |', '|---|---:|---:|', ...rows].join('\n');
}

function cell(time: number, base: number): string {
  return `${Math.round(time)} ms, ${(time / base).toFixed(2)}`;
}

delete process.env['NODE_EXTRA_CA_CERTS'];
const configDir = hostPath(ACCOUNT);
rmSync(configDir, { recursive: true, force: true });
const now = Math.floor(Date.now() / 1000);
// A token that is still good, as it is at most calls.
const credential = { accessTokenIssued: now, accessTokenExpires: now + 3_600 };
await makeMailbox(configDir, await fileStoreIn(configDir), { credential });
const hasWine = existsSync(WINE);
const isOwnServer = hasWine && (await startWineServer());
try {
  console.log(`Linux\n\n${table(await linux())}`);
  if (hasWine) console.log(`\nWindows, under wine\n\n${table(windows())}`);
} finally {
  await stopWineServer(isOwnServer);
}
