import type { Entered } from '../../flows/interviewer.js';
import { type Guarded, type GuardOptions, type GuardResult, guard } from '../../guide/guard.js';
import type { Answers, Question } from '../../guide/step.js';
import { Secret } from '../../words/secret.js';
import { readAnswerFile } from '../answer-file.js';
import { fullPath, namesJsonFile } from '../file-path.js';
import type { Terminal } from './terminal.js';

/** Where something was typed or pasted. */
interface Box {
  readonly terminal: Terminal;
  readonly question: Question;
  readonly answers: Answers;
  /** What the providers give out, so that a value in the wrong box is known. */
  readonly issuedValues?: GuardOptions;
}

/** Cleans and recognises what was pasted. Undefined after saying what is wrong with it: the question is asked again. */
export async function takePaste(box: Box, pasted: string): Promise<Entered | undefined> {
  const { terminal, question, answers, issuedValues } = box;
  const isFile = question.kind === 'file' || question.kind === 'secret-file' || namesJsonFile(pasted);
  const text = isFile ? await readAnswerFile(pasted, terminal) : pasted;
  if (text === undefined) return undefined;
  // Of some files only the place is kept, and read each time.
  const content = question.guard === 'path' ? fullPath(pasted) : text;
  const result = guard(question, content, answers, issuedValues);
  return result.ok ? keepGuarded(box, result.guarded) : misplaced(box, content, result);
}

async function keepGuarded(box: Box, { value, notes, warnings, learnt }: Guarded): Promise<Entered | undefined> {
  const { terminal, question } = box;
  for (const note of notes) terminal.tell('info', note);
  for (const warning of warnings) terminal.tell('warn', warning);
  const isDoubtful = warnings.length > 0;
  if (isDoubtful) {
    const typed = await confirmed(terminal, question.kind === 'secret');
    if (typed !== 'yes') return typed === 'no' ? undefined : takePaste(box, typed);
  }
  return {
    value: question.kind === 'secret' ? new Secret(value) : value,
    ...parted(learnt),
    ...(isDoubtful && { doubtful: true }),
  };
}

/** Whoever pastes another value instead of an answer means that one. It may be a secret too. */
async function confirmed({ prompts }: Terminal, isSecret: boolean): Promise<string> {
  const message = 'Keep it all the same? [y/N]';
  const typed = (isSecret ? await prompts.hidden(message) : await prompts.line(message)).trim();
  if (/^(?:y|yes)$/i.test(typed)) return 'yes';
  return /^(?:n|no|b|back)?$/i.test(typed) ? 'no' : typed;
}

/** What belongs into another box is kept for it; the name of a file stands for its text. */
async function misplaced(
  box: Box,
  pasted: string,
  { reason, learnt }: GuardResult & { ok: false },
): Promise<Entered | undefined> {
  const { tell } = box.terminal;
  const { 'client-file': file, ...rest } = learnt;
  if (file !== undefined) {
    const text = await readAnswerFile(file, box.terminal);
    return text === undefined ? undefined : takePaste(box, text);
  }
  tell('fail', pasted.trim() === '' ? `${reason}; type ? to see what it is` : reason);
  if (Object.keys(rest).length === 0) return undefined;
  tell('ok', 'what you pasted is kept for its own place');
  return { value: undefined, ...parted(rest) };
}

/** A client secret among the answers of a paste is a secret. */
function parted(learnt: Readonly<Record<string, string>>): Pick<Entered, 'learnt' | 'learntSecret'> {
  const { 'client-secret': secret, ...open } = learnt;
  return { learnt: open, ...(secret !== undefined && { learntSecret: new Secret(secret) }) };
}
