import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { wineEnvironment } from './windows.js';

const WINESERVER = '/usr/lib/wine/wineserver64';

/**
 * One that stays: where each program starts its own, one that is just leaving resets the next one's connection. Where
 * another run has one already, this one ends at once, and the other one serves both.
 */
export async function startWineServer(): Promise<ChildProcess> {
  const server = spawn(WINESERVER, ['-f', '-p'], { env: wineEnvironment(), stdio: 'ignore' });
  await once(server, 'spawn');
  return server;
}

/** Ends every program of this prefix, and nothing else; nothing at all where another run's server serves it. */
export async function stopWineServer(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  const gone = once(server, 'exit');
  spawn(WINESERVER, ['-k'], { env: wineEnvironment(), stdio: 'ignore' });
  await gone;
}
