import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/**
 * The unit tests that need no POSIX, run by Windows' Node itself in a copy of the project (units.ts).
 * `npm run test:windows` names the rooms that meet the system; without a name all of these run.
 */
export default defineConfig({
  root: here('../..'),
  test: {
    include: ['words', 'account', 'system', 'store', 'oauth', 'mail', 'flows/signin', 'flows/token'].map(
      (room) => `test/${room}/**/*.test.ts`,
    ),
    // They start programs on pipes, which wine 8 does not give to Node.
    exclude: [
      'test/store/turns.test.ts',
      'test/store/shared/command.test.ts',
      ...['device', 'elsewhere', 'two-steps'].map((name) => `test/flows/signin/${name}.test.ts`),
    ],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: 'forks',
    maxWorkers: 2,
    isolate: false,
    reporters: ['default', here('./reasons.ts')],
    setupFiles: [here('../steady.ts'), here('./skip-posix.ts')],
  },
});
