import type { MailServer, Protocol } from '../../account/account.js';
import { type ExplainContext, explain } from '../../explain/explain.js';
import { MailauthError } from '../../explain/problem.js';
import type { MailLogin } from '../../mail/login.js';
import type { World } from '../world.js';
import type { AcceptedGrant } from './judge-grant.js';

const DEADLINE_MS = 45_000;

/** Where no issuer told whose sign-in it is, a mail login with the address is the proof, made before anything is stored. */
export async function proveOwnership(
  world: World,
  accepted: AcceptedGrant,
  mailbox: {
    readonly smtp?: MailServer;
    readonly imap?: MailServer;
    readonly trust?: MailLogin['trust'] | undefined;
    readonly context: ExplainContext;
  },
): Promise<void> {
  const protocol: Protocol = mailbox.imap === undefined ? 'smtp' : 'imap';
  const server = mailbox[protocol];
  if (server === undefined)
    throw new MailauthError('usage', '--no-smtp and --no-imap together leave no mailbox to set up');
  const login = {
    server,
    user: server.user ?? (protocol === 'smtp' ? (accepted.authUser ?? accepted.address) : accepted.address),
    accessToken: accepted.grant.accessToken,
    ...(mailbox.trust && { trust: mailbox.trust }),
    deadline: DEADLINE_MS,
    signal: world.signal,
  };
  const outcome =
    protocol === 'imap'
      ? await (await import('../../mail/imap.js')).proveImap(login)
      : await (await import('../../mail/smtp.js')).proveSmtp(login);
  if (!outcome.ok) throw MailauthError.of(explain(outcome.evidence, mailbox.context));
}
