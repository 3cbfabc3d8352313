import { cause, rulesOf } from '../cause.js';
import { AGAIN } from '../fixes.js';

/** POP replies: response codes of RFC 2449 section 8 and RFC 3206, and refusals without one (RFC 1939 section 3). */

export const popRules = rulesOf(
  cause('too_many_connections', 'another program is collecting this mailbox by POP at the moment, and only one may')
    .fix(AGAIN)
    .when('pop-in-use', { where: 'pop', error: 'IN-USE' }),
  cause('rate_limited', 'the mailbox was asked for mail a moment ago, and {peer} wants a pause between two logins')
    .fix(AGAIN)
    .when('pop-login-delay', { where: 'pop', error: 'LOGIN-DELAY' }),
  cause('server_unavailable', 'a part that {peer} needs for the login is not available at the moment', 'provider')
    .fix(AGAIN)
    .when('pop-unavailable', { where: 'pop', error: 'SYS/TEMP' }),
  cause('pop_disabled', '{peer} does not allow POP for this mailbox', 'admin')
    .fix('ask the administrator to switch POP on for {account}')
    .when('pop-not-allowed', { where: 'pop', error: 'SYS/PERM' }),
  cause('starttls_missing', '{peer} refused to start encryption, so no token was sent', 'provider')
    .foreign('{peer} refused to start encryption')
    .fix('use the port with TLS from the start, POP 995', { run: 'setup' })
    .when('pop-starttls-refused', { where: 'pop', stage: 'starttls', error: 'ERR' }),
  cause('server_unavailable', '{peer} ended the conversation', 'provider')
    .fix(AGAIN)
    .when('pop-greeting-refused', { where: 'pop', stage: 'greeting', error: 'ERR' }, 'number'),
  cause('mechanism_not_offered', '{peer} does not say what it can do (CAPA), so it has no OAuth login', 'provider')
    .fix('ask whoever runs {peer} to switch XOAUTH2 on')
    .when('pop-capability-refused', { where: 'pop', stage: 'capability', error: 'ERR' }, 'number'),
  cause('mailbox_mismatch', '{peer} accepted the login and does not open the mailbox', 'admin')
    .fix('ask the administrator whether the signed-in account may open {account}, and whether that exists')
    .when('pop-mailbox-refused', { where: 'pop', stage: 'mailbox', error: 'ERR' }, 'number'),
  cause(
    'token_refused',
    '{peer} refused the login; usually the token belongs to another mailbox or lacks the permission for POP',
  )
    .fix('sign in again with the account that owns {account}', { run: 'authorize' })
    .when(
      'pop-login-refused',
      {
        where: 'pop',
        text: /-ERR (?:\[[A-Z/-]{2,20}\] )?[^[]{0,60}(?:auth|log ?[io]n|logon|password|credential|user ?name|account)/i,
      },
      'general',
    )
    .when('pop-refused', { where: 'pop', stage: 'auth', error: ['AUTH', 'ERR'] }, 'number'),
);
