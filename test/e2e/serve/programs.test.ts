/**
 * Real programs that know a user name and a password, and nothing of OAuth, reach a real Dovecot and a real Postfix
 * through `serve`. A login counts when the server's log says that it was made with a token.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRelayingPostfix } from '../../servers/relaying-postfix.js';
import { run as runInTerminal } from '../../servers/terminal.js';
import { ADDRESS, type Mailbox, NAME, startMailbox } from '../programs/mailbox.js';
import { type Serving, startServing } from './serving.js';

const SUBJECT = 'a message that was there before';
const MESSAGE = `From: ${ADDRESS}\r\nSubject: ${SUBJECT}\r\nMessage-ID: <1@test>\r\n\r\nhello\r\n`;

let mailbox: Mailbox;
let serving: Serving;

beforeAll(async () => {
  mailbox = await startMailbox();
  serving = await startServing(mailbox);
});
afterAll(async () => {
  await serving?.stop();
  await mailbox?.stop();
});

const mail = (subject: string) => `From: ${ADDRESS}\nTo: x@example.com\nSubject: ${subject}\n\nhello\n`;
const url = (protocol: string) => `${protocol === 'pop' ? 'pop3' : protocol}://127.0.0.1:${serving.ports[protocol]}`;
const written = (name: string, text: string) => {
  const path = join(mailbox.folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};
const python = (script: string) => mailbox.run('python3', ['-c', script]);
const login = () => [`server.login("${ADDRESS}", "${serving.password}")`];

describe('programs that send', () => {
  test('msmtp', async () => {
    const rc = written(
      'msmtprc',
      `account x\nhost 127.0.0.1\nport ${serving.ports['smtp']}\nfrom ${ADDRESS}\nauth plain\nuser ${ADDRESS}\npassword ${serving.password}\ntls off\n`,
    );
    await mailbox.run('msmtp', ['-C', rc, '-a', 'x', 'msmtp@example.com'], { input: mail('msmtp') });
    await mailbox.expectSent('msmtp@example.com');
  });

  test('curl, by the name of the account', async () => {
    const to = ['--mail-from', ADDRESS, '--mail-rcpt', 'curl@example.com', '-T', '-'];
    await mailbox.run('curl', ['-sS', url('smtp'), '-u', `${NAME}:${serving.password}`, ...to], { input: mail('x') });
    await mailbox.expectSent('curl@example.com');
  });

  test.each(['PLAIN', 'LOGIN'])('swaks with %s', async (mechanism) => {
    const to = `swaks-${mechanism.toLowerCase()}@example.com`;
    await mailbox.run('swaks', [
      ...['--server', `127.0.0.1:${serving.ports['smtp']}`, '--auth', mechanism, '--auth-user', ADDRESS],
      ...['--auth-password', serving.password, '--from', ADDRESS, '--to', to],
    ]);
    await mailbox.expectSent(to);
  });

  test('swaks is told of a wrong password, and of a mail without a login', async () => {
    const at = ['--server', `127.0.0.1:${serving.ports['smtp']}`, '--from', ADDRESS, '--to', 'never@example.com'];
    const wrong = ['--auth', 'PLAIN', '--auth-user', ADDRESS, '--auth-password', 'a-guess'];
    await expect(mailbox.run('swaks', [...at, ...wrong])).rejects.toThrow(/535 5\.7\.8/);
    await expect(mailbox.run('swaks', at)).rejects.toThrow(/530 5\.7\.0/);
    expect(await mailbox.postfix.log()).not.toContain('never@example.com');
  });

  test("Python's smtplib", async () => {
    await python(
      [
        'import smtplib',
        `server = smtplib.SMTP("127.0.0.1", ${serving.ports['smtp']})`,
        ...login(),
        `server.sendmail("${ADDRESS}", ["smtplib@example.com"], "Subject: x\\n\\ny")`,
        'server.quit()',
      ].join('\n'),
    );
    await mailbox.expectSent('smtplib@example.com');
  });

  test('Postfix, which relays', async () => {
    const passwords = written('sasl', `[127.0.0.1]:${serving.ports['smtp']} ${ADDRESS}:${serving.password}\n`);
    const relay = await startRelayingPostfix({
      main: [
        `relayhost = [127.0.0.1]:${serving.ports['smtp']}`,
        'smtp_sasl_auth_enable = yes',
        `smtp_sasl_password_maps = texthash:${passwords}`,
        'smtp_sasl_security_options = noanonymous',
        'smtp_tls_security_level = none',
        '',
      ].join('\n'),
      master: '',
    });
    try {
      await relay.inject(ADDRESS, 'relayed@example.com');
      await mailbox.expectSent('relayed@example.com').catch(async (error: Error) => {
        throw new Error(`${error.message}\n${await relay.log()}`);
      });
    } finally {
      await relay.stop();
    }
  });
});

const logins = async (protocol: string) =>
  [
    ...(await mailbox.dovecot.log()).matchAll(
      new RegExp(`${protocol}-login: Info: Login: user=<${ADDRESS}>, method=XOAUTH2`, 'g'),
    ),
  ].length;

/** Runs `program` and holds when Dovecot has counted a login by token more. */
async function expectLogin<T>(protocol: string, program: () => Promise<T>): Promise<T> {
  const before = await logins(protocol);
  const result = await program();
  await expect.poll(() => logins(protocol), { timeout: 5_000 }).toBeGreaterThan(before);
  return result;
}

