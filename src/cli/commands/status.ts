import { accountsDocument, renderAccounts } from '../../render/accounts.js';
import { readConfiguration, readDrafts } from '../../store/accounts.js';
import type { Context } from '../context.js';
import { json } from '../output.js';

/** `mailauth` alone: where things stand, and the one next command. */
export async function run({ world, output }: Context): Promise<number> {
  const configuration = await readConfiguration(world.configDir);
  const [unfinished] = await readDrafts(world.configDir);
  if (output.json) {
    output.result(json(accountsDocument(configuration)));
    return 0;
  }
  if (configuration.accounts.length > 0) output.result(renderAccounts(configuration, output.out.style));
  const next =
    unfinished !== undefined
      ? [`carry on with the unfinished set-up`, `mailauth setup ${unfinished.provider}`]
      : configuration.accounts.length > 0
        ? ['prove that everything works', 'mailauth check']
        : ['set up a mailbox', 'mailauth setup gmail    (or outlook)'];
  if (configuration.accounts.length === 0)
    output.progress('mailauth sets up OAuth2 for a mailbox. No account is set up yet.');
  output.progress(`do: ${next[0]}\n      ${next[1]}`);
  return 0;
}
