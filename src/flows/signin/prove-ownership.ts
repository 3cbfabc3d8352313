import type { MailServers } from '../../account/account.js';
import type { ExplainContext } from '../../explain/context.js';
import { explain } from '../../explain/explain.js';
import { MailauthError } from '../../explain/problem.js';
import type { MailLogin } from '../../mail/login.js';
import { proofOf } from '../../mail/protocols.js';
import { PROTOCOLS, protocols } from '../../words/protocol.js';
import type { World } from '../world.js';
import type { AcceptedGrant } from './judge-grant.js';

const DEADLINE_MS = 45_000;

/** Where no issuer told whose sign-in it is, a mail login with the address is the proof, made before anything is stored. */
export async function proveOwnership(
  world: World,
  accepted: AcceptedGrant,
  mailbox: MailServers & {
    readonly trust?: MailLogin['trust'] | undefined;
    readonly context: ExplainContext;
  },
): Promise<void> {
  // Opening the mailbox proves more than sending from it, so that comes first.
  const used = protocols.filter((one) => mailbox[one] !== undefined);
  const protocol = used.find((one) => PROTOCOLS[one].loginNames === 'mailbox') ?? used[0];
  const server = protocol && mailbox[protocol];
  if (protocol === undefined || server === undefined)
    throw new MailauthError('usage', 'without any mail server there is no mailbox to set up');
  const names = PROTOCOLS[protocol].loginNames;
  const login = {
    server,
    user: server.user ?? (names === 'person' ? (accepted.authUser ?? accepted.address) : accepted.address),
    accessToken: accepted.grant.accessToken,
    ...(mailbox.trust && { trust: mailbox.trust }),
    deadline: DEADLINE_MS,
    signal: world.signal,
  };
  const outcome = await (await proofOf(protocol)).prove(login);
  if (!outcome.ok) throw MailauthError.of(await explain(outcome.evidence, mailbox.context));
}
