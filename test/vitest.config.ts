import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const NEVER = ['test/e2e/**', 'test/windows/**', 'node_modules/**', 'dist/**'];
/**
 * These put another module in the place of one, which a file before or after them in the same process has read as well;
 * and the one that tries every pattern on long texts takes four times as long where V8 has much compiled already.
 */
const ALONE = [
  'test/cli/setup-cloud.test.ts',
  'test/explain/paste/linear.test.ts',
  'test/mail/limits.test.ts',
  'test/mail/mechanisms.test.ts',
  'test/providers/samples.test.ts',
];
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    testTimeout: 20_000,
    // Keys and servers are made in hooks, and a machine at work takes its time for them.
    hookTimeout: 60_000,
    reporters: ['default', fileURLToPath(new URL('./closing-line.ts', import.meta.url))],
    setupFiles: [fileURLToPath(new URL('./steady.ts', import.meta.url))],
    // One more than the two processors of the machine of CI: tests that start programs wait for them.
    maxWorkers: 3,
    projects: [
      // Modules are read once a worker, not once a file: no test leaves anything behind in them.
      {
        extends: true,
        test: { name: 'together', include: ['test/**/*.test.ts'], exclude: [...ALONE, ...NEVER], isolate: false },
      },
      { extends: true, test: { name: 'alone', include: ALONE } },
    ],
  },
});
