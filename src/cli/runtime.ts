import { MailauthError } from '../explain/problem.js';

/** Options that open this process's memory or its TLS keys to other users, or write them into a file. */
const EXPOSING = /^--(?:inspect(?:-brk|-wait)?|tls-keylog|heapsnapshot-signal|heapsnapshot-near-heap-limit)(?==|$)/;

/**
 * Node takes orders from the environment, and a variable that was set for some other program must not cost secrets.
 * What can be undone is undone; what cannot is refused before anything secret is read.
 *
 * @throws MailauthError usage: NODE_OPTIONS holds an option that exposes the process
 */
export function settleRuntime(env: NodeJS.ProcessEnv, warn: (text: string) => void): void {
  const exposing = (env['NODE_OPTIONS'] ?? '').split(/\s+/).find((option) => EXPOSING.test(option));
  if (exposing !== undefined) {
    throw new MailauthError(
      'usage',
      `NODE_OPTIONS holds ${exposing.split('=')[0]}, which would show secrets to others`,
      {
        fix: [{ text: 'run it without that option', command: 'env -u NODE_OPTIONS mailauth' }],
      },
    );
  }
  if (env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    // Gone, or Node would claim that certificates are not checked.
    delete env['NODE_TLS_REJECT_UNAUTHORIZED'];
    warn('NODE_TLS_REJECT_UNAUTHORIZED=0 has no effect here: mailauth always checks certificates');
  }
  // A question to the C library's resolver cannot be called off, and keeps the process until it is answered or given up:
  // usually ten seconds for each name server. More than the deadline for a name (5 s) is of use to nobody.
  env['RES_OPTIONS'] ??= 'timeout:2 attempts:2';
  // A report of the process holds its environment and its error messages.
  const { report } = process;
  if (report === undefined) return;
  report.reportOnFatalError = false;
  report.reportOnSignal = false;
  report.reportOnUncaughtException = false;
}
