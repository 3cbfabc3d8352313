/**
 * A real Postfix that takes mails of this machine and relays them: Debian's own master.cf without its listener, with the
 * lines under test after it, and after those of main.cf.
 */
import { execFile, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { startPostfixInstance } from './postfix-instance.js';

export interface RelayingPostfix {
  /** Hands a mail to it, as programs of the machine do. */
  inject(from: string, to: string): Promise<void>;
  /** Tries again now what waits in its queue. */
  flush(): Promise<void>;
  log(): Promise<string>;
  stop(): Promise<void>;
}

const DEBIANS_MASTER_CF = '/usr/share/postfix/master.cf.dist';
const LISTENER = /^smtp +inet .*\n/m;

const run = promisify(execFile);

export async function startRelayingPostfix(lines: {
  readonly main: string;
  readonly master: string;
}): Promise<RelayingPostfix> {
  const debians = await readFile(DEBIANS_MASTER_CF, 'utf8');
  const master = `${debians.replace(LISTENER, '')}\n${lines.master}`;
  const { configuration, log, stop } = await startPostfixInstance(() => ({ main: lines.main, master }));
  return {
    inject: (from, to) => sendmail(configuration, from, to),
    flush: async () => {
      await run('/usr/sbin/postqueue', ['-c', configuration, '-f']);
    },
    log,
    stop,
  };
}

function sendmail(configuration: string, from: string, to: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('/usr/sbin/sendmail', ['-C', configuration, '-i', '-f', from, to], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`sendmail ended with ${code}`))));
    child.stdin.end(`From: ${from}\nTo: ${to}\nSubject: relayed\n\nhello\n`);
  });
}
