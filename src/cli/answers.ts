import { MailauthError } from '../explain/problem.js';
import type { GivenNow } from '../flows/setup/begin.js';
import type { World } from '../flows/world.js';
import { guard } from '../guide/guard.js';
import { envOf, flagOf, questionOf } from '../guide/plan.js';
import type { Provider } from '../guide/provider.js';
import type { Answers, AnswerValue, Question } from '../guide/step.js';
import { issuedValuesFor } from '../providers/directory.js';
import { Secret } from '../words/secret.js';
import { readInputFile, readSecretFile } from './answer-file.js';
import { SECRET_VARIABLES } from './context.js';
import { fullPath } from './file-path.js';
import { askableQuestions } from './set-up-flags.js';

/** What flags and variables say, as they were typed; a flag wins over its variable. */
export function rawAnswers(options: Readonly<Record<string, unknown>>, env: NodeJS.ProcessEnv): Answers {
  const raw: Record<string, AnswerValue> = {};
  for (const question of askableQuestions()) {
    const value = fromFlag(question, options) ?? fromVariable(question, env);
    if (value !== undefined) raw[question.id] = value;
  }
  return raw;
}

function fromFlag(question: Question, options: Readonly<Record<string, unknown>>): AnswerValue | undefined {
  // A flag that begins with "no-" is stored under the rest of its name, as false.
  const value = question.id.startsWith('no-')
    ? options[camel(question.id.slice(3))] === false || undefined
    : options[camel(question.id)];
  return value === true ? 'yes' : (value as AnswerValue | undefined);
}

const BOOLEANS: Readonly<Record<string, string>> = { 1: 'yes', true: 'yes', 0: 'no', false: 'no' };

function fromVariable(question: Question, env: NodeJS.ProcessEnv): AnswerValue | undefined {
  const name = envOf(question);
  const value = name === undefined ? undefined : env[name];
  if (value === undefined || value === '') return undefined;
  if (question.kind !== 'confirm') return question.repeatable === true ? value.split(/\s+/).filter(Boolean) : value;
  const answer = BOOLEANS[value.toLowerCase()];
  if (answer === undefined) throw new MailauthError('usage', `${name} takes 1, true, 0 or false, not "${value}"`);
  return answer;
}

function camel(id: string): string {
  return id.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * Cleans and recognises what was given, as the wizard would a paste; reads the files that were named. Secrets stay
 * wrapped and in memory until the store is proven.
 */
export async function cleanAnswers(provider: Provider, raw: Answers, world: World): Promise<GivenNow> {
  refuseTwoReaders(provider, raw);
  const answers: Record<string, AnswerValue> = {};
  const secrets: Record<string, Secret> = {};
  const fromVariables: string[] = [];
  const keep = (learnt: Readonly<Record<string, string>>): void => {
    for (const [id, value] of Object.entries(learnt)) {
      if (id === 'client-secret') secrets['client-secret-file'] ??= new Secret(value);
      else answers[id] ??= value;
    }
  };
  for (const [id, value] of Object.entries(raw)) {
    const question = questionOf(provider, id);
    if (question === undefined) {
      answers[id] = value;
      continue;
    }
    const given = nameOf(question, value, world.env);
    if (!given.startsWith('--')) fromVariables.push(id);
    const clean = (one: string): string => cleaned(question, one, given, { provider, answers, world, keep });
    if (question.kind === 'secret') secrets[id] = new Secret(clean(await readSecretFile(String(value), given, world)));
    else if (question.kind === 'secret-file') {
      clean(await readSecretFile(String(value), given, world));
      answers[id] = 'read';
    } else if (question.kind === 'file') answers[id] = await fileAnswer(question, String(value), clean, world.signal);
    else answers[id] = typeof value === 'string' ? clean(value) : value.map(clean);
  }
  const held = [
    ['client-secret-file', SECRET_VARIABLES.clientSecret, world.secrets.clientSecret],
    ['refresh-token-file', SECRET_VARIABLES.refreshToken, world.secrets.refreshToken],
  ] as const;
  for (const [id, variable, secret] of held) {
    const question = questionOf(provider, id);
    if (secret === undefined || secrets[id] !== undefined || question === undefined) continue;
    fromVariables.push(id);
    secrets[id] = new Secret(cleaned(question, secret.reveal(), variable, { provider, answers, world, keep }));
  }
  // A certificate was only kept until its key came.
  delete answers['client-certificate'];
  return { answers, secrets, fromVariables };
}

/** Standard input is read once, to its end: nothing would be left for a second secret. */
function refuseTwoReaders(provider: Provider, raw: Answers): void {
  const readers = provider.questions.filter(({ id, kind }) => kind.startsWith('secret') && raw[id] === '-').map(flagOf);
  if (readers.length < 2) return;
  throw new MailauthError('usage', `${readers.join(' and ')} both read standard input, which holds one secret`, {
    fix: [{ text: 'name a file for one of them' }],
  });
}

/** A file that holds answers is read for them; one that is only pointed at keeps its full path. */
async function fileAnswer(
  question: Question,
  given: string,
  clean: (text: string) => string,
  signal: AbortSignal,
): Promise<string> {
  const content = await readInputFile(given, signal);
  if (question.guard === 'path') return fullPath(given);
  clean(content);
  return given;
}

/** What the person has to correct: the variable, where it holds what was given, else the flag. */
function nameOf(question: Question, value: AnswerValue, env: NodeJS.ProcessEnv): string {
  const name = envOf(question);
  const text = typeof value === 'string' ? value : value.join(' ');
  return name !== undefined && env[name] === text ? name : flagOf(question);
}

interface Cleaning {
  readonly provider: Provider;
  readonly answers: Answers;
  readonly world: World;
  /** Takes the other answers that were found in a value. */
  readonly keep: (learnt: Readonly<Record<string, string>>) => void;
}

/** A secret that no hand has pasted stays as it is: spaces and quotation marks may be part of it (RFC 6749 appendix A.2). */
function cleaned(
  question: Question,
  value: string,
  given: string,
  { provider, answers, world, keep }: Cleaning,
): string {
  const result = guard(
    question,
    value,
    { ...answers, today: world.now().toISOString().slice(0, 10) },
    { ...issuedValuesFor(provider), verbatim: question.kind === 'secret' },
  );
  if (!result.ok) {
    throw new MailauthError(result.code ?? 'bad_input', `${given}: ${result.reason}`, {
      fix: [{ text: 'correct it, then run the same command again' }],
    });
  }
  for (const warning of result.guarded.warnings) world.interviewer.tell('warn', `${given}: ${warning}`);
  keep(result.guarded.learnt);
  return result.guarded.value;
}
