import type { Account } from '../../account/account.js';
import type { Client } from '../../account/client.js';
import type { Check } from '../../explain/check.js';
import { type Fix, MailauthError } from '../../explain/problem.js';
import { PROVES } from '../../guide/answer-record.js';
import { missing } from '../../guide/plan.js';
import type { Answers } from '../../guide/step.js';
import { sameAddress } from '../../providers/directory.js';
import { readConfiguration } from '../../store/accounts.js';
import { deleteDraft } from '../../store/drafts.js';
import { storeOf } from '../open.js';
import type { BegunAddress } from '../signin/begin.js';
import { sweepStores } from '../sweep.js';
import type { World } from '../world.js';
import { beginSetup, isOver } from './begin.js';
import { storeInPlace } from './change.js';
import { commandOf, guideOf } from './command.js';
import { abandon, discardExpiredDrafts, discardReplaced, saveSetup } from './draft.js';
import { type Found, findSetup, withSetupLock } from './find.js';
import { makeCertificateForScript } from './own-certificate.js';
import { whyNotNamed } from './records.js';
import { mayRegister, OF_CLIENT } from './registration.js';
import { changeInPlace, startFrom } from './start.js';
import { givenAnswers, isProven, REFRESH_TOKEN, type Setup, wayOf } from './state.js';
import { walk } from './walk.js';
import type { SetupWish } from './wish.js';

export type SetupResult =
  | {
      readonly kind: 'stored';
      readonly account: Account;
      readonly client: Client;
      readonly checks: readonly Check[];
      /** Whether anything that is kept of the account is not as it was. */
      readonly changed: boolean;
      /** What was to change was refused by the check, and is not stored. */
      readonly refused: boolean;
    }
  | ({ readonly kind: 'begun'; readonly command: string } & BegunAddress)
  /** The person wants to leave it as it is. */
  | { readonly kind: 'left' };

/**
 * One set-up from beginning to end: a new mailbox, an unfinished one, or an account that is changed in place. A wish that
 * is met already changes nothing and asks nobody.
 */
export async function setUp(world: World, wish: SetupWish): Promise<SetupResult> {
  const found = await findSetup(world, wish);
  if (found === 'left') return { kind: 'left' };
  return withSetupLock(world, found, async () => {
    // Another process may have finished meanwhile.
    const now = world.interviewer.attended ? found : await findSetup(world, wish);
    return now === 'left' ? { kind: 'left' } : run(world, wish, now);
  });
}

async function run(world: World, wish: SetupWish, found: Found): Promise<SetupResult> {
  const setup = await beginSetup(world, { ...wish, ...found });
  try {
    await refuse(setup, wish);
    if (wish.fromStep !== undefined) startFrom(setup, wish.fromStep);
    else if (found.existing !== undefined && found.existingAnswers === 'stand' && !found.carriesOn)
      changeInPlace(setup);
    await refuseIncomplete(setup);
    await makeCertificateForScript(setup);
    if ((await agreesToSignIn(setup, wish)) === 'left') return { kind: 'left' };
    await discardExpiredDrafts(world);
    await sweepStores(world);
    const begun = await walk(setup);
    if (begun !== undefined) return { kind: 'begun', command: commandOf(setup), ...begun };
    return await finish(setup);
  } catch (error) {
    // A script's change of an account leaves nothing behind where it was refused.
    const isChange = found.existing !== undefined && !world.interviewer.attended;
    if (isChange && error instanceof MailauthError && !world.signal.aborted) await abandon(setup);
    throw error;
  } finally {
    await setup.bench.close();
  }
}

async function finish(setup: Setup): Promise<SetupResult> {
  if (setup.refused) await abandon(setup);
  else {
    await storeInPlace(setup);
    await discardReplaced(setup);
    if (isSetAside(setup)) await saveSetup(setup);
    else await deleteDraft(setup.world.configDir, setup.id);
  }
  const { account, client, checks, changed, refused } = setup;
  if (account === undefined || client === undefined) throw new Error('a set-up ended without an account');
  return { kind: 'stored', account, client, checks, changed, refused };
}

