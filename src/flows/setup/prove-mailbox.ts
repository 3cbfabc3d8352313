import { type Check, isProblem } from '../../explain/check.js';
import { MailauthError } from '../../explain/problem.js';
import { protocols } from '../../words/protocol.js';
import { type CheckOptions, checkAccount } from '../check/accounts.js';
import { keepLearnt } from '../check/learnt.js';
import { changesInPlace, storeInPlace } from './change.js';
import { beginWaiting, isWaitedFor, type Spread, waitLabel, waitOn } from './spreading.js';
import { CLIENT_SECRET, type Setup } from './state.js';

/**
 * The guide's last step: the same proof as `mailauth check`, for the account as the answers make it. What the check
 * refuses of a change is not stored: the account stays as it was.
 */
export async function proveMailbox(setup: Setup): Promise<'proven' | 'again'> {
  const { provider, world, warnDays } = setup;
  const changes = changesInPlace(setup);
  if (changes === undefined) {
    throw new MailauthError('signin_required', 'the mailbox cannot be tested before somebody has signed in');
  }
  const options: CheckOptions = { only: [], warnDays };
  // `--timeout` is how long to wait for the browser.
  const { timeout: _, ...calm } = world;
  const { report, learnt } = await checkAccount(calm, { provider, ...changes.after }, options);
  setup.checks = report.checks;
  if (await waitsForSpreading(setup, report.checks)) return 'again';
  setup.refused = isRefused(setup, changes.keys, report.checks);
  if (setup.refused) return 'proven';
  await storeInPlace(setup);
  await keepLearnt(world, new Map([[changes.after.account.credential, learnt]]));
  return 'proven';
}

/** What an administrator has just allowed may not have reached the mail servers: then a person can wait for it. */
async function waitsForSpreading(setup: Setup, checks: readonly Check[]): Promise<boolean> {
  const { interviewer } = setup.world;
  if (!interviewer.attended) return false;
  const failures = checks.filter(({ status }) => status === 'fail').filter(isProblem);
  if (failures.some((problem) => isWaitedFor(setup, SPREAD, problem))) {
    const waited = await waitOn(setup, SPREAD);
    if (waited === 'again') return true;
    if (waited === 'over') return false;
  }
  const open = failures.find(({ settles }) => settles === true);
  if (open === undefined) return false;
  interviewer.explain(open);
  const choice = await interviewer.choose(
    'What next?',
    [
      { value: 'wait', label: waitLabel(setup, SPREAD) },
      { value: 'again', label: 'test again now' },
      { value: 'end', label: 'leave it at that; the account is stored, and mailauth check tests it at any time' },
    ],
    'end',
  );
  if (choice === 'wait' && (await beginWaiting(setup, SPREAD)) === 'declined') return waitsForSpreading(setup, checks);
  return choice !== 'end';
}

/** Of the two things that take their time, the one that a mail server shows. */
const SPREAD: Spread = 'mailbox';

/** The checks that have to be well for a changed field to be kept. */
const provenBy = (id: Check['id']): readonly string[] =>
  protocols.some((protocol) => protocol === id) ? [id, 'ca'] : [];

function isRefused(setup: Setup, changed: readonly string[], checks: readonly Check[]): boolean {
  return checks.some(({ id, status }) => {
    if (id === 'client') return changed.includes('secretCredential') && isAgainstSecret(setup, status);
    const isBad = status === 'fail' || status === 'skip';
    return isBad && provenBy(id).some((key) => changed.includes(key));
  });
}

/** A secret that was proven before the check is not to blame where the check could not ask. */
function isAgainstSecret({ records }: Setup, status: Check['status']): boolean {
  return status === 'fail' || (status === 'skip' && records[CLIENT_SECRET]?.state !== 'proven');
}
