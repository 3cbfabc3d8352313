/** A running `mailauth serve` in front of a mailbox, and one password for it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { type Mailbox, NAME } from '../programs/mailbox.js';

export interface Serving {
  readonly password: string;
  /** By protocol. */
  readonly ports: Readonly<Record<string, number>>;
  readonly process: ChildProcess;
  /** All of stderr. */
  log(): string;
  /** SIGTERM, and how it ended. */
  stop(): Promise<number | null>;
}

const ANY_PORT = ['--smtp', '0', '--imap', '0', '--pop', '0'];

export async function startServing(mailbox: Mailbox, args: readonly string[] = ANY_PORT): Promise<Serving> {
  const { stdout } = await mailbox.run('mailauth', ['password', NAME]);
  const child = spawn(join(mailbox.folder, 'bin', 'mailauth'), ['serve', ...args], {
    env: mailbox.env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const listening = () => [...log.matchAll(/^(\w+) is served at .*:(\d+)$/gm)];
  await vi.waitFor(() => expect(listening().length).toBe(args.filter((word) => word === '0').length), 20_000);
  return {
    password: stdout.trim(),
    ports: Object.fromEntries(listening().map(([, protocol = '', port]) => [protocol, Number(port)])),
    process: child,
    log: () => log,
    async stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}
