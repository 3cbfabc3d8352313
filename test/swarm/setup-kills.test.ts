/**
 * A set-up that is killed at any point, and then called again with any flag. What each kill would leave is copied from
 * one run: the folder in front of every change of it, together with what the provider knew at that moment.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs, { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProvider } from '../../src/providers/directory.js';
import type { Ended } from '../cli/in-process.js';
import {
  browserOf,
  type Home,
  MAILBOX,
  type Name,
  openTown,
  type ProviderTown,
  type Values,
  WRONG,
} from '../cli/provider-town.js';

/** What is on the disk at one moment, what the provider has seen, and what comes next. */
interface Moment {
  readonly folder: string;
  readonly next: string;
  readonly recall: () => void;
}

/** Whoever is signed in by a browser, or brings a refresh token along. */
type Way = 'brought' | 'browser';

let town: ProviderTown;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town.close());

const DEAD = String(spawnSync(process.execPath, ['-e', '0']).pid);
const CHANGES = ['rename', 'link', 'unlink', 'mkdir'] as const;
type Change = (path: unknown, ...others: unknown[]) => Promise<unknown>;

/** Runs a set-up to its end, and gives every moment at which a kill would leave something else. */
async function momentsOf(name: Name, way: Way, home: Home, values: Values): Promise<readonly Moment[]> {
  const provider = town.providers[name];
  const before = provider.spent();
  const moments: Moment[] = [];
  const seen = new Set<string>();
  const look = (next: string): void => {
    const state = stateOf(home.configDir);
    const key = `${state} ${provider.spent()}`;
    // Up to the sign-in a person's set-up is as one that brings a token.
    const isNew = way === 'brought' || provider.spent() > before;
    if (!isNew || seen.has(key)) return;
    seen.add(key);
    const folder = `${home.configDir}-${moments.length}`;
    cpSync(home.configDir, folder, { recursive: true });
    moments.push({ folder, next, recall: provider.remember() });
  };
  const fake = fs.promises as unknown as Record<string, Change>;
  const usual = Object.fromEntries(CHANGES.map((method) => [method, fake[method] as Change]));
  for (const method of CHANGES) {
    fake[method] = (path, ...others) => {
      if (String(path).startsWith(`${home.configDir}/`)) look(`${method} ${basename(String(path))}`);
      return (usual[method] as Change)(path, ...others);
    };
  }
  syncBuiltinESMExports();
  provider.watch = () => look('the token endpoint');
  try {
    const ended = await setUp(home, name, way, values);
    expect(ended.code, ended.stderr).toBe(0);
  } finally {
    Object.assign(fake, usual);
    syncBuiltinESMExports();
    provider.watch = () => undefined;
  }
  for (const { folder } of moments) bury(folder);
  return moments;
}

/** What a later run reads: not the temporary files, and not the locks of the dead. */
function stateOf(folder: string): string {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const isRead = (path: string): boolean => !basename(path).startsWith('.') && !path.endsWith('.lock');
  const files = names.filter((path) => isRead(path) && fs.statSync(join(folder, path)).isFile());
  const hash = createHash('sha256');
  for (const path of files) {
    const text = readFileSync(join(folder, path), 'utf8').replace(/"savedAt": ".*"/, '');
    hash.update(`${path}\0${text}\0`);
  }
  return hash.digest('hex');
}

/** Whoever holds the locks of a copied folder is dead. */
function bury(folder: string): void {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path));
  for (const path of paths.filter((one) => one.endsWith('.lock'))) {
    writeFileSync(path, readFileSync(path, 'utf8').replace(/^\d+/, DEAD), { mode: 0o600 });
  }
}

function setUp(home: Home, name: Name, way: Way, values: Values, more: readonly string[] = []): Promise<Ended> {
  const command = ['setup', name, ...more];
  return home.run(command, values, way === 'browser' ? { answers: browserOf(town.providers[name]) } : {});
}

interface Turn {
  readonly home: Home;
  readonly name: Name;
  readonly way: Way;
  readonly values: Values;
  readonly number: number;
}

