import { win32 } from 'node:path';
import { succeeds } from './helper-program.js';

/** Where Windows keeps the variables that each new window and task gets: the user's, and those of the machine. */
const KEYS = ['HKCU\\Environment', 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment'];
const DEADLINE_MS = 5_000;

export type Run = (program: string, args: readonly string[]) => Promise<boolean>;

/**
 * Which of these variables are set in this window alone, so that a scheduled task will not have them. `run`: whether a
 * program ended with 0.
 */
export async function inThisWindowAlone(
  names: readonly string[],
  env: NodeJS.ProcessEnv,
  run: Run = runHere,
): Promise<readonly string[]> {
  const reg = win32.join(env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'reg.exe');
  const isLasting = async (name: string): Promise<boolean> => {
    for (const key of KEYS) if (await run(reg, ['query', key, '/v', name])) return true;
    return false;
  };
  const set = names.filter((name) => env[name] !== undefined);
  const lasting = await Promise.all(set.map(isLasting));
  return set.filter((_, index) => !lasting[index]);
}

function runHere(program: string, args: readonly string[]): Promise<boolean> {
  const { SystemRoot } = process.env;
  return succeeds(program, args, { env: { SystemRoot }, deadlineMs: DEADLINE_MS });
}
