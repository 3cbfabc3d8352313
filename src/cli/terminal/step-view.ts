import { complete, fill, type Item, type Progress } from '../../guide/plan.js';
import type { Provider } from '../../guide/provider.js';
import type { Answers, Step } from '../../guide/step.js';
import { headingScreen, instructionScreen, keyLines, type Screen } from '../../render/screen.js';
import { KEY_NAMES, type Key } from './keys.js';
import { paragraph, pick, type Terminal } from './terminal.js';

/** The step that stands on the screen, and what its keys act on. */
export interface StepView {
  readonly provider: Provider;
  open(provider: Provider): void;
  show(item: Item | { readonly kind: 'step'; readonly step: Step }, answers: Answers): void;
  /** The heading of a step in which nothing is to be done. */
  showSkipped(step: Step): void;
  /** The next item shows the heading once more. */
  forget(): void;
  /** What can be typed here besides an answer: once for each step, unless one more works now, or it is asked for. */
  showKeys(extra: readonly Key[], always?: boolean): void;
  openLink(): Promise<void>;
  copyValue(): Promise<void>;
  /** A text of the guide with what is known so far. */
  words(text: string, progress: Progress): string;
}

const NOTHING: Screen = { lines: [], values: [] };

export function openStepView(terminal: Terminal): StepView {
  const { say } = terminal;
  const { style } = terminal.stream;
  let opened: Provider | undefined;
  let step: Step | undefined;
  let keysShown: { readonly at?: Step; readonly keys: readonly string[] } = { keys: [] };
  let screen = NOTHING;
  const current = (): Provider => {
    if (opened === undefined) throw new Error('the wizard was not opened');
    return opened;
  };
  const add = (part: Screen): void => {
    say(...part.lines);
    const link = part.link ?? screen.link;
    screen = { lines: [], values: part.values.length > 0 ? part.values : screen.values, ...(link && { link }) };
  };
  return {
    get provider() {
      return current();
    },
    open(provider) {
      opened = provider;
    },
    show(item, answers) {
      const page = { provider: current(), answers: complete(current(), answers), style, width: terminal.stream.width };
      if (item.step !== step) {
        step = item.step;
        screen = NOTHING;
        add(headingScreen(item.step, page));
      }
      if (item.kind !== 'instruction') return;
      const parts = [item.instruction, ...item.together].map((instruction) => instructionScreen(instruction, page));
      for (const part of parts) add(part);
      // What stands on the screen together can be copied together.
      const values = parts.flatMap((part) => part.values);
      if (values.length > 0) screen = { ...screen, values };
    },
    showSkipped(skipped) {
      // Where something is to be done in it after all, it is shown whole.
      step = undefined;
      screen = NOTHING;
      const title = `STEP ${skipped.number} of ${current().steps.length}  ${skipped.title}`;
      say('', ...paragraph(terminal, title, '').map((line) => style.heading(line)));
    },
    forget() {
      step = undefined;
    },
    showKeys(extra, always = false) {
      const keys = keysOf(screen, extra);
      const known = keysShown.at === step ? keysShown.keys : [];
      if (!always && known.length > 0 && keys.every((key) => known.includes(key))) return;
      keysShown = { ...(step && { at: step }), keys: [...known, ...keys] };
      say(...keyLines(keys, terminal.stream.width));
    },
    openLink: () => openLink(terminal, screen),
    copyValue: () => copyValue(terminal, screen),
    words: (text, { answers }) => fill(text, answers, current()),
  };
}

/** The keys that lead somewhere. */
function keysOf({ link, values }: Screen, extra: readonly Key[]): string[] {
  const here: Key[] = [
    ...(link === undefined ? [] : ['open' as const]),
    ...(values.length === 0 ? [] : ['copy' as const]),
  ];
  return [...here, ...extra, 'back' as const, 'help' as const, 'quit' as const].map((key) => KEY_NAMES[key]);
}

async function openLink(terminal: Terminal, { link }: Screen): Promise<void> {
  if (link === undefined) terminal.tell('info', 'there is no link to open here');
  else await terminal.open(link);
}

async function copyValue(terminal: Terminal, { values }: Screen): Promise<void> {
  const choices = values.map(({ label, text }) => ({ value: text, label: `${label}: ${text}` }));
  if (choices.length === 0) return terminal.tell('info', 'there is nothing to copy here');
  const [only] = values;
  const value = choices.length === 1 ? only?.text : await pick(terminal, 'Copy which one?', choices, { back: true });
  if (value !== undefined) await terminal.copy(value);
}
