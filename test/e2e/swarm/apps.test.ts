/** An app has no refresh token to lose, but a hundred programs are still no reason to ask a hundred times. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { decodeCredential, encodeCredential } from '../../../src/store/credential.js';
import { openFileStore } from '../../../src/store/file/file-store.js';
import type { Secret } from '../../../src/words/secret.js';
import { ADDRESS, openAppHouse, ROLES } from '../../cli/app-house.js';

const PROGRAM = fileURLToPath(new URL('../../../bin/mailauth.js', import.meta.url));

function token(env: NodeJS.ProcessEnv): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [PROGRAM, 'token', 'outlook'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const end of ['stdout', 'stderr'] as const) child[end].on('data', (chunk) => (said[end] += chunk));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...said })));
}

test('a hundred processes get one token of an app, which was asked for once', { timeout: 180_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mailauth-app-swarm-'));
  const house = await openAppHouse('microsoft', folder);
  try {
    const app = await house.as.registerApp('secret');
    app.allow(...ROLES);
    const ended = await house.run(
      ...['setup', 'outlook', '--json', '--sign-in', 'app', '--account', ADDRESS, '--tenant', app.tenant],
      ...['--client-id', app.clientId, '--client-secret-file', house.file('secret', app.clientSecret), ...house.flags],
    );
    expect(ended.code, ended.stderr).toBe(0);
    const key = join(house.configDir, 'key');
    const store = await openFileStore({ directory: house.configDir, key: { kind: 'key-file', path: key } });
    const { accounts } = JSON.parse(readFileSync(join(house.configDir, 'accounts.json'), 'utf8'));
    const stored = decodeCredential((await store.get(accounts[0].credential))?.value as Secret);
    await store.put(accounts[0].credential, encodeCredential({ ...stored, accessTokenExpires: 1 }));

    const before = house.as.ledger.length;
    const env = {
      PATH: process.env['PATH'],
      HOME: folder,
      MAILAUTH_CONFIG_DIR: house.configDir,
      MAILAUTH_KEY_FILE: key,
    };
    const all = await Promise.all(Array.from({ length: 100 }, () => token(env)));
    expect(all.filter(({ code, stderr }) => code !== 0 || stderr !== '')).toEqual([]);
    expect(new Set(all.map(({ stdout }) => stdout)).size).toBe(1);
    expect(house.as.ledger.slice(before)).toMatchObject([{ grantType: 'client_credentials', outcome: 'ok' }]);
  } finally {
    await house.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
