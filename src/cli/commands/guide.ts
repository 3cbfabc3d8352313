import { MailauthError } from '../../explain/problem.js';
import { contradictions } from '../../guide/plan.js';
import { renderGuide } from '../../render/guide.js';
import { cleanAnswers, rawAnswers } from '../answers.js';
import type { Context } from '../context.js';
import { providerOf } from '../subject.js';

export async function run({ world, output, args, options }: Context): Promise<number> {
  const provider = providerOf(args[0] as string);
  const format = output.json ? 'json' : String(options['format'] ?? 'text');
  if (format !== 'text' && format !== 'md' && format !== 'json') {
    throw new MailauthError('usage', `--format takes text, md or json, not "${format}"`);
  }
  const raw = rawAnswers(options, world.env);
  const [clash] = contradictions(provider, raw);
  if (clash !== undefined) throw new MailauthError('usage', clash);
  const { answers } = await cleanAnswers(provider, raw, world);
  output.result(renderGuide(provider, answers, format));
  return 0;
}
