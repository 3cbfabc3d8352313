import type { Fix } from '../../explain/evidence.js';
import { MailauthError } from '../../explain/problem.js';
import type { Choice, Entered, Interviewer, Reply } from '../../flows/interviewer.js';
import { type GuardResult, guard } from '../../guide/guard.js';
import { complete, defaultOf, fill, holds, type Item, type Progress, SECRET_GIVEN } from '../../guide/plan.js';
import type { Provider } from '../../guide/provider.js';
import { account } from '../../guide/questions.js';
import type { Answers, AnswerValue, Question, Step } from '../../guide/step.js';
import { keepsakesFor } from '../../providers/directory.js';
import { renderFailure } from '../../render/problem.js';
import { headingScreen, instructionScreen, keyLines, type Screen } from '../../render/screen.js';
import { wrap } from '../../render/wrap.js';
import { openBrowser } from '../../system/browser.js';
import { copyToClipboard } from '../../system/clipboard.js';
import { Secret } from '../../words/secret.js';
import { readAnswerFile } from '../answer-file.js';
import type { Output } from '../output.js';
import { countdown } from './countdown.js';
import type { Desk } from './desk.js';
import { openPrompts } from './prompt.js';
import { awaitRedirect, pasteRedirect, showCode } from './redirect.js';
import { told } from './waiting.js';

/** Columns left for an answer beside its question. */
const ROOM = 8;

const KEYS = ['Enter done', 'o open link', 'c copy', 'b back', '? explain', 'q save and quit'];

export interface TerminalOptions {
  readonly output: Output;
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly signal: AbortSignal;
  /** How long a second lasts, in milliseconds, where a person is waited for. */
  readonly second: number;
}

