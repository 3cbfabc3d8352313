import { MailauthError } from '../explain/problem.js';

/**
 * How each file format writes a value that may hold any character. Control characters have no place in an address,
 * a host name or a path, and a line break would start a setting of its own, so they are refused everywhere.
 */

const CONTROL = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;

/** @throws MailauthError `bad_input` for a control character, a line break or half a surrogate pair */
export function oneLine(value: string): string {
  if (CONTROL.test(value)) {
    throw new MailauthError('bad_input', 'a value for the configuration file has a control character in it');
  }
  return value;
}

/** A value in a place that has no way to quote one of its characters. */
export function without(characters: string, value: string, what: string): string {
  const found = [...characters].find((character) => value.includes(character));
  if (found === undefined) return oneLine(value);
  throw new MailauthError('bad_input', `this format cannot hold ${what} with ${JSON.stringify(found)} in it`);
}

/** A word of a POSIX shell command. Ordinary words stay bare, for the eye. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_/:@.,-]+$/.test(oneLine(word)) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

export function shellCommand(command: readonly string[]): string {
  return command.map(shellWord).join(' ');
}

/**
 * A command that a program of Windows hands to `cmd /c`, which takes off the first quote and the last one where there
 * are more than two (cmd /?).
 */
export function cmdCommand(command: readonly string[]): string {
  const words = command.map((word) => (/^[\w.-]+$/.test(word) ? word : `"${without('"', word, 'a path')}"`));
  return `"${words.join(' ')}"`;
}

/** Double quotes with a backslash before quotes and backslashes: isync, curl and git configuration. */
export function quoted(value: string): string {
  return `"${oneLine(value).replace(/["\\]/g, '\\$&')}"`;
}

/** Mutt also expands `$variable` and runs backquoted commands between double quotes. */
export function muttString(value: string): string {
  return `"${oneLine(value).replace(/["\\$`]/g, '\\$&')}"`;
}

/** fetchmail ends a string at the first double quote, whatever stands before it, so that one is written as a number. */
export function fetchmailString(value: string): string {
  return `"${oneLine(value).replaceAll('\\', '\\\\').replaceAll('"', '\\x22')}"`;
}

/** msmtp takes off one pair of double quotes around the rest of the line and leaves the inside alone. */
export function msmtpString(value: string): string {
  return `"${oneLine(value)}"`;
}

/** A string of JSON, JavaScript, Python and TOML alike: no control character is left that they would write differently. */
export function stringLiteral(value: string): string {
  return JSON.stringify(oneLine(value));
}

/** An array of strings, as JSON, JavaScript, Python and TOML write it. */
export function arrayLiteral(values: readonly string[]): string {
  return `[${values.map(stringLiteral).join(', ')}]`;
}

/** PHP between single quotes: nothing is expanded there. */
export function phpString(value: string): string {
  return `'${oneLine(value).replace(/['\\]/g, '\\$&')}'`;
}

/** A value of Python's configparser without interpolation. It is trimmed when read. */
export function rawIniValue(value: string): string {
  if (value.trim() === value && value !== '') return oneLine(value);
  throw new MailauthError(
    'bad_input',
    'this format cannot hold an empty value, or one that begins or ends with a space',
  );
}

/** A value of Python's configparser with interpolation: `%` is written twice. */
export function iniValue(value: string): string {
  return rawIniValue(value).replaceAll('%', '%%');
}

/** aerc's files: between backquotes everything is taken as it stands, up to the last one of the line. */
export function aercValue(value: string): string {
  if (/%\(.*\)s/.test(value)) without('%', value, 'a command or address');
  return /^[A-Za-z0-9_/:@.,+% -]+$/.test(oneLine(value)) ? value : `\`${value}\``;
}

/** A user name inside a URL (RFC 3986 section 3.2.1), every reserved character encoded. */
export function urlPart(value: string): string {
  return encodeURIComponent(oneLine(value)).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
