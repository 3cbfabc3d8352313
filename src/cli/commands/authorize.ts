import type { Account } from '../../account/account.js';
import { openConfiguration } from '../../flows/configuration.js';
import { beginSignIn } from '../../flows/signin/begin.js';
import { wayAgain } from '../../flows/signin/sign-ins.js';
import type { Subject } from '../../flows/workbench.js';
import { accountDocument } from '../../render/accounts.js';
import { localDay } from '../../words/time.js';
import type { Context } from '../context.js';
import { json } from '../output.js';
import { signInWay, tellBegun, toSeconds } from '../sign-in-way.js';
import { subjectOf } from '../subject.js';

const SCHEMA = 'mailauth.authorize/1';

export async function run(context: Context): Promise<number> {
  const { world } = context;
  const way = await signInWay(context, `mailauth authorize ${context.args[0]}`);
  const subject = subjectOf(await openConfiguration(world), context.args[0] as string);
  const row = wayAgain(subject, way.kind);
  if (row.option === 'begin') return begin(context, subject);
  const given = async (): Promise<string | undefined> => (way.kind === 'finish' ? way.callback : undefined);
  return told(context, subject, await row.sign(world, subject, given));
}

async function begin({ world, output }: Context, subject: Subject): Promise<number> {
  const { account, client } = subject;
  const begun = await beginSignIn(world, subject);
  if (output.json) {
    const { url, expires } = begun;
    output.result(
      json({ schema: SCHEMA, account: accountDocument(account, client), url, expires: toSeconds(expires) }),
    );
  } else tellBegun(output, begun, account.authUser ?? account.address, `mailauth authorize ${account.name}`);
  return 0;
}

function told({ world, output }: Context, { client }: Subject, account: Account): number {
  world.interviewer.tell('ok', `signed in as ${account.authUser ?? account.address}`);
  if (account.signInEnds !== undefined)
    world.interviewer.tell('warn', `this sign-in ends on ${localDay(account.signInEnds)}`);
  output.progress(`do: prove it\n      mailauth check ${account.name}`);
  if (output.json) output.result(json({ schema: SCHEMA, account: accountDocument(account, client) }));
  return 0;
}
