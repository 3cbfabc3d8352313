import type { Credential } from '../../account/credential.js';
import { MailauthError } from '../../explain/problem.js';
import { pageErrorsOf } from '../../guide/plan.js';
import type { Provider, Redirect } from '../../guide/provider.js';
import type { PendingAuthorization } from '../../oauth/authorization.js';
import { failedPage, type Page, signedInPage } from '../../oauth/callback/page.js';
import type { ClientCredentials } from '../../oauth/client-authentication.js';
import { refusalEvidence } from '../../oauth/evidence.js';
import type { Issuer } from '../../oauth/issuer.js';
import { judgeResponse, parsePastedResponse } from '../../oauth/response.js';
import { machineFacts } from '../../system/machine.js';
import { reachHints, surroundingsOf } from '../../system/surroundings.js';
import type { World } from '../world.js';
import { type AcceptedGrant, decide, type GrantWish, type JudgedGrant, judgeGrant } from './judge-grant.js';

const WAIT_SECONDS = 300;

export interface SignInRequest extends GrantWish {
  readonly issuer: Issuer;
  readonly client: ClientCredentials;
  readonly redirect: Redirect;
  /** What comes after the sign-in, as the page in the browser says it. */
  readonly afterwards?: string;
  /** Commands that sign in without this listener, where the account has them. */
  readonly otherWays?: { readonly begin?: string; readonly device?: string };
}

export interface SignedIn extends AcceptedGrant {
  readonly redirectUri: string;
  /** Of a refresh token that was brought along: what became of it, and the entry of the store that holds it already. */
  readonly credential?: Credential;
  readonly entry?: string;
}

/** How the browser's answer reached us; `settle` ends the page that is still loading there, if any. */
interface Arrival {
  readonly answer: { readonly url: URL } | { readonly error: string; readonly description: string };
  settle(page: Page): Promise<void>;
}

/**
 * One sign-in, from the authorization address to a grant whose owner and scopes were compared with what was asked.
 * A person who signed in as somebody else, or left out the mail permission, is asked again, as often as they like;
 * a script gets the error.
 */
export async function signIn(world: World, request: SignInRequest): Promise<SignedIn> {
  for (;;) {
    const { redirectUri, judged } = await attemptSignIn(world, request);
    const accepted = await decide(world, request, judged);
    if (accepted !== undefined) return { ...accepted, redirectUri };
  }
}

async function attemptSignIn(
  world: World,
  request: SignInRequest,
): Promise<{ readonly redirectUri: string; readonly judged: JudgedGrant }> {
  const { listen } = await import('../../oauth/callback/listener.js');
  const { beginAuthorization } = await import('../../oauth/authorization.js');
  const { pushWhereDemanded } = await import('../../oauth/pushed.js');
  const { exchangeCode } = await import('../../oauth/tokens.js');
  const ended = new AbortController();
  const signal = AbortSignal.any([world.signal, ended.signal]);
  const listener = await listen(request.redirect, { signal });
  const { redirectUri } = listener;
  try {
    const requested = await beginAuthorization(request.issuer, {
      client: request.client,
      redirectUri,
      scopes: request.scopes,
      loginHint: request.authUser ?? request.address,
      parameters: request.provider.authorizationParameters,
    });
    const pushing = pushWhereDemanded(request.issuer, request.client, { pending: requested, signal });
    const begun = await world.interviewer.waitFor(answerOf(request), pushing);
    if (!begun.ok) return { redirectUri, judged: await judgeGrant(begun, request) };
    const pending = begun.value;
    const { answer, settle } = await awaitArrival(world, request, { pending, listener, signal });
    const outcome =
      'error' in answer
        ? ({ ok: false, evidence: refusalEvidence(answer, [request.client.clientSecret]) } as const)
        : await world.interviewer.waitFor(
            answerOf(request),
            exchangeCode(request.issuer, request.client, { pending, response: answer.url, signal: world.signal }),
          );
    const judged = await judgeGrant(outcome, request);
    const page =
      judged.kind === 'good'
        ? signedInPage(judged.signedInAs, request.afterwards ?? 'The terminal says how it goes on.')
        : failedPage(judged.problem.message, judged.problem.fix[0]?.text);
    await world.interviewer.waitFor({ what: 'the browser', seconds: 3 }, settle(page));
    return { redirectUri, judged };
  } finally {
    ended.abort(new MailauthError('signin_cancelled', 'the sign-in has ended'));
    await listener.close();
  }
}

function answerOf({ provider }: SignInRequest): { readonly what: string; readonly seconds: number } {
  return { what: `the answer of ${provider.title}`, seconds: 30 };
}

interface Attempt {
  readonly pending: PendingAuthorization;
  readonly listener: Awaited<ReturnType<typeof import('../../oauth/callback/listener.js').listen>>;
  /** Ends with the command, or with this attempt. */
  readonly signal: AbortSignal;
}

