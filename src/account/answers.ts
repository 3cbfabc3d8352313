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
  const value = answers[question];
  if (value === undefined || value === '') return [];
  return typeof value === 'string' ? [value] : value;
}
