import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Agent, fetch } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runtime } from '../../package/lock-file.js';
import { REFUSED } from '../../servers/postfix.js';
import { type RelayingPostfix, startRelayingPostfix } from '../../servers/relaying-postfix.js';
import { ADDRESS, type Mailbox, NAME, ROOT, startMailbox } from './mailbox.js';

/** A Postfix that programs of this machine hand their mails to, configured by `mailauth export` to relay them. */

let mailbox: Mailbox;

beforeAll(async () => {
  mailbox = await startMailbox();
});
afterAll(() => mailbox?.stop());

describe('Postfix through msmtp', () => {
  const USER = 'nobody';
  let relay: RelayingPostfix;
  let key: string;

  beforeAll(async () => {
    const service = await serviceOf(USER);
    key = service.env.MAILAUTH_KEY_FILE;
    const script = join(mailbox.folder, 'postfix-msmtp.sh');
    const exported = await mailbox.run(
      'runuser',
      ['-u', USER, '--', service.mailauth, 'export', NAME, '--format', 'postfix-msmtp'],
      { env: service.env },
    );
    const text = exported.stdout
      .replaceAll(/\bUSER\b/g, USER)
      .replaceAll(`/usr/local/lib/postfix-msmtp-${NAME}`, script)
      .replace('mailauth token', `${service.mailauth} token`);
    const [, program = '', master = '', main = ''] = text.split(/^# [123]\. .*\n(?:# .*\n)*\n/m);
    writeFileSync(script, program, { mode: 0o755 });
    relay = await startRelayingPostfix({
      // Where a user's account is, is known by the user's home; this one has none.
      main: `export_environment = MAIL_CONFIG MAILAUTH_CONFIG_DIR=${service.env.MAILAUTH_CONFIG_DIR}\n${main}`,
      master,
    });
  });
  afterAll(() => relay?.stop());

  /** A user who is not root has an account of their own, and a mailauth that they can run. */
  async function serviceOf(user: string) {
    const home = join(mailbox.folder, 'service');
    mkdirSync(home);
    const env = { MAILAUTH_CONFIG_DIR: join(home, 'config'), MAILAUTH_KEY_FILE: join(home, 'key') };
    await mailbox.setUp(env);
    // The folders where the project and Node are may be closed to this user.
    for (const part of ['bin', 'dist', 'package.json', ...runtime.map(({ path }) => path)]) {
      if (existsSync(join(ROOT, part))) cpSync(join(ROOT, part), join(home, 'program', part), { recursive: true });
    }
    copyFileSync(process.execPath, join(home, 'node'));
    const mailauth = join(home, 'mailauth');
    writeFileSync(mailauth, `#!/bin/sh\nexec '${home}/node' '${home}/program/bin/mailauth.js' "$@"\n`, { mode: 0o755 });
    execFileSync('chown', ['-R', user, env.MAILAUTH_CONFIG_DIR, env.MAILAUTH_KEY_FILE]);
    chmodSync(mailbox.folder, 0o755);
    return { env, mailauth };
  }

  test("relays this machine's mails, whoever wrote them", async () => {
    await relay.inject('root@localhost', 'postfix@example.com');
    await mailbox.expectSent('postfix@example.com');
    expect(await mailbox.postfix.log()).toContain(`from=<${ADDRESS}>`);
  });

  test.each(['"two words"@example.com', '"a,b"@example.com', '"a<b>c"@example.com'])(
    'returns a mail rather than send it to another recipient than %s',
    async (recipient) => {
      await relay.inject(ADDRESS, recipient);
      await expect.poll(() => relay.log(), { timeout: 10_000 }).toContain(`msmtp has no way to write to ${recipient}`);
    },
  );

  test('keeps a mail while there is no token for it', async () => {
    renameSync(key, `${key}.gone`);
    try {
      await relay.inject(ADDRESS, 'waits@example.com');
      await expect.poll(() => relay.log(), { timeout: 10_000 }).toMatch(/to=<waits@example.com>.*status=deferred.*key/);
    } finally {
      renameSync(`${key}.gone`, key);
    }
    await relay.flush();
    await mailbox.expectSent('waits@example.com');
  });

  test('returns a mail that the provider refuses', async () => {
    await relay.inject(ADDRESS, REFUSED);
    await expect
      .poll(() => relay.log(), { timeout: 10_000 })
      .toMatch(/to=<refused@example.com>.*status=bounced.*refused here/);
  });
});

describe('Postfix with sasl-xoauth2', () => {
  test('the timer script writes a token file that holds a good token', async () => {
    const configuration = join(mailbox.folder, 'postfix-client');
    const queue = join(mailbox.folder, 'queue');
    mkdirSync(configuration);
    mkdirSync(queue);
    writeFileSync(join(configuration, 'main.cf'), `queue_directory = ${queue}\n`);
    const path = await mailbox.exported('postfix-timer', (text) => text.slice(text.indexOf('#!/bin/sh')));
    // What cron gives, and what says where this test's parts are. The place of the key stands in the script.
    const PATH = `${join(mailbox.folder, 'bin')}:/usr/bin:/bin`;
    const config = `MAILAUTH_CONFIG_DIR=${mailbox.env['MAILAUTH_CONFIG_DIR']}`;
    await mailbox.run('env', ['-i', `PATH=${PATH}`, config, `MAIL_CONFIG=${configuration}`, 'sh', path]);
    const written = readFileSync(join(queue, 'etc/tokens', NAME), 'utf8');
    expect(readdirSync(join(queue, 'etc/tokens'))).toEqual([NAME]);
    const token = JSON.parse(written);
    expect(await mailbox.issuer.verify(ADDRESS, token.access_token)).toBe(true);
    expect(token.refresh_token).toBe('');
    expect(Number(token.expiry) - Date.now() / 1000).toBeGreaterThan(1700);
  });

  test('the token file refreshes, put together as the plugin does', async () => {
    const path = join(mailbox.folder, 'postfix-secret');
    await mailbox.run('mailauth', ['export', NAME, '--format', 'postfix', '--show-secret', '--yes', '--write', path]);
    const token = JSON.parse(readFileSync(path, 'utf8').split('\n\n').at(-1) ?? '');
    const dispatcher = new Agent({ connect: { ca: mailbox.authority.cert } });
    const response = await fetch(token.token_endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `client_id=${token.client_id}&client_secret=${token.client_secret}&grant_type=refresh_token&refresh_token=${token.refresh_token}`,
      dispatcher,
    });
    const answer = (await response.json()) as { access_token: string };
    await dispatcher.close();
    expect(await mailbox.issuer.verify(ADDRESS, answer.access_token)).toBe(true);
  });
});
