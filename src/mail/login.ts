import type { SecureContext } from 'node:tls';
import type { MailServer } from '../account/account.js';
import type { Secret } from '../words/secret.js';

/** One login to one mail server, as a flow asks for it. */
export interface MailLogin {
  readonly server: MailServer;
  /** The user name of the login; `server.user` is not looked at, the flow decides who logs in. */
  readonly user: string;
  readonly accessToken: Secret;
  /** Whom to trust, as `Network.trust` has it; undefined: the roots Node comes with. */
  readonly trust?: SecureContext;
  /** Milliseconds for the whole conversation, whatever the stages would still allow. */
  readonly deadline: number;
  readonly signal?: AbortSignal;
  /** Told about every stage of the conversation as it begins, and about its end. */
  readonly trace?: (text: string) => void;
}
