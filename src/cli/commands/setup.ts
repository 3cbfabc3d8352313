import { WARN_DAYS } from '../../account/lifetime.js';
import { codesOf, isOk } from '../../explain/check.js';
import { exitOf } from '../../explain/codes.js';
import { MailauthError } from '../../explain/problem.js';
import { exportFormat } from '../../export/formats.js';
import { openConfiguration } from '../../flows/configuration.js';
import { type SetupResult, setUp } from '../../flows/setup/run.js';
import type { SetupWish } from '../../flows/setup/wish.js';
import { SIGN_INS } from '../../flows/signin/sign-ins.js';
import { contradictions, foreign } from '../../guide/contradictions.js';
import { signInKind } from '../../guide/plan.js';
import type { Provider } from '../../guide/provider.js';
import { providers, recordFor } from '../../providers/directory.js';
import { setupDocument } from '../../render/accounts.js';
import { renderCheck } from '../../render/check.js';
import { wrap } from '../../render/wrap.js';
import { cleanAnswers, rawAnswers } from '../answers.js';
import type { Context } from '../context.js';
import { json, type Output } from '../output.js';
import { signInWay, tellBegun, toSeconds } from '../sign-in-way.js';
import { targetOf } from '../target.js';
import { setupMany } from './setup-many.js';

export async function run(context: Context): Promise<number> {
  const wish = await wishOf(context);
  const list = context.options['accountsFile'];
  if (list !== undefined) return setupMany(context, wish, String(list));
  const result = await setUp(context.world, wish);
  if (result.kind === 'left') return 0;
  return result.kind === 'begun' ? begun(context, wish, result) : finish(context, wish.provider, result);
}

/** What the command line asks for. Contradictions are told before anything is read or asked of a server. */
async function wishOf(context: Context): Promise<SetupWish> {
  const { world, options, args } = context;
  const way = await signInWay(context, ['mailauth setup', ...args].join(' '));
  const typed = rawAnswers(options, world.env);
  if (options['accountsFile'] !== undefined && args[0] === undefined) {
    throw new MailauthError('usage', '--accounts-file needs the provider of the mailboxes', {
      fix: [{ text: 'name it', command: `mailauth setup ${providers[0]?.id} --accounts-file FILE` }],
    });
  }
  const target = await targetOf(context, await openConfiguration(world), typed);
  const found = { ...(target.address !== undefined && { account: target.address }), ...target.confirmed };
  const raw = { ...typed, ...found };
  const provider = recordFor(target.provider, raw);
  refuse(contradictions(provider, raw), foreign(provider, raw).length > 0 ? 'leave it out' : undefined);
  const given = await cleanAnswers(provider, raw, world);
  const kind = signInKind(provider, given.answers);
  if (way.kind !== 'browser' && SIGN_INS[kind].onlyWay !== undefined) {
    refuse([`--${way.kind} does not go with --sign-in ${kind}: nobody signs in`]);
  }
  const fromStep = options['fromStep'];
  return {
    provider,
    ...(target.existing && { existing: target.existing }),
    given: { ...given, proposed: target.proposed ?? {} },
    ...(fromStep !== undefined && { fromStep: String(fromStep) }),
    restart: options['restart'] === true,
    yes: options['yes'] === true,
    way,
    warnDays: WARN_DAYS,
  };
}

function refuse(sentences: readonly string[], fix = 'leave one of them out'): void {
  if (sentences.length > 0) throw new MailauthError('usage', sentences.join('; '), { fix: [{ text: fix }] });
}

type Stored = SetupResult & { readonly kind: 'stored' };
type Begun = SetupResult & { readonly kind: 'begun' };

function begun({ output }: Context, { given }: SetupWish, result: Begun): number {
  const { url, expires, command } = result;
  const { 'auth-user': authUser, account } = given.answers;
  if (output.json) output.result(json({ schema: 'mailauth.setup/1', url, expires: toSeconds(expires) }));
  else tellBegun(output, result, String(authUser ?? account ?? 'the mailbox'), command);
  return 0;
}

function finish(
  { output, options, world }: Context,
  provider: Provider,
  { account, client, checks, changed, refused }: Stored,
): number {
  const exit = exitOf(codesOf(checks, options['strict'] === true));
  const ok = isOk(checks);
  const { address, name } = account;
  if (output.json) {
    output.result(json({ ...setupDocument(account, client, checks, ok), changed }));
    return exit;
  }
  output.result(checks.flatMap((check) => renderCheck(check, output.out.style, output.out.width)).join('\n'));
  if (client.appRedirectUris.length > 0) tellSharedForm(output, provider, { account, client });
  if (refused) world.interviewer.tell('fail', `what was given for ${name} does not work, so ${name} stays as it was`);
  else if (!changed && checks.length === 0) world.interviewer.tell('ok', `${address} is set up so already, as ${name}`);
  else if (ok) world.interviewer.tell('ok', `${address} is set up, as ${name}`);
  else world.interviewer.tell('fail', `${address} is stored as ${name}, and does not work yet`);
  for (const [text, command] of ok ? WHEN_WELL : WHEN_NOT) {
    output.progress([...wrap(text, output.err.width, 'do: ', '    '), `      mailauth ${command(name)}`].join('\n'));
  }
  return exit;
}

type Next = readonly [text: string, command: (name: string) => string];

const WHEN_NOT: readonly Next[] = [['fix what failed above, then test again', (name) => `check ${name}`]];
const WHEN_WELL: readonly Next[] = [
  ['test it again at any time', (name) => `check ${name}`],
  ['use it in another program', (name) => `export ${name} --format list`],
  [
    'for a printer, a scanner or an old program that knows only a user name and a password, make it a password of its own',
    (name) => `password ${name}`,
  ],
];

/** Another program signs in with this registration: every field to type into its form, but the secret. */
function tellSharedForm(
  output: Output,
  provider: Provider,
  { account, client }: Pick<Stored, 'account' | 'client'>,
): void {
  const form = exportFormat('form');
  const fields = form.render({ account, client, provider, tokenCommand: ['mailauth', 'token', account.name] });
  output.progress(
    fields
      .split('\n')
      .flatMap((line) => fitted(line, output.err.width))
      .join('\n'),
  );
  output.progress(
    `do: show the client secret for that form\n      mailauth export ${account.name} --format form --show-secret`,
  );
}

/** A field that is too wide for the terminal goes on below itself; its value is never broken. */
function fitted(line: string, width: number): string[] {
  const indent = /^ */.exec(line)?.[0] ?? '';
  return wrap(line.slice(indent.length), width, indent, `${indent}    `);
}
