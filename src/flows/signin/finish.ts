import type { Account } from '../../account/account.js';
import { MailauthError } from '../../explain/problem.js';
import type { RequestedAuthorization } from '../../oauth/authorization.js';
import { judgeResponse, parsePastedResponse } from '../../oauth/response.js';
import type { Subject } from '../workbench.js';
import type { World } from '../world.js';
import { replaceSignIn } from './authorize.js';
import { begunInTime, discardExpired, takeBegun } from './begun.js';
import { signIn } from './browser.js';
import { decide, judgeGrant } from './judge-grant.js';

/**
 * The second half of a sign-in that `beginSignIn` began: takes the address the browser ended on, from `given` or from
 * the person, and judges, exchanges and stores as if the browser had come back here. What was kept of the first half is
 * gone from the store before the code is exchanged, whatever comes of it.
 */
export async function finishSignIn(world: World, subject: Subject, given: string | undefined): Promise<Account> {
  const { account } = subject;
  await discardExpired(world, account);
  begunInTime(world, account);
  return replaceSignIn(world, subject, async (request, store) => {
    const { url, requested } = await answerTo(world, account, given, () => takeBegun(world, store, account));
    const { exchangeCode } = await import('../../oauth/tokens.js');
    const outcome = await exchangeCode(request.issuer, request.client, requested, url, world.signal);
    const accepted = await decide(world, request, judgeGrant(outcome, request));
    // "Once more" needs no second process: the person sits here.
    return accepted ?? signIn(world, request);
  });
}

interface Answer {
  readonly url: URL;
  readonly requested: RequestedAuthorization;
}

/**
 * Asks until an address is given that answers the request. Its shape is looked at first, so that a paste that was cut
 * off does not use up what can be read only once.
 */
async function answerTo(
  world: World,
  account: Account,
  given: string | undefined,
  take: () => Promise<RequestedAuthorization>,
): Promise<Answer> {
  let requested: RequestedAuthorization | undefined;
  for (;;) {
    const text = given ?? (await pasted(world));
    const url = parsePastedResponse(text, begunInTime(world, account).redirectUri);
    let fault: string;
    if ('reason' in url) fault = url.reason;
    else {
      requested ??= await take();
      const verdict = judgeResponse(url.searchParams, { ...requested, state: requested.state.reveal() });
      if (verdict.kind === 'code' || verdict.kind === 'error') return { url, requested };
      fault = `this address does not belong to the sign-in that was begun last: ${verdict.reason}`;
    }
    if (given !== undefined) throw notTheAnswer(account, fault, requested !== undefined);
    world.interviewer.tell('warn', fault);
  }
}

async function pasted(world: World): Promise<string> {
  const text = await world.interviewer.pasteRedirect();
  if (text !== undefined) return text;
  throw new MailauthError('missing_input', 'the address the browser ended on was not given');
}

function notTheAnswer(account: Account, fault: string, isUsedUp: boolean): MailauthError {
  const again = `mailauth authorize ${account.name}`;
  return new MailauthError('bad_input', fault, {
    fix: [
      isUsedUp
        ? { text: 'what was kept of the sign-in is used up; begin a new one', command: `${again} --begin` }
        : { text: 'give the whole address', command: `${again} --finish` },
    ],
  });
}
