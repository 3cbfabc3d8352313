import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ImapFlow } from 'imapflow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportFormats } from '../../../src/export/formats.js';
import { run as runInTerminal, type Terminal } from '../../servers/terminal.js';
import { ADDRESS, type Mailbox, NAME, type Ran, ROOT, startMailbox } from './mailbox.js';

/**
 * Real programs, each configured by `mailauth export` alone, log in to a real Dovecot and a real Postfix with tokens
 * that the real `mailauth token` gets from a real authorization server. A login counts when the server's log says so.
 */

const SUBJECT = 'a message that was there before';

let mailbox: Mailbox;

beforeAll(async () => {
  mailbox = await startMailbox();
  mkdirSync(join(mailbox.env['HOME'] ?? '', 'Mail', NAME), { recursive: true });
  await putMessage();
});
afterAll(() => mailbox?.stop());

async function putMessage(): Promise<void> {
  const accessToken = (await mailbox.run('mailauth', ['token', NAME])).stdout.trim();
  const auth = { user: ADDRESS, accessToken };
  const tls = { ca: mailbox.authority.cert };
  const client = new ImapFlow({
    host: 'localhost',
    port: mailbox.dovecot.imaps,
    secure: true,
    auth,
    tls,
    logger: false,
  });
  await client.connect();
  await client.append('INBOX', `From: ${ADDRESS}\r\nSubject: ${SUBJECT}\r\nMessage-ID: <1@test>\r\n\r\nhello\r\n`);
  await client.logout();
}

const imapLogins = async () =>
  [
    ...(await mailbox.dovecot.log()).matchAll(
      new RegExp(`imap-login: Info: Login: user=<${ADDRESS}>, method=(XOAUTH2|OAUTHBEARER)`, 'g'),
    ),
  ].length;

/** Runs `program` and holds when Dovecot has counted a login by token more. */
async function expectImapLogin<T>(program: () => Promise<T>): Promise<T> {
  const before = await imapLogins();
  const result = await program();
  await expect.poll(imapLogins, { timeout: 5_000 }).toBeGreaterThan(before);
  return result;
}

const mail = (subject: string) => `From: ${ADDRESS}\nSubject: ${subject}\n\nhello\n`;

/** The mails below a folder, whatever its layout. */
const fetched = (path: string) =>
  readdirSync(join(mailbox.env['HOME'] ?? '', path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\b(cur|new)$/.test(entry.parentPath))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));

describe('programs that send', () => {
  test('msmtp', async () => {
    const path = await mailbox.exported('msmtp');
    await mailbox.run('msmtp', ['-C', path, '-a', NAME, 'msmtp@example.com'], { input: mail('msmtp') });
    await mailbox.expectSent('msmtp@example.com');
  });

  test.each(['git-send-email', 'git-send-email-msmtp'])('%s', async (format) => {
    const path = await mailbox.exported(format);
    const repository = join(mailbox.folder, `${format}-repository`);
    mkdirSync(repository);
    const identity = {
      GIT_AUTHOR_NAME: 'A',
      GIT_AUTHOR_EMAIL: ADDRESS,
      GIT_COMMITTER_NAME: 'A',
      GIT_COMMITTER_EMAIL: ADDRESS,
    };
    const perl = { PERL5LIB: join(import.meta.dirname, 'perl') };
    const git = (...args: string[]) =>
      mailbox.run('git', args, { cwd: repository, env: { ...identity, ...perl, GIT_CONFIG_GLOBAL: path } });
    await git('init', '-q');
    writeFileSync(join(repository, 'file'), 'text\n');
    await git('add', 'file');
    await git('commit', '-q', '-m', 'A change');
    await git('format-patch', '-q', '--root', 'HEAD');
    await git(
      'send-email',
      '--confirm=never',
      '--suppress-cc=all',
      `--to=${format}@example.com`,
      '0001-A-change.patch',
    );
    await mailbox.expectSent(`${format}@example.com`);
  });

  test.each(['mutt', 'neomutt'])('%s', async (program) => {
    const path = await mailbox.exported(program);
    await mailbox.run(program, ['-n', '-F', path, '-s', 'a mail', `${program}@example.com`], { input: 'hello\n' });
    await mailbox.expectSent(`${program}@example.com`);
  });

  test('curl', async () => {
    await mailbox.run('sh', [await mailbox.exported('curl'), 'send', 'curl@example.com'], { input: mail('curl') });
    await mailbox.expectSent('curl@example.com');
  });

  test('Nodemailer', async () => {
    await node(
      'nodemailer',
      `await transport.sendMail({ from: '${ADDRESS}', to: 'nodemailer@example.com', subject: 'x', text: 'y' });`,
    );
    await mailbox.expectSent('nodemailer@example.com');
  });

  test('PHPMailer', async () => {
    const loaded = (text: string) =>
      `${text.replace('use PHPMailer', "require '/usr/share/php/libphp-phpmailer/autoload.php';\n$&")}
       $mail->addAddress('phpmailer@example.com'); $mail->Subject = 'x'; $mail->Body = 'y'; $mail->send();`;
    await mailbox.run('php', [await mailbox.exported('phpmailer', loaded)]);
    await mailbox.expectSent('phpmailer@example.com');
  });

  test('Python', async () => {
    const script = `\nserver = smtp()\nserver.sendmail("${ADDRESS}", ["python@example.com"], "Subject: x\\n\\ny")\nserver.quit()\n`;
    await mailbox.run('python3', [await mailbox.exported('python', (text) => text + script)]);
    await mailbox.expectSent('python@example.com');
  });
});

