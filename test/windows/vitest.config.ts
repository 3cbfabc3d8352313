import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Tests on Windows' own Node, after prepare.ts has made one. They share one wine, and so run in turn. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/windows/*.test.ts'],
    globalSetup: ['test/windows/global-setup.ts'],
    // For a program that hangs. How long one takes under wine, beside other work, says nothing.
    testTimeout: 600_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
});
