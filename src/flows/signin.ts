import type { Evidence } from '../core/diagnosis.js';
import { MailauthError } from '../core/errors.js';
import type { Explanation } from '../core/explain.js';
import { explain } from '../core/explain.js';
import type { Grant } from '../core/grant.js';
import { addressOf, sameAddress } from '../core/identity.js';
import { failedPage, type Page, signedInPage } from '../core/pages.js';
import type { Provider, Redirect } from '../core/provider.js';
import { judgeResponse, parsePastedResponse } from '../core/response.js';
import { missingMailScopes } from '../core/scopes.js';
import type { Answers } from '../core/step.js';
import type { PendingAuthorization } from '../oauth/authorization.js';
import type { ClientCredentials, Issuer } from '../oauth/issuer.js';
import { contextOfAnswers, failureOf } from './failure.js';
import type { World } from './world.js';

const WAIT_SECONDS = 300;

export interface SignInRequest {
  readonly provider: Provider;
  readonly issuer: Issuer;
  readonly client: ClientCredentials;
  readonly redirect: Redirect;
  readonly scopes: readonly string[];
  /** The mailbox that is wanted. */
  readonly address: string;
  /** Who may sign in for it instead: an alias's or a shared mailbox's real account. */
  readonly authUser?: string;
  readonly answers: Answers;
}

export interface SignedIn {
  readonly grant: Grant;
  readonly redirectUri: string;
  /** The mailbox, which the person may have changed to the one they signed in with. */
  readonly address: string;
  readonly authUser?: string;
  /** False where the issuer told nobody's address: then only a mail login shows whose mailbox it is. */
  readonly identified: boolean;
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
    const attempt = await attemptSignIn(world, request);
    const decision = await decide(world, request, attempt);
    if (decision !== undefined) return decision;
  }
}

interface Attempt {
  readonly redirectUri: string;
  readonly grant?: Grant;
  readonly problem?: Explanation;
  readonly signedInAs?: string;
}

async function attemptSignIn(world: World, request: SignInRequest): Promise<Attempt> {
  const { listen } = await import('../oauth/loopback.js');
  const { beginAuthorization } = await import('../oauth/authorization.js');
  const { exchangeCode } = await import('../oauth/tokens.js');
  const context = contextOfAnswers(request.provider, request.answers);
  const ended = new AbortController();
  const signal = AbortSignal.any([world.signal, ended.signal]);
  const listener = await listen(request.redirect, { signal });
  const { redirectUri } = listener;
  try {
    const pending = await beginAuthorization(request.issuer, {
      client: request.client,
      redirectUri,
      scopes: request.scopes,
      loginHint: request.authUser ?? request.address,
      parameters: request.provider.authorizationParameters,
    });
    const arrival = await awaitArrival(world, request, pending, listener, ended);
    if ('error' in arrival.answer) {
      const evidence: Evidence = {
        where: 'authorization',
        stage: 'response',
        error: arrival.answer.error,
        text: arrival.answer.description || arrival.answer.error,
      };
      return await turnedDown(arrival, redirectUri, explain(evidence, context));
    }
    const outcome = await exchangeCode(request.issuer, request.client, pending, arrival.answer.url, world.signal);
    if (!outcome.ok) return await turnedDown(arrival, redirectUri, explain(outcome.evidence, context));
    const grant = outcome.value;
    const signedInAs = addressOf(grant.identity);
    const problem = problemWith(grant, signedInAs, request);
    if (problem !== undefined) {
      const explanation = explain(problem, context);
      await arrival.settle(failedPage(explanation.message, explanation.fix[0]?.text));
      return { redirectUri, grant, problem: explanation, ...(signedInAs && { signedInAs }) };
    }
    await arrival.settle(signedInPage(request.address));
    return { redirectUri, grant, ...(signedInAs && { signedInAs }) };
  } finally {
    ended.abort(new MailauthError('signin_cancelled', 'the sign-in has ended'));
    await listener.close();
  }
}

async function turnedDown(arrival: Arrival, redirectUri: string, problem: Explanation): Promise<Attempt> {
  await arrival.settle(failedPage(problem.message, problem.fix[0]?.text));
  return { redirectUri, problem };
}

