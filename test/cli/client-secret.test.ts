import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeKeyFile } from '../../src/store/file/key.js';
import { compiledProgram, type Ran, scanRun } from '../process/program.js';
import { startAuthorizationServer } from '../servers/authorization-server.js';
import { describe as findings, scanDirectory } from '../servers/canary.js';
import { makeAuthority } from '../servers/certificates.js';
import { testFolder } from '../store/folder.js';

const program = compiledProgram();
const authority = makeAuthority();

/** Secrets as the two providers make them, and one that no pattern knows. */
const PASTED = {
  google: 'GOCSPX-canary-nopqrstuvwxyz12',
  microsoft: 'aBc8Q~canary-klmnopqrstuvwxyz012345.-_x',
  plain: 'kanarie/CS:7qLw+eT2~vB.rG9',
} as const;

interface Home {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

async function openHome(): Promise<Home> {
  const folder = testFolder();
  const configDir = join(folder, 'config');
  mkdirSync(configDir, { mode: 0o700 });
  await makeKeyFile(join(folder, 'key'));
  writeFileSync(join(folder, 'ca.pem'), authority.cert);
  return {
    folder,
    env: {
      PATH: '/usr/bin:/bin',
      HOME: folder,
      MAILAUTH_CONFIG_DIR: configDir,
      MAILAUTH_KEY_FILE: join(folder, 'key'),
      MAILAUTH_STORE: 'file',
    },
  };
}

/** What the program itself said: the command line of the person who typed the secret there is not its doing. */
function said({ stdout, stderr }: Ran): Ran {
  return { code: 0, signal: null, stdout, stderr, milliseconds: 0, seen: [] };
}

describe('T21 a client secret on the command line', () => {
  it.each([
    '--client-secret SECRET',
    '--client-secret=SECRET',
    '--json --client-secret=SECRET',
    '--refresh-token=SECRET',
    '--passphrase=SECRET',
    '--client-secret-file SECRET',
    '--refresh-token-file SECRET',
    '--verbose --client-secret-file SECRET',
  ])(
    'T21 X11 %s is refused, and not repeated',
    async (flags) => {
      const { env, folder } = await openHome();
      const attempts = Object.values(PASTED).map(async (secret) => {
        const args = ['setup', 'gmail', ...flags.replace('SECRET', secret).split(' '), '--no-input'];
        return { secret, ran: await program.run(args, { env }) };
      });
      // What the others keep for the next start is written until the last of them has ended.
      for (const { secret, ran } of await Promise.all(attempts)) {
        expect([64, 66]).toContain(ran.code);
        expect(ran.stderr).toMatch(/ {2}do: .*(?:file|FILE)/s);
        expect(findings([...scanRun(flags, said(ran), { secret }), ...scanDirectory(folder, { secret })])).toBe('');
      }
    },
    30_000,
  );
});

describe('T21 a client secret that is given as it should be', () => {
  it.each([
    ['in a file', '--client-secret-file FILE'],
    ['on standard input', '--client-secret-file -'],
    ['in a variable', ''],
  ])(
    'T21 X01 X02 %s reaches the provider and nobody else',
    async (way, flags) => {
      const { env, folder } = await openHome();
      const server = await startAuthorizationServer({ layout: 'google', authority });
      onTestFinished(() => server.stop());
      const { clientId, clientSecret } = await server.registerClient({ type: 'desktop' });
      writeFileSync(join(folder, 'secret'), `${clientSecret}\n`, { mode: 0o600 });
      // A browser that only stays for a moment, so that its command line and environment can be seen.
      writeFileSync(join(folder, 'browser'), '#!/bin/sh\nsleep 0.3\n', { mode: 0o700 });
      const settings = ['--account', 'reception.happypaws@gmail.com', '--client-id', clientId];
      const place = ['--issuer', server.issuer, '--ca', join(folder, 'ca.pem'), '--audience', 'external'];
      const given = flags === '' ? [] : flags.replace('FILE', join(folder, 'secret')).split(' ');
      const ran = await program.run(
        ['setup', 'gmail', ...settings, ...given, ...place, '--no-input', '--verbose', '--timeout', '1'],
        {
          env: {
            ...env,
            BROWSER: join(folder, 'browser'),
            ...(way === 'in a variable' && { MAILAUTH_CLIENT_SECRET: clientSecret }),
          },
          input: `${clientSecret}\n`,
        },
      );
      // Nobody signs in, so that is where it ends.
      expect([ran.code, ran.stdout], ran.stderr).toEqual([77, '']);
      expect(server.secrets.has(clientSecret)).toBe(true);
      expect(server.ledger.map((request) => request.clientId)).toContain(clientId);
      expect(ran.seen.join('\n')).toContain(join(folder, 'browser'));
      const isOwn = (path: string) => path === join(folder, 'secret');
      expect(
        findings([...scanRun(way, ran, { clientSecret }), ...scanDirectory(folder, { clientSecret }, isOwn)]),
      ).toBe('');
    },
    30_000,
  );
});
