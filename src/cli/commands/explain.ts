import { explainPaste, type PasteExplanation } from '../../explain/paste/paste.js';
import { MailauthError } from '../../explain/problem.js';
import { pasteProviders } from '../../providers/words.js';
import { problemDocument, renderProblem } from '../../render/problem.js';
import { wrap } from '../../render/wrap.js';
import type { Context } from '../context.js';
import { json, type Output } from '../output.js';
import { type PastedText, readPastedText } from '../pasted-text.js';

const HOW_TO_PASTE =
  'Paste the error, with the lines around it, and end with Ctrl-D on a line of its own (Windows: Ctrl-Z, then Enter).';

/** Needs no account and asks nobody: what the rules know about a code, or about the words of any program. */
export async function run(context: Context): Promise<number> {
  const { text, cut } = await pastedText(context);
  if (text.trim() === '') {
    throw new MailauthError('usage', 'explain needs an error code, or the words of an error message', {
      fix: [
        { text: 'give the words in quotes, for example', command: 'mailauth explain smtp_auth_disabled' },
        { text: 'or pipe a log into it: mailauth explain < FILE' },
      ],
    });
  }
  const explanation = await explainPaste(text, pasteProviders);
  if (context.output.json) context.output.result(json(documentOf(explanation, cut)));
  else tell(explanation, cut, context.output);
  return 0;
}

async function pastedText({ args, attended, output, world, options }: Context): Promise<PastedText> {
  if (args.length > 0 && args.join('') !== '-') return { text: args.join(' '), cut: false };
  const atTerminal = process.stdin.isTTY === true;
  if (atTerminal && (options['input'] === false || output.json)) return { text: '', cut: false };
  if (atTerminal || attended) output.talk(wrap(HOW_TO_PASTE, output.err.width, '').join('\n'));
  return readPastedText(world.signal);
}

/** Schema mailauth.explain/1. */
function documentOf({ line, also, read, provider, ...problem }: PasteExplanation, cut: boolean): object {
  return {
    schema: 'mailauth.explain/1',
    provider: provider ?? null,
    server: null,
    ...problemDocument(problem),
    exit: problem.exit,
    ...(line !== undefined && { line }),
    ...(also !== undefined && { also }),
    read: { ...read, cut },
  };
}

function tell({ server, line, also = [], read, ...rest }: PasteExplanation, cut: boolean, output: Output): void {
  const { style, width } = output.out;
  // Whoever pasted the words has them; they are only repeated where they are all there is, or one line of many.
  const problem = rest.code === 'unknown' && server !== undefined ? { ...rest, detail: server } : rest;
  const lines = [rest.code, ...renderProblem(problem, style, width)];
  if (line !== undefined && read.lines > 1) {
    lines.push(...wrap(`line ${line.number} decided: "${line.text}"`, width, '      '));
  }
  for (const one of also)
    lines.push(...wrap(`also, line ${one.line.number}: ${one.message} (${one.code})`, width, '      '));
  output.result(lines.join('\n'));
  if (cut) output.talk('WARN  only the first 1 MiB was read; paste the end of the log if that is where it failed');
  else if (read.skipped > 0) {
    output.progress(
      `${read.lines - read.skipped} of ${read.lines} lines were looked at: those that speak of trouble, each kind once.`,
    );
  }
}
