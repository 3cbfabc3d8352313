import { MailauthError } from '../../explain/problem.js';
import { makeKeyFile } from '../../store/file/key.js';
import { lastingSetting, setting, shellOf } from '../../words/shell.js';
import type { Context } from '../context.js';
import { pathToWrite } from '../file-path.js';
import { json } from '../output.js';

const VARIABLE = 'MAILAUTH_KEY_FILE';

export async function run({ world, output, args }: Context): Promise<number> {
  const [given = ''] = args;
  // An empty name, as an empty variable of a script leaves it, would be the present folder.
  if (given === '') throw new MailauthError('usage', 'key needs the name of the file to make');
  const path = pathToWrite(given, world.platform);
  const { folder } = await makeKeyFile(path);
  const shell = shellOf(world.env, world.platform);
  const lasting = lastingSetting(shell, world.platform, VARIABLE, path);
  output.progress(
    [
      ...(folder === undefined ? [] : [`the folder ${folder} was made for it`]),
      'a key file was made; keep it apart from backups of the encrypted file',
      '  do: name it for mailauth',
      `      ${setting(shell, VARIABLE, path)}`,
      ...(lasting === undefined ? [] : ['  do: and for every window that is opened later', `      ${lasting}`]),
    ].join('\n'),
  );
  output.result(output.json ? json({ schema: 'mailauth.key/1', file: path }) : path);
  return 0;
}
