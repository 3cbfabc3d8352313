import { authorize } from '../../flows/authorize.js';
import { accountDocument } from '../../render/accounts.js';
import { readConfiguration } from '../../store/accounts.js';
import type { Context } from '../context.js';
import { json } from '../output.js';
import { subjectOf } from '../subject.js';

export async function run({ world, output, args }: Context): Promise<number> {
  const subject = subjectOf(await readConfiguration(world.configDir), args[0] as string);
  await world.interviewer.open(subject.provider, { answers: {}, done: [] }, undefined);
  const account = await authorize(world, subject);
  world.interviewer.tell('ok', `signed in as ${account.authUser ?? account.address}`);
  if (account.signInEnds !== undefined)
    world.interviewer.tell('warn', `this sign-in ends on ${account.signInEnds.slice(0, 10)}`);
  output.progress(`do: prove it\n      mailauth check ${account.name}`);
  if (output.json)
    output.result(json({ schema: 'mailauth.authorize/1', account: accountDocument(account, subject.client) }));
  return 0;
}
