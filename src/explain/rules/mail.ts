import { protocols } from '../../words/protocol.js';
import type { Evidence } from '../evidence.js';
import type { Rule, RuleFix } from '../rule.js';

/**
 * SMTP replies (RFC 5321, RFC 4954, enhanced codes of RFC 3463 and RFC 5248), IMAP response codes (RFC 5530,
 * RFC 9051), the SASL challenges of RFC 7628, and the words of our own mail adapters.
 */

const SMTP = { where: 'smtp', stage: 'auth', host: 'smtp.example.com', port: 587 } as const;
const IMAP = { where: 'imap', stage: 'auth', host: 'imap.example.com', port: 993 } as const;
const SELECT = { ...IMAP, stage: 'mailbox' } as const;

const MAIL: readonly Evidence['where'][] = protocols;

const AGAIN: RuleFix = { text: 'wait {wait}, then check again', run: { verb: 'check' } };
const SIGN_IN_AS_OWNER: RuleFix = {
  text: 'sign in again with the account that owns {account}',
  run: { verb: 'authorize' },
};
const SET_UP: RuleFix = { text: 'compare host, port and security with the provider’s', run: { verb: 'setup' } };

const transport: readonly Rule[] = [
  {
    id: 'starttls-missing',
    when: { error: ['STARTTLS_MISSING'] },
    sample: { ...SMTP, stage: 'starttls', error: 'STARTTLS_MISSING', text: '250-smtp.example.com 250 SIZE 35882577' },
    diagnosis: {
      code: 'starttls_missing',
      who: 'network',
      message: '{peer} offers no encryption, so no token was sent; a firewall may have removed the offer',
      fix: [
        { text: 'use the port with TLS from the start: SMTP 465 or IMAP 993', run: { verb: 'setup' } },
        { text: 'if the provider has no such port, ask the network’s administrator what changes the connection' },
      ],
    },
  },
  {
    id: 'starttls-refused',
    when: { stage: ['starttls'], status: [454, 500, 501, 502, 503, 504, 530, 538, 550, 554] },
    sample: {
      ...SMTP,
      stage: 'starttls',
      status: 454,
      enhanced: '4.7.0',
      text: '454 4.7.0 TLS not available due to local problem',
    },
    diagnosis: {
      code: 'starttls_missing',
      who: 'provider',
      message: '{peer} announced encryption and then refused to start it, so no token was sent',
      fix: [AGAIN],
    },
  },
  {
    id: 'starttls-refused-imap',
    when: { where: ['imap'], stage: ['starttls'], error: ['NO', 'BAD'] },
    sample: { ...IMAP, port: 143, stage: 'starttls', error: 'NO', text: 'NO TLS is not available' },
    diagnosis: {
      code: 'starttls_missing',
      who: 'provider',
      message: '{peer} refused to start encryption, so no token was sent',
      fix: [{ text: 'use the port with TLS from the start, IMAP 993', run: { verb: 'setup' } }],
    },
  },
  {
    id: 'starttls-refused-otherwise',
    when: { stage: ['starttls'], error: ['STARTTLS_REFUSED', 'BYE', 'UNAVAILABLE', 'PRIVACYREQUIRED'] },
    sample: {
      ...SMTP,
      stage: 'starttls',
      error: 'STARTTLS_REFUSED',
      text: 'the server offers STARTTLS and then refuses it',
    },
    diagnosis: {
      code: 'starttls_missing',
      who: 'provider',
      message: '{peer} announced encryption and then refused to start it, so no token was sent',
      fix: [AGAIN],
    },
  },
  {
    id: 'starttls-injection',
    when: { error: ['STARTTLS_INJECTION'] },
    sample: {
      ...SMTP,
      stage: 'starttls',
      error: 'STARTTLS_INJECTION',
      text: '27 bytes in plain text after the STARTTLS reply',
    },
    diagnosis: {
      code: 'starttls_injection',
      who: 'network',
      message: 'text was slipped in before encryption began, so the connection was dropped and no token was sent',
      fix: [{ text: 'try from another network, and tell the administrator of this one' }],
    },
  },
  {
    id: 'imap-preauth',
    when: { error: ['PREAUTH'] },
    sample: { ...IMAP, port: 143, stage: 'greeting', error: 'PREAUTH', text: '* PREAUTH ready' },
    diagnosis: {
      code: 'starttls_injection',
      who: 'network',
      message: '{peer} claims that somebody is signed in already, which rules encryption out; no token was sent',
      fix: [{ text: 'use the port with TLS from the start, IMAP 993', run: { verb: 'setup' } }],
    },
  },
  {
    id: 'mail-not-this-protocol',
    when: { where: MAIL, error: ['PROTOCOL'] },
    sample: { ...SMTP, stage: 'greeting', error: 'PROTOCOL', text: 'the server greets with: * OK IMAP4rev1 ready' },
    diagnosis: {
      code: 'bad_input',
      who: 'you',
      message: '{peer} speaks another protocol than the one expected there',
      fix: [SET_UP],
    },
  },
  {
    id: 'imap-login-disabled',
    when: { where: ['imap'], error: ['PRIVACYREQUIRED'] },
    sample: { ...IMAP, error: 'PRIVACYREQUIRED', text: 'NO [PRIVACYREQUIRED] Connection is not encrypted' },
    diagnosis: {
      code: 'starttls_missing',
      who: 'provider',
      message: '{peer} takes logins only over an encrypted connection',
      fix: [{ text: 'use the port with TLS from the start, IMAP 993', run: { verb: 'setup' } }],
    },
  },
  {
    id: 'smtp-tls-first',
    when: { where: ['smtp'], status: [530, 538, 523], text: /STARTTLS|encrypt|TLS/i },
    sample: { ...SMTP, status: 530, enhanced: '5.7.0', text: '530 5.7.0 Must issue a STARTTLS command first' },
    diagnosis: {
      code: 'starttls_missing',
      who: 'network',
      message: '{peer} wants encryption first; something between may have removed it',
      fix: [{ text: 'use the port with TLS from the start, SMTP 465', run: { verb: 'setup' } }],
    },
  },
];

