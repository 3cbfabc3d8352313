import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve, win32 } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MailauthError } from '../explain/problem.js';

/** Browsers save here, and people type the name that the browser showed. */
const DOWNLOADS = 'Downloads';

/**
 * The file somebody means: typed, dragged into the terminal, or copied from a shell, a file manager or a browser. With
 * quotes, with blanks behind backslashes, with `~`, as `file:///...`; `orDownloads`: a bare name of a downloaded file.
 * Gives the first reading that is there, else the plainest, for the message that says it is not.
 */
export function meantPath(given: string, orDownloads = false): string {
  const readings = readingsOf(given);
  const isBare = orDownloads && !/[\\/]/.test(given);
  const all = isBare ? readings.flatMap((name) => [name, join(homedir(), DOWNLOADS, name)]) : readings;
  return all.find((path) => isThere(path)) ?? readings[0] ?? given;
}

/**
 * The same from the root: what a later run, in another folder, finds too.
 *
 * @throws MailauthError file_not_found: a relative name, and the working folder was deleted
 */
export function fullPath(given: string): string {
  const path = meantPath(given);
  try {
    return isAbsolute(path) ? path : resolve(path);
  } catch (error) {
    throw new MailauthError('file_not_found', 'the folder you are in was deleted, so a relative name means nothing', {
      fix: [{ text: 'go to another folder, or give the whole path' }],
      cause: error,
    });
  }
}

/** On Windows these names are devices, in every folder and with any ending: what is written there is nowhere. */
const DEVICE =
  /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])\s*(?:[.:]|$)/i;

/**
 * The full path of a file that is to be made.
 *
 * @throws MailauthError usage: the name means a device; file_not_found: as `fullPath`
 */
export function pathToWrite(given: string, platform: NodeJS.Platform): string {
  const name = win32.basename(given.trim());
  if (platform === 'win32' && DEVICE.test(name)) {
    throw new MailauthError('usage', `${name} is the name of a device on Windows, and no file can be called that`, {
      fix: [{ text: 'choose another name' }],
    });
  }
  return fullPath(given);
}

/** Whether a text is the name of a JSON file, and not the file's own text or a value. */
export function namesJsonFile(text: string): boolean {
  const [plain = ''] = readingsOf(text);
  return text.length < 4096 && /\.json$/i.test(plain) && !/[\r\n{]/.test(plain) && !/^https?:/i.test(plain);
}

/** From the root, the home folder or the present one, in the spelling of any system. */
export function looksLikePath(given: string): boolean {
  const [plain = ''] = readingsOf(given);
  return /^(?:[~.]{0,2}[\\/]|file:)/i.test(given.trim().replace(/^['"]/, '')) || win32.isAbsolute(plain);
}

function readingsOf(given: string): string[] {
  // PowerShell puts `&` before a file that is dragged into its window.
  const text = given.trim().replace(/^& (?=['"])/, '');
  const unquoted = /^(['"])(.*)\1$/s.exec(text)?.[2];
  const plain = fromHome(fromUrl(unquoted ?? text));
  const unescaped = plain.replace(/\\([^\w\\])/g, '$1');
  return unquoted === undefined && unescaped !== plain ? [plain, unescaped] : [plain];
}

function fromUrl(text: string): string {
  if (!/^file:/i.test(text)) return text;
  try {
    return fileURLToPath(text);
  } catch {
    return text;
  }
}

function fromHome(path: string): string {
  return /^~[\\/]/.test(path) ? join(homedir(), path.slice(2)) : path;
}

/** A working folder that was deleted takes no relative name. */
function isThere(path: string): boolean {
  return !path.includes('\0') && existsSync(path);
}