/** A refresh token that was brought along, works, and was of no use to this set-up is kept for another try. */
function isSetAside({ records }: Setup): boolean {
  return records[REFRESH_TOKEN]?.state === 'proposed';
}

/** What contradicts what is stored. Known before anything is asked of anybody. */
async function refuse(setup: Setup, { given, existing }: SetupWish): Promise<void> {
  const { account, world } = setup;
  const { name, account: address } = given.answers;
  const reason = typeof name === 'string' ? await whyNotNamed(setup, name) : undefined;
  if (reason !== undefined) throw usage(`--name: ${reason}`, 'choose another name');
  if (existing !== undefined && typeof address === 'string' && !sameAddress(address, existing.account.address)) {
    const { name: called, address: own } = existing.account;
    throw usage(`--account ${address} does not go with ${called}, which is ${own}`, 'leave one of them out');
  }
  if (account !== undefined) storeOf(world, account);
}

function usage(message: string, text: string): MailauthError {
  return new MailauthError('usage', message, { fix: [{ text }] });
}

/** The first account has the name of its provider, which is taken for the provider as long as no mailbox is named. */
async function byItsAddress({ provider, world }: Setup, answers: Answers): Promise<readonly Fix[]> {
  if (answers['account'] !== undefined) return [];
  const { accounts } = await readConfiguration(world.configDir);
  const named = accounts.find(({ name }) => name === provider.id);
  if (named === undefined) return [];
  return [{ text: `or, to change ${named.name}, name its address`, command: `mailauth setup ${named.address}` }];
}

/** A script is told all that it forgot at once, before the store is touched. */
async function refuseIncomplete(setup: Setup): Promise<void> {
  const { provider, world } = setup;
  if (world.interviewer.attended) return;
  const answers = givenAnswers(setup);
  const lacks = missing(provider, answers).filter(({ flag }) => !mayRegister(setup) || !OF_CLIENT.includes(flag));
  if (lacks.length === 0) return;
  throw new MailauthError('missing_input', 'questions cannot be asked here, and some answers are missing', {
    missing: lacks,
    fix: [
      {
        text: 'give the flags above; the guide says where each value comes from',
        command: guideOf(setup),
      },
      ...(await byItsAddress(setup, answers)),
    ],
  });
}

/** What changes of an account that is signed in already and needs a new sign-in is a question, and to a script an error. */
async function agreesToSignIn(setup: Setup, { yes, fromStep }: SetupWish): Promise<'yes' | 'left'> {
  const { account, world, records } = setup;
  if (account === undefined || yes || fromStep !== undefined || wayOf(setup).kind !== 'browser') return 'yes';
  if (isProven(setup, 'signin')) return 'yes';
  if (records[REFRESH_TOKEN]?.state === 'waiting') {
    // The token that was given may be the one that is there: then nothing is to be signed in for, and nobody does.
    if (!world.interviewer.attended) setup.way = { kind: 'none' };
    return 'yes';
  }
  const changed = PROVES.signin.filter((id) => records[id]?.state === 'given').map((id) => `--${id}`);
  const what = changed.length === 0 ? 'what was given' : changed.join(', ');
  const why = isOver(account)
    ? `the sign-in of ${account.name} has ended`
    : `${what} needs a new sign-in to ${account.name}`;
  const error = new MailauthError('signin_required', why, {
    fix: [{ text: 'add --yes to sign in with a browser; or --begin, or --device, to sign in elsewhere' }],
  });
  const choice = await world.interviewer.choose(
    `${error.message}.`,
    [
      { value: 'yes', label: 'sign in; the old sign-in works until the new one does' },
      { value: 'left', label: 'leave the account as it is' },
    ],
    error,
  );
  return choice;
}
