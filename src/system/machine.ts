import { existsSync } from 'node:fs';
import { hostname, release, userInfo } from 'node:os';
import type { MachineFacts } from './surroundings.js';

/** Docker's and Podman's own marks. */
const CONTAINER_MARKS = ['/.dockerenv', '/run/.containerenv'];

/** What the system says about itself, for the wording of `surroundings.ts`. */
export function machineFacts(env: NodeJS.ProcessEnv): MachineFacts {
  return {
    env,
    kernel: release(),
    // On Windows these would be looked for on the current drive, where any user can make them.
    containerMark: process.platform !== 'win32' && CONTAINER_MARKS.some((mark) => existsSync(mark)),
    user: userName(),
    host: hostname(),
  };
}

/** A container with an arbitrary user id has no name for it. */
function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
