import { resolve } from 'node:path';
import { makeKeyFile } from '../../store/key.js';
import type { Context } from '../context.js';
import { json } from '../output.js';

export async function run({ output, args }: Context): Promise<number> {
  const path = resolve(args[0] as string);
  await makeKeyFile(path);
  output.progress(
    `a key file was made; keep it apart from backups of the encrypted file\n  do: name it for mailauth\n      export MAILAUTH_KEY_FILE=${path}`,
  );
  output.result(output.json ? json({ schema: 'mailauth.key/1', file: path }) : path);
  return 0;
}