/** The listener, the paste prompt, the deadline and Ctrl-C race; whichever comes first ends the others. */
async function awaitArrival(
  world: World,
  request: SignInRequest,
  pending: PendingAuthorization,
  listener: Awaited<ReturnType<typeof import('../oauth/loopback.js').listen>>,
  ended: AbortController,
): Promise<Arrival> {
  const seconds = world.timeout ?? WAIT_SECONDS;
  const expected = { state: pending.state.reveal(), issuer: pending.issuer, issInResponse: pending.issInResponse };
  const over = new AbortController();
  const signal = AbortSignal.any([world.signal, ended.signal, over.signal]);
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
  });
  const fromPaste = pasted(world, request, pending, expected, seconds, signal);
  try {
    const first = await Promise.race([fromBrowser.then(fromListener), fromPaste, aborted]);
    return first;
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

/** Asks for the address until one is pasted that belongs to this sign-in. */
async function pasted(
  world: World,
  request: SignInRequest,
  pending: PendingAuthorization,
  expected: { state: string; issuer: string; issInResponse: boolean },
  seconds: number,
  signal: AbortSignal,
): Promise<Arrival> {
  const settle = async (): Promise<void> => undefined;
  let opened = false;
  for (;;) {
    const text = await world.interviewer.awaitRedirect(
      {
        provider: request.provider,
        answers: request.answers,
        url: pending.url,
        redirectUri: pending.redirectUri,
        seconds,
        pageErrors: request.provider.pageErrors,
        again: opened,
        opens: world.openBrowser,
        open: async () => {
          if (!opened && world.openBrowser) await open(world, pending.url);
          opened = true;
        },
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

async function open(world: World, url: string): Promise<void> {
  const { openBrowser } = await import('../system/browser.js');
  const result = await openBrowser(url, { env: world.env, platform: world.platform });
  if (result === 'failed')
    world.interviewer.tell('info', 'no browser could be opened here; open the address yourself, on any computer');
}

function timedOut(seconds: number): MailauthError {
  return new MailauthError('signin_timeout', `nobody finished the sign-in within ${seconds} seconds`, {
    fix: [{ text: 'run the same command again; nothing was lost' }],
  });
}

/** What a successful exchange can still lack: the right person, the mail permission, a lasting sign-in. */
function problemWith(grant: Grant, signedInAs: string | undefined, request: SignInRequest): Evidence | undefined {
  const missing = missingMailScopes(request.scopes, grant.scopes);
  if (missing.length > 0) {
    return {
      where: 'token',
      stage: 'response',
      error: 'missing_scope',
      text: `the sign-in does not cover ${missing.join(' and ')}`,
    };
  }
  if (grant.refreshToken === undefined) {
    return { where: 'token', stage: 'response', error: 'no_refresh_token', text: 'the answer holds no refresh token' };
  }
  if (
    signedInAs !== undefined &&
    !sameAddress(signedInAs, request.address) &&
    !(request.authUser && sameAddress(signedInAs, request.authUser))
  ) {
    return {
      where: 'token',
      stage: 'response',
      error: 'wrong_account',
      text: `signed in as ${signedInAs}, expected ${request.address}`,
    };
  }
  return undefined;
}

/** Accepts the attempt, asks the person what to do with it, or raises it for a script. Undefined: once more. */
async function decide(world: World, request: SignInRequest, attempt: Attempt): Promise<SignedIn | undefined> {
  const { grant, problem, signedInAs, redirectUri } = attempt;
  const accept = (address: string, authUser: string | undefined): SignedIn => ({
    grant: grant as Grant,
    redirectUri,
    address,
    identified: signedInAs !== undefined,
    ...(authUser !== undefined && !sameAddress(authUser, address) && { authUser }),
  });
  if (problem === undefined) return accept(request.address, signedInAs ?? request.authUser);
  const error = failureOf(problem);
  // A registration at fault is not mended by signing in once more.
  if (problem.exit !== 77) throw error;
  world.interviewer.explain(problem);
  if (problem.code === 'wrong_account' && signedInAs !== undefined) {
    const choice = await world.interviewer.choose(
      `You signed in as ${signedInAs}, and ${request.address} was expected.`,
      [
        { value: 'again', label: `sign in again, as ${request.address}` },
        { value: 'use', label: `set up ${signedInAs} instead` },
        { value: 'alias', label: `${request.address} is an alias or a shared mailbox of ${signedInAs}` },
      ],
      error,
    );
    if (choice === 'use') return accept(signedInAs, undefined);
    if (choice === 'alias') return accept(request.address, signedInAs);
    return undefined;
  }
  const next = await world.interviewer.choose(
    'What next?',
    [
      { value: 'again', label: 'sign in again' },
      { value: 'stop', label: 'stop here; what was entered is kept' },
    ],
    error,
  );
  if (next === 'stop') throw new MailauthError('interrupted', 'stopped');
  return undefined;
}
