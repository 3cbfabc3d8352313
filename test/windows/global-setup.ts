import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DRIVE_C } from './windows.js';
import { startWineServer, stopWineServer } from './wine-server.js';

/** Called by vitest around the tests. */
export async function setup(): Promise<() => Promise<void>> {
  rmSync(join(DRIVE_C, 'work'), { recursive: true, force: true });
  const isOwn = await startWineServer();
  return () => stopWineServer(isOwn);
}
