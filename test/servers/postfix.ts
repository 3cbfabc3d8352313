/**
 * A real Postfix submission server on loopback that asks a running Dovecot about each login. Mails are discarded.
 * Needs root, as Postfix does.
 */
import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Authority } from './certificates.js';
import { type Dovecot, freePorts, listens } from './dovecot.js';

export interface Postfix {
  /** STARTTLS, as port 587. */
  readonly submission: number;
  /** TLS from the first byte, as port 465. */
  readonly submissions: number;
  log(): Promise<string>;
  stop(): Promise<void>;
}

const run = promisify(execFile);
const START_LIMIT = 15_000;

export interface PostfixOptions {
  /** Signs Postfix's certificate. */
  readonly authority: Authority;
  readonly dovecot: Dovecot;
}

export async function startPostfix({ authority, dovecot }: PostfixOptions): Promise<Postfix> {
  const folder = await mkdtemp(join(tmpdir(), 'mailauth-postfix-'));
  await chmod(folder, 0o755);
  const [submission = 0, submissions = 0] = await freePorts(2);
  for (const part of ['configuration', 'queue', 'data']) await mkdir(join(folder, part));
  const postfixUser = (await run('id', ['-u', 'postfix'])).stdout;
  await chown(join(folder, 'data'), Number(postfixUser), 0);
  const leaf = authority.issue();
  await writeFile(join(folder, 'tls.pem'), leaf.cert);
  await writeFile(join(folder, 'tls.key'), leaf.key, { mode: 0o600 });
  const configuration = join(folder, 'configuration');
  await writeFile(join(configuration, 'main.cf'), mainCf(folder, dovecot.auth));
  await writeFile(join(configuration, 'master.cf'), masterCf(submission, submissions));
  await writeFile(join(configuration, 'dynamicmaps.cf'), '');

  const log = () => readFile(join(folder, 'postfix.log'), 'utf8').catch(() => '');
  await run('/usr/sbin/postfix', ['-c', configuration, 'start']);
  const stop = async () => {
    await run('/usr/sbin/postfix', ['-c', configuration, 'stop']);
    await rm(folder, { recursive: true, force: true });
  };
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
compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = localhost
mydestination =
mynetworks =
alias_maps =
local_recipient_maps =
default_transport = discard:
relay_transport = discard:
maillog_file = ${folder}/postfix.log
maillog_file_prefixes = ${folder}
smtpd_tls_cert_file = ${folder}/tls.pem
smtpd_tls_key_file = ${folder}/tls.key
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:${authPort}
smtpd_sasl_security_options = noanonymous
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = permit_sasl_authenticated, reject
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
