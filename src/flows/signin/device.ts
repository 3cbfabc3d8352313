import type { Account } from '../../account/account.js';
import type { Grant } from '../../account/grant.js';
import type { Evidence } from '../../explain/evidence.js';
import { explain } from '../../explain/explain.js';
import type { Outcome } from '../../explain/outcome.js';
import { MailauthError } from '../../explain/problem.js';
import type { Provider } from '../../guide/provider.js';
import type { Issuer } from '../../oauth/issuer.js';
import { oneLine } from '../../words/sanitise.js';
import { contextOfAnswers } from '../explain-context.js';
import { ownIssuer, type Subject } from '../workbench.js';
import type { World } from '../world.js';
import { replaceSignIn } from './authorize.js';
import { type SignInRequest, timedOut } from './browser.js';
import { type AcceptedGrant, decide, judgeGrant } from './judge-grant.js';

/** A code longer than this is none that a person could type. */
const LONGEST_CODE = 40;

/**
 * Signs in again with a code that is typed on any other device (RFC 8628). The person waits for nothing on this
 * computer, so no port is opened and no browser.
 */
export async function authorizeByDevice(world: World, subject: Subject): Promise<Account> {
  const hosts = (issuer: Issuer) => verificationHosts(subject, issuer);
  refuseWithoutDevice(subject.provider, `mailauth authorize ${subject.account.name}`);
  return replaceSignIn(world, subject, async (request) =>
    signInByDevice(world, request, {
      hosts: hosts(request.issuer),
      again: `mailauth authorize ${subject.account.name}`,
    }),
  );
}

/** Known before anything is opened: a provider may give such a sign-in no access to mail. */
export function refuseWithoutDevice({ deviceGrant, title }: Provider, again: string): void {
  if (!deviceGrant) throw notOffered(`${title} gives no access to mail to a sign-in`, again);
}

interface DeviceWish {
  /** Where the page may be on which the code is typed; undefined: anywhere. */
  readonly hosts: readonly string[] | undefined;
  /** The command that signs in with a browser. */
  readonly again: string;
}

/** One sign-in by a code, repeated until the right person has signed in. */
export async function signInByDevice(world: World, request: SignInRequest, wish: DeviceWish): Promise<AcceptedGrant> {
  const { deviceAuthorization, issuer } = request.issuer.endpoints;
  if (deviceAuthorization === undefined) throw notOffered(`${new URL(issuer).host} offers no sign-in`, wish.again);
  for (;;) {
    const outcome = await attempt(world, request, wish.hosts);
    const accepted = await decide(world, request, await judgeGrant(outcome, request));
    if (accepted !== undefined) return accepted;
  }
}

function notOffered(who: string, again: string): MailauthError {
  return new MailauthError('policy_blocked', `${who} with a code on another device`, {
    who: 'provider',
    fix: [{ text: 'sign in with a browser on any computer instead', command: `${again} --begin` }],
  });
}

async function attempt(
  world: World,
  request: SignInRequest,
  hosts: readonly string[] | undefined,
): Promise<Outcome<Grant>> {
  const { beginDevice, awaitDevice } = await import('../../oauth/device.js');
  const { issuer, client, scopes } = request;
  const begun = await beginDevice(issuer, client, {
    scopes,
    ...(hosts && { verificationHosts: hosts }),
    signal: world.signal,
  });
  if (!begun.ok) return begun;
  const { verificationUri, userCode, expiresIn } = begun.value;
  const seconds = Math.min(expiresIn, world.timeout ?? expiresIn);
  world.interviewer.showCode({ address: verificationUri, code: oneLine(userCode, LONGEST_CODE), seconds });
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
function noticeOnce(world: World, request: SignInRequest): (evidence: Evidence) => Promise<void> {
  const said = new Set<string>();
  return async (evidence) => {
    const { message } = await explain(evidence, contextOfAnswers(request.provider, request.answers));
    if (!said.has(message)) world.interviewer.tell('warn', `${message}; still waiting`);
    said.add(message);
  };
}
