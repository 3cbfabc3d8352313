import { storeWord } from '../../account/account.js';
import { type PortableAccount, readPortable } from '../../account/portable.js';
import { ownField } from '../../account/record.js';
import { importAccount } from '../../flows/import-account.js';
import { STORES } from '../../store/stores.js';
import { oneLine } from '../../words/sanitise.js';
import { readInputFile } from '../answer-file.js';
import type { Context } from '../context.js';
import { json } from '../output.js';
import { readStandardInput } from '../standard-input.js';

export async function run({ world, output, args }: Context): Promise<number> {
  const [given = ''] = args;
  const { signal, interviewer } = world;
  const text = given === '-' ? await readStandardInput('import -', { signal }) : await readInputFile(given, signal);
  const record = readPortable(text, given === '-' ? 'standard input' : given);
  const { account, changed } = await importAccount(world, record);
  for (const sentence of toldOf(record)) interviewer.tell('info', sentence);
  const { store } = account;
  if (STORES[store.kind].place === undefined) {
    interviewer.tell(
      'warn',
      `its secrets are in the ${store.kind} store of the other machine: sign in here with mailauth authorize ${account.name}`,
    );
  }
  interviewer.tell(
    'ok',
    changed ? `${account.name} (${account.address}) is set up here` : `${account.name} was the same already`,
  );
  if (output.json) {
    const { accountDocument } = await import('../../render/accounts.js');
    output.result(json({ schema: 'mailauth.import/1', account: accountDocument(account, record.client), changed }));
  }
  return 0;
}

/** A record decides who is asked with the secrets, and what is run to reach them: that is shown before it happens. */
function toldOf({ account, client }: PortableAccount): readonly string[] {
  const hosts = [account.smtp, account.imap, account.pop].flatMap((server) => server?.host ?? []);
  const tenant = ownField(client, 'tenant');
  return [
    `tokens come from ${new URL(account.endpoints.token).host}${tenant ? ` (tenant ${oneLine(tenant)})` : ''}, and go to ${[...new Set(hosts)].join(' and ')}`,
    account.store.kind === 'command'
      ? `its secrets are reached by running ${account.store.at ?? ''}`
      : `its secrets are in ${storeWord(account.store)}`,
  ];
}
