import { chmodSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CANARY, setScene } from '../exposure/scene.js';
import { compiledProgram } from './program.js';

const program = compiledProgram();
const now = Math.floor(Date.now() / 1000);

describe.runIf(process.platform !== 'win32')('S11 a file that other users could read or write', () => {
  it.each([
    ['the quick way to a token', ['token', 'outlook'], 0],
    ['the whole program', ['check', '--only', 'smtp'], 75],
  ] as const)('is closed, and that is told, by %s', async (_, args, code) => {
    const scene = await setScene({
      credential: { accessTokenIssued: now, accessTokenExpires: now + 3600 },
      tokenEndpoint: () => 'https://localhost:2/token',
    });
    const paths = [
      join(scene.configDir, 'accounts.json'),
      join(scene.configDir, 'secrets', `${scene.mailbox.account.credential}.enc`),
    ];
    for (const path of paths) chmodSync(path, 0o666);
    const ran = await program.run(args, { env: scene.env });
    expect(ran.code).toBe(code);
    expect(ran.stderr).toBe(
      paths.map((path) => `WARN  ${path} was open to other users and is now yours alone\n`).join(''),
    );
    expect(paths.map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600]);
    if (args[0] === 'token') expect(ran.stdout).toBe(`${CANARY.accessToken}\n`);
    expect((await program.run(args, { env: scene.env })).stderr).toBe('');
  });
});