/** The listener, the paste prompt, the deadline and Ctrl-C race; whichever comes first ends the others. */
async function awaitArrival(
  world: World,
  request: SignInRequest,
  { pending, listener, signal: ended }: Attempt,
): Promise<Arrival> {
  const seconds = world.timeout ?? WAIT_SECONDS;
  const expected = { state: pending.state.reveal(), issuer: pending.issuer, issInResponse: pending.issInResponse };
  const over = new AbortController();
  const signal = AbortSignal.any([ended, over.signal]);
  const deadline = setTimeout(() => over.abort(timedOut(seconds)), seconds * 1000);
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => undefined);
  const fromBrowser = listener.expect(expected, {
    rejected: (reason) =>
      world.interviewer.tell(
        'warn',
        `an answer came back that does not belong to this sign-in (${reason}); still waiting`,
      ),
    ignored: countingStrangers(world),
  });
  const fromPaste = pasted(world, request, { pending, expected, seconds, signal });
  try {
    return await Promise.race([fromBrowser.then(fromListener), fromPaste, aborted]);
  } finally {
    clearTimeout(deadline);
    fromBrowser.catch(() => undefined);
    fromPaste.catch(() => undefined);
    over.abort(timedOut(seconds));
  }
}

function fromListener(
  arrived: { url: URL; settle: Arrival['settle'] } | { error: string; description: string; settle: Arrival['settle'] },
): Arrival {
  return 'url' in arrived
    ? { answer: { url: arrived.url }, settle: arrived.settle }
    : { answer: { error: arrived.error, description: arrived.description }, settle: arrived.settle };
}

/** Whoever knocks at the port is counted for `--verbose`; a flood is not told one by one. */
function countingStrangers(world: World): (reason: string) => void {
  let count = 0;
  return (reason) => {
    count += 1;
    if (/^10*$/.test(String(count))) world.trace?.(`${count} answers at the port were not ours (the last: ${reason})`);
  };
}

interface Pasting extends Pick<Attempt, 'pending' | 'signal'> {
  readonly expected: Parameters<typeof judgeResponse>[1];
  readonly seconds: number;
}

/** Asks for the address until one is pasted that belongs to this sign-in. */
async function pasted(world: World, request: SignInRequest, pasting: Pasting): Promise<Arrival> {
  const { pending, expected, seconds, signal } = pasting;
  const settle = async (): Promise<void> => undefined;
  const reach = reachHints(surroundingsOf(machineFacts(world.env)), {
    redirectUri: pending.redirectUri,
    canPaste: world.interviewer.attended,
    ...request.otherWays,
  });
  let opened = false;
  for (let times = 0; ; times += 1) {
    const text = await world.interviewer.awaitRedirect(
      {
        provider: request.provider,
        answers: request.answers,
        url: pending.url,
        redirectUri: pending.redirectUri,
        seconds,
        pageErrors: pageErrorsOf(request.provider, request.answers),
        reach,
        again: times > 0,
        opened,
        opens: world.openBrowser,
        open: async () => {
          const isFirst = !opened;
          opened = true;
          return isFirst && world.openBrowser ? open(world, pending.url) : true;
        },
        unopened: unopened(request),
      },
      signal,
    );
    const parsed = parsePastedResponse(text, pending.redirectUri);
    if ('reason' in parsed) {
      world.interviewer.tell('warn', parsed.reason);
      continue;
    }
    const verdict = judgeResponse(parsed.searchParams, expected);
    if (verdict.kind === 'code') return { answer: { url: parsed }, settle };
    if (verdict.kind === 'error') return { answer: { error: verdict.error, description: verdict.description }, settle };
    world.interviewer.tell(
      'warn',
      `that address does not belong to this sign-in (${verdict.reason}); paste the newest one`,
    );
  }
}

const NO_BROWSER = 'no browser could be opened here';

/** Whether there is something here that opens addresses. What BROWSER names is there, and may have opened it all the same. */
async function open({ env, platform, interviewer }: World, url: string): Promise<boolean> {
  const { openBrowser } = await import('../../system/browser.js');
  const result = await openBrowser(url, { env, platform });
  if (result === 'opened') return true;
  const isNamed = (env['BROWSER'] ?? '') !== '';
  const why = isNamed ? 'the program that BROWSER names did not open the address' : NO_BROWSER;
  interviewer.tell('info', `${why}; open the address yourself, on any computer`);
  return isNamed;
}

/** The commands of this account, or of this set-up, that sign in without the listener. */
export function otherWaysOf(
  provider: Provider,
  issuer: Issuer,
  again: string,
): NonNullable<SignInRequest['otherWays']> {
  const hasDevice = provider.deviceGrant && issuer.endpoints.deviceAuthorization !== undefined;
  return { begin: `${again} --begin`, ...(hasDevice && { device: `${again} --device` }) };
}

/** Without a browser and without anybody who sees the address, waiting for an answer is waiting for nothing. */
function unopened({ otherWays = {} }: SignInRequest): MailauthError {
  const { begin, device } = otherWays;
  return new MailauthError('signin_required', `${NO_BROWSER}, and nobody is at a terminal to open the address`, {
    fix: [
      ...(begin === undefined
        ? []
        : [{ text: 'sign in in two steps: this prints the address, and --finish takes the answer', command: begin }]),
      ...(device === undefined ? [] : [{ text: 'or sign in with a code on another device', command: device }]),
      {
        text: 'or name in BROWSER a program that opens addresses; with --no-browser the address is printed and waited for',
      },
    ],
  });
}

export function timedOut(seconds: number): MailauthError {
  return new MailauthError('signin_timeout', `nobody finished the sign-in within ${seconds} seconds`, {
    fix: [{ text: 'run the same command again; nothing was lost' }],
  });
}
