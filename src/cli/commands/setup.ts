import type { Configuration } from '../../account/account.js';
import { WARN_DAYS } from '../../account/lifetime.js';
import { codesOf, isOk } from '../../explain/check.js';
import { exitOf } from '../../explain/codes.js';
import { MailauthError } from '../../explain/problem.js';
import { exportFormat } from '../../export/formats.js';
import { openConfiguration, openDrafts } from '../../flows/configuration.js';
import {
  beginSession,
  discardDraft,
  discardExpiredDrafts,
  type SetupWish,
  whyNotNamed,
} from '../../flows/setup/begin.js';
import type { Session } from '../../flows/setup/session.js';
import { type SetupResult, setup, startFrom } from '../../flows/setup/walk.js';
import { sweepStores } from '../../flows/sweep.js';
import type { Subject } from '../../flows/workbench.js';
import { contradictions, missing, SECRET_GIVEN } from '../../guide/plan.js';
import type { Provider } from '../../guide/provider.js';
import type { Answers } from '../../guide/step.js';
import { sameAddress } from '../../providers/directory.js';
import { setupDocument } from '../../render/accounts.js';
import { renderCheck } from '../../render/check.js';
import { wrap } from '../../render/wrap.js';
import type { Draft } from '../../store/drafts.js';
import { localMinute } from '../../words/time.js';
import { cleanAnswers, rawAnswers } from '../answers.js';
import type { Context } from '../context.js';
import { json, type Output } from '../output.js';
import { subjectOf } from '../subject.js';
import { targetOf } from '../target.js';

export async function run(context: Context): Promise<number> {
  const { world, options, attended } = context;
  const typed = rawAnswers(options, world.env);
  const configuration = await openConfiguration(world);
  const target = await targetOf(context, configuration, typed);
  const { provider } = target;
  const raw = target.address === undefined ? typed : { ...typed, account: target.address };
  refuse(contradictions(provider, raw));
  const { answers, secrets } = await cleanAnswers(provider, raw, world);

  const existing =
    target.existing ??
    existingFor(configuration, provider, answers) ??
    (options['fromStep'] === undefined ? undefined : namesake(configuration, provider, answers));
  if (existing !== undefined && !attended && options['yes'] !== true) throw setUpAlready(existing);
  const unfinished = await draftFor(context, provider, answers, existing);
  const isAsked = attended && options['yes'] !== true && options['fromStep'] === undefined;
  if (existing !== undefined && unfinished.draft === undefined && isAsked && !(await agreesToRedo(context, existing)))
    return 0;
  const wish: SetupWish = {
    provider,
    given: answers,
    secrets,
    ...(existing && { existing }),
    stored: attended && options['fromStep'] === undefined ? 'propose' : 'stand',
    ...unfinished,
    warnDays: WARN_DAYS,
  };
  const session = await beginSession(world, wish);
  if (typeof answers['name'] === 'string') await refuseName(session, answers['name']);
  const given = [...Object.keys(answers), ...Object.keys(secrets)];
  if (options['fromStep'] !== undefined) await startFrom(session, String(options['fromStep']), given);
  if (!attended) {
    const known: Answers = {
      ...session.progress.answers,
      ...Object.fromEntries(Object.keys(secrets).map((id) => [id, SECRET_GIVEN])),
    };
    const lacks = missing(provider, known);
    if (lacks.length > 0) throw missingInput(provider, lacks);
  }
  await discardExpiredDrafts(world);
  await sweepStores(world);
  const result = await setup(session);
  return finish(context, provider, result);
}

function existingFor(configuration: Configuration, provider: Provider, answers: Answers): Subject | undefined {
  const address = answers['account'];
  if (typeof address !== 'string') return undefined;
  const account = configuration.accounts.find(
    (other) => other.provider === provider.id && sameAddress(other.address, address),
  );
  return account && subjectOf(configuration, account.name);
}

/** `setup PROVIDER --from-step 7` means the account of that name: an account has the provider's name until it is given another. */
function namesake(configuration: Configuration, provider: Provider, answers: Answers): Subject | undefined {
  if (answers['account'] !== undefined) return undefined;
  const isThere = configuration.accounts.some(({ name }) => name === provider.id);
  return isThere ? subjectOf(configuration, provider.id) : undefined;
}

