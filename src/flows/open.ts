import { type Account, type StoreChoice, storeWord } from '../account/account.js';
import { readClientCredential } from '../account/client-credential.js';
import type { Credential } from '../account/credential.js';
import { MailauthError } from '../explain/problem.js';
import type { ClientCredentials } from '../oauth/client-authentication.js';
import { decodeCredential, encodeCredential } from '../store/credential.js';
import type { SecretStore } from '../store/store.js';
import { STORES } from '../store/stores.js';
import { quoted } from '../words/shell.js';
import type { OpenClient } from './token/wish.js';
import type { World } from './world.js';

/** Where an account is kept. Throws `usage` where `--store` names another place: a credential has one home. */
export function storeOf(world: World, { name, store }: Account): StoreChoice {
  const [wanted, kept] = [world.storeFlag && storeWord(world.storeFlag), storeWord(store)];
  if (wanted === undefined || wanted === kept) return store;
  throw new MailauthError('usage', `${name} is kept in the ${kept} store, and --store ${wanted} names another`, {
    fix: [{ text: 'leave --store out: it is for accounts that are new' }],
  });
}

/**
 * Opens the store an account was set up with, or the one chosen for a new account; a process opens each once, and tries
 * again what did not open. It never falls back to another kind: a credential has one home.
 */
export function openStore(world: World, choice: StoreChoice): Promise<SecretStore> {
  const word = storeWord(choice);
  const standing = world.stores.get(word);
  if (standing !== undefined) return standing;
  const { interviewer, secrets, inFlight, env, platform, configDir, onFrozen } = world;
  const opening = STORES[choice.kind].open(choice, {
    env,
    platform,
    configDir,
    attended: interviewer.attended,
    passphrase: secrets.passphrase,
    askPassphrase: (isNew) => interviewer.passphrase(isNew),
    note: (text) => interviewer.tell('warn', text),
    waitFor: (wait, work) => interviewer.waitFor(wait, work),
    signal: inFlight.signal,
    onFrozen,
  });
  world.stores.set(word, opening);
  opening.catch(() => world.stores.delete(word));
  return opening;
}

/** The credential of an account; an account whose credential is gone from an open store needs a new sign-in. */
export async function readCredential(store: SecretStore, account: Named): Promise<Credential> {
  return (await readStored(store, account)).credential;
}

type Named = Pick<Account, 'name' | 'credential'>;

/** The same, and which version of the entry it is. */
export async function readStored(
  store: SecretStore,
  account: Named,
): Promise<{ readonly credential: Credential; readonly version: string }> {
  const stored = await store.get(account.credential);
  if (stored === undefined) {
    throw new MailauthError('signin_required', `${store.describe()} no longer holds the sign-in of ${account.name}`, {
      fix: [{ text: 'sign in again', command: `mailauth authorize ${account.name}`, goesOn: true }],
    });
  }
  return { credential: decodeCredential(stored.value), version: stored.version };
}

export async function saveCredential(store: SecretStore, account: Named, credential: Credential): Promise<void> {
  await store.put(account.credential, encodeCredential(credential));
}

/**
 * A client with what it proves itself with: nothing for a public client, a secret, or what an app has in its place.
 *
 * @param renewal the command that enters it again
 */
export async function readClient(store: SecretStore, client: OpenClient, renewal: string): Promise<ClientCredentials> {
  const { clientId, secretCredential, credentialKind, federatedTokenFile } = client;
  if (credentialKind === 'federated') {
    return { clientId, app: { kind: credentialKind, file: federatedTokenFile ?? '' } };
  }
  if (secretCredential === undefined) return { clientId };
  const secret = (await store.get(secretCredential))?.value;
  if (secret === undefined) throw lostSecret(store, renewal);
  if (credentialKind === undefined) return { clientId, clientSecret: secret };
  if (credentialKind === 'secret') return { clientId, clientSecret: secret, app: { kind: credentialKind, secret } };
  return { clientId, app: readClientCredential(credentialKind, secret) };
}

/** The command that enters the client secret of an account again: by the address, where the name is its provider's. */
export function secretRenewal({ name, address }: Pick<Account, 'name' | 'address'>, client: OpenClient): string {
  return `mailauth setup ${name === client.provider ? quoted('posix', address) : name}`;
}

function lostSecret(store: SecretStore, renewal: string): MailauthError {
  return new MailauthError('client_secret_wrong', `${store.describe()} no longer holds the client secret`, {
    fix: [{ text: 'enter the client secret again', command: renewal, goesOn: true }],
  });
}
