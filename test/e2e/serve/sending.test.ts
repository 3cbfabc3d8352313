import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ADDRESS, type Mailbox, NAME, startMailbox } from '../programs/mailbox.js';

let mailbox: Mailbox;
let child: ChildProcess;
let log = '';
let password: string;
const ports: Record<string, number> = {};

beforeAll(async () => {
  mailbox = await startMailbox();
  password = (await mailbox.run('mailauth', ['password', NAME, '--label', 'test'])).stdout.trim();
  child = spawn(`${mailbox.folder}/bin/mailauth`, ['serve', '--smtp', '0', '--imap', '0', '--pop', 'off'], {
    env: mailbox.env,
  });
  child.stderr?.on('data', (chunk) => {
    log += chunk;
  });
  await vi.waitFor(() => expect(log).toMatch(/imap is served/), 10_000);
  for (const [, protocol = '', port] of log.matchAll(/^(\w+) is served at .*:(\d+)$/gm)) ports[protocol] = Number(port);
});
afterAll(async () => {
  console.log(log);
  child?.kill();
  await mailbox?.stop();
});

test('curl', async () => {
  const args = [
    '-sS',
    `smtp://127.0.0.1:${ports['smtp']}`,
    '--mail-from',
    ADDRESS,
    '--mail-rcpt',
    'a@example.com',
    '-u',
    `${ADDRESS}:${password}`,
    '-T',
    '-',
  ];
  await mailbox.run('curl', args, { input: 'Subject: x\r\n\r\nhello\r\n' });
  await mailbox.expectSent('a@example.com');
  const box = await mailbox.run('curl', [
    '-sS',
    `imap://127.0.0.1:${ports['imap']}`,
    '-u',
    `${NAME}:${password}`,
    '-X',
    'STATUS INBOX (MESSAGES)',
  ]);
  expect(box.stdout).toContain('MESSAGES');
});
