import { protocols } from '../../words/protocol.js';
import { cause, rulesOf } from '../cause.js';
import type { Evidence } from '../evidence.js';
import { AGAIN, REPORT } from '../fixes.js';
import type { Rule, RuleFix } from '../rule.js';

/**
 * SMTP replies (RFC 5321, RFC 4954, enhanced codes of RFC 3463 and RFC 5248), IMAP response codes (RFC 5530,
 * RFC 9051), the SASL challenges of RFC 7628, and the words of our own mail adapters.
 */

const MAIL: readonly Evidence['where'][] = protocols;

const SIGN_IN_AS_OWNER: RuleFix = { text: 'sign in again with the account that owns {account}', run: 'authorize' };
const LET_SIGN_IN: RuleFix = {
  text: 'let the sending program sign in with OAuth2; this shows what it needs',
  foreign: 'let the sending program sign in, with OAuth2 (XOAUTH2) where the provider wants that',
  run: 'export --format form',
};
const SET_UP: RuleFix = { text: 'compare host, port and security with the provider’s', run: 'setup' };
const SWITCH_ON: RuleFix = {
  text: 'if they are right, ask whoever runs {peer} to switch XOAUTH2 on',
  foreign:
    'compare what {program} is set to with the list in the answer to EHLO or CAPABILITY; for a token it must hold XOAUTH2 or OAUTHBEARER',
};

const transport = rulesOf(
  cause(
    'starttls_missing',
    '{peer} offers no encryption, so no token was sent; a firewall may have removed the offer',
    'network',
  )
    .foreign('{peer} offers no encryption here; a firewall may have removed the offer')
    .fix('use the port with TLS from the start, {tls-port}', { run: 'setup' })
    .fix('if the provider has no such port, ask the network’s administrator what changes the connection')
    .when('starttls-missing', { error: 'STARTTLS_MISSING' }),
  cause(
    'starttls_missing',
    '{peer} announced encryption and then refused to start it, so no token was sent',
    'provider',
  )
    .foreign('{peer} announced encryption and then refused to start it')
    .fix(AGAIN)
    .when('starttls-refused', { stage: 'starttls', status: [454, 500, 501, 502, 503, 504, 530, 538, 550, 554] }),
  cause('starttls_missing', '{peer} refused to start encryption, so no token was sent', 'provider')
    .foreign('{peer} refused to start encryption')
    .fix('use the port with TLS from the start, IMAP 993', { run: 'setup' })
    .when('starttls-refused-imap', { where: 'imap', stage: 'starttls', error: ['NO', 'BAD'] }),
  cause(
    'starttls_missing',
    '{peer} announced encryption and then refused to start it, so no token was sent',
    'provider',
  )
    .foreign('{peer} announced encryption and then refused to start it')
    .fix(AGAIN)
    .when('starttls-refused-otherwise', {
      stage: 'starttls',
      error: ['STARTTLS_REFUSED', 'BYE', 'UNAVAILABLE', 'PRIVACYREQUIRED'],
    }),
  cause(
    'starttls_injection',
    'text was slipped in before encryption began, so the connection was dropped and no token was sent',
    'network',
  )
    .fix('try from another network, and tell the administrator of this one')
    .when('starttls-injection', { error: 'STARTTLS_INJECTION' }),
  cause(
    'starttls_injection',
    '{peer} claims that somebody is signed in already, which rules encryption out; no token was sent',
    'network',
  )
    .fix('use the port with TLS from the start, IMAP 993', { run: 'setup' })
    .when('imap-preauth', { error: 'PREAUTH' }),
  cause('bad_input', '{peer} speaks another protocol than the one expected there')
    .fix(SET_UP)
    .when('mail-not-this-protocol', { where: MAIL, error: 'PROTOCOL' }),
  cause('starttls_missing', '{peer} takes logins only over an encrypted connection', 'provider')
    .fix('use the port with TLS from the start, IMAP 993', { run: 'setup' })
    .when('imap-login-disabled', { where: 'imap', error: 'PRIVACYREQUIRED' }),
  cause('starttls_missing', '{peer} wants encryption first; something between may have removed it', 'network')
    .fix('use the port with TLS from the start, SMTP 465', { run: 'setup' })
    .when('smtp-tls-first', {
      where: 'smtp',
      status: [530, 538, 523],
      text: /(?:must|requi|need|without|first|only|use)\w{0,5}\b[^.]{0,60}(?:STARTTLS|encrypt|\bTLS\b|\bSSL\b|secure connection)|(?:STARTTLS|encrypt\w{0,5}|\bTLS\b|\bSSL\b|secure connection)\b[^.]{0,40}(?:first|requi|need|must|not allowed|mandatory|only)/i,
    }),
);