/** Runs an exported ES module, and the lines after it, where it finds the libraries. */
async function node(format: string, lines: string): Promise<Ran> {
  const library = join(mailbox.folder, 'node_modules');
  rmSync(library, { force: true });
  symlinkSync(join(ROOT, 'node_modules'), library);
  const module = join(mailbox.folder, `${format}.mjs`);
  writeFileSync(module, `${readFileSync(await mailbox.exported(format), 'utf8')}\n${lines}\n`);
  return mailbox.run(process.execPath, [module]);
}

describe('programs that fetch', () => {
  test('isync', async () => {
    const path = await mailbox.exported('isync');
    await expectImapLogin(() => mailbox.run('mbsync', ['-c', path, NAME]));
    expect(fetched(`Mail/${NAME}/INBOX`).join()).toContain(SUBJECT);
  });

  test('getmail6', async () => {
    // Postfix makes this test run as root, for whom getmail6 delivers to no Maildir.
    const mda = `type = MDA_external\nallow_root_commands = true\npath = /bin/dd\narguments = ("of=${mailbox.folder}/one", "status=none")`;
    const path = await mailbox.exported('getmail6', (text) => text.replace(/^type = Maildir\npath = .*$/m, mda));
    await expectImapLogin(() => mailbox.run('getmail', ['--rcfile', path, '--getmaildir', mailbox.folder]));
    expect(readFileSync(join(mailbox.folder, 'one'), 'utf8')).toContain(SUBJECT);
  });

  test('OfflineIMAP', async () => {
    const path = await mailbox.exported('offlineimap', (text) => text.replace(`~/Mail/${NAME}`, `~/Mail/offlineimap`));
    await expectImapLogin(() => mailbox.run('offlineimap', ['-c', path, '-o', '-u', 'basic']));
    expect(fetched('Mail/offlineimap').join()).toContain(SUBJECT);
  });
});

describe('programs that look into the mailbox', () => {
  test('curl', async () => {
    const path = await mailbox.exported('curl');
    const { stdout } = await expectImapLogin(() => mailbox.run('sh', [path, 'inbox']));
    expect(stdout).toContain('STATUS INBOX (MESSAGES 1)');
  });

  test('ImapFlow', async () => {
    const lines = `const client = await connect();
      console.log(JSON.stringify(await client.status('INBOX', { messages: true })));
      await client.logout();`;
    const { stdout } = await expectImapLogin(() => node('imapflow', lines));
    expect(JSON.parse(stdout)).toEqual({ path: 'INBOX', messages: 1 });
  });

  test('Python', async () => {
    const script = '\nserver = imap()\nprint(server.select("INBOX", readonly=True))\nserver.logout()\n';
    const path = await mailbox.exported('python', (text) => text + script);
    const { stdout } = await expectImapLogin(() => mailbox.run('python3', [path]));
    expect(stdout.trim()).toBe("('OK', [b'1'])");
  });

  test.each(['mutt', 'neomutt'])('%s shows the message', async (program) => {
    const path = await mailbox.exported(program);
    await expectImapLogin(() => see(runInTerminal(program, ['-n', '-R', '-F', path], { env: mailbox.env }), 'q'));
  });

  test('aerc shows the message, and sends one', async () => {
    const folderOfAerc = join(mailbox.env['HOME'] ?? '', '.config', 'aerc');
    mkdirSync(folderOfAerc, { recursive: true });
    writeFileSync(join(folderOfAerc, 'accounts.conf'), readFileSync(await mailbox.exported('aerc')), { mode: 0o600 });
    // The editor leaves the message as it is.
    const env = { ...mailbox.env, SSL_CERT_FILE: join(mailbox.folder, 'ca.pem'), EDITOR: 'true' };
    await expectImapLogin(() =>
      see(runInTerminal('aerc', [], { env }), ':quit -f\r', async (terminal) => {
        terminal.send(':compose -H "To: aerc@example.com" -H "Subject: aerc"\r');
        await terminal.expect('Send this email?');
        terminal.send(':send\r');
        await mailbox.expectSent('aerc@example.com');
      }),
    );
  });
});

/** Waits until a program shows the message, does more with it where there is more to do, and leaves it. */
async function see(
  terminal: Terminal,
  leave: string,
  more: (terminal: Terminal) => Promise<void> = async () => undefined,
): Promise<void> {
  try {
    await terminal.expect(SUBJECT, 20_000);
    await more(terminal);
    terminal.send(leave);
    await terminal.exited(10_000);
  } finally {
    terminal.kill('SIGKILL');
  }
}

test('no export holds a secret that was not asked for', async () => {
  for (const { id } of exportFormats) {
    const { stdout } = await mailbox.run('mailauth', ['export', NAME, '--format', id]);
    for (const secret of mailbox.issuer.secrets) expect(stdout).not.toContain(secret);
  }
});
