import { WARN_DAYS } from '../../account/lifetime.js';
import { type AccountReport, codesOf } from '../../explain/check.js';
import { exitOf } from '../../explain/codes.js';
import { MailauthError } from '../../explain/problem.js';
import { type CheckedAccount, checkAccounts } from '../../flows/check/accounts.js';
import { keepLearnt } from '../../flows/check/learnt.js';
import { openConfiguration } from '../../flows/configuration.js';
import { openStore } from '../../flows/open.js';
import { runningServer } from '../../flows/serving.js';
import { begunAt, discardExpired } from '../../flows/signin/begun.js';
import type { Subject } from '../../flows/workbench.js';
import type { World } from '../../flows/world.js';
import { checkDocument, renderReports, renderServe, type ServeReport, summary } from '../../render/check.js';
import { nagiosResult, nagiosUnknown, prometheusText } from '../../render/monitoring.js';
import { readConfiguration } from '../../store/accounts.js';
import { isProtocol, protocols as known, PROTOCOLS, type Protocol, serverQuestions } from '../../words/protocol.js';
import { type Context, wholeNumber } from '../context.js';
import { liveReport } from '../live-report.js';
import { json } from '../output.js';
import { subjectOf } from '../subject.js';

/** One plain address: no name before it, no list, nothing that could end a line. */
const ONE_ADDRESS = /^[^\s@<>,;:"()\\\p{Cc}\p{Cf}]+@[^\s@<>,;:"()\\\p{Cc}\p{Cf}]+$/u;

const FORMATS = ['text', 'json', 'prometheus', 'nagios'] as const;
type Format = (typeof FORMATS)[number];

export async function run(context: Context): Promise<number> {
  const format = formatOf(context);
  try {
    const [reports, serve] = await Promise.all([checked(context, format), serveReport(context.world)]);
    return tell(context, format, reports, serve);
  } catch (error) {
    // Whoever watches reads one line and a number from 0 to 3, whatever happened.
    if (format !== 'nagios' || !(error instanceof MailauthError) || context.world.signal.aborted) throw error;
    const { line, exit } = nagiosUnknown(error.problem);
    context.output.result(line);
    return exit;
  }
}

function formatOf({ options, output }: Context): Format {
  const given = options['format'] ?? (output.json ? 'json' : 'text');
  const format = FORMATS.find((known) => known === given);
  if (format === undefined)
    throw new MailauthError('usage', `--format takes ${FORMATS.join(', ')}, not "${String(given)}"`);
  if (output.json && format !== 'json')
    throw new MailauthError('usage', `--json and --format ${format} contradict each other`, {
      fix: [{ text: 'leave one of the two out' }],
    });
  return format;
}

/** Beside the accounts: a program that logs in through `serve` is helped by no account that works while that does not run. */
async function serveReport({ configDir }: World): Promise<ServeReport | undefined> {
  const listening = (await runningServer(configDir))?.listening;
  if (listening !== undefined) return { running: true, listening };
  const { accounts } = await readConfiguration(configDir);
  return accounts.some(({ passwords }) => passwords !== undefined) ? { running: false, listening: [] } : undefined;
}

function tell(
  { world, output, options }: Context,
  format: Format,
  reports: readonly AccountReport[],
  serve: ServeReport | undefined,
): number {
  const exit = exitOf(reports.flatMap((report) => codesOf(report.checks, options['strict'] === true)));
  switch (format) {
    case 'json':
      output.result(json(checkDocument(reports, world.now(), exit, serve)));
      return exit;
    case 'prometheus':
      output.result(prometheusText(reports, world.now()));
      return exit;
    case 'nagios': {
      const result = nagiosResult(reports);
      output.result(result.line);
      return result.exit;
    }
    case 'text':
      output.result(
        [
          ...renderServe(serve),
          output.out.isTerminal
            ? summary(reports)
            : renderReports(reports, world.now(), output.out.style, output.out.width),
        ].join('\n'),
      );
      return exit;
  }
}

async function checked({ world, args, options, output }: Context, format: Format): Promise<readonly AccountReport[]> {
  const only = protocols(options['only']);
  const warnDays = wholeNumber(options['warnDays'], '--warn-days', 0) ?? WARN_DAYS;
  const sendTest = options['sendTest'] as string | undefined;
  if (sendTest !== undefined && !ONE_ADDRESS.test(sendTest)) {
    throw new MailauthError('bad_input', `--send-test takes one e-mail address, not "${sendTest}"`);
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
  refuseUnused(unique, only);
  if (sendTest !== undefined) refuseUnsendable(unique, only);
  const accounts = unique.map(({ account }) => account);
  const found = await checkAccounts(world, unique, {
    only,
    warnDays,
    ...(sendTest !== undefined && { sendTest }),
    ...(format === 'text' && output.out.isTerminal && liveReport(accounts, world.now, output)),
  });
  await keepAll(world, unique, found);
  for (const { account } of unique) {
    await discardExpired(world, begunAt(world, account), () => openStore(world, account.store));
  }
  return found.map(({ report }) => report);
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

/** A check of nothing must not look like one that went well. */
function refuseUnused(subjects: readonly Subject[], only: readonly Protocol[]): void {
  const [wanted] = only;
  const first = subjects[0]?.account;
  if (wanted === undefined || first === undefined) return;
  if (subjects.some(({ account }) => only.some((protocol) => account[protocol] !== undefined))) return;
  const flag = PROTOCOLS[wanted].isUsual ? '' : ` --${serverQuestions(wanted).use}`;
  throw new MailauthError(
    'usage',
    `${first.name} is set up without ${only.map((one) => PROTOCOLS[one].title).join(' and ')}`,
    {
      fix: [{ text: 'set it up with it', command: `mailauth setup ${first.name}${flag}` }],
    },
  );
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
