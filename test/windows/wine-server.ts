import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { wineEnvironment } from './windows.js';

const WINESERVER = '/usr/lib/wine/wineserver64';

/**
 * One that stays, and is ready when this returns: where each program starts its own, one that is just leaving resets the
 * next one's connection. Gives whether it is this run's own; where another run has one already, that one serves both.
 */
export async function startWineServer(): Promise<boolean> {
  return (await ended('-p')) === 0;
}

/** Ends every program of this prefix, and nothing else; nothing at all where another run's server serves it. */
export async function stopWineServer(isOwn: boolean): Promise<void> {
  if (!isOwn) return;
  await ended('-k');
  await ended('-w');
}

/** Without `-f` the server leaves the one that was started as soon as it listens. */
async function ended(option: '-p' | '-k' | '-w'): Promise<number | null> {
  const child = spawn(WINESERVER, [option], { env: wineEnvironment(), stdio: 'ignore' });
  const [code] = await once(child, 'exit');
  return code;
}
