/** An answer, by question id. Repeatable questions hold several values; `''` means asked and left empty. */
export type AnswerValue = string | readonly string[];
export type Answers = Readonly<Record<string, AnswerValue>>;

/** The answer, where there is one that says something. */
export function text(answers: Answers, question: string): string | undefined {
  const value = answers[question];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The values of a repeatable question. */
export function list(answers: Answers, question: string): readonly string[] {
  return valuesIn(answers[question]);
}

export function valuesIn(value: AnswerValue | undefined): readonly string[] {
  if (value === undefined || value === '') return [];
  return typeof value === 'string' ? [value] : value;
}

/** The only value, or the first of several; `''` where there is none. */
export function firstIn(value: AnswerValue | undefined): string {
  return valuesIn(value)[0] ?? '';
}

export function isGiven(value: AnswerValue | undefined): boolean {
  return firstIn(value) !== '';
}
