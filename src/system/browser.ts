import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isSea } from 'node:sea';
import { pathToFileURL } from 'node:url';

/** An opener that has not failed by then has handed the address over, or is the browser itself. */
const PATIENCE_MS = 1_000;

/** What a browser, or the program that finds one, needs of the environment. Everything else stays here. */
const PASSED_ON = [
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|TZ|TERM|TMPDIR|TMP|TEMP)$/,
  /^(?:DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|DESKTOP_SESSION|DBUS_SESSION_BUS_ADDRESS|SESSION_MANAGER)$/,
  /^(?:LC|XDG|GNOME|KDE|QT|GTK|GDK|MOZ|WSL|SSH)_[A-Z0-9_]+$/,
  /^(?:KDE_FULL_SESSION|WSLENV|BROWSER)$/,
  /^(?:SYSTEMROOT|WINDIR|SYSTEMDRIVE|COMSPEC|PATHEXT|PSMODULEPATH|HOMEDRIVE|HOMEPATH)$/i,
  /^(?:APPDATA|LOCALAPPDATA|PROGRAMDATA|PROGRAMFILES(?:\(X86\))?|PROGRAMW6432|USERPROFILE|USERNAME|USERDOMAIN|ALLUSERSPROFILE|PUBLIC)$/i,
];

/**
 * `open` takes no environment and does not tell when nothing opened, so it runs in a small Node of its own, which
 * ends with the exit code of the platform's opener.
 */
const OPENER = `
const [library, url] = process.argv.slice(1);
const { default: open } = await import(library);
const opener = await open(url);
if (opener.exitCode === null) opener.once('exit', (code) => process.exit(code ?? 1));
else process.exit(opener.exitCode);
opener.ref();
`;

/** The program in one file is its own Node and holds the library: started with this word, it does the same. */
export const OPEN_ADDRESS = 'open-address';

/**
 * Opens an address: by the program that BROWSER names, the address being its last argument, else by the platform's
 * opener. No shell, no inherited terminal, no secret in the environment; never waits longer than about a second.
 * `failed` says that the program is missing or ended at once with an error; `opened` is a good guess, not a proof.
 */
export async function openBrowser(
  url: string,
  options: { readonly env: NodeJS.ProcessEnv; readonly platform: NodeJS.Platform },
): Promise<'opened' | 'failed'> {
  const address = safeAddress(url);
  if (address === undefined || !canShow(options)) return 'failed';
  const program = options.env['BROWSER'];
  const settings = openerSettings(options);
  try {
    return await launched(
      program
        ? spawnBrowser(program, address, settings)
        : spawn(process.execPath, [...(await openerWords()), address], settings),
    );
  } catch {
    return 'failed';
  }
}

/** How the browser, or the platform's opener, is started. */
export function openerSettings({ env, platform }: Parameters<typeof openBrowser>[1]): SpawnOptions {
  return {
    // Without a console of its own the platform's opener on Windows would show an empty window.
    detached: env['BROWSER'] !== undefined || platform !== 'win32',
    env: browserEnvironment(env),
    shell: false,
    stdio: 'ignore',
    windowsHide: true,
  };
}

/** Without a screen the opener of Linux finds at most a browser in text, which would have nowhere to show it. */
function canShow({ env, platform }: { readonly env: NodeJS.ProcessEnv; readonly platform: NodeJS.Platform }): boolean {
  if (platform !== 'linux') return true;
  return ['BROWSER', 'DISPLAY', 'WAYLAND_DISPLAY', 'WSL_DISTRO_NAME', 'WSL_INTEROP'].some((name) => env[name]);
}

/**
 * BROWSER is a path, which may hold blanks, or words as in a shell: `firefox --private-window`, with `%s` where the
 * address belongs. No shell reads them.
 */
function spawnBrowser(browser: string, address: string, settings: SpawnOptions): ChildProcess {
  if (existsSync(browser)) return spawn(browser, [address], settings);
  const words = (browser.match(/"[^"]*"|'[^']*'|[^\s"']+/g) ?? []).map((word) => word.replace(/^["']|["']$/g, ''));
  const [program = browser, ...given] = words;
  const filled = given.map((word) => word.replaceAll('%s', address));
  return spawn(program, given.some((word) => word.includes('%s')) ? filled : [...given, address], settings);
}

/** Only https, spelled anew by the URL parser, without a user name: no option, no file, no shell text can be left. */
function safeAddress(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, username, password, href } = new URL(url);
  return protocol === 'https:' && username === '' && password === '' ? href : undefined;
}

/** The environment of a browser: what it needs by name, and never one of mailauth's own variables. */
export function browserEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => PASSED_ON.some((pattern) => pattern.test(name))));
}

async function openerWords(): Promise<readonly string[]> {
  if (isSea()) return [OPEN_ADDRESS];
  const library = pathToFileURL(createRequire(import.meta.url).resolve('open')).href;
  return ['--input-type=module', '--eval', OPENER, library];
}

function launched(child: ChildProcess): Promise<'opened' | 'failed'> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('opened'), PATIENCE_MS);
    const end = (result: 'opened' | 'failed') => {
      clearTimeout(timer);
      resolve(result);
    };
    child.once('error', () => end('failed'));
    child.once('exit', (code) => end(code === 0 ? 'opened' : 'failed'));
    child.unref();
  });
}
