/**
 * A person without a command line double-clicks the file. Windows then opens a window for it that goes with the program,
 * and what it says would never be read.
 */
import { execFile } from 'node:child_process';
import { win32 } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

export interface Parent {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  /** The lines of `tasklist` about the process that started this one. */
  readonly ask: (program: string, args: readonly string[]) => Promise<string>;
}

const HERE: Parent = {
  platform: process.platform,
  env: process.env,
  ask: (program, args) =>
    promisify(execFile)(program, args, {
      timeout: 3_000,
      windowsHide: true,
      env: { SystemRoot: process.env['SystemRoot'] },
    }).then(
      ({ stdout }) => stdout,
      // Missing, or forbidden by a policy.
      () => '',
    ),
};

/** Whether the desktop itself started it, and no shell whose window stays. */
export async function isDoubleClicked({ platform, env, ask }: Parent = HERE): Promise<boolean> {
  // The Command Prompt sets it.
  if (platform !== 'win32' || env['PROMPT'] !== undefined) return false;
  const tasklist = win32.join(env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'tasklist.exe');
  const lines = await ask(tasklist, ['/FI', `PID eq ${process.ppid}`, '/FO', 'CSV', '/NH']);
  return /^"explorer\.exe"/im.test(lines);
}

const HINT = `
This window closes with the program. To go on, open the Command Prompt in the folder of this file
(in the Explorer: type cmd into the address bar, then Enter), and type the command there.
`;

/** Keeps the window until it was read. */
export async function keepWindow(): Promise<void> {
  process.stderr.write(`${HINT}\nPress Enter to close. `);
  const lines = createInterface({ input: process.stdin });
  await new Promise<void>((resolve) => lines.once('line', () => resolve()).once('close', () => resolve()));
  lines.close();
}
