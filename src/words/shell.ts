/** The shells that a printed command may be pasted into. */
export type Shell = 'posix' | 'powershell' | 'cmd';

/** The shell a command was most likely started from. Git Bash sets MSYSTEM, the Command Prompt sets PROMPT. */
export function shellOf(env: Readonly<Record<string, string | undefined>>, platform: string): Shell {
  if (platform !== 'win32' || env['MSYSTEM'] !== undefined || env['SHELL']?.endsWith('sh') === true) return 'posix';
  return env['PROMPT'] === undefined ? 'powershell' : 'cmd';
}

/** One word of a command line, so that the shell takes it as it is. */
export function quoted(shell: Shell, word: string): string {
  if (shell === 'posix') return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
  if (/^[\w@+:,./\\-]+$/.test(word)) return word;
  return shell === 'powershell' ? powershellWord(word) : `"${word}"`;
}

/** A word of a POSIX script, in quotes whatever it holds. */
export function shellWord(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * The same for PowerShell, to which typographic quotation marks are quotation marks as well
 * (about_Quoting_Rules): each is doubled.
 */
export function powershellWord(word: string): string {
  return `'${word.replace(/['\u2018-\u201b]/g, '$&$&')}'`;
}

/** Sets a variable for what is started from this window. */
export function setting(shell: Shell, name: string, value: string): string {
  if (shell === 'posix') return `export ${name}=${quoted(shell, value)}`;
  return shell === 'powershell' ? `$env:${name} = ${powershellWord(value)}` : `set "${name}=${value}"`;
}

/** Sets a variable for every window that is opened later; undefined where a file of the shell does that. */
export function lastingSetting(shell: Shell, platform: string, name: string, value: string): string | undefined {
  if (platform !== 'win32') return undefined;
  return `setx ${name} ${shell === 'cmd' ? `"${value}"` : quoted(shell, value)}`;
}

/**
 * How a command is run so that it can ask, where the window is no console for programs of Windows: Git Bash's. npm leaves
 * a script there, which winpty cannot start. Undefined elsewhere.
 */
export function askingAgain(
  env: Readonly<Record<string, string | undefined>>,
  platform: string,
  { program, args }: { readonly program: string; readonly args: readonly string[] },
): string | undefined {
  if (platform !== 'win32' || env['MSYSTEM'] === undefined) return undefined;
  return ['winpty', program, ...args].map((word) => quoted('posix', word)).join(' ');
}

/** Runs a command without a variable. */
export function without(shell: Shell, name: string, command: string): string {
  if (shell === 'posix') return `env -u ${name} ${command}`;
  return shell === 'powershell' ? `$env:${name} = $null; ${command}` : `set "${name}=" & ${command}`;
}
