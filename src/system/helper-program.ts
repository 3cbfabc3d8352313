import { spawn } from 'node:child_process';

/**
 * Runs a program of the system, without a shell and hidden. Whether it ended with 0 within its time; false too where it
 * is missing or where nobody may start it. Of these reasons Node tells some as an event and throws the others, such as
 * what a policy of Windows forbids (EPERM, UNKNOWN).
 */
export async function succeeds(
  program: string,
  args: readonly string[],
  options: { readonly env: NodeJS.ProcessEnv; readonly deadlineMs: number; readonly input?: string },
): Promise<boolean> {
  const { env, deadlineMs, input } = options;
  try {
    return await new Promise((resolve) => {
      const child = spawn(program, args, {
        stdio: [input === undefined ? 'ignore' : 'pipe', 'ignore', 'ignore'],
        env,
        timeout: deadlineMs,
        windowsHide: true,
      });
      child.on('error', () => resolve(false));
      child.on('close', (code) => resolve(code === 0));
      child.stdin?.on('error', () => resolve(false));
      child.stdin?.end(input);
    });
  } catch {
    return false;
  }
}
