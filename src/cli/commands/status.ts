import { openConfiguration, openDrafts } from '../../flows/configuration.js';
import { nextCommand } from '../../flows/next.js';
import { accountsDocument, renderAccounts } from '../../render/accounts.js';
import type { Context } from '../context.js';
import { json } from '../output.js';

/** `mailauth` alone: where things stand, and the one next command. */
export async function run({ world, output }: Context): Promise<number> {
  const configuration = await openConfiguration(world);
  if (output.json) {
    output.result(json(accountsDocument(configuration)));
    return 0;
  }
  const isNew = configuration.accounts.length === 0;
  if (isNew) output.progress('mailauth sets up OAuth2 for a mailbox. No account is set up yet.');
  else output.result(renderAccounts(configuration, world.now(), output.out.style));
  const { text, command } = await nextCommand(configuration, await openDrafts(world), world.now());
  output.progress(`do: ${text}\n      ${command}`);
  return 0;
}
