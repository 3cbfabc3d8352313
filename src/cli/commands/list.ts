import { openConfiguration } from '../../flows/configuration.js';
import { accountsDocument, renderAccounts } from '../../render/accounts.js';
import type { Context } from '../context.js';
import { json } from '../output.js';

export async function run({ world, output }: Context): Promise<number> {
  const configuration = await openConfiguration(world);
  if (output.json) output.result(json(accountsDocument(configuration)));
  else if (configuration.accounts.length > 0)
    output.result(renderAccounts(configuration, world.now(), output.out.style));
  else output.progress('no account is set up yet\n  do: set one up\n      mailauth setup');
  return 0;
}
