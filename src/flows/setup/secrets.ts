/** How the secrets of a set-up stand in the store, and how one that is given again is recognised. */
import { isSameStore } from '../../account/account.js';
import type { Client } from '../../account/client.js';
import { isStored } from '../../guide/answer-record.js';
import { readConfiguration } from '../../store/accounts.js';
import { decodeCredential, encodeCredential } from '../../store/credential.js';
import { readDrafts } from '../../store/drafts.js';
import { hashOf } from '../../store/journal.js';
import type { SecretStore } from '../../store/store.js';
import type { Secret } from '../../words/secret.js';
import { REPLACED } from './answers.js';
import { CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, type Setup } from './state.js';

/**
 * A refresh token that was brought along is kept as the credential it will become, so that it is refreshed as any other,
 * and its successor is safe whatever comes of the set-up. What it was when it came is remembered by its hash.
 */
export function storeable(question: string, secret: Secret): Secret {
  if (question !== REFRESH_TOKEN) return secret;
  return encodeCredential({ refreshToken: secret, generation: 0, broughtAs: hashOf(secret) });
}

/** The entry that holds this very secret: the account's, or one of this set-up. */
export async function isHeldAlready(
  setup: Setup,
  store: SecretStore,
  question: string,
  secret: Secret,
): Promise<string | undefined> {
  for (const entry of await entriesFor(setup, question)) {
    const held = await store.get(entry);
    if (held !== undefined && isThis(question, held.value, secret)) return entry;
  }
  return undefined;
}

async function entriesFor(setup: Setup, question: string): Promise<readonly string[]> {
  const { stored, entries } = setup;
  const value = stored[question]?.value;
  return [
    ...(isStored(value) ? [value.entry] : []),
    ...Object.entries(entries).flatMap(([name, id]) => (name.startsWith(`${REPLACED}${question}:`) ? [id] : [])),
    ...(question === CLIENT_SECRET ? await secretsOfClient(setup) : await broughtElsewhere(setup)),
  ];
}

/** The secret of the same client ID, where other accounts use it already. */
async function secretsOfClient({ world, provider, records, storeChoice }: Setup): Promise<readonly string[]> {
  const { accounts, clients } = await readConfiguration(world.configDir);
  const isHere = (client: Client): boolean =>
    accounts.some(({ client: id, store }) => id === client.id && isSameStore(store, storeChoice));
  return clients
    .filter((client) => client.provider === provider.id && client.clientId === records[CLIENT_ID]?.value)
    .flatMap((client) => (client.secretCredential !== undefined && isHere(client) ? [client.secretCredential] : []));
}

/** A refresh token that another set-up brought along, for an address that was mistyped perhaps: its successor is there. */
async function broughtElsewhere({ world, id, provider, storeChoice }: Setup): Promise<readonly string[]> {
  const drafts = await readDrafts(world.configDir);
  return drafts
    .filter((draft) => draft.id !== id && draft.provider === provider.id && isSameStore(draft.store, storeChoice))
    .flatMap(({ credentials }) => credentials[REFRESH_TOKEN] ?? []);
}

function isThis(question: string, held: Secret, secret: Secret): boolean {
  if (question !== REFRESH_TOKEN) return held.reveal() === secret.reveal();
  const { refreshToken, broughtAs } = decodeCredential(held);
  return broughtAs === hashOf(secret) || refreshToken?.reveal() === secret.reveal();
}
