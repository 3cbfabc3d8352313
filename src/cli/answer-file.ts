import { createReadStream } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { MailauthError } from '../explain/problem.js';
import type { Interviewer } from '../flows/interviewer.js';
import { redactKnownShapes } from '../words/redact.js';
import { sanitise } from '../words/sanitise.js';
import { type Patience, readStandardInput } from './standard-input.js';

/** Google's JSON file and PEM bundles are a few kilobytes; anything much larger was named by mistake. */
const LIMIT_BYTES = 1024 * 1024;

/** At a terminal: a path, or the file's text itself. Undefined after saying what is wrong with it. */
export async function readAnswerFile(pasted: string, tell: Interviewer['tell']): Promise<string | undefined> {
  if (pasted.trim().startsWith('{')) return pasted;
  try {
    return await readInputFile(pasted);
  } catch (error) {
    if (!(error instanceof MailauthError)) throw error;
    tell('fail', error.message);
    return undefined;
  }
}

/** From the root, the home folder or the present one. */
const PATH = /^['"]?(?:~?\/|\.{1,2}\/|[A-Za-z]:[\\/])/;

/** Quotes and `~` come with paths that were dragged into a terminal or copied from a shell. */
export async function readInputFile(given: string): Promise<string> {
  const unquoted = given.trim().replace(/^(['"])(.*)\1$/, '$2');
  const path = unquoted.startsWith('~/') ? join(homedir(), unquoted.slice(2)) : unquoted;
  // Somebody may have pasted a secret where its file is asked for.
  const shown = redactKnownShapes(sanitise(path, 1000));
  try {
    const text = await readUpTo(path, LIMIT_BYTES);
    if (text === undefined) throw new MailauthError('bad_input', `${shown} is too large to be this file`);
    return text;
  } catch (error) {
    if (error instanceof MailauthError) throw error;
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : 'it cannot be read';
    throw new MailauthError('file_not_found', `${shown}: ${reason}`, {
      fix: [{ text: 'check the path, then run this again' }],
      cause: error,
    });
  }
}

/** Undefined for a file that is longer. The size of a pipe or a device is not known beforehand. */
async function readUpTo(path: string, bytes: number): Promise<string | undefined> {
  const parts: Buffer[] = [];
  // Both ends are inclusive: one byte more is asked for than is taken.
  for await (const part of createReadStream(path, { end: bytes })) parts.push(part);
  const content = Buffer.concat(parts);
  return content.length > bytes ? undefined : content.toString('utf8');
}

/**
 * `-` is standard input, which a script asked for by name. The one final newline of a text file is not part of a secret.
 * What was given and does not look like a path is never repeated: it may be the secret itself.
 */
export async function readSecretFile(given: string, flag: string, patience: Patience): Promise<string> {
  const text = given === '-' ? await readStandardInput(flag, patience) : await readNamedFile(given, flag);
  return text.replace(/\r?\n$/, '');
}

async function readNamedFile(given: string, flag: string): Promise<string> {
  try {
    return await readInputFile(given);
  } catch (error) {
    if (!(error instanceof MailauthError) || PATH.test(given.trim())) throw error;
    throw new MailauthError(error.code, `${flag} names no file that can be read`, {
      fix: [
        {
          text: `give the path of a file, or \`${flag} -\` and the text on standard input; the text itself is not taken`,
        },
      ],
    });
  }
}