const mechanism: readonly Rule[] = [
  {
    id: 'mechanism-not-offered',
    when: { error: ['MECHANISM_NOT_OFFERED'] },
    sample: { ...SMTP, stage: 'capability', error: 'MECHANISM_NOT_OFFERED', text: '250-AUTH LOGIN PLAIN' },
    diagnosis: {
      code: 'mechanism_not_offered',
      who: 'provider',
      message: '{peer} offers no OAuth login (XOAUTH2 or OAUTHBEARER)',
      fix: [SET_UP, { text: 'if they are right, ask whoever runs {peer} to switch it on' }],
    },
  },
  {
    id: 'smtp-ehlo-refused',
    // Pasted, such a status may as well refuse a sender or a recipient.
    weight: 'nothing',
    when: { where: ['smtp'], stage: ['capability'], status: [500, 501, 502, 504, 521, 550, 554] },
    sample: {
      ...SMTP,
      stage: 'capability',
      status: 550,
      enhanced: '5.7.1',
      text: '550 5.7.1 Helo command rejected: need fully-qualified hostname',
    },
    diagnosis: {
      code: 'policy_blocked',
      who: 'admin',
      message: '{peer} refuses this computer at the greeting (EHLO), before any login',
      fix: [
        { text: 'ask whoever runs {peer} to take the greeting [127.0.0.1] from this network' },
        { text: 'or use another network, if the words name this one' },
      ],
    },
  },
  {
    id: 'imap-capability-refused',
    weight: 'number',
    when: { where: ['imap'], stage: ['capability'], error: ['BAD', 'NO'] },
    sample: { ...IMAP, stage: 'capability', error: 'BAD', text: 'BAD not now' },
    diagnosis: {
      code: 'unknown',
      who: 'provider',
      message: '{peer} refuses to say what it can do, before any login',
      fix: [SET_UP],
    },
  },
  {
    id: 'capability-refused',
    weight: 'number',
    when: { error: ['CAPABILITY_REFUSED'] },
    sample: {
      ...SMTP,
      stage: 'capability',
      error: 'CAPABILITY_REFUSED',
      text: 'the server refuses to say what it can do',
    },
    diagnosis: {
      code: 'unknown',
      who: 'provider',
      message: '{peer} does not answer what it can do, before any login; it may be no mail server',
      fix: [SET_UP],
    },
  },
  {
    id: 'smtp-mechanism-refused',
    when: { where: ['smtp'], status: [504] },
    sample: { ...SMTP, status: 504, enhanced: '5.7.4', text: '504 5.7.4 Unrecognized authentication type' },
    diagnosis: {
      code: 'mechanism_not_offered',
      who: 'provider',
      message:
        '{peer} does not take the OAuth login XOAUTH2 here; usually the port is not the one for sending programs',
      fix: [SET_UP],
    },
  },
  {
    id: 'smtp-auth-not-known',
    // Pasted, such a status may as well answer any other command.
    weight: 'nothing',
    when: { where: ['smtp'], stage: ['auth'], status: [500, 502, 503] },
    sample: { ...SMTP, status: 503, enhanced: '5.5.1', text: '503 5.5.1 Error: authentication not enabled' },
    diagnosis: {
      code: 'mechanism_not_offered',
      who: 'provider',
      message: '{peer} takes no login at all on this port',
      fix: [
        {
          text: 'use the port for sending programs: 587 with STARTTLS or 465 with TLS',
          run: { verb: 'setup' },
        },
      ],
    },
  },
  {
    id: 'imap-mechanism-refused',
    when: {
      where: ['imap'],
      stage: ['auth'],
      text: /unsupported authentication mechanism|(?:unknown|unsupported|invalid) (?:auth\S* )?mechanism|mechanism not supported/i,
    },
    sample: { ...IMAP, text: 'NO Unsupported authentication mechanism.' },
    diagnosis: {
      code: 'mechanism_not_offered',
      who: 'provider',
      message: '{peer} does not take the OAuth login XOAUTH2',
      fix: [{ text: 'ask whoever runs {peer} to switch XOAUTH2 on' }],
    },
  },
];

