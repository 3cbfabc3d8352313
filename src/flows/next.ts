import type { Account, Configuration } from '../account/account.js';
import type { Client } from '../account/client.js';
import { isOver, WARN_DAYS } from '../account/lifetime.js';
import { PROVIDER_CHOICE, PROVIDER_NAMES } from '../providers/outline.js';
import type { Draft } from '../store/drafts.js';

interface NextCommand {
  readonly text: string;
  readonly command: string;
}

interface Standing {
  /** The step of the guide that makes a client secret. */
  readonly secretStep: string;
  readonly account: Account;
  readonly client: Client | undefined;
  readonly now: Date;
}

const DAY_MS = 86_400_000;
/** A sign-in is repeated in a minute, so not long before its end. */
const SIGN_IN_DAYS = 2;

/**
 * Of all that could be done, the one thing to do now, from what is known without asking anybody: first what waits for a
 * person, then what keeps mail from flowing, then what soon will.
 */
export async function nextCommand(
  { accounts, clients }: Configuration,
  drafts: readonly Draft[],
  now: Date,
): Promise<NextCommand> {
  const hasDates = clients.some(({ secretExpires }) => secretExpires !== undefined);
  // The records of the providers are large, and usually nothing is asked of them here.
  const providers = hasDates ? (await import('../providers/directory.js')).providers : [];
  const standings = accounts.map((account) => ({
    account,
    client: clients.find(({ id }) => id === account.client),
    secretStep: providers.find(({ id }) => id === account.provider)?.secretStep ?? '1',
    now,
  }));
  const firstOf = (needs: readonly Need[]): NextCommand | undefined =>
    needs.flatMap((need) => standings.flatMap((standing) => need(standing) ?? []))[0];
  return firstOf(URGENT) ?? unfinished(drafts) ?? firstOf(SOON) ?? usual(accounts, now);
}

/** What one account needs, or undefined where it does not. */
type Need = (standing: Standing) => NextCommand | undefined;

const URGENT: readonly Need[] = [
  ({ account: { name, begun }, now }) =>
    begun && !isOver(begun.expires, now)
      ? { text: `finish the sign-in to ${name} that was begun`, command: `mailauth authorize ${name} --finish` }
      : undefined,
  ({ account: { name, signInEnds }, now }) =>
    isOver(signInEnds, now)
      ? { text: `sign in to ${name} again: its sign-in has ended`, command: `mailauth authorize ${name}` }
      : undefined,
  (standing) =>
    isOver(standing.client?.secretExpires, standing.now) ? renewal(standing, 'its day has passed') : undefined,
  ({ account: { name, lastFailures = [] } }) =>
    lastFailures.length > 0
      ? { text: `see whether ${name} works again; the last check failed`, command: `mailauth check ${name}` }
      : undefined,
];

const SOON: readonly Need[] = [
  (standing) =>
    isOver(standing.client?.secretExpires, later(standing.now, WARN_DAYS))
      ? renewal(standing, 'it soon expires')
      : undefined,
  ({ account: { name, signInEnds }, now }) =>
    isOver(signInEnds, later(now, SIGN_IN_DAYS))
      ? { text: `sign in to ${name} again before its sign-in ends`, command: `mailauth authorize ${name}` }
      : undefined,
];

function renewal({ account, client, secretStep }: Standing, why: string): NextCommand {
  const what = client?.credentialKind === 'certificate' ? 'certificate' : 'client secret';
  return {
    text: `renew the ${what} of ${account.name}: ${why}`,
    command: `mailauth setup ${account.name} --from-step ${secretStep}`,
  };
}

function unfinished([newest]: readonly Draft[]): NextCommand | undefined {
  if (newest === undefined) return undefined;
  return {
    text: `carry on with the unfinished set-up of ${newest.answers['account']}`,
    command: `mailauth setup ${newest.provider}`,
  };
}

function usual(accounts: readonly Account[], now: Date): NextCommand {
  const [first] = accounts;
  if (first === undefined) {
    return { text: `set up a mailbox (${PROVIDER_CHOICE})`, command: `mailauth setup ${PROVIDER_NAMES[0]}` };
  }
  const yesterday = later(now, -1).toISOString();
  if (accounts.some(({ lastCheck = '' }) => lastCheck < yesterday)) {
    return { text: 'prove that everything works', command: 'mailauth check' };
  }
  return { text: 'use a mailbox in another program', command: `mailauth export ${first.name} --format list` };
}

function later(now: Date, days: number): Date {
  return new Date(now.getTime() + days * DAY_MS);
}