describe('programs that read', () => {
  beforeAll(async () => {
    await python(
      [
        'import imaplib',
        `server = imaplib.IMAP4("127.0.0.1", ${serving.ports['imap']})`,
        ...login(),
        `server.append("INBOX", None, None, b${JSON.stringify(MESSAGE)})`,
        'server.logout()',
      ].join('\n'),
    );
  });

  test("Python's imaplib", async () => {
    const { stdout } = await expectLogin('imap', () =>
      python(
        [
          'import imaplib',
          `server = imaplib.IMAP4("127.0.0.1", ${serving.ports['imap']})`,
          ...login(),
          'server.select("INBOX", readonly=True)',
          'print(server.fetch("1", "(BODY[HEADER])"))',
          'server.logout()',
        ].join('\n'),
      ),
    );
    expect(stdout).toContain(SUBJECT);
  });

  test("Python's imaplib with AUTHENTICATE PLAIN", async () => {
    const credentials = `"\\x00${ADDRESS}\\x00${serving.password}"`;
    const { stdout } = await python(
      [
        'import imaplib',
        `server = imaplib.IMAP4("127.0.0.1", ${serving.ports['imap']})`,
        `print(server.authenticate("PLAIN", lambda challenge: ${credentials}.encode()))`,
        'server.logout()',
      ].join('\n'),
    );
    expect(stdout).toContain('OK');
  });

  test.each(['imap', 'pop'])('curl over %s', async (protocol) => {
    const { stdout } = await mailbox.run('curl', [
      ...['-sS', '-u', `${ADDRESS}:${serving.password}`],
      protocol === 'imap' ? `${url('imap')}/INBOX;MAILINDEX=1` : `${url('pop')}/1`,
    ]);
    expect(stdout).toContain(SUBJECT);
  });

  test("Python's poplib", async () => {
    const { stdout } = await expectLogin('pop3', () =>
      python(
        [
          'import poplib',
          `server = poplib.POP3("127.0.0.1", ${serving.ports['pop']})`,
          `server.user("${ADDRESS}")`,
          `server.pass_("${serving.password}")`,
          'print(server.retr(1))',
          'server.quit()',
        ].join('\n'),
      ),
    );
    expect(stdout).toContain(SUBJECT);
  });

  test.each(['imap', 'pop'])('fetchmail over %s', async (protocol) => {
    const [mda, rc] = [join(mailbox.folder, `fetchmail-${protocol}`), `fetchmailrc-${protocol}`];
    const path = written(
      rc,
      [
        `poll 127.0.0.1 service ${serving.ports[protocol]} protocol ${protocol === 'pop' ? 'pop3' : 'imap'} auth password`,
        `  user "${ADDRESS}" password "${serving.password}" sslproto '' keep fetchall`,
        `  mda "dd of=${mda} status=none"`,
        '',
      ].join('\n'),
    );
    await mailbox.run('fetchmail', ['-f', path, '--nodetach', '--pidfile', join(mailbox.folder, `${rc}.pid`)]);
    expect(readFileSync(mda, 'utf8')).toContain(SUBJECT);
  });

  test.each(['SimpleIMAPRetriever', 'SimplePOP3Retriever'])('getmail6 with %s', async (type) => {
    const one = join(mailbox.folder, type);
    const port = serving.ports[type === 'SimpleIMAPRetriever' ? 'imap' : 'pop'];
    const rc = written(
      `${type}.rc`,
      // Postfix makes this test run as root, for whom getmail6 delivers to no Maildir.
      `[retriever]\ntype = ${type}\nserver = 127.0.0.1\nport = ${port}\nusername = ${ADDRESS}\npassword = ${serving.password}\n[destination]\ntype = MDA_external\nallow_root_commands = true\npath = /bin/dd\narguments = ("of=${one}", "status=none")\n[options]\ndelete = false\n`,
    );
    await mailbox.run('getmail', ['--rcfile', rc, '--getmaildir', mailbox.folder]);
    expect(readFileSync(one, 'utf8')).toContain(SUBJECT);
  });

  test('mutt shows the message', async () => {
    const rc = written(
      'muttrc',
      [
        `set folder = "imap://127.0.0.1:${serving.ports['imap']}/"`,
        'set spoolfile = "+INBOX"',
        `set imap_user = "${ADDRESS}"`,
        `set imap_pass = "${serving.password}"`,
        'set ssl_starttls = no',
        'set ssl_force_tls = no',
        '',
      ].join('\n'),
    );
    const terminal = runInTerminal('mutt', ['-n', '-R', '-F', rc], { env: mailbox.env });
    try {
      await terminal.expect(SUBJECT, 20_000);
      terminal.send('q');
      await terminal.exited(10_000);
    } finally {
      terminal.kill('SIGKILL');
    }
  });
});

test('what is logged and kept holds no secret', () => {
  const folder = join(mailbox.folder, 'config');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const texts = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
  for (const text of [serving.log(), ...texts]) {
    for (const secret of [serving.password, ...mailbox.issuer.secrets]) expect(text).not.toContain(secret);
    expect(text).not.toContain(SUBJECT);
  }
});
