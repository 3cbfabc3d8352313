/**
 * What can happen to a mailbox that works: each command that meets it prints one that leads on, and after that command,
 * run as it is printed with the value that it asks for, the mailbox works again.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../servers/ports.js';
import type { Ended } from './in-process.js';
import { browserOf, type Home, MAILBOX, type Name, openTown, type ProviderTown, type Values } from './provider-town.js';

let town: ProviderTown;

beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town.close());

/** An account that works, by the name of its provider. */
async function working(name: Name): Promise<Home> {
  const home = await town.openHome(name);
  const { '--refresh-token-file': brought, ...rest } = home.right;
  expect(brought).toBeDefined();
  // Its redirect has one port, and other tests sign in at the same time.
  const port = name === 'custom' ? { '--redirect-port': String((await freePorts(1))[0]) } : {};
  const ended = await home.set({ ...rest, ...port, '--refresh-token-file': town.providers[name].issue(MAILBOX) });
  expect(ended.code, ended.stderr).toBe(0);
  return home;
}

function deleteEntry(home: Home, entry: string | undefined): void {
  expect(readdirSync(join(home.configDir, 'secrets'))).toContain(`${entry}.enc`);
  rmSync(join(home.configDir, 'secrets', `${entry}.enc`));
}

interface Mishap {
  readonly what: string;
  /** Otherwise a sign-in is the cure. */
  readonly needsSecret?: true;
  /** Makes it happen; gives what the printed command has to be given besides. */
  readonly happen: (home: Home, name: Name) => Values;
}

const MISHAPS: readonly Mishap[] = [
  {
    what: 'the sign-in was revoked',
    happen(_, name) {
      town.providers[name].revokeAll();
      return {};
    },
  },
  {
    what: 'the secret was renewed at the provider',
    needsSecret: true,
    happen(_, name) {
      const provider = town.providers[name];
      provider.secret = provider.secret.replace(/.{6}$/, String(Date.now()).slice(-6));
      return { '--client-secret-file': provider.secret };
    },
  },
  {
    what: 'the sign-in is gone from the store',
    happen(home) {
      deleteEntry(home, home.read().accounts[0]?.credential);
      return {};
    },
  },
  {
    what: 'the secret is gone from the store',
    needsSecret: true,
    happen(home, name) {
      deleteEntry(home, home.read().clients[0]?.secretCredential);
      return { '--client-secret-file': town.providers[name].secret };
    },
  },
];

const COMMANDS = [
  ['check', MAILBOX],
  ['token', MAILBOX, '--force-refresh', '--format', 'json'],
  ['authorize', MAILBOX],
] as const;

const NAMES = ['gmail', 'outlook', 'custom'] as const;
const CASES = NAMES.flatMap((name) =>
  MISHAPS.flatMap((mishap) =>
    COMMANDS.filter(([verb]) => verb !== 'authorize' || mishap.needsSecret).map((command) => {
      const [verb] = command;
      return { name, mishap, what: mishap.what, command, verb };
    }),
  ),
);

/** The first command that is printed anywhere in the document, as a shell would split it. */
function printedIn(ended: Ended): readonly string[] | undefined {
  const [, command] = /"command":"mailauth ((?:[^"\\]|\\.)*)"/.exec(ended.stdout) ?? [];
  if (command === undefined) return undefined;
  const words = execFileSync('/bin/sh', ['-c', `printf '%s\\n' ${JSON.parse(`"${command}"`) as string}`]);
  return words.toString().trimEnd().split('\n');
}

describe('the printed command leads on', () => {
  it.each(CASES)('$name, $verb: $what', async ({ name, mishap, command }) => {
    const home = await working(name);
    const provider = town.providers[name];
    const was = provider.secret;
    try {
      const given = mishap.happen(home, name);
      const person = { answers: browserOf(provider) };
      const met = await home.run(command, {}, person);
      expect(met.code, met.stdout).not.toBe(0);
      const printed = printedIn(met);
      expect(printed, met.stdout).toBeDefined();
      const ended = await home.run(printed ?? [], given, person);
      expect(ended.code, `${printed?.join(' ')}: ${ended.stdout} ${ended.stderr}`).toBe(0);
      const checked = await home.run(['check', MAILBOX], {});
      expect(checked.code, checked.stdout).toBe(0);
      expect([home.left(), home.lost()]).toEqual([[], []]);
    } finally {
      provider.secret = was;
    }
  });
});