const mechanism = rulesOf(
  cause('mechanism_not_offered', '{peer} offers no OAuth login (XOAUTH2 or OAUTHBEARER)', 'provider')
    .foreign('{peer} offers no login that {program} can use here')
    .fix(SET_UP)
    .fix(SWITCH_ON)
    .when('mechanism-not-offered', { error: 'MECHANISM_NOT_OFFERED' }),
  // Pasted, such a status may as well refuse a sender or a recipient.
  cause('policy_blocked', '{peer} refuses this computer at the greeting (EHLO), before any login', 'admin')
    .fix('ask whoever runs {peer} to take the greeting [127.0.0.1] from this network')
    .fix('or use another network, if the words name this one')
    .when(
      'smtp-ehlo-refused',
      { where: 'smtp', stage: 'capability', status: [500, 501, 502, 504, 521, 550, 554] },
      'nothing',
    ),
  cause('unknown', '{peer} refuses to say what it can do, before any login', 'provider')
    .fix(SET_UP)
    .when('imap-capability-refused', { where: 'imap', stage: 'capability', error: ['BAD', 'NO'] }, 'number'),
  cause('unknown', '{peer} does not answer what it can do, before any login; it may be no mail server', 'provider')
    .fix(SET_UP)
    .when('capability-refused', { error: 'CAPABILITY_REFUSED' }, 'number'),
  cause(
    'mechanism_not_offered',
    '{peer} does not take the OAuth login XOAUTH2 here; usually the port is not the one for sending programs',
    'provider',
  )
    .foreign(
      '{peer} does not take this way to log in here; usually the port is not for programs, or encryption has not begun',
    )
    .fix(SET_UP)
    .when('smtp-mechanism-refused', { where: 'smtp', status: 504 }),
  // Pasted, such a status may as well answer any other command.
  cause('mechanism_not_offered', '{peer} takes no login at all on this port', 'provider')
    .fix('use the port for sending programs: 587 with STARTTLS or 465 with TLS', { run: 'setup' })
    .when('smtp-auth-not-known', { where: 'smtp', stage: 'auth', status: [500, 502, 503] }, 'nothing'),
  cause('mechanism_not_offered', '{peer} does not take the OAuth login XOAUTH2', 'provider')
    .foreign('{peer} does not know the way to log in that {program} uses')
    .fix(SWITCH_ON)
    .when('imap-mechanism-refused', {
      where: 'imap',
      stage: 'auth',
      text: /unsupported authentication mechanism|(?:unknown|unsupported|invalid) (?:auth\S* )?mechanism|mechanism not supported/i,
    }),
);

