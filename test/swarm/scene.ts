/**
 * A mailbox whose token is over, at an authorization server that rotates refresh tokens and ends the whole sign-in when
 * an old one comes back; and the program itself, as mail programs start it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { Secret } from '../../src/words/secret.js';
import { type AuthorizationServer, startAuthorizationServer } from '../servers/authorization-server.js';
import { makeAuthority } from '../servers/certificates.js';
import { fileStoreIn, type Mailbox, type MailboxWish, makeMailbox, OVER } from './mailbox.js';

export const PROGRAM = fileURLToPath(new URL('../../bin/mailauth.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** An account in a folder of its own, and the program that finds it there. */
export interface Home {
  readonly folder: string;
  readonly mailbox: Mailbox;
  /** The whole environment of the program. */
  readonly env: NodeJS.ProcessEnv;
  start(args: readonly string[], env?: NodeJS.ProcessEnv): Running;
  run(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ended>;
}

export interface Scene extends Home {
  readonly server: AuthorizationServer;
  /** Signs in anew: the stored access token is over, the refresh token is good. */
  renew(): Promise<void>;
  /** What the token endpoint said to each refresh, in order. */
  refreshes(): readonly string[];
}

/** Without more wishes nobody listens where the token endpoint should be. */
export async function openHome(wish: MailboxWish = {}): Promise<Home> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'mailauth-swarm-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const configDir = join(folder, 'config');
  const mailbox = await makeMailbox(configDir, await fileStoreIn(configDir), wish);
  const env = {
    PATH: '/usr/bin:/bin',
    HOME: folder,
    MAILAUTH_CONFIG_DIR: configDir,
    MAILAUTH_KEY_FILE: join(configDir, 'key'),
  };
  const start = (args: readonly string[], more: NodeJS.ProcessEnv = {}) => started(args, { ...env, ...more });
  return { folder, mailbox, env, start, run: (args, more) => start(args, more).ended };
}

export async function openScene(): Promise<Scene> {
  const authority = makeAuthority();
  const server = await startAuthorizationServer({ layout: 'microsoft', authority });
  onTestFinished(() => server.stop());
  const client = await server.registerClient({ type: 'web', redirectUris: ['http://localhost:8765/callback'] });
  const ca = join(realpathSync(mkdtempSync(join(tmpdir(), 'mailauth-ca-'))), 'ca.pem');
  onTestFinished(() => rmSync(dirname(ca), { recursive: true, force: true }));
  writeFileSync(ca, authority.cert);
  const home = await openHome({
    tokenEndpoint: `${server.origin}/${server.tenant}/oauth2/v2.0/token`,
    clientId: client.clientId,
    clientSecret: client.clientSecret,
    scopes: [...server.mailScopes, 'offline_access'],
    ca,
  });
  const { mailbox } = home;
  const renew = async (): Promise<void> => {
    const refreshToken = new Secret(await server.signedIn(mailbox.account.address, client));
    const { accessToken } = await mailbox.credential();
    await mailbox.save({ refreshToken, ...(accessToken && { accessToken }), ...OVER, generation: 1 });
  };
  await renew();
  return {
    ...home,
    server,
    renew,
    refreshes: () =>
      server.ledger.filter(({ grantType }) => grantType === 'refresh_token').map(({ outcome }) => outcome),
  };
}

export function started(args: readonly string[], env: NodeJS.ProcessEnv): Running {
  const child = spawn(process.execPath, [PROGRAM, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, ended };
}
