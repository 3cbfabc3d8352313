import { explainPaste } from '../../explain/paste/paste.js';
import { contextOfAnswers } from '../../flows/explain-context.js';
import { type CodeRequest, GOING_BACK, type RedirectRequest } from '../../flows/interviewer.js';
import { complete, fill, remarksOf } from '../../guide/plan.js';
import type { PageError } from '../../guide/provider.js';
import { providers } from '../../providers/directory.js';
import { keyLines } from '../../render/screen.js';
import { keyIn } from './keys.js';
import { stopped } from './prompts.js';
import { beside, numbered, paragraph, sayProblem, type Terminal } from './terminal.js';

/** After this long without an answer the person is told once, beside the prompt, where help is. */
const SILENCE_SECONDS = 60;

const KEYS = ['? the browser shows an error', 'o open it again', 'c copy the address', 'b back', 'q save and quit'];

const PASTE = 'The page does not load? Paste its whole address (hidden):';

/**
 * The address, alone on its line, then a masked prompt for the address the browser ended on. The listener waits at the
 * same time, so the prompt is there without a flag on a machine that has no browser.
 */
export async function awaitRedirect(terminal: Terminal, request: RedirectRequest, until: AbortSignal): Promise<string> {
  if (!request.again) showAddress(terminal, request);
  const early = request.opened ? '' : await openAddress(terminal, request, until);
  if (early !== '') return early;
  const stopReminding = remindOnce(terminal);
  try {
    for (;;) {
      until.throwIfAborted();
      const typed = await terminal.prompts.hidden(beside(terminal, PASTE), { until });
      const address = typed.trim() === '' ? '' : await addressIn(terminal, request, typed, until);
      if (address !== '') return address;
    }
  } finally {
    stopReminding();
  }
}

/** Nobody is interrupted who is typing. */
function remindOnce({ prompts, tell, second }: Terminal): () => void {
  const reminding = setInterval(() => {
    if (prompts.isTyping()) return;
    clearInterval(reminding);
    tell('info', 'Nothing has come back yet. If the browser shows an error, type ? and Enter: it is explained here.');
  }, SILENCE_SECONDS * second);
  return () => clearInterval(reminding);
}

/** What was typed, where it may be the address that is waited for; empty where it was a key, or words to explain. */
async function addressIn(
  terminal: Terminal,
  request: RedirectRequest,
  typed: string,
  until: AbortSignal,
): Promise<string> {
  switch (keyIn(typed)) {
    case 'open':
      await terminal.open(request.url);
      return '';
    case 'copy':
      await terminal.copy(request.url);
      return '';
    case 'help':
      return askWhatTheBrowserShows(terminal, request, until);
    case 'back':
      throw GOING_BACK;
    case 'quit':
      throw stopped();
    default:
      return (await explainedWords(terminal, typed, request)) ? '' : typed;
  }
}

/** Whoever pastes what the page says, and not its address, is told what that means. */
async function explainedWords(terminal: Terminal, typed: string, request?: RedirectRequest): Promise<boolean> {
  if (/:\/\/|[?&](?:code|error|state)=/.test(typed)) return false;
  const known = request && contextOfAnswers(request.provider, complete(request.provider, request.answers));
  const found = await explainPaste(typed, providers, known ?? { answers: {} });
  if (found.code === 'unknown') return false;
  sayProblem(terminal, found);
  return true;
}

/** The same prompt for a sign-in that another process began: there is no address to show and no page to wait for. */
export async function pasteRedirect(terminal: Terminal): Promise<string> {
  const question = 'Paste the whole address of the page the browser ended on (hidden):';
  for (;;) {
    const text = await terminal.prompts.hidden(beside(terminal, question));
    if (keyIn(text) === 'quit' || keyIn(text) === 'back') throw stopped();
    if (text.trim() !== '' && keyIn(text) === undefined && !(await explainedWords(terminal, text))) return text;
  }
}

/** What to open on another device, and what to type there: each alone on its line, and neither in a prompt. */
export function showCode(terminal: Terminal, { address, code, seconds }: CodeRequest): void {
  const { style } = terminal.stream;
  terminal.say('  On any device, open this address:', '', style.value(address), '');
  terminal.say('  and type this code there:', '', style.value(code), '');
  const care = `It is good for ${Math.ceil(seconds / 60)} minutes, and for you alone: give it to nobody. Ctrl-C stops.`;
  terminal.say(...paragraph(terminal, care));
}

