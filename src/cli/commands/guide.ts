import { MailauthError } from '../../explain/problem.js';
import { contradictions } from '../../guide/contradictions.js';
import { complete } from '../../guide/plan.js';
import type { Answers } from '../../guide/step.js';
import { recordFor } from '../../providers/directory.js';
import { type GuideFormat, renderGuide } from '../../render/guide.js';
import { cleanAnswers, rawAnswers } from '../answers.js';
import type { Context } from '../context.js';
import { providerOf } from '../subject.js';

export async function run({ world, output, args, options }: Context): Promise<number> {
  const raw = rawAnswers(options, world.env);
  const provider = recordFor(providerOf(args[0] as string), raw);
  const format = output.json ? 'json' : String(options['format'] ?? 'text');
  const { scripts = {} } = provider;
  const script = scripts[format];
  if (script === undefined && format !== 'text' && format !== 'md' && format !== 'json') {
    const formats = ['text', 'md', 'json', ...Object.keys(scripts)];
    throw new MailauthError(
      'usage',
      `--format takes ${formats.slice(0, -1).join(', ')} or ${formats.at(-1)} for ${provider.id}, not "${format}"`,
    );
  }
  const [clash] = contradictions(provider, raw);
  if (clash !== undefined) throw new MailauthError('usage', clash);
  const { answers } = await cleanAnswers(provider, raw, world);
  if (script === undefined) output.result(renderGuide(provider, answers, format as GuideFormat));
  else {
    const meant: Answers = script.app ? { ...answers, 'sign-in': 'app' } : answers;
    output.result(script.render(complete(provider, meant)));
  }
  return 0;
}
