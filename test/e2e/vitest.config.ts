import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Tests with real programs of the system. They say what to install, share ports, and so run in turn: see halves.ts. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/e2e/**/*.test.ts'],
    globalSetup: ['test/e2e/installed.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    // Two halves of them run at once, and would write it at once.
    cache: false,
  },
});
