import { expect } from 'vitest';
import type { Check } from '../../src/explain/check.js';
import type { Problem } from '../../src/explain/problem.js';
import type { Circumstances, Ended } from './in-process.js';
import type { Office } from './office.js';

/** A line as a script reads it: any of the keys may be there. */
export type Line = Check & Partial<Problem>;

/** Schema mailauth.check/1, as a script reads it. */
export interface Report {
  readonly schema: string;
  readonly time: string;
  readonly ok: boolean;
  readonly exitCode: number;
  readonly accounts: readonly {
    readonly name: string;
    readonly address: string;
    readonly provider: string;
    readonly ok: boolean;
    readonly secretExpires: string | null;
    readonly signInEnds: string | null;
    readonly checks: readonly Line[];
  }[];
}

export interface Checked extends Ended {
  readonly report: Report;
  /** A line of the first account. */
  line(id: Line['id']): Line | undefined;
  /** Every line of the first account, as `status code`. */
  readonly states: Readonly<Record<string, string>>;
}

/** `check --json`: one document, whose exit code is the program's. */
export async function check(
  office: Office,
  argv: readonly string[] = [],
  changes: Partial<Circumstances> = {},
): Promise<Checked> {
  const ended = await office.mailauth(['check', '--json', ...argv], changes);
  const report = ended.document<Report>();
  expect(report.exitCode).toBe(ended.code);
  const checks = report.accounts[0]?.checks ?? [];
  return {
    ...ended,
    report,
    line: (id) => checks.find((one) => one.id === id),
    states: Object.fromEntries(
      checks.map(({ id, status, code }) => [id, code === undefined ? status : `${status} ${code}`]),
    ),
  };
}
