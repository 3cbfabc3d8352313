import type { MailServer } from '../../src/account/account.js';
import type { Outcome } from '../../src/explain/outcome.js';
import { proveImap } from '../../src/mail/imap.js';
import type { MailLogin } from '../../src/mail/login.js';
import { provePop } from '../../src/mail/pop.js';
import { proveSmtp } from '../../src/mail/smtp.js';
import type { Protocol } from '../../src/words/protocol.js';

/** The beginnings of an honest conversation in each protocol, for scripts that go wrong later. */
export interface Dialogue {
  readonly protocol: Protocol;
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
  readonly lines: {
    /** What an attacker would like to be read after the handshake, as the inside of a JSON string. */
    readonly planted: string;
    readonly refusesTls: string;
    /** A line that is never the last one of a reply, and one that is the beginning of a good reply; as `planted`. */
    readonly endless: string;
    readonly half: string;
    /** What stands before a challenge. */
    readonly challenge: string;
    readonly refusal: string;
    /** The beginning of a refusal that goes on with what the client sent. */
    readonly echo: string;
    /** The answer to the question for capabilities, where no way to log in is among them. */
    readonly silent: string;
    /** It has the form of a greeting, and is none. */
    readonly noGreeting: string;
  };
  /** The capabilities before TLS, with a way to log in among them. */
  readonly offerWithLogin: string;
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
  lines: {
    planted: '250-AUTH PLAIN LOGIN\\r\\n',
    refusesTls: '454 4.7.0 TLS not available',
    endless: '250-more\\r\\n',
    half: '235 2.7.0 Acc',
    challenge: '334 ',
    refusal: '535 5.7.8 no',
    echo: '535 5.7.8 bad',
    silent: 'S: 250 mail.example.com',
    noGreeting: '354 go ahead',
  },
  offerWithLogin: `C: EHLO [127.0.0.1]
    S: 250-mail.example.com
    S: 250-STARTTLS
    S: 250 AUTH XOAUTH2`,
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
  lines: {
    planted: '* CAPABILITY AUTH=PLAIN\\r\\n',
    refusesTls: '$tag NO TLS not available',
    endless: '* OK more\\r\\n',
    half: '$tag OK logged',
    challenge: '+ ',
    refusal: '$tag NO [AUTHENTICATIONFAILED] no',
    echo: '$tag NO bad',
    silent: 'S: * CAPABILITY IMAP4rev1\nS: $tag OK done',
    noGreeting: '* SEARCH 1 2 3',
  },
  offerWithLogin: `C: $tag CAPABILITY
    S: * CAPABILITY IMAP4rev1 STARTTLS AUTH=XOAUTH2
    S: $tag OK done`,
};

export const POP_DIALOGUE: Dialogue = {
  protocol: 'pop',
  prove: provePop,
  greeting: 'S: +OK ready',
  offer: `C: CAPA
    S: +OK
    S: STLS
    S: SIZE
    S: .`,
  ask: 'C: STLS',
  agree: 'S: +OK begin TLS',
  capabilities: `C: CAPA
    S: +OK
    S: UIDL
    S: SASL PLAIN XOAUTH2
    S: .`,
  auth: `C: AUTH XOAUTH2
    S: + 
    C: *`,
  success: `S: +OK logged in
    C: STAT
    S: +OK 7 1234
    C: QUIT
    S: +OK good day`,
  lines: {
    planted: 'SASL PLAIN LOGIN\\r\\n',
    refusesTls: '-ERR TLS not available',
    endless: 'X-MORE\\r\\n',
    half: '+OK logged',
    challenge: '+ ',
    refusal: '-ERR [AUTH] no',
    echo: '-ERR bad',
    silent: 'S: +OK\nS: USER\nS: .',
    noGreeting: '+ go on',
  },
  offerWithLogin: `C: CAPA
    S: +OK
    S: STLS
    S: SASL XOAUTH2
    S: .`,
};

export const DIALOGUES = [SMTP_DIALOGUE, IMAP_DIALOGUE, POP_DIALOGUE];

/** A script up to the point where the client has been told the mechanisms, under TLS. */
export function secured(dialogue: Dialogue, security: MailServer['security']): string {
  return security === 'tls'
    ? `!tls\n${dialogue.greeting}\n${dialogue.capabilities}`
    : `${dialogue.greeting}\n${dialogue.offer}\n${dialogue.ask}\n${dialogue.agree}\n!tls\n${dialogue.capabilities}`;
}
