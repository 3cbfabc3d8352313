import type { Entered, Reply } from '../../flows/interviewer.js';
import { complete, defaultOf, fill, holds, type Progress } from '../../guide/plan.js';
import type { AnswerValue, Question } from '../../guide/step.js';
import { issuedValuesFor } from '../../providers/directory.js';
import { type Asking, entered, readAnswer } from './asking.js';
import { takePaste } from './paste.js';
import type { StepView } from './step-view.js';
import { beside, numbered, paragraph, rangeOf, type Terminal } from './terminal.js';

/** One question of the guide; `proposed` is what the person answered before. */
export async function askQuestion(
  terminal: Terminal,
  view: StepView,
  question: Question,
  { progress, proposed }: { readonly progress: Progress; readonly proposed: AnswerValue | undefined },
): Promise<Reply<Entered>> {
  const { provider } = view;
  const suggestion = first(proposed) ?? first(defaultOf(question, progress.answers, provider));
  const asking: Asking = {
    terminal,
    view,
    question,
    answers: complete(provider, progress.answers),
    issuedValues: issuedValuesFor(provider),
    explanation: fill(question.help, progress.answers, provider),
    isStored: proposed !== undefined,
    ...(suggestion !== undefined && { suggestion }),
  };
  view.showKeys([]);
  if (question.kind === 'confirm') return askYesNo(asking);
  if (question.choices !== undefined) return askChoice(asking);
  return question.kind === 'secret' ? askSecret(asking) : askText(asking);
}

async function askText(asking: Asking): Promise<Reply<Entered>> {
  const { terminal, question, suggestion } = asking;
  const options = suggestion === undefined ? {} : { suggestion };
  for (;;) {
    const reply = await readAnswer(asking, () =>
      terminal.prompts.line(beside(terminal, `${question.label}:`), options),
    );
    if (reply.kind !== 'answer') return reply;
    if (reply.value.trim() === '' && question.required !== true) return entered({ value: '', learnt: {} });
    const taken = await takePaste(asking, reply.value);
    if (taken !== undefined) return question.repeatable === true ? askFurther(asking, taken) : entered(taken);
  }
}

/** A repeatable question is asked until Enter alone. */
async function askFurther(asking: Asking, { value, ...one }: Entered): Promise<Reply<Entered>> {
  const values = typeof value === 'string' ? [value] : [];
  for (;;) {
    const reply = await readAnswer(asking, () => asking.terminal.prompts.line('Another one, or Enter:'));
    if (reply.kind !== 'answer') return reply;
    if (reply.value.trim() === '') return entered({ ...one, value: values });
    const taken = await takePaste(asking, reply.value);
    if (typeof taken?.value === 'string') values.push(taken.value);
  }
}

async function askSecret(asking: Asking): Promise<Reply<Entered>> {
  const { terminal, question, isStored } = asking;
  const message = `${question.label} (hidden${isStored ? '; Enter keeps the stored one' : ''}):`;
  for (;;) {
    const reply = await readAnswer(asking, () => terminal.prompts.hidden(beside(terminal, message)));
    if (reply.kind !== 'answer') return reply;
    if (reply.value === '' && isStored) return entered({ value: undefined, kept: true, learnt: {} });
    if (reply.value === '' && question.required !== true) return entered({ value: '', learnt: {} });
    const taken = await takePaste(asking, reply.value);
    if (taken !== undefined) return entered(taken);
  }
}

async function askYesNo(asking: Asking): Promise<Reply<Entered>> {
  const { terminal, question, suggestion } = asking;
  const hint = suggestion === 'yes' ? '[Y/n]' : suggestion === 'no' ? '[y/N]' : '[y/n]';
  for (;;) {
    const reply = await readAnswer(asking, () => terminal.prompts.line(beside(terminal, `${question.label} ${hint}`)));
    if (reply.kind !== 'answer') return reply;
    const typed = reply.value.trim().toLowerCase() || suggestion;
    if (typed === 'y' || typed === 'yes') return entered({ value: 'yes', learnt: {} });
    if (typed === 'n' || typed === 'no') return entered({ value: 'no', learnt: {} });
    terminal.tell('warn', 'type y or n');
  }
}

async function askChoice(asking: Asking): Promise<Reply<Entered>> {
  const { terminal, view, question, answers, suggestion } = asking;
  const choices = (question.choices ?? []).filter((option) => holds(option.when, answers));
  const preset = choices.findIndex((option) => option.value === suggestion);
  const labels = choices.map(({ label }) => fill(label, answers, view.provider));
  terminal.say(...paragraph(terminal, question.label), ...numbered(terminal, labels));
  const suggested = preset >= 0 ? { suggestion: String(preset + 1) } : {};
  for (;;) {
    const reply = await readAnswer(asking, () => terminal.prompts.line(rangeOf(choices), suggested));
    if (reply.kind !== 'answer') return reply;
    const typed = reply.value.trim().toLowerCase();
    const chosen = choices[Number(typed) - 1] ?? choices.find((option) => option.value.toLowerCase() === typed);
    if (chosen !== undefined) return entered({ value: chosen.value, learnt: {} });
    terminal.tell('warn', `type a number from 1 to ${choices.length}, or ? for help`);
  }
}

function first(value: AnswerValue | undefined): string | undefined {
  const text = typeof value === 'string' ? value : value?.[0];
  return text === '' ? undefined : text;
}