/** What may be wanted after a kill, each time the next one of these; afterwards all is as it was wanted first. */
const WISHES: Readonly<Record<string, (turn: Turn) => Promise<Values | undefined>>> = {
  'the same again': async () => undefined,
  '--from-step': async ({ home, name, way, values, number }) => {
    const steps = findProvider(name)?.steps ?? [];
    await setUp(home, name, way, values, ['--from-step', steps[number % steps.length]?.number ?? '1']);
    return undefined;
  },
  '--restart': async ({ home, name, way, values }) => {
    await setUp(home, name, way, values, ['--restart']);
    return undefined;
  },
  'another name': async ({ values }) => ({ ...values, '--name': 'reception' }),
  'a wrong secret': async ({ home, name, way, values }) => {
    const wrong = WRONG[name]['--client-secret-file'] ?? '';
    const ended = await setUp(home, name, way, { ...values, '--client-secret-file': wrong });
    expect(ended.code, ended.stderr).not.toBe(0);
    return undefined;
  },
  'a new secret': async ({ name, values }) => {
    const provider = town.providers[name];
    provider.secret = provider.secret.split('').reverse().join('').replace(/^.{7}/, provider.secret.slice(0, 7));
    return { ...values, '--client-secret-file': provider.secret };
  },
  'a server that is not there': async ({ home, name, way, values }) => {
    const ended = await setUp(home, name, way, { ...values, '--imap-port': '1' });
    expect(ended.code, ended.stderr).not.toBe(0);
    return undefined;
  },
  remove: async ({ home }) => {
    await home.run(['remove', MAILBOX, '--yes', '--no-revoke'], {});
    return undefined;
  },
};

/** The provider gave tokens that nothing can have stored: it had answered, and the answer was on its way. */
const isLost = (ended: Ended): boolean => ended.code === 77 && /"signin_(?:expired|required)"/.test(ended.stdout);

async function recovers(moment: Moment, number: number, name: Name, way: Way, values: Values): Promise<void> {
  const provider = town.providers[name];
  const secret = provider.secret;
  moment.recall();
  const home = town.homeIn(moment.folder, name);
  const [wish, act] = Object.entries(WISHES)[number % Object.keys(WISHES).length] as [string, (typeof WISHES)[string]];
  const what = `${number}: killed before ${moment.next}, then ${wish}`;
  try {
    const wanted = (await act({ home, name, way, values, number })) ?? values;
    let ended = await setUp(home, name, way, wanted);
    // Then somebody signs in again, or brings another token: nothing else is asked for.
    if (isLost(ended)) {
      const brought = way === 'brought' && { '--refresh-token-file': provider.issue(MAILBOX) };
      ended = await setUp(home, name, way, { ...wanted, ...brought }, ['--yes']);
    }
    expect(ended.code, `${what}: ${ended.stdout} ${ended.stderr}`).toBe(0);
    const { accounts, clients } = home.read();
    expect([accounts.length, clients.length], what).toEqual([1, 1]);
    // What a write left half done is swept after ten minutes.
    expect(
      home.left().filter((file) => !file.startsWith('.')),
      what,
    ).toEqual([]);
    expect(home.lost(), what).toEqual([]);
    const checked = await home.run(['check'], {});
    expect(checked.code, `${what}: ${checked.stdout}`).toBe(0);
  } finally {
    provider.secret = secret;
  }
}

describe('a set-up that is killed at any point, then called with any flag', () => {
  const CASES = (['gmail', 'outlook'] as const).flatMap((name) =>
    (['brought', 'browser'] as const).map((way) => ({ name, way })),
  );
  it.each(CASES)('$name, $way', { timeout: 120_000 }, async ({ name, way }) => {
    const home = await town.openHome(name);
    const { '--refresh-token-file': token = '', ...others } = home.right;
    const port = name === 'gmail' ? {} : { '--redirect-port': '18765' };
    const values = way === 'brought' ? { ...others, '--refresh-token-file': token } : { ...others, ...port };
    mkdirSync(home.configDir, { recursive: true });
    const moments = await momentsOf(name, way, home, values);
    expect(moments.length).toBeGreaterThan(8);
    for (const [index, moment] of moments.entries()) await recovers(moment, index, name, way, values);
  });
});
