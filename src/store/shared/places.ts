/** Where stores are found that other hosts may share, as a person spells it. */
import { MailauthError } from '../../explain/problem.js';
import { fullPath } from '../file/key.js';

/** The full path of the program that `--store command:PATH` names. Throws `usage`. */
export function readCommandPlace(path: string, given: string): string {
  if (path !== '') return fullPath(path, given);
  throw new MailauthError(
    'usage',
    `${given} command: needs the program that reaches the store, as in command:/path/to/it`,
  );
}
