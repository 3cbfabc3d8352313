import { isOk } from '../../explain/check.js';
import { exitOf } from '../../explain/codes.js';
import { MailauthError } from '../../explain/problem.js';
import { codesOfOutcome, type DoneOfMany, type OneOfMany, setUpMany } from '../../flows/setup/many.js';
import type { SetupWish } from '../../flows/setup/wish.js';
import { accountDocument } from '../../render/accounts.js';
import { checksDocument } from '../../render/check.js';
import { readSecretFile } from '../answer-file.js';
import { cleanAnswers } from '../answers.js';
import type { Context } from '../context.js';
import { json } from '../output.js';
import { scriptInterviewer } from '../terminal/script.js';

const FLAG = '--accounts-file';
/** What a line of the list says, or what makes no sense for many. */
const FOR_ONE: readonly (readonly [option: string, flag: string])[] = [
  ['account', '--account'],
  ['name', '--name'],
  ['refreshTokenFile', '--refresh-token-file'],
  ['fromStep', '--from-step'],
  ['begin', '--begin'],
  ['finish', '--finish'],
  ['device', '--device'],
];

/** `setup PROVIDER --accounts-file`: every line is a set-up of its own, with the flags as the rest of its answers. */
export async function setupMany(context: Context, wish: SetupWish, file: string): Promise<number> {
  const { options, output } = context;
  const single = FOR_ONE.find(([option]) => options[option] !== undefined);
  if (single !== undefined) {
    throw new MailauthError('usage', `${single[1]} is for one mailbox, and ${FLAG} names many`, {
      fix: [{ text: 'leave one of them out' }],
    });
  }
  const lines = linesOf(await readSecretFile(file, FLAG, context.world));
  // Nobody sits at a list: what a person would be asked is an error of that line.
  const world = { ...context.world, interviewer: scriptInterviewer(output) };
  const done = await setUpMany(
    world,
    lines.map((line) => oneOf(context, wish, line)),
  );
  const codes = done.flatMap(({ outcome }) => codesOfOutcome(outcome, options['strict'] === true));
  const exit = exitOf(codes);
  if (output.json) output.result(json({ schema: 'mailauth.setups/1', ok: exit === 0, accounts: done.map(documentOf) }));
  else output.result(done.map(lineOf).join('\n'));
  return exit;
}

interface Line {
  readonly address: string;
  readonly name: string;
  readonly tokenFile: string;
}

/** `ADDRESS[,NAME[,REFRESH_TOKEN_FILE]]`; empty lines and those that begin with # say nothing. */
function linesOf(text: string): readonly Line[] {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').map((part) => part.trim()));
  const bad = lines.findIndex((parts) => parts.length > 3 || !/^[^\s@]+@[^\s@]+$/.test(parts[0] ?? ''));
  if (bad >= 0) {
    throw new MailauthError(
      'bad_input',
      `${FLAG}: entry ${bad + 1} is not ADDRESS, ADDRESS,NAME or ADDRESS,NAME,FILE`,
      {
        fix: [{ text: 'write one mailbox a line' }],
      },
    );
  }
  if (lines.length === 0) throw new MailauthError('missing_input', `${FLAG} names no mailbox`);
  return lines.map(([address = '', name = '', tokenFile = '']) => ({ address, name, tokenFile }));
}

function oneOf({ world }: Context, wish: SetupWish, { address, name, tokenFile }: Line): OneOfMany {
  return {
    address,
    async wish() {
      const raw = {
        account: address,
        ...(name !== '' && { name }),
        ...(tokenFile !== '' && { 'refresh-token-file': tokenFile }),
      };
      const own = await cleanAnswers(wish.provider, raw, { ...world, secrets: {} });
      const { answers, secrets, fromVariables } = wish.given;
      return {
        ...wish,
        given: { answers: { ...answers, ...own.answers }, secrets: { ...secrets, ...own.secrets }, fromVariables },
        way: { kind: 'none' },
      };
    },
  };
}

function documentOf({ address, outcome }: DoneOfMany): object {
  if (outcome instanceof MailauthError) {
    const { code, message, fix, missing = [] } = outcome.problem;
    return { address, ok: false, changed: false, code, exitCode: outcome.exit, message, fix, missing };
  }
  if (outcome.kind !== 'stored') return { address, ok: true, changed: false };
  const { account, client, checks, changed } = outcome;
  const record = accountDocument(account, client);
  return { ...record, ok: isOk(checks), changed, checks: checksDocument(checks) };
}

function lineOf({ address, outcome }: DoneOfMany): string {
  if (outcome instanceof MailauthError) return `FAIL  ${address}: ${outcome.code}`;
  if (outcome.kind !== 'stored') return `SKIP  ${address}`;
  const { account, checks, changed } = outcome;
  if (!isOk(checks)) return `FAIL  ${address}: stored as ${account.name}, and does not work yet`;
  return `OK  ${address}: ${changed ? `set up, as ${account.name}` : `set up so already, as ${account.name}`}`;
}
