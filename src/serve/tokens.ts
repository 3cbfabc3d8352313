import { type FreshToken, tokenOf } from '../account/credential.js';
import type { Evidence } from '../explain/evidence.js';
import { MailauthError } from '../explain/problem.js';
import { refreshFailure } from '../flows/dates.js';
import { openStore, readCredential } from '../flows/open.js';
import { usableToken } from '../flows/token/usable.js';
import type { OpenAccount } from '../flows/token/wish.js';
import type { Networks, Subject } from '../flows/workbench.js';
import type { World } from '../flows/world.js';
import type { Secret } from '../words/secret.js';

/** A login takes seconds, so a token that lives half a minute is good for it. */
const MIN_TTL = 30;
/** Milliseconds between two renewals that only a refused login asked for: a mailbox that is closed refuses every token. */
const RENEWAL_PAUSE = 60_000;

/** Access tokens for logins. However many connections come at once, one of them asks and the others share what it gets. */
export interface Tokens {
  /** @throws MailauthError why there is none */
  of(subject: Subject): Promise<Secret>;
  /** A token in place of one that the mail server has refused; undefined where none is newer and none may be asked for yet. */
  insteadOf(subject: Subject, refused: Secret): Promise<Secret | undefined>;
}

/**
 * @param warn told, once for each cause, why an account works with an old token: nobody is refused yet, and somebody can
 * still act
 */
export function openTokens(world: World, networks: Networks, warn: (text: string) => void): Tokens {
  const warned = new Map<string, string>();
  const tellTrouble = ({ account }: Subject, trouble: MailauthError | undefined): void => {
    const before = warned.get(account.credential);
    if (trouble === undefined) warned.delete(account.credential);
    else warned.set(account.credential, trouble.message);
    if (trouble !== undefined && trouble.message !== before) {
      warn(`${account.name} works with an old token, and no newer one can be had: ${trouble.message}`);
    }
  };
  const underWay = new Map<string, Promise<FreshToken>>();
  const renewed = new Map<string, number>();
  const shared = (key: string, ask: () => Promise<FreshToken>): Promise<FreshToken> => {
    const asking = underWay.get(key) ?? ask().finally(() => underWay.delete(key));
    underWay.set(key, asking);
    return asking;
  };
  const ask = async (subject: Subject, want: 'lasting' | 'newer'): Promise<FreshToken> => {
    const open = await opened(world, networks, subject);
    const explained = async (evidence: Evidence) =>
      MailauthError.of(await refreshFailure(subject, evidence, world.now()));
    const token = await usableToken(world, open, { minTtl: MIN_TTL, want }, explained);
    tellTrouble(subject, token.trouble);
    return token;
  };
  return {
    async of(subject) {
      const { accessToken } = await shared(subject.account.credential, () => ask(subject, 'lasting'));
      return accessToken;
    },
    async insteadOf(subject, refused) {
      const { credential } = subject.account;
      const renewal = `${credential} newer`;
      const { store } = await opened(world, networks, subject);
      const stored = tokenOf(await readCredential(store, subject.account)).accessToken;
      if (stored.reveal() !== refused.reveal()) return stored;
      const isTooSoon = performance.now() - (renewed.get(credential) ?? Number.NEGATIVE_INFINITY) < RENEWAL_PAUSE;
      if (isTooSoon && !underWay.has(renewal)) return undefined;
      renewed.set(credential, performance.now());
      return (await shared(renewal, () => ask(subject, 'newer'))).accessToken;
    },
  };
}

async function opened(world: World, networks: Networks, { account, client }: Subject): Promise<OpenAccount> {
  const store = await openStore(world, account.store);
  return { account, client, store, network: () => networks.trusting(account.ca) };
}
