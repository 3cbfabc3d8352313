import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** The unit tests that meet the system, run by Windows' Node itself in a copy of the project (units.ts). */
export default defineConfig({
  root: here('../..'),
  test: {
    include: ['words', 'account', 'system', 'store', 'oauth', 'mail', 'flows/signin', 'flows/token'].map(
      (room) => `test/${room}/**/*.test.ts`,
    ),
    // They start the built program on pipes, which wine 8 does not give to Node.
    exclude: ['test/store/turns.test.ts', 'test/flows/signin/elsewhere.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default', here('./reasons.ts')],
    setupFiles: [here('../steady.ts'), here('./skip-posix.ts')],
  },
});
