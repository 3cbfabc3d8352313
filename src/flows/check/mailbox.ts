import type { Account, MailServer } from '../../account/account.js';
import { loginUser } from '../../account/login-user.js';
import { type Check, failed } from '../../explain/check.js';
import type { ExplainContext } from '../../explain/context.js';
import type { Evidence } from '../../explain/evidence.js';
import { explain } from '../../explain/explain.js';
import type { Problem } from '../../explain/problem.js';
import type { MailLogin } from '../../mail/login.js';
import { proofOf } from '../../mail/protocols.js';
import type { Protocol } from '../../words/protocol.js';
import type { TokenInHand } from './signin.js';

export interface MailboxProof {
  readonly protocol: Protocol;
  readonly check: Check;
  /** The server with the user name that worked, where that was not known before. */
  readonly server?: MailServer;
}

export interface MailboxWish {
  readonly account: Account;
  readonly context: ExplainContext;
  readonly token: TokenInHand;
  readonly trust: MailLogin['trust'] | undefined;
  /** When the check of this account is over, as `performance.now` counts. */
  readonly ends: number;
  readonly signal: AbortSignal;
  readonly hasProxy: boolean;
  readonly sendTest?: string;
  /** Servers that let in whom they refuse afterwards, at the first message. */
  readonly refusesLate: readonly Protocol[];
  readonly trace?: (text: string) => void;
}

/**
 * Logs in to one mail server with the likely user name, and once more with the other one where an account signs in for
 * a mailbox that is not its own. Changes nothing there, and sends nothing but the test message it was asked for.
 */
export async function proveMailServer(protocol: Protocol, wish: MailboxWish): Promise<MailboxProof> {
  const { account } = wish;
  const server = account[protocol] as MailServer;
  const at = { host: server.host, port: server.port };
  const proof = await proofOf(protocol);
  const failures: Problem[] = [];
  for (const user of usersFor(protocol, account)) {
    const login = loginOf(wish, server, user);
    const outcome = await proof.prove(login);
    if (outcome.ok) return proven(protocol, wish, login, outcome.value);
    const failure = await explain(withProxy(outcome.evidence, wish), wish.context);
    failures.push(failure);
    // Only a refused user name is worth a second form of it; a network failure and a busy server are not.
    if (failure.retryable || !isAboutTheUser(outcome.evidence)) break;
  }
  const failure = tellingOne(failures);
  // What a refused old token means is not known before there is a newer one; why there is none is told already.
  if (!wish.token.isNew && failure.code === 'token_refused') {
    const message = 'the mail server refuses the old token, and no newer one could be had';
    return { protocol, check: { id: protocol, status: 'skip', ...at, message } };
  }
  return { protocol, check: failed(protocol, failure, at) };
}

/** Where the server was never reached, it may be because everything else here goes through a proxy. */
function withProxy(evidence: Evidence, { hasProxy }: MailboxWish): Evidence {
  const unreached = evidence.stage === 'dns' || evidence.stage === 'connect';
  return hasProxy && unreached ? { ...evidence, pastProxy: true } : evidence;
}

/** The user names to try: the recorded or likely one, then the other of the two that a sign-in for a mailbox has. */
function usersFor(protocol: Protocol, account: Account): readonly string[] {
  const likely = loginUser(account, protocol);
  const other = likely === account.address ? account.authUser : account.address;
  return other === undefined || other === likely ? [likely] : [likely, other];
}

function isAboutTheUser({ stage }: Evidence): boolean {
  return stage === 'auth' || stage === 'mailbox';
}

/** A wrong user name is refused in general words; what the right one was told says more. */
function tellingOne(failures: readonly Problem[]): Problem {
  return failures.find(({ code }) => code !== 'token_refused') ?? (failures[0] as Problem);
}

function loginOf(
  { account, token, trust, ends, signal, trace }: MailboxWish,
  server: MailServer,
  user: string,
): MailLogin {
  return {
    server,
    user,
    accessToken: token.accessToken,
    ...(trust && { trust }),
    deadline: Math.max(1, Math.min(account.mailTimeout * 1000, ends - performance.now())),
    signal,
    ...(trace && { trace }),
  };
}

async function proven(
  protocol: Protocol,
  wish: MailboxWish,
  login: MailLogin,
  { messages }: { readonly messages?: number },
): Promise<MailboxProof> {
  const { account, sendTest } = wish;
  const { server, user } = login;
  // Where one signs in for the mailbox of another, either name may be the right one: the one that was is kept.
  const known = server.user ?? (account.authUser === undefined ? account.address : undefined);
  const renamed = user === known ? {} : { server: { ...server, user } };
  const at = { host: server.host, port: server.port };
  const send = sendTest === undefined ? undefined : (await proofOf(protocol)).sendTest;
  if (send !== undefined && sendTest !== undefined) {
    // Once, whatever comes of it: a message that may be on its way must not be sent again.
    const sent = await send(loginOf(wish, server, user), sendTest);
    if (!sent.ok)
      return { protocol, check: failed(protocol, await explain(sent.evidence, wish.context), at), ...renamed };
  }
  const message = note(protocol, send !== undefined, wish);
  const check: Check = {
    id: protocol,
    status: 'ok',
    ...at,
    ...(user !== account.address && { user }),
    ...(messages !== undefined && { messages }),
    ...(message !== undefined && { message }),
  };
  return { protocol, check, ...renamed };
}

/** What an ordinary line of a login that worked would not say. */
function note(protocol: Protocol, hasSent: boolean, wish: MailboxWish): string | undefined {
  const { sendTest, token, account, refusesLate } = wish;
  if (hasSent) return `logged in, and one message was sent to ${sendTest}`;
  if (!token.isNew) return 'logged in with the old token, which still works for a while';
  if (!refusesLate.includes(protocol)) return undefined;
  return `logged in; only a message shows whether one is taken: mailauth check ${account.name} --send-test ADDRESS`;
}
