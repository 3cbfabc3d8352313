import { MailauthError } from '../explain/problem.js';
import { shellOf, without } from '../words/shell.js';

/**
 * Options of Node that show nothing to anybody. All others are refused: some open this process's memory, its TLS keys or
 * a debugger to other users, and each version of Node brings new ones.
 */
const HARMLESS = new Set([
  ...['-r', '--require', '--import', '--conditions', '-C', '--preserve-symlinks', '--preserve-symlinks-main'],
  ...[
    '--max-old-space-size',
    '--max-semi-space-size',
    '--max-http-header-size',
    '--v8-pool-size',
    '--stack-trace-limit',
  ],
  ...['--use-openssl-ca', '--use-bundled-ca', '--use-system-ca', '--tls-cipher-list', '--openssl-legacy-provider'],
  ...['--tls-min-v1.0', '--tls-min-v1.1', '--tls-min-v1.2', '--tls-min-v1.3', '--tls-max-v1.2', '--tls-max-v1.3'],
  ...['--enable-fips', '--force-fips', '--secure-heap', '--secure-heap-min', '--openssl-shared-config'],
  ...[
    '--no-warnings',
    '--warnings',
    '--disable-warning',
    '--trace-warnings',
    '--no-deprecation',
    '--trace-deprecation',
  ],
  ...['--pending-deprecation', '--throw-deprecation', '--enable-source-maps', '--unhandled-rejections'],
  ...['--dns-result-order', '--ipv4first', '--network-family-autoselection', '--no-network-family-autoselection'],
  ...['--enable-network-family-autoselection', '--network-family-autoselection-attempt-timeout', '--use-env-proxy'],
  // Undone below.
  ...['--report-uncaught-exception', '--report-on-signal', '--report-on-fatalerror', '--report-signal'],
  ...['--report-directory', '--report-dir', '--report-filename', '--report-compact', '--report-exclude-network'],
  ...['--experimental-vm-modules', '--experimental-import-meta-resolve', '--no-experimental-require-module'],
]);

/**
 * Node takes orders from the environment, and a variable that was set for some other program must not cost secrets.
 * What can be undone is undone; what cannot is refused before anything secret is read.
 *
 * @throws MailauthError usage: NODE_OPTIONS holds an option that may expose the process
 */
export function settleRuntime(env: NodeJS.ProcessEnv, warn: (text: string) => void): void {
  const exposing = exposingOption(env['NODE_OPTIONS'] ?? '');
  if (exposing !== undefined) {
    throw new MailauthError('usage', `NODE_OPTIONS holds ${exposing}, which may show secrets to others`, {
      fix: [
        {
          text: 'run it without that variable',
          command: without(shellOf(env, process.platform), 'NODE_OPTIONS', 'mailauth'),
        },
      ],
    });
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

/** The first option that is not known to be harmless, as Node spells it: `_` is `-`, and the value is left out. */
export function exposingOption(text: string): string | undefined {
  return wordsOf(text)
    .filter((word) => word.startsWith('-'))
    .map((word) => (word.split('=')[0] ?? '').replaceAll('_', '-'))
    .find((option) => !HARMLESS.has(option));
}

/** As Node splits the variable: at spaces outside double quotes, in which a backslash keeps the next character. */
function wordsOf(text: string): string[] {
  const words: string[] = [];
  let word = '';
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (character === '\\' && isQuoted) word += text[++at] ?? '';
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === ' ' && !isQuoted) {
      words.push(word);
      word = '';
    } else word += character;
  }
  return [...words, word];
}
