/**
 * A real Dovecot 2.3 on loopback: IMAP, POP and submission, with STARTTLS and with TLS, XOAUTH2 and OAUTHBEARER, each token
 * checked by introspection at an authorization server. Submission lets in and delivers nothing. Everything lives in one temporary folder on free ports; as root
 * its workers run as Dovecot's own users, otherwise all of it runs as the caller.
 */
import { spawn } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Authority } from './certificates.js';

export interface DovecotOptions {
  /** Signs Dovecot's own certificate, and is trusted for the introspection. */
  readonly authority: Authority;
  /** Of the authorization server, with the credentials of the mail server in it. */
  readonly introspectionUrl: string;
  /** The scope a token must have. */
  readonly scope?: string;
  /** Names in its certificate; default `localhost`. */
  readonly names?: readonly string[];
  /** The discovery document that it names when it refuses a token (RFC 7628 section 3.2.2). */
  readonly openidConfigurationUrl?: string;
  /** `xoauth2` alone is what Exchange Online offers. Default: both. */
  readonly mechanisms?: readonly ('xoauth2' | 'oauthbearer' | 'plain')[];
}

export interface Dovecot {
  readonly imap: number;
  readonly imaps: number;
  /** STLS, as port 110. */
  readonly pop: number;
  /** TLS from the first byte, as port 995. */
  readonly pops: number;
  readonly submission: number;
  readonly submissions: number;
  /** The port of its authentication service, for Postfix. */
  readonly auth: number;
  log(): Promise<string>;
  stop(): Promise<void>;
}

const PROGRAM = '/usr/sbin/dovecot';
const START_LIMIT = 10_000;

export async function startDovecot(options: DovecotOptions): Promise<Dovecot> {
  const folder = await mkdtemp(join(tmpdir(), 'mailauth-dovecot-'));
  // The workers are other users, and mkdtemp lets in nobody else.
  await chmod(folder, 0o755);
  const [imap = 0, imaps = 0, pop = 0, pops = 0, submission = 0, submissions = 0, auth = 0] = await freePorts(7);
  const ports = { imap, imaps, pop, pops, submission, submissions, auth };
  const owner = await mailOwner();
  await mkdir(join(folder, 'mail'));
  await chown(join(folder, 'mail'), owner.uid, owner.gid);
  const leaf = options.authority.issue(options.names && { names: options.names });
  await writeFile(join(folder, 'tls.pem'), leaf.cert);
  await writeFile(join(folder, 'tls.key'), leaf.key, { mode: 0o600 });
  await writeFile(join(folder, 'authority.pem'), options.authority.cert);
  await writeFile(join(folder, 'oauth2.conf.ext'), introspection(folder, options));
  await writeFile(join(folder, 'dovecot.conf'), configuration(folder, options, ports, owner));

  const child = spawn(PROGRAM, ['-F', '-c', join(folder, 'dovecot.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk;
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  const late = Date.now() + START_LIMIT;
  while (!(await listens(imaps))) {
    if (child.exitCode !== null || Date.now() > late) {
      await stop();
      throw new Error(`Dovecot did not start: ${complaint}`);
    }
    await sleep(20);
  }
  return { ...ports, log: () => readFile(join(folder, 'dovecot.log'), 'utf8'), stop };
}

/** Ports nobody listens on now. All are held at once, so that they differ. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

export function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
  readonly isRoot: boolean;
}

async function mailOwner(): Promise<Owner> {
  const { uid, gid } = userInfo();
  if (uid !== 0) return { uid, gid, isRoot: false };
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((entry) => entry.startsWith('dovecot:'));
  const [, , id = '', group = ''] = line?.split(':') ?? [];
  return { uid: Number(id), gid: Number(group), isRoot: true };
}

function introspection(folder: string, { introspectionUrl, scope, openidConfigurationUrl }: DovecotOptions): string {
  return `
introspection_url = ${introspectionUrl}
introspection_mode = post
tls_ca_cert_file = ${folder}/authority.pem
username_attribute = email
active_attribute = active
active_value = true
timeout_msecs = 3000
${scope === undefined ? '' : `scope = ${scope}`}
${openidConfigurationUrl === undefined ? '' : `openid_configuration_url = ${openidConfigurationUrl}`}
`;
}

type Ports = Pick<Dovecot, 'imap' | 'imaps' | 'pop' | 'pops' | 'submission' | 'submissions' | 'auth'>;

function configuration(folder: string, options: DovecotOptions, ports: Ports, owner: Owner): string {
  // Without root there is nobody else to run as, and no place to lock a worker into.
  const { username } = userInfo();
  const users = owner.isRoot
    ? ''
    : `default_internal_user = ${username}\ndefault_internal_group = ${owner.gid}\ndefault_login_user = ${username}`;
  const chroot = owner.isRoot ? '' : 'chroot =';
  return `
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/dovecot.log
auth_verbose = yes
instance_name = mailauth-test
listen = 127.0.0.1
protocols = imap pop3 submission
hostname = localhost
ssl = yes
ssl_cert = <${folder}/tls.pem
ssl_key = <${folder}/tls.key
disable_plaintext_auth = yes
auth_mechanisms = ${(options.mechanisms ?? ['xoauth2', 'oauthbearer']).join(' ')}
auth_failure_delay = 0
${users}
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = ${folder}/oauth2.conf.ext
}
userdb {
  driver = static
  args = uid=${owner.uid} gid=${owner.gid} home=${folder}/mail/%u
}
mail_location = maildir:~/Maildir
first_valid_uid = 1
namespace inbox {
  inbox = yes
}
submission_relay_host = 127.0.0.1
submission_relay_port = 1
service imap-login {
  ${chroot}
  inet_listener imap {
    port = ${ports.imap}
  }
  inet_listener imaps {
    port = ${ports.imaps}
    ssl = yes
  }
}
service pop3-login {
  ${chroot}
  inet_listener pop3 {
    port = ${ports.pop}
  }
  inet_listener pop3s {
    port = ${ports.pops}
    ssl = yes
  }
}
service submission-login {
  ${chroot}
  inet_listener submission {
    port = ${ports.submission}
  }
  inet_listener submissions {
    port = ${ports.submissions}
    ssl = yes
  }
}
service anvil {
  ${chroot}
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service auth {
  inet_listener {
    address = 127.0.0.1
    port = ${ports.auth}
  }
}
service stats {
  ${chroot}
}
${owner.isRoot ? '' : 'service auth-worker {\n  user =\n}'}
`;
}
