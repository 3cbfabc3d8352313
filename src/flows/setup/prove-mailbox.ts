import type { Account } from '../../account/account.js';
import { MailauthError } from '../../explain/problem.js';
import { changeAccounts } from '../../store/accounts.js';
import { type Protocol, protocols } from '../../words/protocol.js';
import { type CheckOptions, checkAccount, DEADLINE_SECONDS, type Learnt } from '../check/accounts.js';
import type { World } from '../world.js';
import { storeRenewedClient } from './prove-signin.js';
import type { Session } from './session.js';

/** The guide's last step: the same proof as `mailauth check`, for the account that was just stored. */
export async function proveMailbox(session: Session): Promise<'proven' | 'again'> {
  if (Object.keys(session.secrets).length > 0) await storeRenewedClient(session);
  const { account, client, provider, world } = session;
  if (account === undefined || client === undefined) {
    throw new MailauthError('signin_required', 'the mailbox cannot be tested before somebody has signed in');
  }
  const options: CheckOptions = { only: [], warnDays: session.warnDays };
  const checked = await world.interviewer.waitFor(
    { what: `${provider.title} and the mail servers`, seconds: DEADLINE_SECONDS },
    checkAccount(world, { provider, account, client }, options),
  );
  await keepLearnt(world, new Map([[account.credential, checked.learnt]]));
  session.checks = checked.report.checks;
  return 'proven';
}

/**
 * What a check learnt belongs to the account: which user name worked, when the sign-in ends, when it was last proven.
 * By the credentials of the accounts, since a name may have gone to another one; in one writing, however many they are.
 */
export async function keepLearnt(world: World, learnt: ReadonlyMap<string, Learnt>): Promise<void> {
  const changes = [...learnt].map(([id, news]) => [id, (account: Account) => withLearnt(account, news)] as const);
  await changeAccounts(world.configDir, new Map(changes));
}

function withLearnt({ signInEnds: ends, lastFailures: failures, ...account }: Account, learnt: Learnt): Account {
  const signInEnds = 'signInEnds' in learnt ? learnt.signInEnds : ends;
  const lastFailures = learnt.lastFailures ?? failures ?? [];
  return {
    ...account,
    ...Object.assign({}, ...protocols.map((protocol) => learntAbout(protocol, account, learnt))),
    ...(learnt.lastCheck && { lastCheck: learnt.lastCheck }),
    ...(lastFailures.length > 0 && { lastFailures }),
    ...(signInEnds && { signInEnds }),
  };
}

/** What was learnt about a server is of no use to another one that the account has got meanwhile. */
function learntAbout(protocol: Protocol, account: Account, learnt: Learnt): Partial<Account> {
  const [now, then] = [account[protocol], learnt[protocol]];
  return then !== undefined && now?.host === then.host && now.port === then.port ? { [protocol]: then } : {};
}
