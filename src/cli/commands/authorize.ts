import type { Account } from '../../account/account.js';
import { MailauthError } from '../../explain/problem.js';
import { openConfiguration } from '../../flows/configuration.js';
import { beginSignIn } from '../../flows/signin/begin.js';
import { timedOut } from '../../flows/signin/browser.js';
import { SIGN_INS, type SignInWay } from '../../flows/signin/sign-ins.js';
import type { Subject } from '../../flows/workbench.js';
import { accountDocument } from '../../render/accounts.js';
import { localDay } from '../../words/time.js';
import { readSecretFile } from '../answer-file.js';
import type { Context } from '../context.js';
import { json } from '../output.js';
import { subjectOf } from '../subject.js';

const SCHEMA = 'mailauth.authorize/1';

export async function run(context: Context): Promise<number> {
  const { world, options } = context;
  refuseContradictions(context);
  const subject = subjectOf(await openConfiguration(world), context.args[0] as string);
  if (options['begin'] === true) return begin(context, subject);
  return told(context, subject, await signInAgain(context, subject));
}

async function signInAgain(context: Context, subject: Subject): Promise<Account> {
  const { world, options } = context;
  const way = SIGN_INS.find(({ option }) => option === undefined || options[option] === true) as SignInWay;
  return way.sign(world, subject, () => givenAddress(context));
}

async function begin({ world, output }: Context, subject: Subject): Promise<number> {
  const { account, client } = subject;
  const { url, expires } = await beginSignIn(world, subject);
  if (output.json) {
    output.result(
      json({ schema: SCHEMA, account: accountDocument(account, client), url, expires: toSeconds(expires) }),
    );
    return 0;
  }
  output.result(url);
  output.progress(
    [
      `do: open this address in any browser within ten minutes, and sign in as ${account.authUser ?? account.address}`,
      '    the last page will not load; that is as it should be',
      'do: then give the whole address of that page to',
      `      mailauth authorize ${account.name} --finish`,
    ].join('\n'),
  );
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

function toSeconds(time: string): string {
  return time.replace(/\.\d{3}Z$/, 'Z');
}

/** What cannot both be meant. Nothing is read, asked or opened before this. */
function refuseContradictions({ options, args }: Context): void {
  const given = (name: string): boolean => options[name] !== undefined && options[name] !== false;
  const again = `mailauth authorize ${args[0]}`;
  const refuse = (message: string, text: string, command: string): never => {
    throw new MailauthError('usage', message, { fix: [{ text, command }] });
  };
  if (given('begin') && given('finish'))
    refuse('--begin and --finish are two steps, and not one', 'begin first', `${again} --begin`);
  for (const step of ['begin', 'finish']) {
    if (given('device') && given(step))
      refuse(`--device ends by itself, and does not go with --${step}`, 'leave it out', `${again} --device`);
  }
  if (given('callbackUrlFile') && !given('finish'))
    refuse('--callback-url-file goes with --finish only', 'add it', `${again} --finish --callback-url-file FILE`);
  const silent = given('json') ? '--json' : options['input'] === false ? '--no-input' : undefined;
  if (given('finish') && !given('callbackUrlFile') && silent !== undefined) {
    const message = `${silent} asks for nothing, and --finish without --callback-url-file asks for the address`;
    refuse(message, 'name a file, or - for standard input', `${again} --finish --callback-url-file -`);
  }
}

/** From the file, from standard input, or undefined where a person is to be asked. */
async function givenAddress({ world, options, attended }: Context): Promise<string | undefined> {
  const file = options['callbackUrlFile'] as string | undefined;
  if (file === undefined && attended) return undefined;
  // Nobody is asked here: what is piped in is the address, also where no flag names it.
  const source = file ?? (process.stdin.isTTY === true ? undefined : '-');
  const { signal, timeout: seconds } = world;
  const patience = { signal, late: timedOut, ...(seconds !== undefined && { seconds }) };
  const text = source && (await readSecretFile(source, '--callback-url-file', patience));
  if (text !== undefined && text.trim() !== '') return text;
  throw new MailauthError('missing_input', 'the address the browser ended on was not given', {
    missing: [{ flag: '--callback-url-file', meaning: 'a file that holds it, or - for standard input' }],
  });
}
