import { MailauthError } from '../explain/problem.js';
import type { SignInWay } from '../flows/setup/state.js';
import type { BegunAddress } from '../flows/signin/begin.js';
import { timedOut } from '../flows/signin/browser.js';
import { readSecretFile } from './answer-file.js';
import type { Context } from './context.js';
import type { Output } from './output.js';

/** The way to sign in that the flags of `setup` and `authorize` name. What cannot both be meant is refused before anything is read. */
export async function signInWay(context: Context, command: string): Promise<SignInWay> {
  refuseContradictions(context, command);
  const { options } = context;
  if (options['finish'] === true) return { kind: 'finish', callback: await givenAddress(context) };
  if (options['begin'] === true) return { kind: 'begin' };
  return { kind: options['device'] === true ? 'device' : 'browser' };
}

function refuseContradictions({ options }: Context, again: string): void {
  const given = (name: string): boolean => options[name] !== undefined && options[name] !== false;
  const refuse = (message: string, text: string, command: string): never => {
    throw new MailauthError('usage', message, { fix: [{ text, command }] });
  };
  if (given('begin') && given('finish'))
    refuse('--begin and --finish are two steps, and not one', 'begin first', `${again} --begin`);
  for (const step of ['begin', 'finish']) {
    if (given('device') && given(step))
      refuse(`--device ends by itself, and does not go with --${step}`, 'leave it out', `${again} --device`);
  }
  if (given('callbackUrlFile') && !given('finish'))
    refuse('--callback-url-file goes with --finish only', 'add it', `${again} --finish --callback-url-file FILE`);
  const silent = given('json') ? '--json' : options['input'] === false ? '--no-input' : undefined;
  if (given('finish') && !given('callbackUrlFile') && silent !== undefined) {
    const message = `${silent} asks for nothing, and --finish without --callback-url-file asks for the address`;
    refuse(message, 'name a file, or - for standard input', `${again} --finish --callback-url-file -`);
  }
}

/** From the file, from standard input, or undefined where a person is to be asked. */
async function givenAddress({ world, options, attended }: Context): Promise<string | undefined> {
  const file = options['callbackUrlFile'] as string | undefined;
  if (file === undefined && attended) return undefined;
  // Nobody is asked here: what is piped in is the address, also where no flag names it.
  const source = file ?? (process.stdin.isTTY === true ? undefined : '-');
  const { signal, timeout: seconds } = world;
  const patience = { signal, late: timedOut, ...(seconds !== undefined && { seconds }) };
  const text = source && (await readSecretFile(source, '--callback-url-file', patience));
  if (text !== undefined && text.trim() !== '') return text;
  throw new MailauthError('missing_input', 'the address the browser ended on was not given', {
    missing: [{ flag: '--callback-url-file', meaning: 'a file that holds it, or - for standard input' }],
  });
}

/** The address of a sign-in that was begun, alone on standard output, and what is to be done with it. */
export function tellBegun(output: Output, { url }: BegunAddress, who: string, command: string): void {
  output.result(url);
  output.progress(
    [
      `do: open this address in any browser within ten minutes, and sign in as ${who}`,
      '    the last page will not load; that is as it should be',
      'do: then give the whole address of that page to',
      `      ${command} --finish`,
    ].join('\n'),
  );
}

/** A time without the parts of a second, as JSON has it. */
export function toSeconds(time: string): string {
  return time.replace(/\.\d{3}Z$/, 'Z');
}
