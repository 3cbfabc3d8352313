import { loginUser } from '../account/login-user.js';
import { isA } from '../explain/codes.js';
import { explain } from '../explain/explain.js';
import type { Outcome } from '../explain/outcome.js';
import { MailauthError, type Problem, problemOf } from '../explain/problem.js';
import { contextOf } from '../flows/explain-context.js';
import type { Networks, Subject } from '../flows/workbench.js';
import type { World } from '../flows/world.js';
import { type LoggedIn, logIn } from '../mail/logged-in.js';
import { PROTOCOLS, type Protocol } from '../words/protocol.js';
import { defuse, oneLine } from '../words/sanitise.js';
import type { Secret } from '../words/secret.js';
import type { Login, Refusal } from './greeter.js';
import type { Tokens } from './tokens.js';

/** Milliseconds for the login at the provider, whatever its stages would allow: a program waits for it. */
const DEADLINE_MS = 60_000;
/** Octets of the words of a refusal; a reply of SMTP has 512 in all (RFC 5321 section 4.5.3.1.5). */
const WORDS_LIMIT = 400;

interface ProviderLogin {
  readonly subject: Subject;
  readonly protocol: Protocol;
  /** Aborted when the program has left, and when the server stops. */
  readonly signal: AbortSignal;
}

/** The login at the provider's server: a token that it refuses is renewed once, and tried again. */
export async function logInAtProvider(
  world: World,
  tokens: Tokens,
  networks: Networks,
  { subject, protocol, signal }: ProviderLogin,
): Promise<Login | Refusal> {
  const { account, provider, client } = subject;
  const server = account[protocol];
  if (server === undefined) return notSetUp(account.name, protocol);
  const told = async (outcome: Outcome<LoggedIn>): Promise<Login | Problem> =>
    outcome.ok ? { taken: true, ...outcome.value } : explain(outcome.evidence, contextOf(provider, account, client));
  try {
    const { trust } = await networks.trusting(account.ca);
    const attempt = async (accessToken: Secret) =>
      told(
        await logIn(protocol, {
          server,
          user: loginUser(account, protocol),
          accessToken,
          trust,
          deadline: Math.min(DEADLINE_MS, account.mailTimeout * 1000),
          signal,
          ...(world.trace && { trace: world.trace }),
        }),
      );
    const token = await tokens.of(subject);
    const first = await attempt(token);
    if (!isRefused(first)) return 'taken' in first ? first : refusalOf(first);
    const newer = await tokens.insteadOf(subject, token);
    const last = newer === undefined ? first : await attempt(newer);
    return 'taken' in last ? last : refusalOf(last);
  } catch (error) {
    if (!(error instanceof MailauthError)) throw error;
    return refusalOf(error.problem);
  }
}

/** Whether the token may be what was refused. */
function isRefused(answer: Login | Problem): answer is Problem {
  return !('taken' in answer) && isA('signin', answer.code);
}

function notSetUp(name: string, protocol: Protocol): Refusal {
  const { title, isUsual } = PROTOCOLS[protocol];
  return refusalOf(
    problemOf('not_set_up', `${name} is set up without ${title}`, {
      fix: [{ text: 'add it', command: `mailauth setup ${name}${isUsual ? '' : ` --${protocol}`}` }],
    }),
  );
}

/**
 * What no waiting ends needs a person: somebody to sign in, to put a registration right, to switch something on. All else
 * may pass, and a program that is told so keeps the mail.
 */
export function refusalOf({ code, message, fix }: Problem): Refusal {
  const needsPerson = isA('signin', code) || isA('registration', code) || isA('setting', code);
  const [first] = fix;
  const next = first === undefined ? '' : `; ${first.text}${first.command === undefined ? '' : `: ${first.command}`}`;
  const text = asciiLine(`${code}: ${message}${next}`);
  return { taken: false, kind: needsPerson ? 'person' : 'later', text, code };
}

/** What every protocol takes in a reply: one line, and no letters beyond ASCII. */
function asciiLine(text: string): string {
  return defuse(oneLine(text, WORDS_LIMIT))
    .replace(/[‘’]/g, "'")
    .replace(/[“”]/g, '"')
    .replace(/[^\x20-\x7e]/g, '?');
}
