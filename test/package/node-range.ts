/** Whether a version is in a range of `engines`: `^20.17.0 || >=22.9.0`, `>= 10.x`, `*`. */
export function isIn(version: string, range: string): boolean {
  return range.split('||').some((part) => isInPart(numbers(version), part.trim().replace(/^>=\s+/, '>=')));
}

function isInPart(version: readonly number[], part: string): boolean {
  if (part === '*') return true;
  const [, operator, bound] = /^(>=|\^)(\d+(?:\.(?:\d+|x))*)$/.exec(part) ?? [];
  if (bound === undefined) throw new Error(`this range is not understood: ${part}`);
  const from = numbers(bound);
  const reached = compare(version, from) >= 0;
  return operator === '>=' ? reached : reached && version[0] === from[0];
}

function numbers(version: string): number[] {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map((part) => (part === 'x' ? 0 : Number(part)));
  return [major, minor, patch];
}

function compare(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((number, index) => number !== other[index]);
  return at < 0 ? 0 : (one[at] ?? 0) - (other[at] ?? 0);
}
