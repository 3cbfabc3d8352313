import { explainText, unknownLine } from '../../explain/paste/line.js';
import { MailauthError, type Problem } from '../../explain/problem.js';
import { providers } from '../../providers/directory.js';
import { problemDocument, renderProblem } from '../../render/problem.js';
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
  const { explanation: problem, provider }: { explanation: Problem; provider?: string } = explainText(
    text,
    providers,
  ) ?? { explanation: unknownLine(text) };
  if (output.json) {
    const document = { schema: 'mailauth.explain/1', provider: provider ?? null, server: null };
    output.result(json({ ...document, ...problemDocument(problem), exit: problem.exit }));
    return 0;
  }
  // Whoever pasted the words has them; they are only repeated where they are all there is.
  const { server, ...known } = problem;
  const shown = problem.code === 'unknown' && server !== undefined ? { ...known, detail: server } : known;
  output.result(`${problem.code}\n${renderProblem(shown, output.out.style, output.out.width).join('\n')}`);
  return 0;
}
