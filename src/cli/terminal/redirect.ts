import { MailauthError } from '../../explain/problem.js';
import { type CodeRequest, GOING_BACK, type RedirectRequest } from '../../flows/interviewer.js';
import { fill } from '../../guide/plan.js';
import { keyLines } from '../../render/screen.js';
import { wrap } from '../../render/wrap.js';
import type { Desk } from './desk.js';
import { unless } from './prompt.js';

/** After this long without an answer the wizard asks what the browser shows: once, since `?` asks it too. */
const SILENCE_SECONDS = 60;

const KEYS = ['? the browser shows an error', 'o open it again', 'c copy the address', 'b back', 'q save and quit'];

const PASTE = 'The page does not load? Paste its whole address (hidden):';

/**
 * The address, alone on its line, then a masked prompt for the address the browser ended on. The listener waits at the
 * same time, so the prompt is there without a flag on a machine that has no browser.
 */
export async function awaitRedirect(desk: Desk, request: RedirectRequest, until: AbortSignal): Promise<string> {
  const early = request.again ? '' : await showAddress(desk, request, until);
  if (early !== '') return early;
  for (let hasAsked = false; ; ) {
    until.throwIfAborted();
    const text = await pasted(desk, hasAsked ? undefined : SILENCE_SECONDS, until);
    hasAsked ||= text === undefined;
    if (text === undefined || text.trim() === '?') await askWhatTheBrowserShows(desk, request, until);
    else if (text.trim() !== '' && !(await acted(desk, request, text))) return text;
  }
}

/** Undefined after so many seconds in which nobody typed anything; without a number it is waited for. */
async function pasted(desk: Desk, seconds: number | undefined, until: AbortSignal): Promise<string | undefined> {
  const { prompts } = desk;
  const silence = new AbortController();
  const listen = (): void => {
    if (!prompts.isTyping()) silence.abort();
  };
  const listening = seconds === undefined ? undefined : setInterval(listen, seconds * desk.second);
  try {
    return await unless(silence.signal, until, (signal) => prompts.hidden(desk.beside(PASTE), { until: signal }));
  } finally {
    clearInterval(listening);
  }
}

/** The keys of the wizard mean here what they mean everywhere. False for what is no key. */
async function acted(desk: Desk, request: RedirectRequest, typed: string): Promise<boolean> {
  switch (typed.trim().toLowerCase()) {
    case 'o':
      await desk.open(request.url);
      return true;
    case 'c':
      await desk.copy(request.url);
      return true;
    case 'b':
      throw GOING_BACK;
    case 'q':
      throw new MailauthError('interrupted', 'stopped');
    default:
      return false;
  }
}

/** The same prompt for a sign-in that another process began: there is no address to show and no page to wait for. */
export async function pasteRedirect(desk: Desk): Promise<string> {
  for (;;) {
    const text = await desk.prompts.hidden(
      desk.beside('Paste the whole address of the page the browser ended on (hidden):'),
    );
    if (text.trim().toLowerCase() === 'q') throw new MailauthError('interrupted', 'stopped');
    if (text.trim() !== '') return text;
  }
}

/** What to open on another device, and what to type there: each alone on its line, and neither in a prompt. */
export function showCode(desk: Desk, { address, code, seconds }: CodeRequest): void {
  desk.say('  On any device, open this address:', '', desk.value(address), '');
  desk.say('  and type this code there:', '', desk.value(code), '');
  const care = `It is good for ${Math.ceil(seconds / 60)} minutes, and for you alone: give it to nobody. Ctrl-C stops.`;
  desk.say(...wrap(care, desk.paper.width, '  '));
}

/** Gives what was pasted before the browser was opened here. */
async function showAddress(desk: Desk, request: RedirectRequest, until: AbortSignal): Promise<string> {
  const { provider, answers } = request;
  const invitation = wrap('Sign in with this address, on this computer or any other:', desk.paper.width, '  ');
  desk.say(...invitation, '', desk.value(request.url), '');
  desk.say(
    ...provider.signInHints.flatMap((hint) => wrap(fill(hint, answers, provider), desk.paper.width, '  - ', '    ')),
  );
  for (const { text, command } of request.reach) {
    desk.say(...wrap(text, desk.paper.width, '  - ', '    '));
    if (command !== undefined) desk.say(`      ${desk.value(command)}`);
  }
  const early = request.opens ? await pressedEnter(desk, request, until) : '';
  if (early !== '') return early;
  desk.say(
    ...wrap(`Waiting on ${request.redirectUri}, ${inMinutes(request.seconds)} at most.`, desk.paper.width, '  '),
  );
  desk.say(...keyLines(KEYS, desk.paper.width, '  '));
  await request.open();
  return '';
}

/** Whoever opened the address elsewhere pastes here already, and what is pasted holds a code. */
async function pressedEnter(desk: Desk, request: RedirectRequest, until: AbortSignal): Promise<string> {
  for (;;) {
    const typed = await desk.prompts.hidden('Press Enter to open it:', { until });
    const key = typed.trim().toLowerCase();
    if (key === '' || key === 'o') return '';
    if (key === '?') await askWhatTheBrowserShows(desk, request, until);
    else if (!(await acted(desk, request, typed))) return typed;
  }
}

function inMinutes(seconds: number): string {
  if (seconds < 120) return `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}

/** The errors that stay on the provider's page never come back here: the person has to say what they see. */
async function askWhatTheBrowserShows(desk: Desk, request: RedirectRequest, until: AbortSignal): Promise<void> {
  const { provider, answers, pageErrors } = request;
  const words = (text: string): string => fill(text, answers, provider);
  const choices = [
    { value: 'waiting', label: 'nothing yet: keep waiting' },
    ...pageErrors.map((error, index) => ({ value: String(index), label: words(error.shows) })),
  ];
  const error = pageErrors[Number(await desk.pick('What does the browser show?', choices, until))];
  if (error === undefined) return;
  desk.say(...wrap(words(error.explanation), desk.paper.width, '  '));
  desk.say(...wrap(`do: ${words(error.fix)} (step ${error.step})`, desk.paper.width, '  ', '      '));
  const link = error.url === undefined ? '' : words(error.url);
  if (error.needsAdmin === true && provider.adminRequest !== undefined) {
    // A message that is to be sent has the link in it.
    desk.say(...wrap(`send: ${words(provider.adminRequest)} ${link}`.trim(), desk.paper.width, '      ', '        '));
  } else if (link !== '') desk.say(`      ${desk.value(link)}`);
  desk.tell('info', 'then open the address again: o opens it, c copies it. This wizard is still waiting');
}
