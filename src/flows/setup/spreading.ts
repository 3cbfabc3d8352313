import { duration } from '../../explain/fill.js';
import type { Problem } from '../../explain/problem.js';
import type { Spreading } from '../../guide/provider.js';
import { localMinute } from '../../words/time.js';
import { type Setup, signInFor } from './state.js';

/**
 * The wait for what was just made or allowed, and has not reached all of the provider's servers: no verdict. A person
 * chooses it once; from then on it is tried again by itself, until it works, a key ends the wait, or its time is over.
 */
export type Spread = NonNullable<Setup['waiting']>['what'];

/** `declined`: the person wants something else. `over`: the time is. */
export type Waited = 'again' | 'declined' | 'over';

/** Of a sign-in the person is asked again after one pause: it is them who can look for the mistake. */
const OF_A_PERSON: Readonly<Record<Spread, Spreading>> = {
  signin: { usually: 'a few minutes', every: 30, atMost: 30 },
  mailbox: { usually: 'up to two hours', every: 5 * 60, atMost: 2 * 3600 },
};

function spreadingOf(setup: Setup, what: Spread): Spreading {
  const { settling } = setup.provider;
  const { spreading } = signInFor(setup).access(setup.provider);
  if (spreading !== undefined) return spreading[what];
  const usual = OF_A_PERSON[what];
  return what === 'signin' && settling !== undefined ? { ...usual, usually: settling.usually } : usual;
}

export function usuallyTakes(setup: Setup, what: Spread): string {
  return spreadingOf(setup, what).usually;
}

export function waitLabel(setup: Setup, what: Spread): string {
  const { every, atMost, usually } = spreadingOf(setup, what);
  const how =
    every < atMost ? `wait: it is tried again every ${duration(every)}` : `wait ${duration(every)} and try again`;
  return `${how}; what was just made or allowed can take ${usually} to work`;
}

export function beginWaiting(setup: Setup, what: Spread): Promise<Waited> {
  const { every, atMost } = spreadingOf(setup, what);
  const until = new Date(setup.world.now().getTime() + atMost * 1000);
  const why = `mailauth tries again by itself until ${localMinute(until.toISOString())}. You can do something else meanwhile.`;
  setup.waiting = { what, until };
  return pause(setup, what, every < atMost ? why : undefined);
}

/** One more pause of a wait that goes on. */
export async function waitOn(setup: Setup, what: Spread): Promise<Waited> {
  const { every, atMost } = spreadingOf(setup, what);
  const { waiting } = setup;
  if (waiting !== undefined && waiting.until > setup.world.now()) return pause(setup, what);
  setup.waiting = undefined;
  return every < atMost ? 'over' : 'declined';
}

async function pause(setup: Setup, what: Spread, why?: string): Promise<Waited> {
  const { interviewer, signal } = setup.world;
  const wait = { seconds: spreadingOf(setup, what).every, about: 'Next try', ...(why !== undefined && { why }) };
  if ((await interviewer.countdown(wait, signal)) === 'over') return 'again';
  setup.waiting = undefined;
  return 'declined';
}

/** Whether this can be what is waited for. Meanwhile a server that cannot be reached is waited for as well. */
export function isWaitedFor({ waiting }: Setup, what: Spread, { settles, retryable }: Problem): boolean {
  return waiting?.what === what && (settles === true || retryable);
}
