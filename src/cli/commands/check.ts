import { WARN_DAYS } from '../../account/lifetime.js';
import { codesOf } from '../../explain/check.js';
import { exitOf } from '../../explain/codes.js';
import { MailauthError } from '../../explain/problem.js';
import { type CheckedAccount, checkAccounts } from '../../flows/check/accounts.js';
import { openConfiguration } from '../../flows/configuration.js';
import { keepLearnt } from '../../flows/setup/prove-mailbox.js';
import { discardExpired } from '../../flows/signin/begun.js';
import type { Subject } from '../../flows/workbench.js';
import type { World } from '../../flows/world.js';
import { checkDocument, renderReports } from '../../render/check.js';
import { isProtocol, protocols as known, type Protocol } from '../../words/protocol.js';
import { sanitise } from '../../words/sanitise.js';
import { type Context, wholeNumber } from '../context.js';
import { json } from '../output.js';
import { subjectOf } from '../subject.js';

/** One plain address: no name before it, no list, nothing that could end a line. */
const ONE_ADDRESS = /^[^\s@<>,;:"()\\\p{Cc}\p{Cf}]+@[^\s@<>,;:"()\\\p{Cc}\p{Cf}]+$/u;

export async function run({ world, output, args, options }: Context): Promise<number> {
  const only = protocols(options['only']);
  const warnDays = wholeNumber(options['warnDays'], '--warn-days', 0) ?? WARN_DAYS;
  const sendTest = options['sendTest'] as string | undefined;
  if (sendTest !== undefined && !ONE_ADDRESS.test(sendTest)) {
    throw new MailauthError('bad_input', `--send-test takes one e-mail address, not "${sanitise(sendTest)}"`);
  }
  const configuration = await openConfiguration(world);
  if (configuration.accounts.length === 0) {
    throw new MailauthError('no_such_account', 'no account is set up yet', {
      fix: [{ text: 'set one up', command: 'mailauth setup' }],
    });
  }
  const names = args.length > 0 ? args : configuration.accounts.map((account) => account.name);
  const subjects = names.map((name) => subjectOf(configuration, name));
  const unique = subjects.filter(
    (subject, index) => subjects.findIndex((other) => other.account.name === subject.account.name) === index,
  );
  if (sendTest !== undefined) refuseUnsendable(unique, only);
  const checked = await checkAccounts(world, unique, { only, warnDays, ...(sendTest !== undefined && { sendTest }) });
  await keepAll(world, unique, checked);
  for (const { account } of unique) await discardExpired(world, account);
  const reports = checked.map(({ report }) => report);
  const exit = exitOf(reports.flatMap((report) => codesOf(report.checks, options['strict'] === true)));
  output.result(
    output.json
      ? json(checkDocument(reports, world.now(), exit))
      : renderReports(reports, world.now(), output.out.style, output.out.width),
  );
  return exit;
}

/** What was learnt is a courtesy to the next run; a folder that takes no writing spoils no result. */
async function keepAll(world: World, subjects: readonly Subject[], checked: readonly CheckedAccount[]): Promise<void> {
  try {
    await keepLearnt(
      world,
      new Map(checked.map(({ learnt }, index) => [subjects[index]?.account.credential ?? '', learnt])),
    );
  } catch (error) {
    if (!(error instanceof MailauthError)) throw error;
    world.interviewer.tell('warn', `what this check learnt could not be kept: ${error.message}`);
  }
}

/** A message that was asked for must not be left out in silence. */
function refuseUnsendable(subjects: readonly Subject[], only: readonly Protocol[]): void {
  if (only.length > 0 && !only.includes('smtp')) {
    throw new MailauthError('usage', '--send-test sends over SMTP, and --only imap leaves SMTP out', {
      fix: [{ text: 'leave one of the two out' }],
    });
  }
  const silent = subjects.find(({ account }) => account.smtp === undefined);
  if (silent === undefined) return;
  throw new MailauthError('usage', `--send-test sends over SMTP, and ${silent.account.name} is set up without it`, {
    fix: [{ text: 'name the accounts that are to send' }],
  });
}

function protocols(given: unknown): readonly Protocol[] {
  const list = (given ?? []) as readonly string[];
  for (const protocol of list) {
    if (!isProtocol(protocol)) {
      throw new MailauthError('usage', `--only takes ${known.join(' or ')}, not "${protocol}"`);
    }
  }
  return list as readonly Protocol[];
}
