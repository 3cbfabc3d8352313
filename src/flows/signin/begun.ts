/**
 * A sign-in that one process begins and another one finishes. What must not be seen (state, nonce, code verifier) is in
 * the store under a random id, for one use within ten minutes; the account's record, or the unfinished set-up, says where.
 */
import type { Account, BegunSignIn } from '../../account/account.js';
import { isOver } from '../../account/lifetime.js';
import { MailauthError } from '../../explain/problem.js';
import type { RequestedAuthorization } from '../../oauth/authorization.js';
import { changeAccount } from '../../store/accounts.js';
import { newCredentialId, type SecretStore } from '../../store/store.js';
import { recordIn } from '../../words/json.js';
import { Secret } from '../../words/secret.js';
import { withAccountLock } from '../lock.js';
import type { World } from '../world.js';

const VALID_MS = 10 * 60_000;
const VERSION = 1;

/** Where a sign-in that was begun is noted: an account's record, or an unfinished set-up. */
export interface BegunPlace {
  /** What is signed in to, in a sentence. */
  readonly title: string;
  /** The command that begins a new one. */
  readonly again: string;
  readonly begun: BegunSignIn | undefined;
  /** Puts the note in place, or takes it away if it is still `only`; returns the one that stood there. */
  note(begun: BegunSignIn | undefined, only?: string): Promise<BegunSignIn | undefined>;
  /** Runs `work` while no other process begins or removes anything here. */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

/** The note comes first, so that a crash in between leaves nothing in the store that nobody knows of. */
export async function keepBegun(
  world: World,
  store: SecretStore,
  place: BegunPlace,
  requested: RequestedAuthorization,
): Promise<BegunSignIn> {
  const begun: BegunSignIn = {
    credential: newCredentialId(place.title),
    redirectUri: requested.redirectUri,
    expires: new Date(world.now().getTime() + VALID_MS).toISOString(),
  };
  await place.alone(async () => {
    const replaced = await place.note(begun);
    if (replaced !== undefined) await store.delete(replaced.credential);
    await store.put(begun.credential, encode(requested));
  });
  return begun;
}

/** What was kept, as it stands: an answer that belongs to another sign-in does not use it up. Throws as `begunInTime` does. */
export async function readBegun(world: World, store: SecretStore, place: BegunPlace): Promise<RequestedAuthorization> {
  const stored = await store.get(begunInTime(world, place).credential);
  if (stored === undefined) throw nothingBegun(place);
  return decode(stored.value, place);
}

/**
 * Uses it up, before anything is done with its answer: of two readers one goes on.
 * Throws `signin_required` where another process was first.
 */
export async function useBegun(world: World, store: SecretStore, place: BegunPlace): Promise<void> {
  const { credential } = begunInTime(world, place);
  // What the note gave up under its lock decides: deleting a file is no test on every system.
  const taken = await place.note(undefined, credential);
  await store.delete(credential);
  if (taken?.credential !== credential) throw nothingBegun(place);
}

/** Deletes what nobody can finish any more. What cannot be deleted now is found again next time. */
export async function discardExpired(
  world: World,
  place: BegunPlace,
  store: () => Promise<SecretStore>,
): Promise<void> {
  const { begun } = place;
  if (begun === undefined || !isOver(begun.expires, world.now())) return;
  try {
    await (await store()).delete(begun.credential);
    await place.note(undefined, begun.credential);
  } catch (error) {
    if (!(error instanceof MailauthError)) throw error;
  }
}

/** The note of the begun sign-in. Throws `signin_required` where there is none, `signin_timeout` where it is too old. */
export function begunInTime(world: World, place: BegunPlace): BegunSignIn {
  const { begun } = place;
  if (begun === undefined) throw nothingBegun(place);
  if (!isOver(begun.expires, world.now())) return begun;
  throw new MailauthError('signin_timeout', 'the sign-in was begun more than ten minutes ago, and is no longer valid', {
    fix: [beginAgain(place)],
  });
}

function nothingBegun(place: BegunPlace): MailauthError {
  const message = `no sign-in to ${place.title} waits to be finished; one that was begun can be finished once`;
  return new MailauthError('signin_required', message, { fix: [beginAgain(place)] });
}

function beginAgain({ again }: BegunPlace): { text: string; command: string } {
  return { text: 'begin a new one', command: `${again} --begin` };
}

function removedMeanwhile({ name, provider }: Account): MailauthError {
  return new MailauthError('no_such_account', `${name} was removed while a sign-in to it was begun`, {
    fix: [{ text: 'set it up again', command: `mailauth setup ${provider}` }],
  });
}

/** In the account's record. */
export function begunAt(world: World, account: Account): BegunPlace {
  return {
    title: account.name,
    again: `mailauth authorize ${account.name}`,
    begun: account.begun,
    alone: (work) => withAccountLock(world, account, work),
    async note(begun, only) {
      let before: BegunSignIn | undefined;
      const kept = await changeAccount(world.configDir, account.credential, (current) => {
        const { begun: standing, ...rest } = current;
        before = standing;
        if (only !== undefined && standing?.credential !== only) return current;
        return { ...rest, ...(begun && { begun }) };
      });
      if (kept === undefined && begun !== undefined) throw removedMeanwhile(account);
      return before;
    },
  };
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

function decode(stored: Secret, place: BegunPlace): RequestedAuthorization {
  const fields = recordIn(stored.reveal()) ?? {};
  const { v, redirectUri, issuer, issInResponse, state, nonce, codeVerifier } = fields;
  const texts = [redirectUri, issuer, state, codeVerifier, nonce ?? 'none'];
  if (v !== VERSION || typeof issInResponse !== 'boolean' || !texts.every((text) => typeof text === 'string')) {
    throw new MailauthError('store_damaged', `what was kept of the sign-in to ${place.title} cannot be used`, {
      fix: [beginAgain(place)],
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