/** RFC 7628 section 3.2.2: the challenge says why a token was refused. */
const challenges = rulesOf(
  cause('consent_missing_scope', '{peer} took the token and found no access to mail in it')
    .fix('sign in again and allow everything that is asked for', { run: 'authorize' })
    .when('sasl-insufficient-scope', { where: MAIL, stage: 'auth', text: /insufficient_scope/ }),
  cause(
    'token_refused',
    '{peer} does not take the new token: it is for another mailbox, or the server asks another issuer',
  )
    .foreign('{peer} does not take the token: it has ended, is for another mailbox, or comes from another issuer')
    .fix(SIGN_IN_AS_OWNER)
    .when('sasl-invalid-token', { where: MAIL, stage: 'auth', text: /invalid_token/ }),
  cause('token_refused', '{peer} refused the token; usually it belongs to another mailbox or lacks the access to mail')
    .fix(SIGN_IN_AS_OWNER)
    .when(
      'sasl-challenge',
      { where: MAIL, stage: 'auth', text: /"status"\s*:\s*"?40[01]|\bstatus"?: ?['"]invalid_request['"], ?"?scope\b/ },
      'general',
    ),
  cause('token_refused', '{peer} refused the token and gave its reason in base64, which is not shown here')
    .fix(SIGN_IN_AS_OWNER)
    .when(
      'sasl-challenge-unread',
      {
        where: MAIL,
        stage: 'auth',
        text: /AUTH(?:ENTICATE)? (?:XOAUTH2 )?(?:command )?(?:failed|error)[^.]{0,20}\b334\b|client aborted AUTHENTICATE/i,
      },
      'general',
    ),
  // The number counts the refused commands of one connection.
  cause(
    'token_refused',
    '{peer} did not take what was sent as a login; usually the token was empty, was cut off, or was no access token',
  )
    .fix(SIGN_IN_AS_OWNER)
    .when('imap-command-error', {
      where: 'imap',
      stage: 'auth',
      text: /(?<!\b(?:FETCH|SELECT|EXAMINE|SEARCH|STORE|APPEND|STATUS|LIST|UID)\b.{0,20})\bBAD\b[^A-Za-z0-9]{0,6}b?['"]?Command Error\.? ?1[0-9]\b/i,
    }),
  cause(
    'token_refused',
    '{peer} could not read the login {program} sent; this is a fault in {program} or in something between',
    'mailauth',
  )
    .fix(REPORT)
    .when('sasl-malformed', {
      where: MAIL,
      stage: 'auth',
      text: /invalid SASL argument|(?<!syntax error, )cannot decode|base64 (?:decod|error|data|string|encod)|(?:invalid|bad|malformed|incorrect|decod\w{0,3})[^.]{0,20}base64|malformed (?:auth|SASL)|authentication failed: Invalid format|Command Argument Error/i,
    }),
  cause('mechanism_not_offered', '{peer} offers the OAuth login XOAUTH2 and then asks for more than it has', 'provider')
    .fix('ask whoever runs {peer} to check its XOAUTH2 login')
    .when('sasl-loop', { where: MAIL, error: 'SASL_LOOP' }),
  cause('token_refused', '{peer} refused the login without a reason; usually the token belongs to another mailbox')
    .fix(SIGN_IN_AS_OWNER)
    .when('login-refused-without-words', { where: MAIL, error: 'LOGIN_REFUSED' }),
  cause('token_refused', 'the token is longer than {peer} can read in one line', 'provider')
    .fix('ask whoever runs {peer} to allow longer login lines')
    .when('sasl-line-too-long', { where: MAIL, stage: 'auth', text: /line (?:is )?too long|too long(?: a)? line/i }),
);

const imapCodes = rulesOf(
  cause('server_unavailable', 'a part that {peer} needs for the login is not available at the moment', 'provider')
    .fix(AGAIN)
    .when('imap-unavailable', { where: 'imap', error: ['UNAVAILABLE', 'TEMPFAIL'] }),
  cause('token_refused', '{peer} refused the token; usually it belongs to another mailbox')
    .fix(SIGN_IN_AS_OWNER)
    .when('imap-login-failed', { where: 'imap', stage: 'auth', error: 'AUTHENTICATIONFAILED' }),
  cause('mailbox_mismatch', 'the login is good, and it may not act for {account}', 'admin')
    .fix('ask the administrator to give the signed-in account full access to {account}')
    .when('imap-not-authorized', { where: 'imap', error: 'AUTHORIZATIONFAILED' }),
  cause('token_refused', '{peer} says that the login has expired, though the token is new')
    .foreign('{peer} says that the login has expired')
    .fix('sign in to the mailbox in a browser and renew what it asks for, then check again', { run: 'check' })
    .when('imap-expired', { where: 'imap', error: 'EXPIRED' }),
  cause('policy_blocked', '{peer} says that only its administrator can let this mailbox in', 'admin')
    .fix('show the server’s words to the administrator of the mailbox')
    .when('imap-contact-admin', { where: 'imap', error: 'CONTACTADMIN' }),
  cause('mailbox_mismatch', 'the login is good, and it may not open this mailbox', 'admin')
    .fix('ask the administrator to give the signed-in account full access to {account}')
    .when('imap-no-permission', { where: 'imap', error: 'NOPERM' }),
  cause('mailbox_mismatch', 'the login is good, and there is no inbox behind it', 'admin')
    .fix('ask the administrator whether {account} has a mailbox')
    .when('imap-nonexistent', { where: 'imap', error: ['NONEXISTENT', 'TRYCREATE'] }),
  cause('too_many_connections', 'another program holds the mailbox at the moment')
    .fix('close other mail programs of this mailbox, then check again', { run: 'check' })
    .when('imap-in-use', { where: 'imap', error: ['INUSE', 'IN-USE'] }),
  cause('too_many_connections', '{peer} allows no further connection for this mailbox')
    .fix('close other mail programs of this mailbox, then check again', { run: 'check' })
    .when('imap-limit', { where: 'imap', error: ['LIMIT', 'THROTTLED'] }, 'cause'),
  cause('too_many_connections', '{peer} allows no further connection for this mailbox')
    .fix('close other mail programs of this mailbox, then check again', { run: 'check' })
    .when('imap-too-many-connections', {
      where: 'imap',
      text: /too many (?:simultaneous |concurrent |open )?connections|maximum number of connections(?! ?[=:])/i,
    }),
  cause('rate_limited', 'the mailbox has used up what {peer} allows it')
    .fix('make room in the mailbox, or wait a day, then check again', { run: 'check' })
    .when('imap-over-quota', { where: 'imap', error: 'OVERQUOTA' }),
  cause('server_unavailable', '{peer} met a fault of its own', 'provider')
    .fix(AGAIN)
    .when('imap-server-bug', { where: 'imap', error: ['SERVERBUG', 'CORRUPTION'] }),
  cause('unknown', '{peer} says that {program} asked for something impossible', 'mailauth')
    .fix(REPORT)
    .when('imap-client-bug', { where: 'imap', error: ['CLIENTBUG', 'CANNOT'] }),
  cause('imap_disabled', 'reading mail through IMAP is switched off for {account}', 'admin')
    .fix('switch IMAP on in the settings of the mailbox, or ask its administrator to')
    .when('imap-disabled-in-words', {
      where: 'imap',
      text: /IMAP (?:access |service |support )?(?:is |has been )?(?:disabled|not enabled|switched off|turned off|not allowed)|not enabled for IMAP|(?:yet|first|must|have|need|please) (?:to )?(?:enable|activate|switch on|turn on) (?:the )?IMAP(?! (?:ext|mod|function|PHP))|(?:disabled|not (?:activated|enabled)) (?:the )?IMAP(?! (?:ext|mod|function|PHP))/i,
    }),
  cause(
    'mechanism_not_offered',
    '{peer} lists the OAuth login and does not understand it, so nothing is known about the token',
    'provider',
  )
    .fix(SET_UP)
    .fix('if they are right, ask whoever runs {peer} to switch the OAuth login on')
    .when('imap-authenticate-not-known', { where: 'imap', stage: 'auth', error: 'BAD' }, 'nothing'),
  cause('mailbox_mismatch', '{peer} says that the mailbox is on another server, which its words name')
    .fix('give that server as the IMAP host', { run: 'setup' })
    .when('imap-referral', { where: 'imap', error: 'REFERRAL' }),
  cause('server_unavailable', '{peer} ended the conversation', 'provider')
    .fix(AGAIN)
    .when('imap-bye', { where: 'imap', error: 'BYE' }, 'number')
    .when('imap-bye-alert', { where: 'imap', error: 'ALERT', text: /\* BYE \[ALERT\]/i }, 'number')
    .when('imap-bye-in-words', { where: 'imap', text: /\bByeResponseError\b/ }, 'number'),
  cause('token_refused', '{peer} refused the login, and its own words say why')
    .fix('do what the words of the server say, then check again', { run: 'check' })
    .when('imap-alert', { where: 'imap', stage: 'auth', error: 'ALERT' }, 'number'),
  cause('token_refused', '{peer} refused the token; usually it belongs to another mailbox or lacks the access to mail')
    .fix(SIGN_IN_AS_OWNER)
    .when('imap-login-refused', { where: 'imap', stage: 'auth', error: 'NO' }, 'number'),
  cause('mailbox_mismatch', '{peer} accepted the login and does not open the inbox', 'admin')
    .fix('ask the administrator whether the signed-in account may open {account}, and whether that exists')
    .when('imap-mailbox-refused', { where: 'imap', stage: 'mailbox', error: ['NO', 'ALERT'] }, 'number'),
);

const smtpReplies = rulesOf(
  cause(
    'policy_blocked',
    '{peer} wants this mailbox to sign in with a password once before it takes another way',
    'admin',
  )
    .fix('ask the administrator of the mailbox how to complete the change')
    .when('smtp-transition-needed', { where: 'smtp', enhanced: ['4.7.12', '5.7.12'] }),
  cause('too_many_connections', '{peer} allows no further connection for this mailbox or from here')
    .fix('end other programs that send for this mailbox, then check again', { run: 'check' })
    .when('smtp-too-many-connections', {
      where: 'smtp',
      status: [421, 432, 451, 452, 454, 550, 554],
      text: /too many.{0,30}(?:connections|sessions)|concurrent connections|connection limit/i,
    }),
  // RFC 5321 section 4.5.3.2: a server waits only so long.
  cause(
    'server_unavailable',
    '{peer} ended the conversation: nothing came in time, from the program or from a server behind it',
    'provider',
  )
    .fix(AGAIN)
    .when('smtp-waited-long', { where: 'smtp', status: [421, 451], text: /time(?:d )?-?out/i }),
  cause('rate_limited', '{peer} has had too many logins or messages from here', 'provider')
    .fix(AGAIN)
    .when('smtp-rate-limited', {
      where: 'smtp',
      text: /rate[- _]?limit(?!\w{0,3}(?: (?:is |was )?(?:set|configured|enabled|of|to)\b| ?[=:]))|\bper[- ](?:\d{1,3}[- ])?(?:second|minute|hour|day) limit|\bonly \d{1,6} (?:e-?mails?|messages?|log-?ins?) (?:per|an?|each)\b|too many (?:login(?! fail)|messages|requests|errors(?! after)|attempts)|throttl(?:ed?|ing(?:Exception)?)\b|try again later.{0,20}rate/i,
    }),
  cause('server_unavailable', '{peer} cannot prove logins at the moment', 'provider')
    .fix(AGAIN)
    .when('smtp-auth-temporary', { where: 'smtp', status: 454 }),
  cause('policy_blocked', 'the account is disabled at {peer}', 'admin')
    .fix('ask the administrator of the mailbox to enable it')
    .when('smtp-account-disabled', { where: 'smtp', enhanced: ['5.7.13', '5.2.1'] }),
  cause('policy_blocked', '{peer} does not trust this way of signing in for the mailbox', 'admin')
    .fix('show the server’s words to the administrator of the mailbox')
    .when('smtp-trust-required', { where: 'smtp', enhanced: '5.7.14' }),
  cause('policy_blocked', '{peer} does not allow this way of signing in for the mailbox', 'admin')
    .fix('show the server’s words to the administrator of the mailbox')
    .when('smtp-mechanism-too-weak', { where: 'smtp', stage: 'auth', status: 534 }),
  cause('mechanism_not_offered', '{peer} does not take the OAuth login XOAUTH2', 'provider')
    .foreign('{peer} does not know the way to log in that {program} uses')
    .fix(SET_UP)
    .fix(SWITCH_ON)
    .when('smtp-mechanism-invalid', {
      where: 'smtp',
      status: 535,
      text: /invalid authentication mechanism|mechanism (?:is )?not supported|unsupported (?:auth\w* )?mechanism/i,
    }),
  cause('token_refused', '{peer} refused the token; usually it belongs to another mailbox')
    .fix(SIGN_IN_AS_OWNER)
    .when('smtp-login-failed', { where: 'smtp', status: [535, 435] }),
  cause('signin_required', '{peer} was asked to send mail before a login')
    .fix(LET_SIGN_IN)
    .when('smtp-login-wanted', { where: 'smtp', status: 530 }),
  cause('policy_blocked', '{peer} does not talk to this network address', 'network')
    .fix('use the port for sending programs, 587 or 465, or send from another network', { run: 'setup' })
    .when(
      'smtp-network-blocked',
      { where: 'smtp', stage: ['greeting', 'capability'], status: [550, 554, 521, 556, 571] },
      'nothing',
    ),
  cause('policy_blocked', '{peer} knows the account and forbids it to send', 'admin')
    .fix('ask the administrator of the mailbox to allow sending with SMTP')
    .when('smtp-access-denied', {
      where: 'smtp',
      stage: 'auth',
      status: [550, 553, 554],
      enhanced: ['5.7.1', '5.7.0'],
    }),
  cause('policy_blocked', 'the mailbox is full')
    .fix('delete mail or buy room for the mailbox')
    .when('smtp-mailbox-full', { where: 'smtp', enhanced: ['5.2.2', '4.2.2'] }),
  cause('policy_blocked', 'the message is larger than {peer} takes; the login itself is fine')
    .fix('send a smaller message')
    .when('smtp-message-too-big', { where: 'smtp', enhanced: ['5.2.3', '5.3.4'] }),
  cause('rate_limited', 'the message has more recipients than {peer} takes at once; the login itself is fine')
    .fix('send to fewer recipients at a time')
    .when('smtp-too-many-recipients', { where: 'smtp', enhanced: ['4.5.3', '5.5.3'] }),
  cause('mailbox_mismatch', 'the signed-in account may not send from this address; the login itself is fine')
    .fix('send from {account}, or ask the administrator for the right to send as the other address')
    .when('smtp-sender-not-owned', {
      where: 'smtp',
      status: [550, 553, 554],
      text: /not owned by user|sender address rejected|not (?:allowed|permitted|authorized) to send (?:as|from)/i,
    }),
  cause('signin_required', '{peer} does not pass mail on without a login')
    .fix(LET_SIGN_IN)
    .when(
      'smtp-relay-denied',
      { where: 'smtp', text: /relay(?:ing)?(?: access)? (?:denied|not permitted|disallowed(?! as))|unable to relay/i },
      'cause',
    ),
  cause('starttls_missing', '{peer} takes logins only over an encrypted connection', 'network')
    .fix('use the port with TLS from the start, SMTP 465', { run: 'setup' })
    .when('smtp-crypto-needed', { where: 'smtp', enhanced: ['5.7.10', '5.7.11'] }),
  cause('server_unavailable', '{peer} asks to come back later', 'provider')
    .fix(AGAIN)
    .when('smtp-unavailable', { where: 'smtp', status: [421, 450, 451, 452, 430, 432] }, 'number'),
);

export const mailRules: readonly Rule[] = [...transport, ...challenges, ...mechanism, ...imapCodes, ...smtpReplies];
