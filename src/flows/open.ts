import type { Account, StoreChoice } from '../account/account.js';
import type { Client } from '../account/client.js';
import type { Credential } from '../account/credential.js';
import { MailauthError } from '../explain/problem.js';
import { decodeCredential, encodeCredential } from '../store/credential.js';
import type { SecretStore } from '../store/store.js';
import type { Secret } from '../words/secret.js';
import type { World } from './world.js';

/** How long a keychain may take to answer: a person at a terminal may have to type a password into its window. */
const ATTENDED_MS = 60_000;
const UNATTENDED_MS = 3_000;

/**
 * Opens the store an account was set up with, or the one chosen for a new account; a process opens each kind once, and
 * tries again what did not open. It never falls back to another kind: a credential has one home.
 */
export function openStore(world: World, choice: StoreChoice): Promise<SecretStore> {
  const standing = world.stores.get(choice.kind);
  if (standing !== undefined) return standing;
  const opening = open(world, choice);
  world.stores.set(choice.kind, opening);
  opening.catch(() => world.stores.delete(choice.kind));
  return opening;
}

async function open(world: World, choice: StoreChoice): Promise<SecretStore> {
  if (choice.kind === 'keychain') {
    const { openKeychain } = await import('../store/keychain/keychain-store.js');
    return openKeychain({
      platform: world.platform,
      env: world.env,
      deadlineMs: world.interviewer.attended ? ATTENDED_MS : UNATTENDED_MS,
      ...(world.onFrozen && { onFrozen: world.onFrozen }),
    });
  }
  const [{ openFileStore }, { requireKeySource }] = await Promise.all([
    import('../store/file/file-store.js'),
    import('./store-key.js'),
  ]);
  return openFileStore({
    directory: world.configDir,
    key: await requireKeySource(world, choice),
    note: (text) => world.interviewer.tell('warn', text),
    signal: world.signal,
  });
}

/** The credential of an account; an account whose credential is gone from an open store needs a new sign-in. */
export async function readCredential(store: SecretStore, account: Account): Promise<Credential> {
  const stored = await store.get(account.credential);
  if (stored === undefined) {
    throw new MailauthError('signin_required', `${store.describe()} no longer holds the sign-in of ${account.name}`, {
      fix: [{ text: 'sign in again', command: `mailauth authorize ${account.name}` }],
    });
  }
  return decodeCredential(stored);
}

export async function saveCredential(store: SecretStore, account: Account, credential: Credential): Promise<void> {
  await store.set(account.credential, encodeCredential(credential));
}

/** A new token may be longer than the one it replaces, by so many characters. */
const GROWTH = 1024;

/** Proves that what a refresh brings can be stored. Throws what is in the way. */
export async function proveRoom(store: SecretStore, credential: Credential): Promise<void> {
  await store.prove(encodeCredential(credential).reveal().length + GROWTH);
}

/** The client's secret, or undefined for a public client. */
export async function readClientSecret(store: SecretStore, client: Client): Promise<Secret | undefined> {
  if (client.secretCredential === undefined) return undefined;
  const secret = await store.get(client.secretCredential);
  if (secret === undefined) {
    throw new MailauthError('signin_required', `${store.describe()} no longer holds the client secret`, {
      fix: [
        {
          text: 'enter the client secret again',
          command: `mailauth setup ${client.provider} --client-id ${client.clientId}`,
        },
      ],
    });
  }
  return secret;
}
