import type { Account } from '../../account/account.js';
import { MailauthError } from '../../explain/problem.js';
import type { RequestedAuthorization } from '../../oauth/authorization.js';
import { judgeResponse, parsePastedResponse } from '../../oauth/response.js';
import type { SecretStore } from '../../store/store.js';
import { openStore } from '../open.js';
import type { Subject } from '../workbench.js';
import type { World } from '../world.js';
import { replaceSignIn } from './authorize.js';
import { type BegunPlace, begunAt, begunInTime, discardExpired, readBegun, useBegun } from './begun.js';
import { type SignedIn, type SignInRequest, signIn } from './browser.js';
import { decide, judgeGrant } from './judge-grant.js';

/** What the second half of a sign-in goes on from. */
interface Finishing {
  readonly store: SecretStore;
  readonly place: BegunPlace;
  /** The address the browser ended on; undefined where a person is to be asked. */
  readonly callback: string | undefined;
}

/** The second half of a sign-in to an account, as if the browser had come back here. */
export async function finishSignIn(world: World, subject: Subject, callback: string | undefined): Promise<Account> {
  const place = begunAt(world, subject.account);
  await discardExpired(world, place, () => openStore(world, subject.account.store));
  begunInTime(world, place);
  return replaceSignIn(world, subject, (request, store) => finish(world, request, { store, place, callback }));
}

/**
 * Takes the address the browser ended on, judges it and exchanges the code. What was kept of the first half is gone from
 * the store before the code is exchanged, whatever comes of it; an address of another sign-in leaves it alone.
 */
export async function finish(world: World, request: SignInRequest, finishing: Finishing): Promise<SignedIn> {
  const { url, requested } = await answerTo(world, finishing);
  await useBegun(world, finishing.store, finishing.place);
  const { exchangeCode } = await import('../../oauth/tokens.js');
  const outcome = await world.interviewer.waitFor(
    { what: `the answer of ${request.provider.title}`, seconds: 30 },
    exchangeCode(request.issuer, request.client, { pending: requested, response: url, signal: world.signal }),
  );
  const accepted = await decide(world, request, await judgeGrant(outcome, request));
  // "Once more" needs no second process: the person sits here.
  return accepted === undefined ? signIn(world, request) : { ...accepted, redirectUri: requested.redirectUri };
}

interface Answer {
  readonly url: URL;
  readonly requested: RequestedAuthorization;
}

/** Asks until an address is given that answers the request. */
async function answerTo(world: World, { store, place, callback }: Finishing): Promise<Answer> {
  for (;;) {
    const text = callback ?? (await pasted(world));
    const url = parsePastedResponse(text, begunInTime(world, place).redirectUri);
    let fault: string;
    if ('reason' in url) fault = url.reason;
    else {
      const requested = await readBegun(world, store, place);
      const verdict = judgeResponse(url.searchParams, { ...requested, state: requested.state.reveal() });
      if (verdict.kind === 'code' || verdict.kind === 'error') return { url, requested };
      fault = `this address does not belong to the sign-in that was begun last: ${verdict.reason}`;
      // Our own request with a foreign answer is not waited for any longer; another sign-in's leaves ours alone.
      if (verdict.kind === 'reject') {
        await useBegun(world, store, place);
        throw notTheAnswer(place, fault, true);
      }
    }
    if (callback !== undefined) throw notTheAnswer(place, fault, false);
    world.interviewer.tell('warn', fault);
  }
}

async function pasted(world: World): Promise<string> {
  const text = await world.interviewer.pasteRedirect();
  if (text !== undefined) return text;
  throw new MailauthError('missing_input', 'the address the browser ended on was not given');
}

function notTheAnswer({ again }: BegunPlace, fault: string, isUsedUp: boolean): MailauthError {
  return new MailauthError('bad_input', fault, {
    fix: [
      isUsedUp
        ? { text: 'what was kept of the sign-in is used up; begin a new one', command: `${again} --begin` }
        : { text: 'give the whole address of the newest sign-in', command: `${again} --finish` },
    ],
  });
}
