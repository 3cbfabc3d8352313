import type { Account } from '../account/account.js';
import type { CheckOptions } from '../flows/check/accounts.js';
import { headingOf, renderCheck, renderDates } from '../render/check.js';
import type { Output } from './output.js';

/**
 * Writes each line of a check as it ends, for whoever looks on. Accounts are checked at once and told one after the
 * other: the lines of a later one wait until those before it are complete.
 */
export function liveReport(
  accounts: readonly Account[],
  now: () => Date,
  output: Output,
): Required<Pick<CheckOptions, 'finished' | 'reported'>> {
  const { out } = output;
  const reports = accounts.map(({ name, address }) => ({
    name,
    lines: [headingOf({ name, address }, out.style)],
    isComplete: false,
  }));
  const write = (): void => {
    for (const report of reports) {
      for (const line of report.lines.splice(0)) output.result(line);
      if (!report.isComplete) return;
    }
  };
  const add = (name: string, lines: readonly string[], isComplete: boolean): void => {
    const report = reports.find((one) => one.name === name);
    if (report === undefined) return;
    report.lines.push(...lines);
    report.isComplete = isComplete;
    write();
  };
  write();
  return {
    finished: (account, check) => add(account.name, renderCheck(check, out.style, out.width), false),
    reported: (report) => add(report.name, renderDates(report, now()), true),
  };
}
