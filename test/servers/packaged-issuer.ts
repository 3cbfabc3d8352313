/** Real authorization servers of Debian over TLS, each with one person and one confidential client. */
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Authority } from './certificates.js';

/** The scripts that serve one: told all of it on standard input, they print the issuer. */
const SERVED_BY = {
  'django-oauth-toolkit': ['/usr/bin/python3', 'django-oauth.py'],
  'LemonLDAP::NG': ['/usr/bin/perl', 'lemonldap.pl'],
} as const;

export interface Registered {
  readonly user: string;
  readonly password: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
}

/** @returns the issuer */
export async function startIssuer(
  name: keyof typeof SERVED_BY,
  authority: Authority,
  folder: string,
  given: Registered,
): Promise<string> {
  const { cert, key } = authority.issue();
  const signing = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const files = {
    'cert.pem': cert,
    'key.pem': key,
    'signing.pem': String(signing.privateKey.export({ type: 'pkcs1', format: 'pem' })),
    'verifying.pem': String(signing.publicKey.export({ type: 'spki', format: 'pem' })),
  };
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text, { mode: 0o600 });
  const [program, script] = SERVED_BY[name];
  const child = spawn(program, [fileURLToPath(new URL(script, import.meta.url)), folder], {
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
    throw new Error(`${name} did not start: ${complaints}`);
  });
  const [issuer] = await Promise.race([once(createInterface(child.stdout), 'line'), ended]);
  ended.catch(() => undefined);
  return String(issuer);
}
