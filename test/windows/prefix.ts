/** The folder that is a computer with Windows to wine. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomLibrary } from './random-library.js';
import { DRIVE_C, PREFIX, WINE, wineEnvironment } from './windows.js';
import { startWineServer, stopWineServer } from './wine-server.js';

/** Makes it, unless it is there. */
export async function makePrefix(): Promise<void> {
  if (existsSync(join(PREFIX, 'made'))) return;
  rmSync(PREFIX, { recursive: true, force: true });
  mkdirSync(PREFIX, { recursive: true });
  const isOwnServer = await startWineServer();
  try {
    // Its services live on and would hold a pipe open.
    spawnSync(WINE, ['wineboot', '-i'], { env: wineEnvironment(), stdio: 'ignore', timeout: 120_000 });
  } finally {
    await stopWineServer(isOwnServer);
  }
  writeFileSync(join(DRIVE_C, 'windows', 'system32', 'bcryptprimitives.dll'), randomLibrary());
  writeFileSync(join(PREFIX, 'made'), '');
}