/** The address, and what to do where it leads. */
function showAddress(terminal: Terminal, { provider, answers, url, reach }: RedirectRequest): void {
  const { say, stream } = terminal;
  const point = (text: string): string[] => paragraph(terminal, text, '  - ', '    ');
  say(...paragraph(terminal, 'Sign in with this address, on this computer or any other:'));
  say('', stream.style.value(url), '');
  say(...remarksOf(provider.signInHints, answers, provider).flatMap(point));
  for (const { text, command } of reach) {
    say(...point(text), ...(command === undefined ? [] : [`      ${stream.style.value(command)}`]));
  }
}

/** Gives what was pasted before the browser was opened here. */
async function openAddress(terminal: Terminal, request: RedirectRequest, until: AbortSignal): Promise<string> {
  const { say, stream } = terminal;
  const early = request.opens ? await pressedEnter(terminal, request, until) : '';
  if (early !== '') return early;
  const { hostname, port } = new URL(request.redirectUri);
  // Not as an address: nobody is to open it.
  const waiting = `Waiting for the browser to come back (${hostname}, port ${port}), ${inMinutes(request.seconds)} at most.`;
  say(...paragraph(terminal, waiting), ...keyLines(KEYS, stream.width, '  '));
  await request.open();
  return '';
}

/** Whoever opened the address elsewhere pastes here already, and what is pasted holds a code. */
async function pressedEnter(terminal: Terminal, request: RedirectRequest, until: AbortSignal): Promise<string> {
  for (;;) {
    const typed = await terminal.prompts.hidden('Press Enter to open it:', { until });
    if (typed.trim() === '' || keyIn(typed) === 'open') return '';
    const address = await addressIn(terminal, request, typed, until);
    if (address !== '') return address;
  }
}

function inMinutes(seconds: number): string {
  if (seconds < 120) return `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}

/**
 * The errors that stay on the provider's page never come back here: the person has to say what they see. An address is
 * taken here too, and given.
 */
async function askWhatTheBrowserShows(
  terminal: Terminal,
  request: RedirectRequest,
  until: AbortSignal,
): Promise<string> {
  const { provider, answers, pageErrors } = request;
  const shown = pageErrors.map((error) => fill(error.shows, answers, provider));
  const question = `Number 1 to ${pageErrors.length}, Enter to wait, or an address (hidden):`;
  terminal.say(...paragraph(terminal, 'What does the browser show?'), ...numbered(terminal, shown));
  for (;;) {
    const typed = (await terminal.prompts.hidden(beside(terminal, question), { until })).trim();
    const key = keyIn(typed);
    if (key === 'quit') throw stopped();
    if (typed === '' || key === 'back') return '';
    const error = pageErrors[Number(typed) - 1];
    if (error !== undefined) {
      explainPage(terminal, request, error);
      return '';
    }
    if (typed.length > 3) return (await explainedWords(terminal, typed, request)) ? '' : typed;
    terminal.tell('warn', `type a number from 1 to ${pageErrors.length}, or Enter to go on waiting`);
  }
}

function explainPage(terminal: Terminal, { provider, answers, url }: RedirectRequest, error: PageError): void {
  const { say, stream } = terminal;
  const words = (text: string): string => fill(text, answers, provider);
  say(...paragraph(terminal, words(error.explanation)));
  say(...paragraph(terminal, `do: ${words(error.fix)} (step ${error.step})`, '  ', '      '));
  const link = error.url === undefined ? '' : words(error.url);
  if (error.needsAdmin === true && provider.adminRequest !== undefined) {
    // A message that is to be sent has the link in it.
    say(...paragraph(terminal, `send: ${words(provider.adminRequest)} ${link}`.trim(), '      ', '        '));
  } else if (link !== '') say(`      ${stream.style.value(link)}`);
  say(...paragraph(terminal, 'The address of the sign-in once more; o opens it, c copies it:'), '');
  say(stream.style.value(url), '', ...paragraph(terminal, 'This wizard is still waiting.'));
}
