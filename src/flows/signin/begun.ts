/**
 * A sign-in that one process begins and another one finishes. What must not be seen (state, nonce, code verifier) is in
 * the account's store under a random id, for one reading within ten minutes; the account's record says where it is.
 */
import type { Account, BegunSignIn } from '../../account/account.js';
import { isOver } from '../../account/lifetime.js';
import { MailauthError } from '../../explain/problem.js';
import type { RequestedAuthorization } from '../../oauth/authorization.js';
import { changeConfiguration } from '../../store/accounts.js';
import { newCredentialId, type SecretStore } from '../../store/store.js';
import { Secret } from '../../words/secret.js';
import { openStore } from '../open.js';
import type { World } from '../world.js';

const VALID_MS = 10 * 60_000;
const VERSION = 1;

/** The record comes first, so that a crash in between leaves nothing in the store that nobody knows of. */
export async function keepBegun(
  world: World,
  store: SecretStore,
  account: Account,
  requested: RequestedAuthorization,
): Promise<BegunSignIn> {
  const begun: BegunSignIn = {
    credential: newCredentialId(),
    redirectUri: requested.redirectUri,
    expires: new Date(world.now().getTime() + VALID_MS).toISOString(),
  };
  const replaced = await recordBegun(world, account, begun);
  if (replaced !== undefined) await store.delete(replaced.credential);
  await store.put(begun.credential, encode(requested));
  return begun;
}

/**
 * Reads what was kept, once: it is gone from the store before it is returned, and of two readers one gets it.
 * Throws `signin_required` where another process was first, `signin_timeout` where the ten minutes are over.
 */
export async function takeBegun(world: World, store: SecretStore, account: Account): Promise<RequestedAuthorization> {
  const { credential } = begunOf(account);
  const stored = await store.get(credential);
  // What the record gave up under its lock decides: deleting a file is no test on every system.
  const taken = await recordBegun(world, account, undefined, credential);
  await store.delete(credential);
  if (stored === undefined || taken?.credential !== credential) throw nothingBegun(account);
  begunInTime(world, account);
  return decode(stored.value, account);
}

/** Deletes what nobody can finish any more. What cannot be deleted now is found again next time. */
export async function discardExpired(world: World, account: Account): Promise<void> {
  const { begun } = account;
  if (begun === undefined || !isOver(begun.expires, world.now())) return;
  try {
    const store = await openStore(world, account.store);
    await store.delete(begun.credential);
    await recordBegun(world, account, undefined, begun.credential);
  } catch (error) {
    if (!(error instanceof MailauthError)) throw error;
  }
}

/** The record of the begun sign-in. Throws `signin_required` where there is none, `signin_timeout` where it is too old. */
export function begunInTime(world: World, account: Account): BegunSignIn {
  const begun = begunOf(account);
  if (!isOver(begun.expires, world.now())) return begun;
  throw new MailauthError('signin_timeout', 'the sign-in was begun more than ten minutes ago, and is no longer valid', {
    fix: [beginAgain(account)],
  });
}

function begunOf(account: Account): BegunSignIn {
  if (account.begun !== undefined) return account.begun;
  throw nothingBegun(account);
}

function nothingBegun(account: Account): MailauthError {
  const message = `no sign-in to ${account.name} waits to be finished; one that was begun can be finished once`;
  return new MailauthError('signin_required', message, { fix: [beginAgain(account)] });
}

function beginAgain(account: Account): { text: string; command: string } {
  return { text: 'begin a new one', command: `mailauth authorize ${account.name} --begin` };
}

/** Puts the record in place, or takes it away if it is still `only`; returns the one that stood there. */
async function recordBegun(
  world: World,
  account: Account,
  begun: BegunSignIn | undefined,
  only?: string,
): Promise<BegunSignIn | undefined> {
  let before: BegunSignIn | undefined;
  await changeConfiguration(world.configDir, (configuration) => ({
    ...configuration,
    accounts: configuration.accounts.map((other) => {
      if (other.credential !== account.credential) return other;
      const { begun: standing, ...rest } = other;
      before = standing;
      if (only !== undefined && standing?.credential !== only) return other;
      return { ...rest, ...(begun && { begun }) };
    }),
  }));
  return before;
}

function encode({ state, nonce, codeVerifier, ...open }: RequestedAuthorization): Secret {
  return new Secret(
    JSON.stringify({
      v: VERSION,
      redirectUri: open.redirectUri,
      issuer: open.issuer,
      issInResponse: open.issInResponse,
      state: state.reveal(),
      ...(nonce && { nonce: nonce.reveal() }),
      codeVerifier: codeVerifier.reveal(),
    }),
  );
}

function decode(stored: Secret, account: Account): RequestedAuthorization {
  const fields = parse(stored.reveal());
  const { v, redirectUri, issuer, issInResponse, state, nonce, codeVerifier } = fields;
  const texts = [redirectUri, issuer, state, codeVerifier, nonce ?? 'none'];
  if (v !== VERSION || typeof issInResponse !== 'boolean' || !texts.every((text) => typeof text === 'string')) {
    throw new MailauthError('store_damaged', `what was kept of the sign-in of ${account.name} cannot be used`, {
      fix: [beginAgain(account)],
    });
  }
  return {
    redirectUri: String(redirectUri),
    issuer: String(issuer),
    issInResponse,
    state: new Secret(String(state)),
    ...(nonce !== undefined && { nonce: new Secret(String(nonce)) }),
    codeVerifier: new Secret(String(codeVerifier)),
  };
}

/** An unreadable text reads as no fields: the parser's own message would quote the secret. */
function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
