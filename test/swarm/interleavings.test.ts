import { mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openOutput } from '../../src/cli/output.js';
import { subjectOf } from '../../src/cli/subject.js';
import { scriptInterviewer } from '../../src/cli/terminal/script.js';
import { MailauthError } from '../../src/explain/problem.js';
import { openStore } from '../../src/flows/open.js';
import { removeAccount } from '../../src/flows/remove.js';
import { replaceSignIn } from '../../src/flows/signin/authorize.js';
import { freshToken } from '../../src/flows/token/fresh.js';
import { watchFlights } from '../../src/flows/token/in-flight.js';
import type { TokenWish } from '../../src/flows/token/wish.js';
import type { World } from '../../src/flows/world.js';
import { readConfiguration } from '../../src/store/accounts.js';
import { decodeCredential } from '../../src/store/credential.js';
import type { SecretStore } from '../../src/store/store.js';
import { openNetwork } from '../../src/system/network.js';
import { Secret } from '../../src/words/secret.js';
import { makeAuthority } from '../servers/certificates.js';
import { type RotatingEndpoint, startRotatingEndpoint } from '../servers/rotating-endpoint.js';
import { fileStoreIn, makeMailbox, OVER } from './mailbox.js';
import { started } from './scene.js';

const NAME = 'outlook';
const SCOPES = ['https://outlook.office.com/SMTP.Send', 'offline_access'];
const CLIENT = { clientId: 'the-client', clientSecret: 'the-client-secret' };

/** What a program may do to an account while others do the same. */
type Deed =
  | { readonly kind: 'token'; readonly want: TokenWish['want'] }
  | { readonly kind: 'sign-in' }
  | { readonly kind: 'remove' };

/** What came of it: the sign-in it was about, or that there was no account (any more). */
type Result = number | 'gone' | 'removed';

interface Done {
  readonly deed: Deed;
  readonly result: Result;
}

const deeds: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom('lasting', 'newer', 'answer').map((want) => ({ kind: 'token', want }) as Deed),
  },
  { weight: 2, arbitrary: fc.constant<Deed>({ kind: 'sign-in' }) },
  { weight: 1, arbitrary: fc.constant<Deed>({ kind: 'remove' }) },
);
/** Deeds that begin at nearly the same time; the pauses (milliseconds) shift them against each other. */
const together = fc.array(fc.tuple(deeds, fc.integer({ min: 0, max: 40 })), { minLength: 2, maxLength: 4 });

const authority = makeAuthority();
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'mailauth-interleavings-')));
const configDir = join(folder, 'config');
const ca = join(folder, 'ca.pem');
let endpoint: RotatingEndpoint;
let store: SecretStore;
let world: World;

beforeAll(async () => {
  writeFileSync(ca, authority.cert);
  endpoint = await startRotatingEndpoint(authority, { ...CLIENT, latency: 5 });
  store = await fileStoreIn(configDir);
  const nowhere = { isTTY: false, write: () => true } as unknown as NodeJS.WriteStream;
  const env = { MAILAUTH_KEY_FILE: join(configDir, 'key') };
  world = {
    env,
    platform: process.platform,
    now: () => new Date(),
    configDir,
    signal: new AbortController().signal,
    inFlight: watchFlights(new AbortController().signal),
    interviewer: scriptInterviewer(
      openOutput({ stdout: nowhere, stderr: nowhere }, env, {
        json: false,
        quiet: false,
        verbose: false,
        noColor: true,
      }),
    ),
    secrets: {},
    stores: new Map(),
    openBrowser: false,
  };
});
afterAll(async () => {
  await endpoint.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Sets the account up where there is none, its access token over; gives the sign-in it is at. */
async function setUp(): Promise<number> {
  const present = await stored();
  if (present !== undefined) return present;
  const { signIn, refreshToken } = endpoint.signIn();
  await makeMailbox(configDir, store, {
    ...CLIENT,
    name: NAME,
    tokenEndpoint: `${endpoint.origin}/token`,
    scopes: SCOPES,
    ca,
    account: {
      endpoints: {
        issuer: endpoint.origin,
        authorization: `${endpoint.origin}/authorize`,
        token: `${endpoint.origin}/token`,
        revocation: `${endpoint.origin}/revoke`,
        issInResponse: false,
      },
    },
    credential: { refreshToken: new Secret(refreshToken), accessToken: new Secret(`access-${signIn}-0`), ...OVER },
  });
  return signIn;
}

/** The sign-in that is stored; undefined where there is no account. */
async function stored(): Promise<number | undefined> {
  const account = (await readConfiguration(configDir)).accounts.find(({ name }) => name === NAME);
  if (account === undefined) return undefined;
  const credential = decodeCredential((await store.get(account.credential))?.value as Secret);
  const signIns = [credential.refreshToken, credential.accessToken].map((token) => signInOf(token?.reveal() ?? ''));
  expect(new Set(signIns).size).toBe(1);
  return signIns[0];
}

function signInOf(token: string): number {
  return Number(token.split('-')[1]);
}

/** Each deed as a program of its own would do it. */
async function perform(deed: Deed): Promise<Result> {
  const program: World = { ...world, signal: new AbortController().signal };
  try {
    const subject = subjectOf(await readConfiguration(configDir), NAME);
    if (deed.kind === 'remove') {
      expect((await removeAccount(program, subject, undefined)).left).toEqual([]);
      return 'removed';
    }
    if (deed.kind === 'sign-in') return await signIn(program, subject);
    return await takeToken(program, subject, deed.want);
  } catch (error) {
    if (error instanceof MailauthError && ['no_such_account', 'signin_required'].includes(error.code)) return 'gone';
    throw error;
  }
}

async function signIn(program: World, subject: Parameters<typeof replaceSignIn>[1]): Promise<number> {
  const tokens = endpoint.signIn();
  const grant = {
    accessToken: new Secret(tokens.accessToken),
    refreshToken: new Secret(tokens.refreshToken),
    expiresIn: 3600,
    scopes: SCOPES,
  };
  await replaceSignIn(program, subject, async () => ({ grant, address: subject.account.address, identified: true }));
  return tokens.signIn;
}

async function takeToken(
  program: World,
  subject: Parameters<typeof replaceSignIn>[1],
  want: TokenWish['want'],
): Promise<number> {
  const network = await openNetwork({ env: {}, caFile: ca });
  try {
    const open = { ...subject, store: await openStore(program, subject.account.store), network: async () => network };
    const outcome = await freshToken(program, open, { minTtl: 120, want });
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.evidence));
    return signInOf(outcome.value.accessToken.reveal());
  } finally {
    await network.close();
  }
}

