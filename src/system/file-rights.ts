import { userInfo } from 'node:os';
import { win32 } from 'node:path';
import { succeeds } from './helper-program.js';

const DEADLINE_MS = 5_000;

export interface RightsOptions {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  /** The user's name without a domain. */
  readonly user: string;
  /** Runs a program without a shell; whether it ended with 0. */
  readonly run: (program: string, args: readonly string[]) => Promise<boolean>;
}

/**
 * Leaves nobody but this user any right to a file or folder, and to what is made in it later. Windows gives a new one
 * the rights of its folder, which let every user read outside a profile. False on other systems, which have modes, and
 * where it cannot be done: then nothing has changed for the user.
 */
export async function keepToOwner(path: string, kind: keyof typeof RIGHTS, options?: RightsOptions): Promise<boolean> {
  const { platform, env, user, run } = options ?? { ...HERE, user: userOrNobody() };
  if (platform !== 'win32' || user === '') return false;
  const icacls = win32.join(env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'icacls.exe');
  const name = env['USERDOMAIN'] ? `${env['USERDOMAIN']}\\${user}` : user;
  // In this order, so that a name Windows does not know locks nobody out.
  return (
    (await run(icacls, [path, '/grant:r', `${name}:${RIGHTS[kind]}`])) && (await run(icacls, [path, '/inheritance:r']))
  );
}

/** Everything; a folder hands it on to the files (OI) and the folders (CI) in it. */
const RIGHTS = { file: 'F', folder: '(OI)(CI)F' } as const;

const HERE: Omit<RightsOptions, 'user'> = {
  platform: process.platform,
  env: process.env,
  run: (program, args) => {
    const { SystemRoot } = process.env;
    return succeeds(program, args, { env: { SystemRoot }, deadlineMs: DEADLINE_MS });
  },
};

function userOrNobody(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}
