/** A real Postfix submission server on loopback that asks a running Dovecot about each login. Mails are discarded. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Authority } from './certificates.js';
import { type Dovecot, freePorts, listens } from './dovecot.js';
import { startPostfixInstance } from './postfix-instance.js';

export interface Postfix {
  /** STARTTLS, as port 587. */
  readonly submission: number;
  /** TLS from the first byte, as port 465. */
  readonly submissions: number;
  log(): Promise<string>;
  stop(): Promise<void>;
}

/** A recipient it refuses for good. */
export const REFUSED = 'refused@example.com';
/** Recipients at which it says what Exchange says of a sender that it has let in, to RCPT and at the end of the message. */
export const REFUSED_LATE = {
  sendAs: {
    to: 'send-as@example.com',
    reply: '550 5.7.60 SMTP; Client does not have permissions to send as this sender',
  },
  noAccess: {
    to: 'no-access@example.com',
    reply: '430 4.2.0 STOREDRV; mailbox logon failure; failure reason: MapiExceptionLogonFailed; Cannot open mailbox',
  },
} as const;

const START_LIMIT = 15_000;

export interface PostfixOptions {
  /** Signs Postfix's certificate. */
  readonly authority: Authority;
  readonly dovecot: Dovecot;
}

export async function startPostfix({ authority, dovecot }: PostfixOptions): Promise<Postfix> {
  const [submission = 0, submissions = 0] = await freePorts(2);
  const leaf = authority.issue();
  const { log, stop } = await startPostfixInstance((folder) => ({
    main: mainCf(folder, dovecot.auth),
    master: masterCf(submission, submissions),
    more: { 'tls.pem': leaf.cert, 'tls.key': leaf.key },
  }));
  const late = Date.now() + START_LIMIT;
  while (!(await listens(submission))) {
    if (Date.now() > late) {
      const said = await log();
      await stop();
      throw new Error(`Postfix did not start: ${said}`);
    }
    await sleep(50);
  }
  return { submission, submissions, log, stop };
}

function mainCf(folder: string, authPort: number): string {
  return `
default_transport = discard:
relay_transport = discard:
smtpd_tls_cert_file = ${folder}/tls.pem
smtpd_tls_key_file = ${folder}/tls.key
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:${authPort}
smtpd_sasl_security_options = noanonymous
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = check_recipient_access inline:{{${REFUSED} = 550 5.1.1 refused here}, {${REFUSED_LATE.sendAs.to} = ${REFUSED_LATE.sendAs.reply}}}, permit_sasl_authenticated, reject
smtpd_end_of_data_restrictions = check_recipient_access inline:{{${REFUSED_LATE.noAccess.to} = ${REFUSED_LATE.noAccess.reply}}}
smtpd_error_sleep_time = 0
`;
}

function masterCf(submission: number, submissions: number): string {
  return `
127.0.0.1:${submission} inet n - n - - smtpd
127.0.0.1:${submissions} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
cleanup   unix      n - n -     0 cleanup
qmgr      unix      n - n 300   1 qmgr
tlsmgr    unix      - - n 1000? 1 tlsmgr
rewrite   unix      - - n -     - trivial-rewrite
bounce    unix      - - n -     0 bounce
defer     unix      - - n -     0 bounce
trace     unix      - - n -     0 bounce
verify    unix      - - n -     1 verify
flush     unix      n - n -     0 flush
discard   unix      - - n -     - discard
error     unix      - - n -     - error
proxymap  unix      - - n -     - proxymap
anvil     unix      - - n -     1 anvil
postlog   unix-dgram n - n -    1 postlogd
`;
}
