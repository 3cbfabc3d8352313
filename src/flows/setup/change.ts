import { readConfiguration } from '../../store/accounts.js';
import { noteReplaced } from './answers.js';
import { discardReplaced, saveSetup } from './draft.js';
import { accountInPlace, changedKeys, clientInPlace, type Records, storeRecords } from './records.js';
import { CLIENT_SECRET, type Setup } from './state.js';

/** What the answers change of the account that is stored, without a sign-in. */
export interface Changes {
  readonly after: Records;
  readonly keys: readonly string[];
}

/** Undefined where no account is stored yet. */
export function changesInPlace(setup: Setup): Changes | undefined {
  const { account, client } = setup;
  if (account === undefined || client === undefined) return undefined;
  const after = { account: accountInPlace(setup, account), client: clientInPlace(setup, client) };
  return { after, keys: [...changedKeys(account, after.account), ...changedKeys(client, after.client)] };
}

/** Stores what changed, where anything did; then deletes the secrets that nothing names any more. */
export async function storeInPlace(setup: Setup): Promise<void> {
  const changes = changesInPlace(setup);
  if (changes === undefined || changes.keys.length === 0) return;
  await noteOldSecrets(setup, changes.after);
  await storeRecords(setup, changes.after);
  setup.changed = true;
  await discardReplaced(setup);
}

/** Copies of this client's secret that other records still hold: a new secret serves every account of the client. */
export async function noteOldSecrets(setup: Setup, { client }: Records): Promise<void> {
  const { clients } = await readConfiguration(setup.world.configDir);
  const copies = clients.filter(
    (other) =>
      other.provider === client.provider &&
      other.clientId === client.clientId &&
      other.signIn === client.signIn &&
      other.secretCredential !== client.secretCredential,
  );
  for (const { secretCredential } of copies) {
    if (secretCredential !== undefined) noteReplaced(setup, CLIENT_SECRET, secretCredential);
  }
  if (copies.length > 0) await saveSetup(setup);
}
