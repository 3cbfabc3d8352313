import { win32 } from 'node:path';
import { succeeds } from './helper-program.js';

/** The platform's own clipboard programs, the likely one first. */
const PROGRAMS: Readonly<Partial<Record<NodeJS.Platform, readonly (readonly string[])[]>>> = {
  darwin: [['/usr/bin/pbcopy']],
  linux: [['wl-copy'], ['xclip', '-selection', 'clipboard'], ['xsel', '--clipboard', '--input'], ['clip.exe']],
};
const DEADLINE_MS = 2_000;

/**
 * Copies a value that is no secret. `copied` only when a clipboard program took it; `sent` when the terminal was asked
 * to (OSC 52), which it may ignore. Over SSH the terminal is the right side to ask: a program would copy on the far one.
 */
export async function copyToClipboard(
  text: string,
  options: { readonly env: NodeJS.ProcessEnv; readonly platform: NodeJS.Platform; readonly isTerminal: boolean },
): Promise<'copied' | 'sent' | 'no-clipboard'> {
  const remote = options.env['SSH_CONNECTION'] !== undefined;
  if (!remote) {
    for (const [program, ...args] of programsFor(options)) {
      if (isUsable(program as string, options.env) && (await feed(program as string, args, text, options.env)))
        return 'copied';
    }
  }
  if (!options.isTerminal || options.env['TERM'] === 'dumb') return 'no-clipboard';
  process.stderr.write(`\u001b]52;c;${Buffer.from(text).toString('base64')}\u0007`);
  return 'sent';
}

/** Windows looks for a bare name in the current folder first, so its program is named in full. */
function programsFor({ env, platform }: { readonly env: NodeJS.ProcessEnv; readonly platform: NodeJS.Platform }) {
  if (platform === 'win32') return [[win32.join(env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'clip.exe')]];
  return PROGRAMS[platform] ?? [];
}

/** Without a display these programs wait for one. */
function isUsable(program: string, env: NodeJS.ProcessEnv): boolean {
  if (program === 'wl-copy') return env['WAYLAND_DISPLAY'] !== undefined;
  if (program === 'xclip' || program === 'xsel') return env['DISPLAY'] !== undefined;
  return true;
}

function feed(program: string, args: readonly string[], text: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const { PATH, DISPLAY, WAYLAND_DISPLAY, XDG_RUNTIME_DIR, XAUTHORITY, HOME } = env;
  return succeeds(program, args, {
    env: { PATH, DISPLAY, WAYLAND_DISPLAY, XDG_RUNTIME_DIR, XAUTHORITY, HOME },
    deadlineMs: DEADLINE_MS,
    input: text,
  });
}
