import { MailauthError } from '../../explain/problem.js';
import { completionScript, SHELLS } from '../completion.js';
import type { Context } from '../context.js';
import { json } from '../output.js';

export async function run({ output, args }: Context): Promise<number> {
  const shell = SHELLS.find((name) => name === args[0]?.toLowerCase());
  if (shell === undefined) {
    throw new MailauthError('usage', `completion knows ${SHELLS.join(', ')}, and not "${args[0]}"`, {
      fix: [{ text: 'name one of them', command: 'mailauth completion bash' }],
    });
  }
  const script = completionScript(shell);
  output.result(output.json ? json({ schema: 'mailauth.completion/1', shell, script }) : script);
  return 0;
}