/** RFC 7628 section 3.2.2: the challenge says why a token was refused. */
const challenges: readonly Rule[] = [
  {
    id: 'sasl-insufficient-scope',
    when: { where: MAIL, stage: ['auth'], text: /insufficient_scope/ },
    sample: {
      ...IMAP,
      error: 'AUTHENTICATIONFAILED',
      challenge: '{"status":"insufficient_scope","scope":"mail"}',
      text: 'NO [AUTHENTICATIONFAILED] Authentication failed.',
    },
    diagnosis: {
      code: 'consent_missing_scope',
      who: 'you',
      message: '{peer} took the token and found no access to mail in it',
      fix: [{ text: 'sign in again and allow everything that is asked for', run: { verb: 'authorize' } }],
    },
  },
  {
    id: 'sasl-invalid-token',
    when: { where: MAIL, stage: ['auth'], text: /invalid_token/ },
    sample: {
      ...SMTP,
      status: 535,
      enhanced: '5.7.8',
      challenge: '{"status":"invalid_token","schemes":"bearer"}',
      text: '535 5.7.8 Error: authentication failed',
    },
    diagnosis: {
      code: 'token_refused',
      who: 'you',
      message: '{peer} does not take the new token: it is for another mailbox, or the server asks another issuer',
      fix: [SIGN_IN_AS_OWNER],
    },
  },
  {
    id: 'sasl-challenge',
    weight: 'general',
    when: { where: MAIL, stage: ['auth'], text: /"status"\s*:\s*"?40[01]/ },
    sample: {
      ...IMAP,
      error: 'AUTHENTICATIONFAILED',
      challenge: '{"status":"401","schemes":"bearer","scope":"mail"}',
      text: 'NO [AUTHENTICATIONFAILED] Authentication failed.',
    },
    diagnosis: {
      code: 'token_refused',
      who: 'you',
      message: '{peer} refused the token; usually it belongs to another mailbox or lacks the access to mail',
      fix: [SIGN_IN_AS_OWNER],
    },
  },
  {
    id: 'sasl-challenge-unread',
    weight: 'general',
    when: {
      where: MAIL,
      stage: ['auth'],
      text: /AUTH(?:ENTICATE)? (?:XOAUTH2 )?(?:command )?(?:failed|error)[^.]{0,20}\b334\b|client aborted AUTHENTICATE/i,
    },
    sample: { ...SMTP, text: 'AUTH command failed: 334 (a challenge)' },
    diagnosis: {
      code: 'token_refused',
      who: 'you',
      message: '{peer} refused the token and gave its reason in base64, which is not shown here',
      fix: [SIGN_IN_AS_OWNER],
    },
  },
  {
    // The number counts the refused commands of one connection.
    id: 'imap-command-error',
    when: { where: ['imap'], stage: ['auth'], text: /\bBAD\b[^A-Za-z0-9]{0,6}b?['"]?Command Error\.? ?1[0-9]\b/i },
    sample: { ...IMAP, text: 'BAD Command Error. 12' },
    diagnosis: {
      code: 'token_refused',
      who: 'you',
      message:
        '{peer} did not take what was sent as a login; usually the token was empty, was cut off, or was no access token',
      fix: [SIGN_IN_AS_OWNER],
    },
  },
  {
    id: 'sasl-malformed',
    when: {
      where: MAIL,
      stage: ['auth'],
      text: /invalid SASL argument|cannot decode|base64|malformed (?:auth|SASL)|authentication failed: Invalid format|Command Argument Error/i,
    },
    sample: { ...IMAP, text: 'BAD Invalid SASL argument.' },
    diagnosis: {
      code: 'token_refused',
      who: 'mailauth',
      message: '{peer} could not read the login {program} sent; this is a fault in {program} or in something between',
      fix: [{ text: 'report this with the server’s words to the authors of {program}' }],
    },
  },
  {
    id: 'sasl-loop',
    when: { where: MAIL, error: ['SASL_LOOP'] },
    sample: { ...SMTP, error: 'SASL_LOOP', text: 'the server keeps asking for more after the login' },
    diagnosis: {
      code: 'mechanism_not_offered',
      who: 'provider',
      message: '{peer} offers the OAuth login XOAUTH2 and then asks for more than it has',
      fix: [{ text: 'ask whoever runs {peer} to check its XOAUTH2 login' }],
    },
  },
  {
    id: 'login-refused-without-words',
    when: { where: MAIL, error: ['LOGIN_REFUSED'] },
    sample: { ...SMTP, error: 'LOGIN_REFUSED', text: 'the server refused the login' },
    diagnosis: {
      code: 'token_refused',
      who: 'you',
      message: '{peer} refused the login without a reason; usually the token belongs to another mailbox',
      fix: [SIGN_IN_AS_OWNER],
    },
  },
  {
    id: 'sasl-line-too-long',
    when: { where: MAIL, stage: ['auth'], text: /line (?:is )?too long|too long(?: a)? line/i },
    sample: { ...SMTP, status: 500, enhanced: '5.5.6', text: '500 5.5.6 Authentication Exchange line is too long' },
    diagnosis: {
      code: 'token_refused',
      who: 'provider',
      message: 'the token is longer than {peer} can read in one line',
      fix: [{ text: 'ask whoever runs {peer} to allow longer login lines' }],
    },
  },
];

const imapCodes: readonly Rule[] = [
  {
    id: 'imap-unavailable',
    when: { where: ['imap'], error: ['UNAVAILABLE'] },
    sample: { ...IMAP, error: 'UNAVAILABLE', text: 'NO [UNAVAILABLE] Temporary authentication failure.' },
    diagnosis: {
      code: 'server_unavailable',
      who: 'provider',
      message: 'a part that {peer} needs for the login is not available at the moment',
      fix: [AGAIN],
    },
  },
  {
    id: 'imap-login-failed',
    when: { where: ['imap'], stage: ['auth'], error: ['AUTHENTICATIONFAILED'] },
    sample: { ...IMAP, error: 'AUTHENTICATIONFAILED', text: 'NO [AUTHENTICATIONFAILED] Authentication failed.' },
    diagnosis: {
      code: 'token_refused',
      who: 'you',
      message: '{peer} refused the token; usually it belongs to another mailbox',
      fix: [SIGN_IN_AS_OWNER],
    },
  },
  {
    id: 'imap-not-authorized',
    when: { where: ['imap'], error: ['AUTHORIZATIONFAILED'] },
    sample: { ...IMAP, error: 'AUTHORIZATIONFAILED', text: 'NO [AUTHORIZATIONFAILED] No such authorization-ID' },
    diagnosis: {
      code: 'mailbox_mismatch',
      who: 'admin',
      message: 'the login is good, and it may not act for {account}',
      fix: [{ text: 'ask the administrator to give the signed-in account full access to {account}' }],
    },
  },
  {
    id: 'imap-expired',
    when: { where: ['imap'], error: ['EXPIRED'] },
    sample: { ...IMAP, error: 'EXPIRED', text: 'NO [EXPIRED] That password is not valid any more' },
    diagnosis: {
      code: 'token_refused',
      who: 'you',
      message: '{peer} says that the login has expired, though the token is new',
      fix: [
        {
          text: 'sign in to the mailbox in a browser and renew what it asks for, then check again',
          run: { verb: 'check' },
        },
      ],
    },
  },
  {
    id: 'imap-contact-admin',
    when: { where: ['imap'], error: ['CONTACTADMIN'] },
    sample: { ...IMAP, error: 'CONTACTADMIN', text: 'NO [CONTACTADMIN] Account locked' },
    diagnosis: {
      code: 'policy_blocked',
      who: 'admin',
      message: '{peer} says that only its administrator can let this mailbox in',
      fix: [{ text: 'show the server’s words to the administrator of the mailbox' }],
    },
  },
  {
    id: 'imap-no-permission',
    when: { where: ['imap'], error: ['NOPERM'] },
    sample: { ...SELECT, error: 'NOPERM', text: 'NO [NOPERM] Access denied' },
    diagnosis: {
      code: 'mailbox_mismatch',
      who: 'admin',
      message: 'the login is good, and it may not open this mailbox',
      fix: [{ text: 'ask the administrator to give the signed-in account full access to {account}' }],
    },
  },
  {
    id: 'imap-nonexistent',
    when: { where: ['imap'], error: ['NONEXISTENT', 'TRYCREATE'] },
    sample: { ...SELECT, error: 'NONEXISTENT', text: 'NO [NONEXISTENT] Unknown mailbox: INBOX' },
    diagnosis: {
      code: 'mailbox_mismatch',
      who: 'admin',
      message: 'the login is good, and there is no inbox behind it',
      fix: [{ text: 'ask the administrator whether {account} has a mailbox' }],
    },
  },
  {
    id: 'imap-in-use',
    when: { where: ['imap'], error: ['INUSE', 'IN-USE'] },
    sample: { ...SELECT, error: 'INUSE', text: 'NO [INUSE] Mailbox in use' },
    diagnosis: {
      code: 'too_many_connections',
      who: 'you',
      message: 'another program holds the mailbox at the moment',
      fix: [{ text: 'close other mail programs of this mailbox, then check again', run: { verb: 'check' } }],
    },
  },
  {
    id: 'imap-limit',
    weight: 'cause',
    when: { where: ['imap'], error: ['LIMIT', 'THROTTLED'] },
    sample: { ...IMAP, error: 'LIMIT', text: 'NO [LIMIT] Maximum number of connections from user+IP exceeded' },
    diagnosis: {
      code: 'too_many_connections',
      who: 'you',
      message: '{peer} allows no further connection for this mailbox',
      fix: [{ text: 'close other mail programs of this mailbox, then check again', run: { verb: 'check' } }],
    },
  },
  {
    id: 'imap-too-many-connections',
    when: {
      where: ['imap'],
      text: /too many (?:simultaneous |concurrent |open )?connections|maximum number of connections/i,
    },
    sample: {
      ...IMAP,
      text: 'NO Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)',
    },
    diagnosis: {
      code: 'too_many_connections',
      who: 'you',
      message: '{peer} allows no further connection for this mailbox',
      fix: [{ text: 'close other mail programs of this mailbox, then check again', run: { verb: 'check' } }],
    },
  },
  {
    id: 'imap-over-quota',
    when: { where: ['imap'], error: ['OVERQUOTA'] },
    sample: { ...SELECT, error: 'OVERQUOTA', text: 'NO [OVERQUOTA] Account exceeded its limits' },
    diagnosis: {
      code: 'rate_limited',
      who: 'you',
      message: 'the mailbox has used up what {peer} allows it',
      fix: [{ text: 'make room in the mailbox, or wait a day, then check again', run: { verb: 'check' } }],
    },
  },
  {
    id: 'imap-server-bug',
    when: { where: ['imap'], error: ['SERVERBUG', 'CORRUPTION'] },
    sample: { ...SELECT, error: 'SERVERBUG', text: 'NO [SERVERBUG] This should not happen' },
    diagnosis: {
      code: 'server_unavailable',
      who: 'provider',
      message: '{peer} met a fault of its own',
      fix: [AGAIN],
    },
  },
  {
    id: 'imap-client-bug',
    when: { where: ['imap'], error: ['CLIENTBUG', 'CANNOT'] },
    sample: { ...SELECT, error: 'CLIENTBUG', text: 'BAD [CLIENTBUG] Unexpected command' },
    diagnosis: {
      code: 'unknown',
      who: 'mailauth',
      message: '{peer} says that {program} asked for something impossible',
      fix: [{ text: 'report this with the server’s words to the authors of {program}' }],
    },
  },
  {
    id: 'imap-disabled-in-words',
    when: {
      where: ['imap'],
      text: /IMAP (?:access |service )?(?:is |has been )?(?:disabled|not enabled|switched off|turned off|not allowed)|not enabled for IMAP|(?:yet|first|must|have|need|please) (?:to )?(?:enable|activate|switch on|turn on) (?:the )?IMAP(?! (?:ext|mod|function|PHP))|(?:disabled|not (?:activated|enabled)) (?:the )?IMAP(?! (?:ext|mod|function|PHP))/i,
    },
    sample: { ...IMAP, text: 'NO IMAP access is disabled for this user' },
    diagnosis: {
      code: 'imap_disabled',
      who: 'admin',
      message: 'reading mail through IMAP is switched off for {account}',
      fix: [{ text: 'switch IMAP on in the settings of the mailbox, or ask its administrator to' }],
    },
  },
  {
    id: 'imap-authenticate-not-known',
    weight: 'nothing',
    when: { where: ['imap'], stage: ['auth'], error: ['BAD'] },
    sample: { ...IMAP, error: 'BAD', text: 'BAD invalid command' },
    diagnosis: {
      code: 'mechanism_not_offered',
      who: 'provider',
      message: '{peer} lists the OAuth login and does not understand it, so nothing is known about the token',
      fix: [SET_UP, { text: 'if they are right, ask whoever runs {peer} to switch the OAuth login on' }],
    },
  },
  {
    id: 'imap-referral',
    when: { where: ['imap'], error: ['REFERRAL'] },
    sample: { ...IMAP, error: 'REFERRAL', text: 'NO [REFERRAL IMAP://jo@imap2.example.com/] try there' },
    diagnosis: {
      code: 'mailbox_mismatch',
      who: 'you',
      message: '{peer} says that the mailbox is on another server, which its words name',
      fix: [{ text: 'give that server as the IMAP host', run: { verb: 'setup' } }],
    },
  },
  {
    id: 'imap-login-refused',
    weight: 'number',
    when: { where: ['imap'], stage: ['auth'], error: ['NO'] },
    sample: { ...IMAP, error: 'NO', text: 'NO AUTHENTICATE failed.' },
    diagnosis: {
      code: 'token_refused',
      who: 'you',
      message: '{peer} refused the token; usually it belongs to another mailbox or lacks the access to mail',
      fix: [SIGN_IN_AS_OWNER],
    },
  },
  {
    id: 'pop-login-refused',
    weight: 'general',
    when: {
      where: ['imap'],
      text: /-ERR (?:\[AUTH\] )?.{0,60}(?:auth|log ?[io]n|logon|password|credential|user ?name|account)/i,
    },
    sample: { ...IMAP, text: '-ERR [AUTH] Username and password not accepted.' },
    diagnosis: {
      code: 'token_refused',
      who: 'you',
      message: '{peer} refused the login for POP',
      fix: [SIGN_IN_AS_OWNER],
    },
  },
  {
    id: 'imap-mailbox-refused',
    weight: 'number',
    when: { where: ['imap'], stage: ['mailbox'], error: ['NO'] },
    sample: { ...SELECT, error: 'NO', text: 'NO EXAMINE failed.' },
    diagnosis: {
      code: 'mailbox_mismatch',
      who: 'admin',
      message: '{peer} accepted the login and does not open the inbox',
      fix: [{ text: 'ask the administrator whether {account} has a mailbox that the signed-in account may open' }],
    },
  },
  {
    id: 'imap-bye',
    weight: 'number',
    when: { where: ['imap'], error: ['BYE', 'ALERT'] },
    sample: { ...IMAP, stage: 'greeting', error: 'BYE', text: '* BYE Server shutting down' },
    diagnosis: {
      code: 'server_unavailable',
      who: 'provider',
      message: '{peer} ended the conversation',
      fix: [AGAIN],
    },
  },
];

const smtpReplies: readonly Rule[] = [
  {
    id: 'smtp-transition-needed',
    when: { where: ['smtp'], enhanced: ['4.7.12', '5.7.12'] },
    sample: { ...SMTP, status: 432, enhanced: '4.7.12', text: '432 4.7.12 A password transition is needed' },
    diagnosis: {
      code: 'policy_blocked',
      who: 'admin',
      message: '{peer} wants this mailbox to sign in with a password once before it takes another way',
      fix: [{ text: 'ask the administrator of the mailbox how to complete the change' }],
    },
  },
  {
    id: 'smtp-too-many-connections',
    when: {
      where: ['smtp'],
      status: [421, 432, 451, 452, 454, 550, 554],
      text: /too many.{0,30}(?:connections|sessions)|concurrent connections|connection limit/i,
    },
    sample: {
      ...SMTP,
      stage: 'greeting',
      status: 421,
      enhanced: '4.7.0',
      text: '421 4.7.0 Too many concurrent SMTP connections',
    },
    diagnosis: {
      code: 'too_many_connections',
      who: 'you',
      message: '{peer} allows no further connection for this mailbox or from here',
      fix: [{ text: 'end other programs that send for this mailbox, then check again', run: { verb: 'check' } }],
    },
  },
  {
    id: 'smtp-rate-limited',
    when: {
      where: ['smtp'],
      text: /rate limit|too many (?:login|messages|requests|errors|attempts)|throttl|try again later.{0,20}rate/i,
    },
    sample: { ...SMTP, status: 450, enhanced: '4.7.1', text: '450 4.7.1 Error: too many login attempts' },
    diagnosis: {
      code: 'rate_limited',
      who: 'provider',
      message: '{peer} has had too many logins or messages from here',
      fix: [AGAIN],
    },
  },
  {
    id: 'smtp-auth-temporary',
    when: { where: ['smtp'], status: [454] },
    sample: { ...SMTP, status: 454, enhanced: '4.7.0', text: '454 4.7.0 Temporary authentication failure' },
    diagnosis: {
      code: 'server_unavailable',
      who: 'provider',
      message: '{peer} cannot prove logins at the moment',
      fix: [AGAIN],
    },
  },
  {
    id: 'smtp-account-disabled',
    when: { where: ['smtp'], enhanced: ['5.7.13', '5.2.1'] },
    sample: { ...SMTP, status: 525, enhanced: '5.7.13', text: '525 5.7.13 User Account Disabled' },
    diagnosis: {
      code: 'policy_blocked',
      who: 'admin',
      message: 'the account is disabled at {peer}',
      fix: [{ text: 'ask the administrator of the mailbox to enable it' }],
    },
  },
  {
    id: 'smtp-trust-required',
    when: { where: ['smtp'], enhanced: ['5.7.14'] },
    sample: { ...SMTP, status: 535, enhanced: '5.7.14', text: '554 5.7.14 Trust relationship required' },
    diagnosis: {
      code: 'policy_blocked',
      who: 'admin',
      message: '{peer} does not trust this way of signing in for the mailbox',
      fix: [{ text: 'show the server’s words to the administrator of the mailbox' }],
    },
  },
  {
    id: 'smtp-mechanism-too-weak',
    when: { where: ['smtp'], stage: ['auth'], status: [534] },
    sample: { ...SMTP, status: 534, enhanced: '5.7.9', text: '534 5.7.9 Authentication mechanism is too weak' },
    diagnosis: {
      code: 'policy_blocked',
      who: 'admin',
      message: '{peer} does not allow this way of signing in for the mailbox',
      fix: [{ text: 'show the server’s words to the administrator of the mailbox' }],
    },
  },
  {
    id: 'smtp-mechanism-invalid',
    when: { where: ['smtp'], status: [535], text: /invalid authentication mechanism/i },
    sample: {
      ...SMTP,
      status: 535,
      enhanced: '5.7.8',
      text: '535 5.7.8 Error: authentication failed: Invalid authentication mechanism',
    },
    diagnosis: {
      code: 'mechanism_not_offered',
      who: 'provider',
      message: '{peer} does not take the OAuth login XOAUTH2',
      fix: [SET_UP, { text: 'if they are right, ask whoever runs {peer} to switch XOAUTH2 on' }],
    },
  },
  {
    id: 'smtp-login-failed',
    when: { where: ['smtp'], status: [535] },
    sample: {
      ...SMTP,
      status: 535,
      enhanced: '5.7.8',
      text: '535 5.7.8 Error: authentication failed: (reason unavailable)',
    },
    diagnosis: {
      code: 'token_refused',
      who: 'you',
      message: '{peer} refused the token; usually it belongs to another mailbox',
      fix: [SIGN_IN_AS_OWNER],
    },
  },
  {
    id: 'smtp-login-wanted',
    when: { where: ['smtp'], status: [530] },
    sample: { ...SMTP, stage: 'mailbox', status: 530, enhanced: '5.7.0', text: '530 5.7.0 Authentication required' },
    diagnosis: {
      code: 'signin_required',
      who: 'you',
      message: '{peer} was asked to send mail before a login',
      fix: [
        {
          text: 'let the sending program sign in with OAuth2; this shows what it needs',
          run: { verb: 'export', flags: '--format form' },
        },
      ],
    },
  },
  {
    id: 'smtp-network-blocked',
    weight: 'nothing',
    when: { where: ['smtp'], stage: ['greeting', 'capability'], status: [550, 554, 521, 556, 571] },
    sample: {
      ...SMTP,
      stage: 'greeting',
      status: 554,
      enhanced: '5.7.1',
      text: '554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked',
    },
    diagnosis: {
      code: 'policy_blocked',
      who: 'network',
      message: '{peer} does not talk to this network address',
      fix: [
        {
          text: 'use the port for sending programs, 587 or 465, or send from another network',
          run: { verb: 'setup' },
        },
      ],
    },
  },
  {
    id: 'smtp-access-denied',
    when: { where: ['smtp'], stage: ['auth'], status: [550, 553, 554], enhanced: ['5.7.1', '5.7.0'] },
    sample: { ...SMTP, status: 550, enhanced: '5.7.1', text: '550 5.7.1 Access denied' },
    diagnosis: {
      code: 'policy_blocked',
      who: 'admin',
      message: '{peer} knows the account and forbids it to send',
      fix: [{ text: 'ask the administrator of the mailbox to allow sending with SMTP' }],
    },
  },
  {
    id: 'smtp-mailbox-full',
    when: { where: ['smtp'], enhanced: ['5.2.2', '4.2.2'] },
    sample: { ...SMTP, stage: 'mailbox', status: 552, enhanced: '5.2.2', text: '552 5.2.2 Mailbox full' },
    diagnosis: {
      code: 'policy_blocked',
      who: 'you',
      message: 'the mailbox is full',
      fix: [{ text: 'delete mail or buy room for the mailbox' }],
    },
  },
  {
    id: 'smtp-message-too-big',
    when: { where: ['smtp'], enhanced: ['5.2.3', '5.3.4'] },
    sample: {
      ...SMTP,
      stage: 'mailbox',
      status: 552,
      enhanced: '5.3.4',
      text: '552 5.3.4 Message size exceeds fixed limit',
    },
    diagnosis: {
      code: 'policy_blocked',
      who: 'you',
      message: 'the message is larger than {peer} takes; the login itself is fine',
      fix: [{ text: 'send a smaller message' }],
    },
  },
  {
    id: 'smtp-too-many-recipients',
    when: { where: ['smtp'], enhanced: ['4.5.3', '5.5.3'] },
    sample: { ...SMTP, stage: 'mailbox', status: 452, enhanced: '4.5.3', text: '452 4.5.3 Error: too many recipients' },
    diagnosis: {
      code: 'rate_limited',
      who: 'you',
      message: 'the message has more recipients than {peer} takes at once; the login itself is fine',
      fix: [{ text: 'send to fewer recipients at a time' }],
    },
  },
  {
    id: 'smtp-sender-not-owned',
    when: {
      where: ['smtp'],
      status: [550, 553, 554],
      text: /not owned by user|sender address rejected|not (?:allowed|permitted|authorized) to send (?:as|from)/i,
    },
    sample: {
      ...SMTP,
      stage: 'mailbox',
      status: 553,
      enhanced: '5.7.1',
      text: '553 5.7.1 <b@example.com>: Sender address rejected: not owned by user a@example.com',
    },
    diagnosis: {
      code: 'mailbox_mismatch',
      who: 'you',
      message: 'the signed-in account may not send from this address; the login itself is fine',
      fix: [{ text: 'send from {account}, or ask the administrator for the right to send as the other address' }],
    },
  },
  {
    id: 'smtp-relay-denied',
    weight: 'cause',
    when: { where: ['smtp'], text: /relay(?:ing)?(?: access)? (?:denied|not permitted)|unable to relay/i },
    sample: {
      ...SMTP,
      stage: 'mailbox',
      status: 554,
      enhanced: '5.7.1',
      text: '554 5.7.1 <b@example.net>: Relay access denied',
    },
    diagnosis: {
      code: 'signin_required',
      who: 'you',
      message: '{peer} does not pass mail on without a login',
      fix: [
        {
          text: 'let the sending program sign in with OAuth2; this shows what it needs',
          run: { verb: 'export', flags: '--format form' },
        },
      ],
    },
  },
  {
    id: 'smtp-crypto-needed',
    when: { where: ['smtp'], enhanced: ['5.7.10', '5.7.11'] },
    sample: {
      ...SMTP,
      status: 538,
      enhanced: '5.7.11',
      text: '538 5.7.11 Confidentiality required for requested authentication mechanism',
    },
    diagnosis: {
      code: 'starttls_missing',
      who: 'network',
      message: '{peer} takes logins only over an encrypted connection',
      fix: [{ text: 'use the port with TLS from the start, SMTP 465', run: { verb: 'setup' } }],
    },
  },
  {
    id: 'smtp-unavailable',
    weight: 'number',
    when: { where: ['smtp'], status: [421, 450, 451, 452, 430, 432] },
    sample: {
      ...SMTP,
      stage: 'greeting',
      status: 421,
      enhanced: '4.3.2',
      text: '421 4.3.2 Service not available, closing transmission channel',
    },
    diagnosis: {
      code: 'server_unavailable',
      who: 'provider',
      message: '{peer} asks to come back later',
      fix: [AGAIN],
    },
  },
];

export const mailRules: readonly Rule[] = [...transport, ...challenges, ...mechanism, ...imapCodes, ...smtpReplies];
