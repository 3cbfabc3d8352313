import type { MailServer } from '../account/account.js';
import { Secret } from '../words/secret.js';
import { converse } from './conversation.js';
import { inLines } from './exchange.js';
import type { MailLogin } from './login.js';
import { oauthbearer } from './sasl.js';
import { challengeIn, IMAP } from './syntax.js';

/** No token: RFC 7628 section 3.2.2 has a server answer it with where tokens come from. */
const NO_TOKEN = new Secret('none');
const MAILBOX_NAME = 'discovery';

/**
 * Asks an IMAP server who issues its tokens: it is given one that cannot be good, and its refusal may name a discovery
 * document (`openid-configuration`, RFC 7628 section 3.2.2). No address and no secret is sent.
 *
 * @returns the address of that document, as the server wrote it; undefined where it names none
 */
export async function issuerChallenge(
  server: MailServer,
  options: Pick<MailLogin, 'trust' | 'signal' | 'deadline'>,
): Promise<string | undefined> {
  const login: MailLogin = { server, user: MAILBOX_NAME, accessToken: NO_TOKEN, ...options };
  const told = await converse(IMAP, login, (stream) =>
    inLines(stream, async (ask) => {
      const response = oauthbearer(MAILBOX_NAME, NO_TOKEN, server).reveal();
      // Without the initial response in the command, which not every server takes (RFC 4959).
      const first = await ask({ line: 'A1 AUTHENTICATE OAUTHBEARER', ends: /^(?:\+|A1 )/, accepts: /^\+/ });
      if (!first.isPositive) return undefined;
      const challenged = await ask({ line: response, ends: /^(?:\+|A1 )/, accepts: /^\+/ });
      return challenged.isPositive ? challengeIn(challenged.lines, /^\+ (\S+)/) : undefined;
    }),
  );
  return told.ok ? documentIn(told.value) : undefined;
}

function documentIn(challenge: string | undefined): string | undefined {
  if (challenge === undefined) return undefined;
  try {
    const document: unknown = JSON.parse(challenge)['openid-configuration'];
    return typeof document === 'string' ? document : undefined;
  } catch {
    return undefined;
  }
}
