import { input, password, select } from '@inquirer/prompts';
import { MailauthError } from '../core/errors.js';
import type { Explanation } from '../core/explain.js';
import { guard } from '../core/guards.js';
import { complete, defaultOf, fill, holds, type Item, type Progress, SECRET_GIVEN } from '../core/plan.js';
import type { PageError, Provider } from '../core/provider.js';
import { Secret } from '../core/secret.js';
import type { Answers, AnswerValue, Question, Step } from '../core/step.js';
import type { Given, Interviewer, RedirectRequest, Reply } from '../flows/interviewer.js';
import { renderFailure } from '../render/failure.js';
import { headingScreen, instructionScreen, type Screen } from '../render/screen.js';
import { wrap } from '../render/wrap.js';
import { openBrowser } from '../system/browser.js';
import { copyToClipboard } from '../system/clipboard.js';
import { readAnswerFile } from './answer-file.js';
import type { Output } from './output.js';

/** After this long without an answer the wizard asks what the browser shows. */
const SILENCE_MS = 60_000;

/** No glyph before a question: a screen reader would speak it. */
const THEME = { prefix: { idle: ' ', done: ' ' } };

const KEYS = 'Enter done | o open link | c copy | b back | ? explain | q save and quit';

export interface TerminalOptions {
  readonly output: Output;
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly signal: AbortSignal;
}

