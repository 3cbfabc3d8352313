import type { MailServer } from '../../src/account/account.js';
import type { Outcome } from '../../src/explain/outcome.js';
import { proveImap } from '../../src/mail/imap.js';
import type { MailLogin } from '../../src/mail/login.js';
import { proveSmtp } from '../../src/mail/smtp.js';

/** The beginnings of an honest conversation in each protocol, for scripts that go wrong later. */
export interface Dialogue {
  readonly protocol: 'smtp' | 'imap';
  readonly prove: (login: MailLogin) => Promise<Outcome<unknown>>;
  readonly greeting: string;
  /** The client's question and the answer, in plain text. */
  readonly offer: string;
  readonly ask: string;
  readonly agree: string;
  /** The same under TLS. */
  readonly capabilities: string;
  readonly auth: string;
  /** What a server says once the token has been taken, up to the end. */
  readonly success: string;
}

export const SMTP_DIALOGUE: Dialogue = {
  protocol: 'smtp',
  prove: proveSmtp,
  greeting: 'S: 220 mail.example.com ESMTP',
  offer: `C: EHLO [127.0.0.1]
    S: 250-mail.example.com
    S: 250-STARTTLS
    S: 250 SIZE 1000000`,
  ask: 'C: STARTTLS',
  agree: 'S: 220 2.0.0 Ready to start TLS',
  capabilities: `C: EHLO [127.0.0.1]
    S: 250-mail.example.com
    S: 250-AUTH LOGIN PLAIN XOAUTH2
    S: 250 ENHANCEDSTATUSCODES`,
  auth: 'C: AUTH XOAUTH2 *',
  success: `S: 235 2.7.0 Accepted
    C: QUIT
    S: 221 2.0.0 closing connection`,
};

export const IMAP_DIALOGUE: Dialogue = {
  protocol: 'imap',
  prove: proveImap,
  greeting: 'S: * OK ready',
  offer: `C: $tag CAPABILITY
    S: * CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED
    S: $tag OK done`,
  ask: 'C: $tag STARTTLS',
  agree: 'S: $tag OK begin TLS',
  capabilities: `C: $tag CAPABILITY
    S: * CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2 AUTH=PLAIN
    S: $tag OK done`,
  auth: 'C: $tag AUTHENTICATE XOAUTH2 *',
  success: `S: $tag OK logged in
    C: $tag CAPABILITY
    S: * CAPABILITY IMAP4rev1 NAMESPACE
    S: $tag OK done
    C: $tag NAMESPACE
    S: * NAMESPACE (("" "/")) NIL NIL
    S: $tag OK done
    C: $tag LIST "" "INBOX"
    S: * LIST () "/" INBOX
    S: $tag OK done
    C: $tag LSUB "" "INBOX"
    S: $tag OK done
    C: $tag EXAMINE INBOX
    S: * 7 EXISTS
    S: $tag OK [READ-ONLY] done
    C: $tag LOGOUT
    S: * BYE good day
    S: $tag OK done`,
};

export const DIALOGUES = [SMTP_DIALOGUE, IMAP_DIALOGUE];

/** A script up to the point where the client has been told the mechanisms, under TLS. */
export function secured(dialogue: Dialogue, security: MailServer['security']): string {
  return security === 'tls'
    ? `!tls\n${dialogue.greeting}\n${dialogue.capabilities}`
    : `${dialogue.greeting}\n${dialogue.offer}\n${dialogue.ask}\n${dialogue.agree}\n!tls\n${dialogue.capabilities}`;
}
