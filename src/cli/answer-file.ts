import { MailauthError } from '../explain/problem.js';
import type { Interviewer } from '../flows/interviewer.js';
import { readTextFile } from '../system/text-file.js';
import { looksLikePath, meantPath } from './file-path.js';
import { type Patience, readStandardInput } from './standard-input.js';

/** At a terminal: a path, or the file's text itself. Undefined after saying what is wrong with it. */
export async function readAnswerFile(pasted: string, { tell, signal }: Reader): Promise<string | undefined> {
  if (pasted.trim().startsWith('{')) return pasted;
  try {
    return await readTextFile(meantPath(pasted, true), { signal });
  } catch (error) {
    if (!(error instanceof MailauthError) || signal.aborted) throw error;
    tell('fail', error.message);
    return undefined;
  }
}

interface Reader {
  readonly tell: Interviewer['tell'];
  readonly signal: AbortSignal;
}

/** A file that a flag or a variable names. */
export async function readInputFile(given: string, signal?: AbortSignal): Promise<string> {
  return readTextFile(meantPath(given), { signal });
}

/**
 * `-` is standard input, which a script asked for by name. The one final newline of a text file is not part of a secret.
 * What was given and does not look like a path is never repeated: it may be the secret itself.
 */
export async function readSecretFile(given: string, flag: string, patience: Patience): Promise<string> {
  const text =
    given === '-' ? await readStandardInput(flag, patience) : await readNamedFile(given, flag, patience.signal);
  return text.replace(/\r?\n$/, '');
}

async function readNamedFile(given: string, flag: string, signal: AbortSignal): Promise<string> {
  try {
    return await readInputFile(given, signal);
  } catch (error) {
    if (!(error instanceof MailauthError) || signal.aborted || looksLikePath(given)) throw error;
    throw new MailauthError(error.code, `${flag} names no file that can be read`, {
      fix: [
        {
          text: `give the path of a file, or \`${flag} -\` and the text on standard input; the text itself is not taken`,
        },
      ],
    });
  }
}
