import type { Configuration } from '../account/account.js';
import { readConfiguration } from '../store/accounts.js';
import { type Draft, readDrafts } from '../store/drafts.js';
import type { World } from './world.js';

/** The accounts, as a command first reads them. Whoever can write that file redirects tokens, so one found open is told. */
export function openConfiguration(world: World): Promise<Configuration> {
  return readConfiguration(world.configDir, { note: (text) => world.interviewer.tell('warn', text) });
}

/** The unfinished set-ups, as a command first reads them: one that cannot be read is named. */
export function openDrafts(world: World): Promise<readonly Draft[]> {
  return readDrafts(world.configDir, { note: (text) => world.interviewer.tell('warn', text) });
}