/** Sits at a terminal: one numbered step at a time, append-only, every key a letter and Enter. */
export function terminalInterviewer(options: TerminalOptions): Interviewer {
  const { output, signal } = options;
  const { style, width } = output.err;
  let shownStep: Step | undefined;
  let screen: Screen = { lines: [], values: [] };

  const say = (...lines: string[]): void => output.talk(lines.join('\n'));
  const tell: Interviewer['tell'] = (status, text) => {
    const word = style.word(status);
    say(...wrap(word === '' ? text : `${word}  ${text}`, width, '  ', '      '));
  };

  function show(item: Item, answers: Answers, provider: Provider): void {
    if (item.step !== shownStep) {
      shownStep = item.step;
      screen = headingScreen(item.step, provider, answers, style, width);
      say(...screen.lines);
    }
    if (item.kind === 'instruction') {
      const part = instructionScreen(item.instruction, provider, answers, style, width);
      say(...part.lines);
      screen = {
        lines: part.lines,
        values: part.values.length > 0 ? part.values : screen.values,
        ...linkOf(part, screen),
      };
    }
  }

  /** One line from the person; a lone key letter acts and asks again. */
  async function keyed<T>(
    read: () => Promise<T>,
    isKey: (value: T) => string | undefined,
    explanation: string,
  ): Promise<Reply<T>> {
    for (;;) {
      const value = await prompted(read);
      switch (isKey(value)) {
        case undefined:
          return { kind: 'answer', value };
        case 'b':
          shownStep = undefined;
          return { kind: 'back' };
        case 'q':
          return { kind: 'quit' };
        case 'o':
          await openLink();
          break;
        case 'c':
          await copyValue();
          break;
        case '?':
          say(...wrap(explanation, width, '  '), ...wrap(`Keys: ${KEYS}`, width, '  '));
      }
    }
  }

  async function openLink(): Promise<void> {
    if (screen.link === undefined) return tell('info', 'there is no link to open here');
    const opened = await openBrowser(screen.link, options);
    if (opened === 'failed')
      tell('warn', 'no browser could be opened here; open the address yourself, on any computer');
  }

  async function copyValue(): Promise<void> {
    const [value, ...more] = screen.values;
    if (value === undefined) return tell('info', 'there is nothing to copy here');
    const chosen =
      more.length === 0
        ? value
        : await prompted(() =>
            select(
              { message: 'Copy which?', choices: screen.values.map((name) => ({ name, value: name })), theme: THEME },
              { signal },
            ),
          );
    const how = await copyToClipboard(chosen, { ...options, isTerminal: process.stderr.isTTY === true });
    if (how === 'copied') tell('ok', 'copied');
    else if (how === 'sent') tell('info', 'sent to your terminal; if pasting gives something else, copy it by hand');
    else tell('info', 'nothing here can copy; select the value and copy it by hand');
  }

  async function askOne(
    item: { step: Step; question: Question },
    progress: Progress,
    provider: Provider,
    proposed: AnswerValue | undefined,
  ): Promise<Reply<Given>> {
    const { question } = item;
    const answers = complete(provider, progress.answers);
    const explanation = fill(question.help, answers, provider);
    if (question.kind === 'choice' || question.kind === 'confirm') {
      return choice(question, answers, provider, explanation, proposed);
    }
    for (;;) {
      const suggestion =
        proposed === SECRET_GIVEN ? undefined : (first(proposed) ?? first(defaultOf(question, answers, provider)));
      const hidden = question.kind === 'secret';
      const reply = await keyed(
        () => (hidden ? askHidden(question, proposed) : askPlain(question, suggestion)),
        (value) => keyIn(value, hidden),
        explanation,
      );
      if (reply.kind !== 'answer') return reply;
      if (hidden && reply.value === '' && proposed === SECRET_GIVEN) return given({ value: SECRET_GIVEN, learnt: {} });
      if (reply.value.trim() === '' && question.required !== true) return given({ value: '', learnt: {} });
      const taken = await take(question, reply.value, answers);
      if (taken !== undefined) return given(taken);
    }
  }

  const askPlain = (question: Question, suggestion: string | undefined): Promise<string> =>
    input(
      { message: `${question.label}:`, ...(suggestion !== undefined && { default: suggestion }), theme: THEME },
      { signal },
    );

  const askHidden = (question: Question, proposed: AnswerValue | undefined): Promise<string> =>
    password(
      {
        message: `${question.label} (hidden${proposed === SECRET_GIVEN ? '; Enter keeps the stored one' : ''}):`,
        mask: '*',
        toggleMask: false,
        theme: THEME,
      },
      { signal },
    );

  /** Cleans and recognises what was pasted; says what is wrong with it, or returns it. */
  async function take(question: Question, pasted: string, answers: Answers): Promise<Given | undefined> {
    const content = question.kind === 'file' ? await readAnswerFile(pasted, tell) : pasted;
    if (content === undefined) return undefined;
    const result = guard(question, content, answers);
    if (!result.ok) {
      tell('fail', result.reason);
      return undefined;
    }
    const { value, notes, warnings, learnt } = result.guarded;
    for (const note of notes) tell('info', note);
    for (const warning of warnings) tell('warn', warning);
    const { 'client-secret': secret, ...open } = learnt;
    return {
      value: question.kind === 'secret' ? new Secret(value) : value,
      learnt: open,
      ...(secret !== undefined && { learntSecret: new Secret(secret) }),
    };
  }

  async function choice(
    question: Question,
    answers: Answers,
    provider: Provider,
    explanation: string,
    proposed: AnswerValue | undefined,
  ): Promise<Reply<Given>> {
    const choices = (question.choices ?? YES_NO).filter((option) => holds(option.when, answers));
    const suggestion = first(proposed) ?? first(defaultOf(question, answers, provider));
    const numbered = choices.map((option, index) => `${index + 1} ${fill(option.label, answers, provider)}`);
    say(
      ...wrap(fill(question.label, answers, provider), width, '  '),
      ...numbered.flatMap((text) => wrap(text, width, '    ', '      ')),
    );
    const preset = choices.findIndex((option) => option.value === suggestion);
    for (;;) {
      const reply = await keyed(
        () =>
          input(
            {
              message: `Number 1 to ${choices.length}:`,
              ...(preset >= 0 && { default: String(preset + 1) }),
              theme: THEME,
            },
            { signal },
          ),
        (value) => keyIn(value, false),
        explanation,
      );
      if (reply.kind !== 'answer') return reply;
      const typed = reply.value.trim().toLowerCase();
      const chosen =
        choices[Number(typed) - 1] ??
        choices.find(
          (option) =>
            option.value === typed || (typed !== '' && option.value.startsWith(typed) && question.kind === 'confirm'),
        );
      if (chosen !== undefined) return given({ value: chosen.value, learnt: {} });
      tell('warn', `type a number from 1 to ${choices.length}`);
    }
  }

  async function prompted<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      // Ctrl-C and a closed terminal end the prompt library's wait with this error.
      if (error instanceof Error && error.name === 'ExitPromptError') throw new MailauthError('interrupted', 'stopped');
      throw error;
    }
  }

  async function numbered<T extends string>(
    message: string,
    choices: readonly { value: T; label: string }[],
    until: AbortSignal,
  ): Promise<T> {
    say(
      ...wrap(message, width, '  '),
      ...choices.flatMap((option, index) => wrap(`${index + 1} ${option.label}`, width, '    ', '      ')),
    );
    for (;;) {
      const typed = await prompted(() =>
        input({ message: `Number 1 to ${choices.length}:`, default: '1', theme: THEME }, { signal: until }),
      );
      const chosen = choices[Number(typed.trim()) - 1];
      if (chosen !== undefined) return chosen.value;
      tell('warn', `type a number from 1 to ${choices.length}`);
    }
  }

  let provider: Provider | undefined;
  const current = (): Provider => {
    if (provider === undefined) throw new Error('the wizard was not opened');
    return provider;
  };

  return {
    attended: true,
    async open(opened, progress, at) {
      provider = opened;
      const answers = complete(opened, progress.answers);
      const title = `Connect a ${opened.title} mailbox (OAuth 2.0). ${opened.steps.length} steps, about ${opened.minutes} minutes.`;
      say(...wrap(title, width).map((line) => style.heading(line)));
      if (progress.done.length > 0 && at !== undefined) {
        say(
          ...wrap(
            `Carrying on at step ${at.step.number}${at.kind === 'instruction' ? ` (${at.instruction.number})` : ''}.`,
            width,
          ),
        );
      } else {
        say('You need:', ...opened.needs.flatMap((need) => wrap(fill(need, answers, opened), width, '  - ', '    ')));
      }
      say(...wrap(`Keys: ${KEYS}`, width));
    },
    async instruct(item, progress) {
      show(item, complete(current(), progress.answers), current());
      const reply = await keyed(
        () => input({ message: 'Enter when done:', theme: THEME }, { signal }),
        (value) => (value.trim() === '' ? undefined : (keyIn(value, false) ?? '?')),
        fill(
          item.step.help ?? 'Do what the line above says in your browser, then come back here and press Enter.',
          complete(current(), progress.answers),
          current(),
        ),
      );
      return reply.kind === 'answer' ? { kind: 'answer', value: undefined } : reply;
    },
    async ask(item, progress, proposed) {
      show({ kind: 'step', id: item.step.number, step: item.step }, complete(current(), progress.answers), current());
      return askOne(item, progress, current(), proposed);
    },
    choose: (message, choices) => numbered(message, choices, signal),
    tell,
    explain(explanation: Explanation) {
      say(...renderFailure(explanation, style, width, '  '));
    },
    skipped(step, reason) {
      shownStep = step;
      say('', ...wrap(`STEP ${step.number}  ${step.title}`, width).map((line) => style.heading(line)));
      tell('skip', reason);
    },
    awaitRedirect: (request, until) => awaitRedirect(request, until),
    async countdown(seconds, until) {
      for (let left = seconds; left > 0 && !until.aborted; left -= 10) {
        tell('info', `${left} seconds ...`);
        await new Promise((resolve) => setTimeout(resolve, Math.min(10, left) * 1000));
      }
      until.throwIfAborted();
    },
    async passphrase(isNew) {
      const one = await prompted(() =>
        password(
          { message: 'Passphrase of the encrypted file (hidden):', mask: '*', toggleMask: false, theme: THEME },
          { signal },
        ),
      );
      if (!isNew) return new Secret(one);
      const two = await prompted(() =>
        password({ message: 'The same passphrase once more:', mask: '*', toggleMask: false, theme: THEME }, { signal }),
      );
      if (one === two && one !== '') return new Secret(one);
      throw new MailauthError(
        'bad_input',
        one === '' ? 'an empty passphrase protects nothing' : 'the two passphrases differ',
        {
          fix: [{ text: 'run the same command again' }],
        },
      );
    },
  };

  async function awaitRedirect(request: RedirectRequest, until: AbortSignal): Promise<string> {
    if (!request.again) await showAddress(request, until);
    for (;;) {
      const silence = AbortSignal.timeout(SILENCE_MS);
      try {
        const text = await prompted(() =>
          password(
            {
              message: 'Browser cannot reach the page? Paste its whole address here (hidden):',
              mask: '*',
              toggleMask: false,
              theme: THEME,
            },
            { signal: AbortSignal.any([until, silence]) },
          ),
        );
        if (text.trim() !== '') return text;
      } catch (error) {
        if (until.aborted || !silence.aborted) throw error;
        await askWhatTheBrowserShows(request, until);
      }
    }
  }

  async function showAddress(request: RedirectRequest, until: AbortSignal): Promise<void> {
    say('  Sign in with this address, on this computer or any other:', '', style.value(request.url), '');
    for (const hint of request.provider.signInHints)
      say(...wrap(fill(hint, request.answers, request.provider), width, '  - ', '    '));
    await prompted(() => input({ message: 'Press Enter to open it:', theme: THEME }, { signal: until }));
    await request.open();
    say(
      ...wrap(
        `Waiting on ${request.redirectUri}, ${Math.round(request.seconds / 60)} minutes at most. Ctrl-C stops.`,
        width,
        '  ',
      ),
    );
  }

  /** The errors that stay on the provider's page never come back here: the person has to say what they see. */
  async function askWhatTheBrowserShows(request: RedirectRequest, until: AbortSignal): Promise<void> {
    const choices = [
      { value: 'waiting', label: 'nothing yet: keep waiting' },
      ...request.pageErrors.map((error, index) => ({
        value: String(index),
        label: fill(error.shows, request.answers, request.provider),
      })),
    ];
    const chosen = await numbered('What does the browser show?', choices, until);
    const error: PageError | undefined = request.pageErrors[Number(chosen)];
    if (chosen === 'waiting' || error === undefined) return;
    const words = (text: string): string => fill(text, request.answers, request.provider);
    say(
      ...wrap(words(error.explanation), width, '  '),
      ...wrap(`do: ${words(error.fix)} (step ${error.step})`, width, '  ', '      '),
    );
    if (error.url !== undefined) say(`      ${style.value(words(error.url))}`);
    tell('info', 'then open the address above again; this wizard is still waiting');
  }
}

const YES_NO: NonNullable<Question['choices']> = [
  { value: 'yes', label: 'yes' },
  { value: 'no', label: 'no' },
];

function given(value: Given): Reply<Given> {
  return { kind: 'answer', value };
}

function linkOf(part: Screen, before: Screen): { link?: string } {
  const link = part.link ?? before.link;
  return link === undefined ? {} : { link };
}

/** A lone letter is a key; a secret of one letter does not exist. Ctrl-C works everywhere. */
function keyIn(value: string, hidden: boolean): string | undefined {
  const typed = value.trim().toLowerCase();
  const keys = hidden ? ['b', 'q', '?'] : ['b', 'q', '?', 'o', 'c'];
  return keys.includes(typed) ? typed : undefined;
}

function first(value: AnswerValue | undefined): string | undefined {
  const text = typeof value === 'string' ? value : value?.[0];
  return text === '' ? undefined : text;
}
