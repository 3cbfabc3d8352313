/** Runs the unit tests that meet the system on Windows' own Node, in the copy that prepare.ts has made. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { NODE, TESTS, WINE, wineEnvironment } from './windows.js';
import { startWineServer, stopWineServer } from './wine-server.js';

const RUNNER = 'node_modules/vitest/vitest.mjs';

const server = await startWineServer();
try {
  const child = spawn(
    WINE,
    [NODE, RUNNER, 'run', '--config', 'test/windows/units.config.ts', ...process.argv.slice(2)],
    {
      cwd: TESTS,
      env: { ...wineEnvironment(), NO_COLOR: '1', NODE_OPTIONS: '--require=C:/tests/test/windows/keep-alive.cjs' },
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  const [code] = await once(child, 'exit');
  process.exitCode = Number(code ?? 1);
} finally {
  await stopWineServer(server);
}