/** The sign-ins that may be stored in the end if everything had come in turn, in some order; empty where no order explains it. */
function explanations(before: number | undefined, done: readonly Done[]): (number | undefined)[] {
  if (done.length === 0) return [before];
  return done.flatMap((first, index) => {
    const after = inTurn(before, first);
    return after === undefined
      ? []
      : explanations(
          after.stored,
          done.filter((_, other) => other !== index),
        );
  });
}

/** What one deed makes of the account, or undefined where it cannot have come of it. */
function inTurn(
  before: number | undefined,
  { deed, result }: Done,
): { readonly stored: number | undefined } | undefined {
  if (deed.kind === 'remove')
    return result === (before === undefined ? 'gone' : 'removed') ? { stored: undefined } : undefined;
  if (before === undefined) return result === 'gone' ? { stored: undefined } : undefined;
  if (deed.kind === 'token') return result === before ? { stored: before } : undefined;
  return typeof result === 'number' ? { stored: result } : undefined;
}

/** The files of the encrypted store: nothing of an account that is gone, nothing half done. */
function files(): readonly string[] {
  return readdirSync(join(configDir, 'secrets')).filter((name) => name !== 'data-key');
}

describe('S34 any order of sign-in, token and removal', () => {
  test('S34 S31 R13 ends as if they had come in turn, and leaves no copy and no lock behind', async () => {
    await fc.assert(
      fc.asyncProperty(together, async (batch) => {
        const before = await setUp();
        const done = await Promise.all(
          batch.map(async ([deed, wait]): Promise<Done> => {
            await sleep(wait);
            return { deed, result: await perform(deed) };
          }),
        );
        const after = await stored();
        expect(explanations(before, done), JSON.stringify(done)).toContain(after);
        expect(endpoint.wrong).toEqual([]);
        const { accounts, clients } = await readConfiguration(configDir);
        const known = [...accounts.map(({ credential }) => credential), ...clients.map((one) => one.secretCredential)];
        expect([...files()].sort()).toEqual(known.map((id) => `${id}.enc`).sort());
      }),
      { numRuns: 15 },
    );
    expect(endpoint.refreshes()).toBeGreaterThan(5);
  }, 60_000);
});

describe('S34 programs', () => {
  test('S34 that ask for tokens while another removes the account get a token or are told, and nothing is left', async () => {
    await setUp();
    const env = { PATH: '/usr/bin:/bin', HOME: folder, MAILAUTH_CONFIG_DIR: configDir, ...world.env };
    const asking = Array.from({ length: 8 }, (_, index) =>
      started(['token', NAME, ...(index % 2 === 0 ? ['--force-refresh'] : [])], env),
    );
    const removing = started(['remove', NAME, '--yes'], env);
    const ends = await Promise.all([...asking, removing].map(({ ended }) => ended));
    const removed = ends.at(-1);
    expect([removed?.code, removed?.stdout]).toEqual([0, '']);
    for (const { code, stdout, stderr } of ends.slice(0, -1)) {
      // 67: no such account; 77: the sign-in was deleted while the program waited for its turn.
      expect([0, 67, 77], stderr).toContain(code);
      expect(stdout).toMatch(code === 0 ? /^access-\d+-\d+\n$/ : /^$/);
    }
    expect(endpoint.wrong).toEqual([]);
    expect(await stored()).toBeUndefined();
    expect(files()).toEqual([]);
  }, 60_000);
});
