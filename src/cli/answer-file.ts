import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { MailauthError } from '../core/errors.js';
import type { Interviewer } from '../flows/interviewer.js';

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

/** Quotes and `~` come with paths that were dragged into a terminal or copied from a shell. */
export async function readInputFile(given: string): Promise<string> {
  const unquoted = given.trim().replace(/^(['"])(.*)\1$/, '$2');
  const path = unquoted.startsWith('~/') ? join(homedir(), unquoted.slice(2)) : unquoted;
  try {
    if ((await stat(path)).size > LIMIT_BYTES)
      throw new MailauthError('bad_input', `${path} is too large to be this file`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof MailauthError) throw error;
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : 'it cannot be read';
    throw new MailauthError('file_not_found', `${path}: ${reason}`, {
      fix: [{ text: 'check the path, then run this again' }],
      cause: error,
    });
  }
}

/** `-` is standard input, which a script asked for by name. The one final newline of a text file is not part of a secret. */
export async function readSecretFile(given: string): Promise<string> {
  const text = given === '-' ? await readStandardInput() : await readInputFile(given);
  return text.replace(/\r?\n$/, '');
}

async function readStandardInput(): Promise<string> {
  let text = '';
  process.stdin.setEncoding('utf8');
  for await (const chunk of process.stdin) {
    text += chunk;
    if (text.length > LIMIT_BYTES) throw new MailauthError('bad_input', 'standard input is too large to be a secret');
  }
  return text;
}
