import { access } from 'node:fs/promises';
import { MailauthError } from '../core/errors.js';
import { writeAtomically } from './files.js';

/** Writes a configuration for another program, 0600. An existing file is replaced only when that was asked for. */
export async function writeExport(path: string, text: string, options: { readonly overwrite: boolean }): Promise<void> {
  if (!options.overwrite && (await exists(path))) {
    throw new MailauthError('cannot_write', `${path} exists already, and was left as it is`, {
      fix: [{ text: 'choose another file, or add --yes to replace it' }],
    });
  }
  await writeAtomically(path, text);
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
