import { explain } from '../../explain/explain.js';
import { MailauthError } from '../../explain/problem.js';
import { isStored } from '../../guide/answer-record.js';
import { refreshFailure } from '../dates.js';
import { contextOfAnswers } from '../explain-context.js';
import { readCredential } from '../open.js';
import type { SignedIn, SignInRequest } from '../signin/browser.js';
import { judgeGrant } from '../signin/judge-grant.js';
import type { OpenAccount } from '../token/wish.js';
import { forget, reopen } from './answers.js';
import { discardReplaced, saveSetup } from './draft.js';
import { accountRecord, clientRecord, type Records } from './records.js';
import { answersOf, REFRESH_TOKEN, type Setup } from './state.js';

/** Whether a refresh token was given that is not the account's own. */
export function isBrought({ records, account }: Setup): boolean {
  const record = records[REFRESH_TOKEN];
  return record?.state !== 'proposed' && isStored(record?.value) && record.value.entry !== account?.credential;
}

/**
 * A refresh token that was brought along goes through the one refresh: lock, journal, room, and its successor is stored
 * before anything is judged. What comes of the set-up, the entry of the store holds what the provider takes next.
 */
export async function takeBrought(setup: Setup, request: SignInRequest): Promise<SignedIn> {
  const { provider, world } = setup;
  const open = await provisional(setup, request);
  const { spendBroughtToken } = await import('../token/brought-token.js');
  const wait = { what: `the answer of ${provider.title}`, seconds: 60 };
  const outcome = await world.interviewer
    .waitFor(wait, spendBroughtToken(world, open))
    .catch(async (error: unknown) => {
      if (error instanceof MailauthError && error.code === 'signin_required') await letGo(setup);
      throw error;
    });
  if (!outcome.ok) {
    // Of an account that is not stored yet no other command knows.
    const problem =
      setup.account === undefined
        ? await explain(outcome.evidence, contextOfAnswers(provider, answersOf(setup)))
        : await refreshFailure({ provider, ...open }, outcome.evidence, world.now());
    if (problem.code === 'signin_expired') await letGo(setup);
    throw MailauthError.of(problem);
  }
  const judged = await judgeGrant(outcome, request);
  if (judged.kind !== 'good') {
    await setAside(setup);
    throw MailauthError.of(judged.problem);
  }
  const { authUser, address } = request;
  return {
    grant: judged.grant,
    credential: await readCredential(open.store, open.account),
    entry: open.account.credential,
    redirectUri: String(answersOf(setup)['redirect-uri'] ?? ''),
    address,
    identified: judged.signedInAs !== undefined,
    ...(authUser && { authUser }),
  };
}

/** The account as it would be, so that its refresh is one like any other's. */
async function provisional(setup: Setup, { issuer, address }: SignInRequest): Promise<OpenAccount & Records> {
  const { bench, world, records } = setup;
  const value = records[REFRESH_TOKEN]?.value;
  if (!isStored(value)) throw new Error('no refresh token was brought along');
  const client = await clientRecord(setup, String(answersOf(setup)['redirect-uri'] ?? ''));
  const account = accountRecord(setup, client, {
    address,
    credential: value.entry,
    endpoints: issuer.endpoints,
    signedIn: world.now().toISOString(),
  });
  return { account, client, store: await bench.store(), network: () => bench.network() };
}

/** The provider no longer takes it: kept, it would keep every later run of this set-up from the browser. */
async function letGo(setup: Setup): Promise<void> {
  forget(setup, REFRESH_TOKEN);
  await saveSetup(setup);
  await discardReplaced(setup);
  await saveSetup(setup);
}

/** It works, and not for this set-up as it was given: it is used again when the same one is given again. */
async function setAside(setup: Setup): Promise<void> {
  reopen(setup, REFRESH_TOKEN);
  await saveSetup(setup);
}
