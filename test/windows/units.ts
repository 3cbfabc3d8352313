/**
 * Runs the unit tests that meet the system on Windows' own Node, in the copy that prepare.ts has made. What they say goes
 * through a file, because wine 8 gives Node no pipes.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { FOLDER, NODE, TESTS, WINE, wineEnvironment } from './windows.js';
import { startWineServer, stopWineServer } from './wine-server.js';

const RUNNER = 'node_modules/vitest/vitest.mjs';

const SAID = join(FOLDER, 'units.txt');

const said = openSync(SAID, 'w');
const shown = openSync(SAID, 'r');
const chunk = Buffer.alloc(64 * 1024);
const show = (): void => {
  for (let size = readSync(shown, chunk); size > 0; size = readSync(shown, chunk))
    process.stdout.write(chunk.toString('utf8', 0, size));
};
const showing = setInterval(show, 1_000);

const isOwnServer = await startWineServer();
try {
  const child = spawn(
    WINE,
    [NODE, RUNNER, 'run', '--config', 'test/windows/units.config.ts', ...process.argv.slice(2)],
    {
      cwd: TESTS,
      env: { ...wineEnvironment(), NO_COLOR: '1', NODE_OPTIONS: '--require=C:/tests/test/windows/keep-alive.cjs' },
      stdio: ['ignore', said, said],
    },
  );
  const [code] = await once(child, 'exit');
  process.exitCode = Number(code ?? 1);
} finally {
  clearInterval(showing);
  show();
  for (const file of [said, shown]) closeSync(file);
  await stopWineServer(isOwnServer);
}
