/** Several hosts that keep one account in one store: a home each, with the same record and nothing else in common. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Account, StoreChoice } from '../../src/account/account.js';
import { changeConfiguration, readConfiguration } from '../../src/store/accounts.js';
import type { Opening, SecretStore } from '../../src/store/store.js';
import { STORES } from '../../src/store/stores.js';
import { Secret } from '../../src/words/secret.js';
import { type Authority, makeAuthority } from '../servers/certificates.js';
import { type RotatingEndpoint, startRotatingEndpoint } from '../servers/rotating-endpoint.js';
import { type Mailbox, makeMailbox, OVER } from './mailbox.js';
import { type Ended, type Running, started } from './scene.js';

export interface Host {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  start(args: readonly string[], env?: NodeJS.ProcessEnv): Running;
  run(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ended>;
}

export interface Hosts {
  readonly hosts: readonly Host[];
  readonly mailbox: Mailbox;
  readonly endpoint: RotatingEndpoint;
  /** Signs in anew: the stored access token is over, the refresh token is good. */
  renew(): Promise<void>;
}

/** What a store needs to be opened outside the program. */
export function openingWith(configDir: string, env: NodeJS.ProcessEnv): Opening {
  return {
    env,
    platform: process.platform,
    configDir,
    attended: false,
    askPassphrase: async () => undefined,
    note: () => undefined,
    waitFor: (_, work) => work,
    signal: new AbortController().signal,
  };
}

export async function openHosts(
  choice: StoreChoice,
  env: NodeJS.ProcessEnv,
  wish: {
    readonly count?: number;
    readonly latency?: number;
    readonly authority?: Authority;
    readonly account?: Partial<Account>;
  } = {},
): Promise<Hosts> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'mailauth-hosts-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const authority = wish.authority ?? makeAuthority();
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, authority.cert);
  const client = { clientId: 'the-client', clientSecret: 'the-client-secret' };
  const endpoint = await startRotatingEndpoint(authority, { ...client, latency: wish.latency ?? 20 });
  onTestFinished(() => endpoint.stop());
  const folders = Array.from({ length: wish.count ?? 2 }, (_, index) => join(folder, `host-${index + 1}`));
  for (const one of folders) mkdirSync(join(one, 'config'), { recursive: true, mode: 0o700 });
  const [first = ''] = folders;
  const whole = { PATH: process.env['PATH'], ...env };
  const store: SecretStore = await STORES[choice.kind].open(choice, openingWith(join(first, 'config'), whole));
  const tokenEndpoint = `${endpoint.origin}/token`;
  const mailbox = await makeMailbox(join(first, 'config'), store, {
    ...{ ...client, tokenEndpoint, ca },
    ...(wish.account && { account: wish.account }),
  });
  const records = await readConfiguration(join(first, 'config'));
  for (const other of folders.slice(1)) await changeConfiguration(join(other, 'config'), () => records);
  const renew = async (): Promise<void> => {
    const { refreshToken } = endpoint.signIn();
    await mailbox.save({
      refreshToken: new Secret(refreshToken),
      ...OVER,
      accessToken: new Secret('over'),
      generation: 1,
    });
  };
  await renew();
  return { hosts: folders.map((one) => hostIn(one, whole)), mailbox, endpoint, renew };
}

function hostIn(folder: string, env: NodeJS.ProcessEnv): Host {
  const own = { ...env, HOME: folder, MAILAUTH_CONFIG_DIR: join(folder, 'config') };
  const start = (args: readonly string[], more: NodeJS.ProcessEnv = {}) => started(args, { ...own, ...more });
  return { folder, env: own, start, run: (args, more) => start(args, more).ended };
}
