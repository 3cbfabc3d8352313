/** systemd's own `systemd-socket-activate` holds the ports, and hands them over when the first program knocks. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { freePorts } from '../../servers/dovecot.js';
import { ADDRESS, type Mailbox, NAME, startMailbox } from '../programs/mailbox.js';

let mailbox: Mailbox;
beforeAll(async () => {
  mailbox = await startMailbox();
});
afterAll(() => mailbox?.stop());

test('D14 a server that systemd starts for the first program serves it, and the next', async () => {
  const password = (await mailbox.run('mailauth', ['password', NAME])).stdout.trim();
  const [smtp = 0, imap = 0] = await freePorts(2);
  const child = spawn(
    'systemd-socket-activate',
    [
      ...['-l', `127.0.0.1:${smtp}`, '-l', `127.0.0.1:${imap}`, '--fdname=smtp:imap'],
      ...Object.keys(mailbox.env).flatMap((name) => ['-E', name]),
      ...[join(mailbox.folder, 'bin', 'mailauth'), 'serve', '--smtp', '2587'],
    ],
    { env: mailbox.env, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  try {
    await vi.waitFor(() => expect(log).toMatch(/Listening on .*\n.*Listening on/), 10_000);
    const user = ['-sS', '-u', `${ADDRESS}:${password}`];
    const to = ['--mail-from', ADDRESS, '--mail-rcpt', 'activated@example.com', '-T', '-'];
    await mailbox.run('curl', [...user, `smtp://127.0.0.1:${smtp}`, ...to], { input: 'Subject: x\n\ny\n' });
    await mailbox.expectSent('activated@example.com');
    const { stdout } = await mailbox.run('curl', [
      ...user,
      `imap://127.0.0.1:${imap}`,
      '-X',
      'STATUS INBOX (MESSAGES)',
    ]);
    expect(stdout).toContain('MESSAGES 0');
    expect(log).toContain(`smtp is served at 127.0.0.1:${smtp}`);
    expect(log).toContain('systemd holds the sockets, so --smtp is not used');
  } finally {
    child.kill('SIGTERM');
  }
  expect(await ended).toBe(0);
});
