import { resolve } from 'node:path';
import { MailauthError } from '../../explain/problem.js';
import { shellWord } from '../../export/quoting.js';
import { makeKeyFile } from '../../store/file/key.js';
import type { Context } from '../context.js';
import { json } from '../output.js';

export async function run({ output, args }: Context): Promise<number> {
  const [given = ''] = args;
  // An empty name, as an empty variable of a script leaves it, would be the present folder.
  if (given === '') throw new MailauthError('usage', 'key needs the name of the file to make');
  const path = resolve(given);
  await makeKeyFile(path);
  output.progress(
    `a key file was made; keep it apart from backups of the encrypted file\n  do: name it for mailauth\n      export MAILAUTH_KEY_FILE=${shellWord(path)}`,
  );
  output.result(output.json ? json({ schema: 'mailauth.key/1', file: path }) : path);
  return 0;
}
