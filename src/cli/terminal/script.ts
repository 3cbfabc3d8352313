import { MailauthError } from '../../explain/problem.js';
import type { Interviewer, RedirectRequest } from '../../flows/interviewer.js';
import type { Output } from '../output.js';
import { saidWhileWaiting } from './waiting.js';

/**
 * Speaks for a script: every instruction counts as done, every question must have been answered by a flag, nothing is
 * read from standard input, and every decision is the error it stands for.
 */
export function scriptInterviewer(output: Output): Interviewer {
  const { style } = output.err;
  return {
    attended: false,
    async open() {},
    show() {},
    async instruct() {
      return { kind: 'answer', value: 'whole step' };
    },
    async ask({ question }) {
      if (question.required !== true) return { kind: 'answer', value: { value: '', learnt: {} } };
      throw new MailauthError('missing_input', `--${question.id} is missing: ${question.label}`);
    },
    async address(forgotten) {
      throw forgotten;
    },
    async choose(_message, _choices, scripted) {
      if (scripted instanceof Error) throw scripted;
      return scripted;
    },
    tell(status, text) {
      if (status === 'info' || status === 'ok' || status === 'skip') output.progress(line(style.word(status), text));
      else output.talk(line(style.word(status), text));
    },
    // What was explained is raised next, since nobody is here to decide, and an error is told once.
    explain() {},
    awaitRedirect: (request, signal) => waitForBrowser(output, request, signal),
    async pasteRedirect() {
      return undefined;
    },
    showCode({ address, code, seconds }) {
      output.talk(`open this address on any device:\n${address}\nand type this code there:\n${code}`);
      output.progress(`it is good for ${Math.ceil(seconds / 60)} minutes; give it to nobody`);
    },
    async countdown() {
      return 'declined';
    },
    // Where nobody looks, a sign of life is a line that cron would mail.
    waitFor: (wait, work) =>
      process.stderr.isTTY === true ? saidWhileWaiting(wait, work, (text) => output.progress(text)) : work,
    skipped(step, reason) {
      output.progress(line(style.word('skip'), `step ${step.number}: ${reason}`));
    },
    // A script is shown no instructions, so it misses none.
    skippedPart() {},
    async passphrase() {
      return undefined;
    },
  };
}

function line(word: string, text: string): string {
  return word === '' ? text : `${word}  ${text}`;
}

/** Nobody can paste anything: only the listener, or the end of the wait, ends it. */
async function waitForBrowser(output: Output, request: RedirectRequest, signal: AbortSignal): Promise<never> {
  if (!request.again) {
    output.talk(`open this address in a browser, and sign in:\n${request.url}`);
    for (const { text, command } of request.reach) {
      output.progress(command === undefined ? text : `${text}\n    ${command}`);
    }
    const isOpened = await request.open();
    if (!isOpened && !output.err.isTerminal) throw request.unopened;
  }
  return new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
