import type { Explanation } from '../../explain/explain.js';
import { explainText, unknownLine } from '../../explain/paste/line.js';
import { MailauthError } from '../../explain/problem.js';
import { providers } from '../../providers/directory.js';
import { renderFailure } from '../../render/problem.js';
import { sanitise } from '../../words/sanitise.js';
import type { Context } from '../context.js';
import { json } from '../output.js';

/** Needs no account and asks nobody: what the rules know about a code, or about the words of any program. */
export async function run({ output, args }: Context): Promise<number> {
  const text = args.join(' ');
  if (text.trim() === '') {
    throw new MailauthError('usage', 'explain needs a code or an error message', {
      fix: [{ text: 'paste the whole line that a program showed, in quotes' }],
    });
  }
  const { explanation, provider }: { explanation: Explanation; provider?: string } = explainText(text, providers) ?? {
    explanation: unknownLine(text),
  };
  const { server, ...rest } = explanation;
  const words = server === undefined ? undefined : sanitise(server);
  if (output.json) {
    output.result(json({ schema: 'mailauth.explain/1', provider: provider ?? null, ...rest, server: words ?? null }));
    return 0;
  }
  // Whoever pasted the words has them; they are only repeated where they are all there is.
  const failure = { ...rest, detail: explanation.code === 'unknown' ? words : undefined };
  output.result(`${explanation.code}\n${renderFailure(failure, output.out.style, output.out.width).join('\n')}`);
  return 0;
}
