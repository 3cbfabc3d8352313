import type { Account } from '../../account/account.js';
import { changeAccounts } from '../../store/accounts.js';
import { type Protocol, protocols } from '../../words/protocol.js';
import type { World } from '../world.js';
import type { Learnt } from './accounts.js';

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
