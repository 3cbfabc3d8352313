import type { Account } from '../../account/account.js';
import { openConfiguration } from '../../flows/configuration.js';
import type { SignInWay } from '../../flows/setup/state.js';
import { beginSignIn } from '../../flows/signin/begin.js';
import { SIGN_INS } from '../../flows/signin/sign-ins.js';
import type { Subject } from '../../flows/workbench.js';
import type { World } from '../../flows/world.js';
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
  if (way.kind === 'begin') return begin(context, subject);
  return told(context, subject, await signInAgain(world, subject, way));
}

function signInAgain(world: World, subject: Subject, way: SignInWay): Promise<Account> {
  const row = SIGN_INS.find(({ option }) => option === undefined || option === way.kind) as (typeof SIGN_INS)[number];
  return row.sign(world, subject, async () => (way.kind === 'finish' ? way.callback : undefined));
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
