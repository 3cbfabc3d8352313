import { MailauthError } from '../../core/errors.js';
import { explainText } from '../../core/explain.js';
import { sanitise } from '../../core/sanitise.js';
import { providers } from '../../providers/directory.js';
import { renderFailure } from '../../render/failure.js';
import type { Context } from '../context.js';
import { json } from '../output.js';

export async function run({ output, args }: Context): Promise<number> {
  const text = args.join(' ');
  const found = explainText(text, providers);
  if (found === undefined) {
    throw new MailauthError('bad_input', 'that is neither one of the codes nor an error message', {
      fix: [{ text: 'paste the whole line that the program showed, in quotes' }],
    });
  }
  const { explanation, provider } = found;
  if (output.json) {
    const { server, ...rest } = explanation;
    const words = server === undefined ? {} : { server: sanitise(server) };
    output.result(json({ schema: 'mailauth.explain/1', provider: provider ?? null, ...rest, ...words }));
    return 0;
  }
  output.result(`${explanation.code}\n${renderFailure(explanation, output.out.style, output.out.width).join('\n')}`);
  return 0;
}
