import type { Account } from '../../account/account.js';
import type { Grant } from '../../account/grant.js';
import type { Evidence } from '../../explain/evidence.js';
import { explain } from '../../explain/explain.js';
import type { Outcome } from '../../explain/outcome.js';
import { MailauthError } from '../../explain/problem.js';
import type { Issuer } from '../../oauth/issuer.js';
import { sanitise } from '../../words/sanitise.js';
import { contextOfAnswers } from '../failure.js';
import { ownIssuer, type Subject } from '../workbench.js';
import type { World } from '../world.js';
import { replaceSignIn } from './authorize.js';
import { type SignInRequest, timedOut } from './browser.js';
import { decide, judgeGrant } from './judge-grant.js';

/** A code longer than this is none that a person could type. */
const LONGEST_CODE = 40;

/**
 * Signs in again with a code that is typed on any other device (RFC 8628). The person waits for nothing on this
 * computer, so no port is opened and no browser.
 */
export async function authorizeByDevice(world: World, subject: Subject): Promise<Account> {
  const { provider } = subject;
  if (!provider.deviceGrant) throw notOffered(subject, `${provider.title} gives no access to mail to a sign-in`);
  return replaceSignIn(world, subject, async (request) => {
    const { deviceAuthorization, issuer } = request.issuer.endpoints;
    if (deviceAuthorization === undefined) throw notOffered(subject, `${new URL(issuer).host} offers no sign-in`);
    for (;;) {
      const outcome = await attempt(world, subject, request);
      const accepted = await decide(world, request, judgeGrant(outcome, request));
      if (accepted !== undefined) return accepted;
    }
  });
}

function notOffered({ account }: Subject, who: string): MailauthError {
  const command = `mailauth authorize ${account.name} --begin`;
  return new MailauthError('policy_blocked', `${who} with a code on another device`, {
    who: 'provider',
    fix: [{ text: 'sign in with a browser on any computer instead', command }],
  });
}

async function attempt(world: World, subject: Subject, request: SignInRequest): Promise<Outcome<Grant>> {
  const { beginDevice, awaitDevice } = await import('../../oauth/device.js');
  const { issuer, client, scopes } = request;
  const hosts = verificationHosts(subject, issuer);
  const begun = await beginDevice(issuer, client, {
    scopes,
    ...(hosts && { verificationHosts: hosts }),
    signal: world.signal,
  });
  if (!begun.ok) return begun;
  const { verificationUri, userCode, expiresIn } = begun.value;
  const seconds = Math.min(expiresIn, world.timeout ?? expiresIn);
  world.interviewer.showCode({ address: verificationUri, code: sanitise(userCode, LONGEST_CODE), seconds });
  return withDeadline(world, (signal) =>
    awaitDevice(issuer, client, begun.value, { signal, notice: noticeOnce(world, request) }),
  );
}

/** A provider's own pages only; an issuer that the person named may send them where it likes, over https. */
export function verificationHosts(subject: Subject, issuer: Pick<Issuer, 'endpoints'>): readonly string[] | undefined {
  if (ownIssuer(subject) === undefined) return undefined;
  return [new URL(issuer.endpoints.token).hostname, ...(subject.provider.verificationHosts ?? [])];
}

/** `--timeout`, where it was given; else the code's own time is the limit. */
async function withDeadline<T>(world: World, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { timeout } = world;
  if (timeout === undefined) return work(world.signal);
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(timedOut(timeout)), timeout * 1000);
  try {
    return await work(AbortSignal.any([world.signal, over.signal]));
  } finally {
    clearTimeout(timer);
  }
}

/** A wait of minutes says once what disturbs it. */
function noticeOnce(world: World, request: SignInRequest): (evidence: Evidence) => void {
  const said = new Set<string>();
  return (evidence) => {
    const { message } = explain(evidence, contextOfAnswers(request.provider, request.answers));
    if (!said.has(message)) world.interviewer.tell('warn', `${message}; still waiting`);
    said.add(message);
  };
}