/** Sits at a terminal: one numbered step at a time, append-only, every key a letter and Enter. */
export function terminalInterviewer(options: TerminalOptions): Interviewer {
  const { output, signal, second } = options;
  const paper = output.err;
  const { style } = paper;
  const prompts = openPrompts(signal, { style, columns: () => process.stderr.columns || paper.width });
  let provider: Provider | undefined;
  let shownStep: Step | undefined;
  let screen: Screen = { lines: [], values: [] };

  const say = (...lines: readonly string[]): void => output.talk(lines.join('\n'));
  const tell: Interviewer['tell'] = (status, text) => {
    const word = style.word(status);
    const lines = word === '' ? wrap(text, paper.width, '  ') : wrap(`${word}  ${text}`, paper.width, '  ', '      ');
    prompts.aside(() => say(...lines));
  };
  const desk: Desk = { prompts, paper, second, say, tell, open, copy, pick, beside, value: style.value };

  function current(): Provider {
    if (provider === undefined) throw new Error('the wizard was not opened');
    return provider;
  }

  function show(item: Item, answers: Answers): void {
    if (item.step !== shownStep) {
      shownStep = item.step;
      screen = headingScreen(item.step, current(), answers, style, paper.width);
      say(...screen.lines);
    }
    if (item.kind === 'instruction') {
      const part = instructionScreen(item.instruction, current(), answers, style, paper.width);
      say(...part.lines);
      const link = part.link ?? screen.link;
      screen = { ...part, values: part.values.length > 0 ? part.values : screen.values, ...(link && { link }) };
    }
  }

  /** The question as it fits beside an answer; what is too long for that stands above it, whole words on each line. */
  function beside(question: string): string {
    const lines = wrap(question, paper.width - ROOM, '  ');
    if (lines.length > 1) say(...lines.slice(0, -1));
    return (lines.at(-1) ?? '').trim();
  }

  /** One line from the person; a lone key letter acts and asks again. */
  async function keyed(
    read: () => Promise<string>,
    isKey: (value: string) => string | undefined,
    explanation: string,
  ): Promise<Reply<string>> {
    for (;;) {
      const value = await read();
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
        case 'text':
          tell('info', 'this was not taken. Press Enter alone to go on; what is to be entered is asked for then');
          break;
        default:
          say(...wrap(explanation, paper.width, '  '), ...keyLines(KEYS, paper.width, '  '));
      }
    }
  }

  async function openLink(): Promise<void> {
    if (screen.link === undefined) return tell('info', 'there is no link to open here');
    await open(screen.link);
  }

  async function open(url: string): Promise<void> {
    const opened = await openBrowser(url, options);
    if (opened === 'failed') tell('warn', 'no browser could be opened here; open the address on any computer');
  }

  async function copyValue(): Promise<void> {
    const { values } = screen;
    const choices = values.map((value) => ({ value, label: value }));
    const value = values.length > 1 ? await pick('Copy which one?', choices, signal) : values[0];
    if (value === undefined) return tell('info', 'there is nothing to copy here');
    await copy(value);
  }

  async function copy(value: string): Promise<void> {
    const how = await copyToClipboard(value, { ...options, isTerminal: process.stderr.isTTY === true });
    if (how === 'copied') tell('ok', 'copied');
    else if (how === 'sent') tell('info', 'sent to your terminal; if pasting gives something else, copy it by hand');
    else tell('info', 'no clipboard here; select the value and copy it by hand');
  }

  async function askQuestion(
    question: Question,
    progress: Progress,
    proposed: AnswerValue | undefined,
  ): Promise<Reply<Entered>> {
    const answers = complete(current(), progress.answers);
    const suggestion = first(proposed) ?? first(defaultOf(question, progress.answers, current()));
    const asking = { question, answers, explanation: fill(question.help, progress.answers, current()) };
    if (question.kind === 'confirm') return askYesNo(asking, suggestion);
    if (question.choices !== undefined) return askChoice(asking, suggestion);
    return question.kind === 'secret' ? askSecret(asking, proposed === SECRET_GIVEN) : askText(asking, suggestion);
  }

  async function askText({ question, answers, explanation }: Asking, suggestion: string | undefined) {
    const read = () => prompts.line(beside(`${question.label}:`), suggestion === undefined ? {} : { suggestion });
    for (;;) {
      const reply = await keyed(read, keyIn, explanation);
      if (reply.kind !== 'answer') return reply;
      if (reply.value.trim() === '' && question.required !== true) return given({ value: '', learnt: {} });
      const taken = await take(question, reply.value, answers);
      if (taken !== undefined)
        return question.repeatable === true ? askFurther(question, taken, answers) : given(taken);
    }
  }

  /** A repeatable question is asked until Enter alone. */
  async function askFurther(question: Question, one: Entered, answers: Answers): Promise<Reply<Entered>> {
    const values = [one.value as string];
    for (;;) {
      const typed = await prompts.line('Another one, or Enter:');
      if (typed.trim() === '') return given({ value: values, learnt: one.learnt });
      const taken = await take(question, typed, answers);
      if (taken !== undefined) values.push(taken.value as string);
    }
  }

  async function askSecret({ question, answers, explanation }: Asking, isStored: boolean): Promise<Reply<Entered>> {
    const message = `${question.label} (hidden${isStored ? '; Enter keeps the stored one' : ''}):`;
    for (;;) {
      const reply = await keyed(() => prompts.hidden(beside(message)), keyIn, explanation);
      if (reply.kind !== 'answer') return reply;
      if (reply.value === '' && isStored) return given({ value: SECRET_GIVEN, learnt: {} });
      if (reply.value === '' && question.required !== true) return given({ value: '', learnt: {} });
      const taken = await take(question, reply.value, answers);
      if (taken !== undefined) return given(taken);
    }
  }

  async function askYesNo({ question, explanation }: Asking, suggestion: string | undefined): Promise<Reply<Entered>> {
    const hint = suggestion === 'yes' ? '[Y/n]' : suggestion === 'no' ? '[y/N]' : '[y/n]';
    for (;;) {
      const reply = await keyed(() => prompts.line(beside(`${question.label} ${hint}`)), keyIn, explanation);
      if (reply.kind !== 'answer') return reply;
      const typed = reply.value.trim().toLowerCase() || suggestion;
      if (typed === 'y' || typed === 'yes') return given({ value: 'yes', learnt: {} });
      if (typed === 'n' || typed === 'no') return given({ value: 'no', learnt: {} });
      tell('warn', 'type y or n');
    }
  }

  async function askChoice({ question, answers, explanation }: Asking, suggestion: string | undefined) {
    const choices = (question.choices ?? []).filter((option) => holds(option.when, answers));
    const preset = choices.findIndex((option) => option.value === suggestion);
    say(
      ...wrap(question.label, paper.width, '  '),
      ...numbered(choices.map(({ label }) => fill(label, answers, current()))),
    );
    const suggested = preset >= 0 ? { suggestion: String(preset + 1) } : {};
    for (;;) {
      const reply = await keyed(() => prompts.line(range(choices.length), suggested), keyIn, explanation);
      if (reply.kind !== 'answer') return reply;
      const typed = reply.value.trim().toLowerCase();
      const chosen = choices[Number(typed) - 1] ?? choices.find((option) => option.value.toLowerCase() === typed);
      if (chosen !== undefined) return given({ value: chosen.value, learnt: {} });
      tell('warn', `type a number from 1 to ${choices.length}, or ? for help`);
    }
  }

  /** Cleans and recognises what was pasted. Undefined after saying what is wrong with it: the question is asked again. */
  async function take(question: Question, pasted: string, answers: Answers): Promise<Entered | undefined> {
    const content = question.kind === 'file' ? await readAnswerFile(pasted, tell, signal) : pasted;
    if (content === undefined) return undefined;
    const result = guard(question, content, answers, provider && keepsakesFor(provider));
    if (!result.ok) return misplaced(question, content, result, answers);
    const { value, notes, warnings, learnt } = result.guarded;
    for (const note of notes) tell('info', note);
    for (const warning of warnings) tell('warn', warning);
    if (warnings.length > 0 && !(await confirmed('Keep it all the same?'))) return undefined;
    return {
      value: question.kind === 'secret' ? new Secret(value) : value,
      ...parted(learnt),
      ...(warnings.length > 0 && { doubtful: true }),
    };
  }

  /** What belongs into another box is kept for it; the name of a file stands for its text. */
  async function misplaced(
    question: Question,
    pasted: string,
    { reason, learnt }: GuardResult & { ok: false },
    answers: Answers,
  ): Promise<Entered | undefined> {
    const { 'client-file': file, ...rest } = learnt;
    if (file !== undefined) {
      const text = await readAnswerFile(file, tell, signal);
      return text === undefined ? undefined : take(question, text, answers);
    }
    tell('fail', pasted.trim() === '' ? `${reason}; type ? to see what it is` : reason);
    if (Object.keys(rest).length === 0) return undefined;
    tell('ok', 'what you pasted is kept for its own place');
    return { value: undefined, ...parted(rest) };
  }

  async function confirmed(message: string): Promise<boolean> {
    const typed = await prompts.line(`${message} [y/N]`);
    return /^y(es)?$/i.test(typed.trim());
  }

  /** `q` ends the set-up here as everywhere; the place is saved by whoever knows it. */
  async function pick<T extends string>(
    message: string,
    choices: readonly Choice<T>[],
    until: AbortSignal,
  ): Promise<T> {
    say(...wrap(message, paper.width, '  '), ...numbered(choices.map(({ label }) => label)));
    for (;;) {
      const typed = (await prompts.line(range(choices.length), { suggestion: '1', until })).trim();
      const chosen = choices[Number(typed) - 1];
      if (chosen !== undefined) return chosen.value;
      if (typed.toLowerCase() === 'q') throw new MailauthError('interrupted', 'stopped');
      tell('warn', `type a number from 1 to ${choices.length}, or q to stop`);
    }
  }

  function numbered(labels: readonly string[]): string[] {
    return labels.flatMap((label, index) => wrap(`${index + 1}  ${label}`, paper.width, '    ', '       '));
  }

  return {
    attended: true,
    async open(opened, progress, at) {
      provider = opened;
      const title = `${opened.title}: connect a mailbox (OAuth 2.0). ${opened.steps.length} steps, about ${opened.minutes} minutes.`;
      say(...wrap(title, paper.width).map((line) => style.heading(line)));
      if (progress.done.length > 0 && at !== undefined) {
        const place = at.kind === 'instruction' ? `${at.step.number}.${at.instruction.number}` : at.step.number;
        say(...wrap(`Carrying on at step ${place}; what was answered before is kept.`, paper.width));
      } else {
        say(
          'You need:',
          ...opened.needs.flatMap((need) => wrap(fill(need, progress.answers, opened), paper.width, '  - ', '    ')),
        );
      }
      say(...keyLines(KEYS, paper.width));
    },
    enter: (step, progress) => show({ kind: 'step', id: step.number, step }, progress.answers),
    async instruct(item, progress) {
      show(item, progress.answers);
      const explanation =
        item.step.help ?? 'Do what stands above in your browser, then come back here and press Enter.';
      const read = () => prompts.line('Enter when done:');
      const reply = await keyed(
        read,
        (value) => (value.trim() === '' ? undefined : (keyIn(value) ?? 'text')),
        fill(explanation, progress.answers, current()),
      );
      return reply.kind === 'answer' ? { kind: 'answer', value: 'this' } : reply;
    },
    async ask({ step, question }, progress, proposed) {
      show({ kind: 'step', id: step.number, step }, progress.answers);
      return askQuestion(question, progress, proposed);
    },
    async address() {
      say('mailauth sets up OAuth 2.0 for a mailbox, step by step.', ...keyLines(['? explain', 'q quit'], paper.width));
      for (;;) {
        const reply = await keyed(() => prompts.line(`${account.label}:`), keyIn, account.help);
        if (reply.kind !== 'answer') throw new MailauthError('interrupted', 'stopped');
        const taken = await take(account, reply.value, {});
        if (typeof taken?.value === 'string') return taken.value;
      }
    },
    choose: (message, choices) => pick(message, choices, signal),
    tell,
    explain(explanation) {
      const fix = explanation.fix.map(withoutWayBackHere);
      say(...renderFailure({ ...explanation, fix }, style, paper.width, '  '));
    },
    skipped(step, reason) {
      shownStep = step;
      const title = `STEP ${step.number} of ${current().steps.length}  ${step.title}`;
      say('', ...wrap(title, paper.width).map((line) => style.heading(line)));
      tell('skip', reason);
    },
    skippedPart(step, numbers, reason, progress) {
      show({ kind: 'step', id: step.number, step }, progress.answers);
      tell('skip', `${numbers}: ${reason}`);
    },
    awaitRedirect: (request, until) => awaitRedirect(desk, request, until),
    pasteRedirect: () => pasteRedirect(desk),
    showCode: (request) => showCode(desk, request),
    waitFor: (wait, work) => told(wait, work, (text) => prompts.aside(() => say(text))),
    countdown: (wait, until) => countdown(desk, wait, until),
    async passphrase(isNew) {
      if (!isNew) return new Secret(await prompts.hidden('Passphrase of the encrypted file (hidden):'));
      tell('info', 'The passphrase is asked for whenever a secret is needed. Nobody can recover a lost one.');
      for (;;) {
        const one = await prompts.hidden('Passphrase of the encrypted file (hidden):');
        const two = one === '' ? '' : await prompts.hidden('The same passphrase once more (hidden):');
        if (one === two && one !== '') return new Secret(one);
        tell('fail', one === '' ? 'an empty passphrase protects nothing' : 'the two passphrases differ');
      }
    },
  };
}

