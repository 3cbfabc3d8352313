/** A real django-oauth-toolkit of Debian over TLS, with one person and one confidential client. */
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Authority } from './certificates.js';

const SCRIPT = fileURLToPath(new URL('django-oauth.py', import.meta.url));

export interface Django {
  readonly issuer: string;
}

export async function startDjango(
  authority: Authority,
  folder: string,
  given: {
    readonly user: string;
    readonly password: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly redirectUri: string;
  },
): Promise<Django> {
  const { cert, key } = authority.issue();
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const files = {
    'cert.pem': cert,
    'key.pem': key,
    'signing.pem': String(privateKey.export({ type: 'pkcs1', format: 'pem' })),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
  const child = spawn('/usr/bin/python3', [SCRIPT, folder], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: '/usr/bin:/bin' },
  });
  onTestFinished(async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  let complaints = '';
  child.stderr.on('data', (text) => {
    complaints += text;
  });
  child.stdin.end(JSON.stringify(given));
  const ended = once(child, 'exit').then(() => {
    throw new Error(`django-oauth-toolkit did not start: ${complaints}`);
  });
  const [issuer] = await Promise.race([once(createInterface(child.stdout), 'line'), ended]);
  ended.catch(() => undefined);
  return { issuer: String(issuer) };
}
