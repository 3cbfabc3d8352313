/** One account in the encrypted file and a token endpoint that says what it is told to: the refresh, step by step. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Credential, FreshToken } from '../../../src/account/credential.js';
import type { Outcome } from '../../../src/explain/outcome.js';
import { freshToken } from '../../../src/flows/token/fresh.js';
import { watchFlights } from '../../../src/flows/token/in-flight.js';
import type { OpenAccount, TokenWish } from '../../../src/flows/token/wish.js';
import type { World } from '../../../src/flows/world.js';
import { openJournal } from '../../../src/store/journal.js';
import { openNetwork } from '../../../src/system/network.js';
import { Secret } from '../../../src/words/secret.js';
import { makeAuthority } from '../../servers/certificates.js';
import {
  type ScriptedAnswer,
  type ScriptedEndpoint,
  startScriptedEndpoint,
} from '../../servers/scripted-token-endpoint.js';
import { testFolder } from '../../store/folder.js';
import { fileStoreIn, type Mailbox, type MailboxWish, makeMailbox } from '../../swarm/mailbox.js';

const authority = makeAuthority();

export const LASTING: TokenWish = { minTtl: 120, want: 'lasting' };
export const NEWER: TokenWish = { minTtl: 120, want: 'newer' };
export const ANSWER: TokenWish = { minTtl: 0, want: 'answer' };

export interface Table {
  readonly endpoint: ScriptedEndpoint;
  readonly mailbox: Mailbox;
  readonly world: World;
  readonly open: OpenAccount;
  /** Queues an answer; a body without more is a grant. */
  answer(answer: ScriptedAnswer | (() => Promise<ScriptedAnswer>)): void;
  ask(wish?: TokenWish, world?: Partial<World>): Promise<Outcome<FreshToken>>;
  /** The refresh tokens the endpoint was sent, in order. */
  sent(): readonly (string | null)[];
  /** The stored bytes, decrypted. */
  stored(): Promise<string | undefined>;
  /** When the journal says that a refresh of the stored token began and was never answered. */
  unanswered(): Promise<Date | undefined>;
}

/** A token response with one new token of each kind. */
export function granted(name: string, changes: object = {}): ScriptedAnswer {
  const body = {
    token_type: 'Bearer',
    expires_in: 3600,
    access_token: `access-${name}`,
    refresh_token: `refresh-${name}`,
  };
  return { body: { ...body, ...changes } };
}

export const REFUSED: ScriptedAnswer = {
  status: 400,
  body: { error: 'invalid_grant', error_description: 'AADSTS70000: The provided grant is invalid' },
};

export async function setTable(wish: MailboxWish = {}): Promise<Table> {
  const folder = testFolder();
  const configDir = join(folder, 'config');
  const store = await fileStoreIn(configDir);
  const endpoint = await startScriptedEndpoint(authority);
  onTestFinished(() => endpoint.stop());
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, authority.cert);
  const mailbox = await makeMailbox(configDir, store, { tokenEndpoint: `${endpoint.origin}/token`, ca, ...wish });
  const network = await openNetwork({ env: {}, caFile: ca });
  onTestFinished(() => network.close());
  const { account, client } = mailbox;
  const open: OpenAccount = { account, client, store, network: async () => network };
  const world: World = {
    env: {},
    platform: process.platform,
    now: () => new Date(),
    configDir,
    signal: new AbortController().signal,
    inFlight: watchFlights(new AbortController().signal),
    // Nobody is asked anything on the way to a token.
    interviewer: { waitFor: (_wait, work) => work } as World['interviewer'],
    secrets: {},
    stores: new Map(),
    openBrowser: false,
  };
  return {
    endpoint,
    mailbox,
    world,
    open,
    answer: (answer) => endpoint.answer('/token', answer),
    ask(asked = LASTING, changes = {}) {
      const { signal = new AbortController().signal } = changes;
      return freshToken({ ...world, signal, inFlight: watchFlights(signal), ...changes }, open, asked);
    },
    sent: () => endpoint.received.map(({ form }) => form.get('refresh_token')),
    stored: async () => (await store.get(account.credential))?.value.reveal(),
    async unanswered() {
      const { refreshToken } = await mailbox.credential();
      return openJournal('file', account.credential, configDir).unanswered(refreshToken as Secret);
    },
  };
}

export function tokenOf(outcome: Outcome<FreshToken>): string {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.evidence));
  return outcome.value.accessToken.reveal();
}

/** A credential whose access token lives so many seconds more. */
export function living(seconds: number, name = 'old', generation = 1): Credential {
  const now = Math.floor(Date.now() / 1000);
  return {
    refreshToken: new Secret(`refresh-${name}`),
    accessToken: new Secret(`access-${name}`),
    accessTokenIssued: now - 60,
    accessTokenExpires: now + seconds,
    generation,
  };
}
