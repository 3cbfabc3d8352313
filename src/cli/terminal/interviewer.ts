import type { Interviewer, Reply } from '../../flows/interviewer.js';
import { asksOf, guideFor, type Item, isDone, itemsOf, type Progress, remarksOf } from '../../guide/plan.js';
import type { Provider } from '../../guide/provider.js';
import { account } from '../../guide/questions.js';
import { issuedValuesFor } from '../../providers/directory.js';
import { keyLines } from '../../render/screen.js';
import { readKeyed } from './asking.js';
import { countdown } from './countdown.js';
import { KEY_NAMES, keyAtInstruction } from './keys.js';
import { askPassphrase } from './passphrase.js';
import { takePaste } from './paste.js';
import { stopped } from './prompts.js';
import { askQuestion } from './questions.js';
import { awaitRedirect, pasteRedirect, showCode } from './redirect.js';
import { openStepView, type StepView } from './step-view.js';
import { openTerminal, paragraph, pick, sayProblem, type Terminal, type TerminalOptions } from './terminal.js';
import { saidWhileWaiting } from './waiting.js';

/** Sits at a terminal: one numbered step at a time, append-only, every key a letter and Enter. */
export function terminalInterviewer(options: TerminalOptions): Interviewer {
  const terminal = openTerminal(options);
  const view = openStepView(terminal);
  const { say, tell } = terminal;
  const asStep = (step: Item['step']) => ({ kind: 'step' as const, step });
  const needs = openNeeds(terminal);
  const show: Interviewer['show'] = (item, progress) => {
    needs.tell(item, progress);
    view.show(item, progress.answers);
  };
  return {
    attended: true,
    async open(provider, progress, at) {
      view.open(provider);
      say(...opening(terminal, provider, progress, at));
      if (at !== undefined && progress.done.length === 0) needs.open(provider, at, progress);
    },
    show,
    async instruct(item, progress) {
      show(item, progress);
      return waitUntilDone(terminal, view, { item, progress });
    },
    async ask({ step, question }, progress, proposed) {
      needs.tell({ step, question }, progress);
      view.show(asStep(step), progress.answers);
      return askQuestion(terminal, view, question, { progress, proposed });
    },
    address: () => askAddress(terminal, view),
    async choose(message, choices) {
      const chosen = await pick(terminal, message, choices);
      if (chosen === undefined) throw stopped();
      return chosen;
    },
    tell,
    explain: (explanation) => sayProblem(terminal, explanation),
    skipped(step, reason) {
      view.showSkipped(step);
      tell('skip', reason);
    },
    skippedPart(step, numbers, reason, { answers }) {
      view.show(asStep(step), answers);
      tell('skip', `${numbers}: ${reason}`);
    },
    awaitRedirect: (request, until) => awaitRedirect(terminal, request, until),
    pasteRedirect: () => pasteRedirect(terminal),
    showCode: (request) => showCode(terminal, request),
    waitFor: (wait, work) => saidWhileWaiting(wait, work, (text) => tell('info', text)),
    countdown: (pause, until) => countdown(terminal, pause, until),
    passphrase: (isNew) => askPassphrase(terminal, isNew),
  };
}

/** What the guide is, how long it takes and what it needs; or where it carries on. */
function opening(
  terminal: Terminal,
  provider: Provider,
  { answers, done }: Progress,
  at: Item | undefined,
): readonly string[] {
  const { steps, minutes } = guideFor(provider, answers);
  const title = `${provider.title}: connect a mailbox (OAuth 2.0). ${steps.length} steps, about ${minutes} minutes.`;
  const heading = paragraph(terminal, title, '').map((line) => terminal.stream.style.heading(line));
  if (done.length > 0 && at !== undefined) {
    const place = at.kind === 'instruction' ? `${at.step.number}.${at.instruction.number}` : at.step.number;
    return [...heading, ...paragraph(terminal, `Carrying on at step ${place}; what was answered before is kept.`, '')];
  }
  return heading;
}

/** What a person needs, told once, and as soon as it is known who signs in: an app needs other things than a person. */
function openNeeds(terminal: Terminal) {
  let untold: Provider | undefined;
  const tell = (at: Shown, progress: Progress): void => {
    if (untold === undefined || mayBeApp(untold, at, progress)) return;
    const { answers } = progress;
    const { needs } = guideFor(untold, answers);
    const lines = remarksOf(needs, answers, untold).flatMap((need) => paragraph(terminal, need, '  - ', '    '));
    terminal.say('You need:', ...lines);
    untold = undefined;
  };
  return {
    open(provider: Provider, ...first: Parameters<typeof tell>): void {
      untold = provider;
      tell(...first);
    },
    tell,
  };
}

/** What is about to be shown. */
interface Shown {
  readonly step: Item['step'];
  readonly question?: { readonly id: string };
}

/** Whether who signs in is still to be asked in this step, or what decides whether it is. */
function mayBeApp(provider: Provider, { step, question }: Shown, progress: Progress): boolean {
  if (!asksOf(step).includes('sign-in')) return false;
  if (question !== undefined && step.asksFirst?.includes(question.id)) return true;
  return itemsOf(provider, progress.answers).some((item) => item.id === 'sign-in' && !isDone(item, progress));
}

/** Enter alone, when what stands on the screen is done. */
async function waitUntilDone(
  terminal: Terminal,
  view: StepView,
  { item, progress }: { readonly item: Item & { kind: 'instruction' }; readonly progress: Progress },
): Promise<Reply<'this' | 'whole step'>> {
  const usual = 'Do what stands above in your browser, then come back here and press Enter.';
  const explanation = view.words(item.step.help ?? usual, progress);
  const keys = ['next step'] as const;
  view.showKeys(keys);
  for (;;) {
    const read = () => terminal.prompts.line('Enter when done:');
    const reply = await readKeyed(terminal, view, { read, explanation, extra: keys, keyOf: keyAtInstruction });
    if (reply.kind === 'next step') return { kind: 'answer', value: 'whole step' };
    if (reply.kind !== 'answer') return reply;
    if (/^(?:done|y|yes|ok)?$/i.test(reply.value.trim())) return { kind: 'answer', value: 'this' };
    terminal.tell('info', 'this was not taken. Press Enter alone to go on; what is to be entered is asked for then');
  }
}

async function askAddress(terminal: Terminal, view: StepView): Promise<string> {
  const { say, stream, prompts } = terminal;
  say('mailauth sets up OAuth 2.0 for a mailbox, step by step.', ...keyLines([KEY_NAMES.help, 'q quit'], stream.width));
  for (;;) {
    const read = () => prompts.line(`${account.label}:`);
    const reply = await readKeyed(terminal, view, { read, explanation: account.help });
    if (reply.kind !== 'answer') throw stopped();
    const taken = await takePaste(
      { terminal, question: account, answers: {}, issuedValues: issuedValuesFor() },
      reply.value,
    );
    if (typeof taken?.value === 'string') return taken.value;
  }
}
