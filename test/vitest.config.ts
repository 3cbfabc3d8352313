import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'test/windows/**', 'node_modules/**', 'dist/**'],
    testTimeout: 20_000,
    reporters: ['default', fileURLToPath(new URL('./closing-line.ts', import.meta.url))],
    setupFiles: [fileURLToPath(new URL('./steady.ts', import.meta.url))],
    maxWorkers: 2,
  },
});
