import { relative } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';
import { NEEDS } from './posix.js';

/** Counts what was skipped, by the reason; a row of the table that fits no test fails the run. */
export default class Reasons implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const counts = new Map<string, number>();
    for (const test of tests) {
      const result = test.result();
      if (result.state !== 'skipped') continue;
      const note = result.note ?? 'is skipped on every system but its own';
      counts.set(note, (counts.get(note) ?? 0) + 1);
    }
    for (const [note, count] of counts) console.log(`skipped: ${count} ${note}`);
    const titles = new Map(
      modules.map((module) => [fileOf(module), [...module.children.allTests()].map(({ name }) => name)]),
    );
    const stale = Object.entries(NEEDS).flatMap(([file, needs]) =>
      Object.values(needs)
        .flat()
        .filter((begin) => titles.get(file)?.some((title) => title.startsWith(begin)) === false)
        .map((begin) => `${file}: no test begins with "${begin}"`),
    );
    for (const line of stale) console.error(line);
    if (stale.length > 0) process.exitCode = 1;
  }
}

function fileOf({ moduleId }: TestModule): string {
  return relative('test', moduleId).replaceAll('\\', '/');
}