/** Whoever wants less than all of it again is told the shorter way. */
async function agreesToRedo({ world, output }: Context, { account, client, provider }: Subject): Promise<boolean> {
  output.progress(
    [
      'only to sign in again:',
      `    mailauth authorize ${account.name}`,
      ...(client.secretCredential === undefined
        ? []
        : ['only to renew the secret:', `    mailauth setup ${account.name} --from-step ${provider.secretStep}`]),
    ].join('\n'),
  );
  const choice = await world.interviewer.choose(
    `${account.address} is set up already, as ${account.name}. Go through all steps again?`,
    [
      { value: 'again', label: 'yes; the old sign-in works until the new one does' },
      { value: 'leave', label: 'no, leave it as it is' },
    ],
    'again',
  );
  return choice === 'again';
}

function setUpAlready({ account }: Subject): MailauthError {
  return new MailauthError('usage', `${account.address} is set up already, as ${account.name}`, {
    fix: [{ text: 'add --yes to do it again in place', command: `mailauth setup ${account.name} --yes` }],
  });
}

/** The unfinished set-up that belongs to this one, unless the person wants a fresh start. */
async function draftFor(
  { world, options }: Context,
  provider: Provider,
  answers: Answers,
  existing: Subject | undefined,
): Promise<{ draft?: Draft }> {
  const wanted = answers['account'] ?? existing?.account.address;
  const drafts = (await openDrafts(world)).filter(
    (candidate) =>
      candidate.provider === provider.id &&
      (wanted === undefined || sameAddress(String(wanted), String(candidate.answers['account']))),
  );
  const [draft] = drafts;
  if (draft === undefined) return {};
  if (options['restart'] === true) {
    for (const old of drafts) await discardDraft(world, old);
    return {};
  }
  const choice = await world.interviewer.choose(
    `There is an unfinished set-up for ${draft.answers['account']}, last touched ${localMinute(draft.savedAt)}.`,
    [
      { value: 'resume', label: 'carry on where it stopped' },
      { value: 'restart', label: 'start over; what was entered is deleted' },
      { value: 'new', label: 'set up another mailbox, and keep this one for later' },
    ],
    'resume',
  );
  if (choice === 'resume') return { draft };
  if (choice === 'restart') await discardDraft(world, draft);
  return {};
}

async function refuseName(session: Session, name: string): Promise<void> {
  const reason = await whyNotNamed(session, name);
  if (reason !== undefined)
    throw new MailauthError('usage', `--name: ${reason}`, { fix: [{ text: 'choose another name' }] });
}

function refuse(sentences: readonly string[]): void {
  if (sentences.length > 0)
    throw new MailauthError('usage', sentences.join('; '), { fix: [{ text: 'leave one of them out' }] });
}

function missingInput(provider: Provider, lacks: ReturnType<typeof missing>): MailauthError {
  return new MailauthError('missing_input', 'questions cannot be asked here, and some answers are missing', {
    missing: lacks,
    fix: [
      {
        text: 'give the flags above; the guide says where each value comes from',
        command: `mailauth guide ${provider.id}`,
      },
    ],
  });
}

function finish(
  { output, options, world }: Context,
  provider: Provider,
  { account, client, checks }: SetupResult,
): number {
  const exit = exitOf(codesOf(checks, options['strict'] === true));
  const ok = isOk(checks);
  if (output.json) {
    output.result(json(setupDocument(account, client, checks, ok)));
    return exit;
  }
  output.result(checks.flatMap((check) => renderCheck(check, output.out.style, output.out.width)).join('\n'));
  if (client.appRedirectUris.length > 0) tellSharedForm(output, provider, { account, client });
  world.interviewer.tell(
    ok ? 'ok' : 'fail',
    ok
      ? `${account.address} is set up, as ${account.name}`
      : `${account.address} is stored as ${account.name}, and does not work yet`,
  );
  output.progress(
    `do: ${ok ? 'test it again at any time' : 'mend what failed above, then test again'}\n      mailauth check ${account.name}`,
  );
  if (ok) output.progress(`do: use it in another program\n      mailauth export ${account.name} --format list`);
  return exit;
}

/** Another program signs in with this registration: every field to type into its form, but the secret. */
function tellSharedForm(
  output: Output,
  provider: Provider,
  { account, client }: Pick<SetupResult, 'account' | 'client'>,
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