/** A client secret among the answers of a paste is a secret. */
function parted(learnt: Readonly<Record<string, string>>): Pick<Entered, 'learnt' | 'learntSecret'> {
  const { 'client-secret': secret, ...open } = learnt;
  return { learnt: open, ...(secret !== undefined && { learntSecret: new Secret(secret) }) };
}

interface Asking {
  readonly question: Question;
  readonly answers: Answers;
  readonly explanation: string;
}

function given(value: Entered): Reply<Entered> {
  return { kind: 'answer', value };
}

/** A command that brings the person where they are already; what is asked next takes them on. */
const WAY_BACK_HERE = /^mailauth (setup|authorize) \S+( --from-step \d+)?( --yes)?$/;

function withoutWayBackHere({ command, ...fix }: Fix): Fix {
  return command === undefined || WAY_BACK_HERE.test(command) ? fix : { ...fix, command };
}

function range(count: number): string {
  return `Number 1 to ${count}:`;
}

/** No answer is one of these letters, a secret least of all. */
function keyIn(value: string): string | undefined {
  const typed = value.trim().toLowerCase();
  return ['b', 'q', '?', 'o', 'c'].includes(typed) ? typed : undefined;
}

function first(value: AnswerValue | undefined): string | undefined {
  const text = typeof value === 'string' ? value : value?.[0];
  return text === '' ? undefined : text;
}
