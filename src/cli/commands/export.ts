import { resolve } from 'node:path';
import { MailauthError } from '../../core/errors.js';
import type { Subject } from '../../flows/authorize.js';
import { openConfiguration } from '../../flows/configuration.js';
import { openStore, readClientSecret, readCredential } from '../../flows/vault.js';
import { type ExportFormat, exportFormat, renderExportList } from '../../render/exporters.js';
import { writeAtomically } from '../../store/files.js';
import type { Context } from '../context.js';
import { subjectOf } from '../subject.js';

export async function run(context: Context): Promise<number> {
  const { world, output, args, options } = context;
  const wanted = options['format'];
  if (wanted === undefined || wanted === 'list') {
    output.result(renderExportList());
    return 0;
  }
  const [given] = args;
  if (given === undefined) throw unnamed();
  const subject = subjectOf(await openConfiguration(world), given);
  const format = exportFormat(String(wanted));
  const secrets = options['showSecret'] === true ? await confirmedSecrets(context, subject, format) : undefined;
  const { account, client, provider } = subject;
  const text = format.render({
    account,
    client,
    provider,
    tokenCommand: tokenCommand(account.name),
    ...(secrets && { secrets }),
  });
  const file = options['write'];
  if (typeof file !== 'string') {
    output.result(text);
    return 0;
  }
  await writeAtomically(resolve(file), text, { exclusive: options['yes'] !== true });
  output.progress(`written to ${resolve(file)}, readable by you alone`);
  return 0;
}

function unnamed(): MailauthError {
  return new MailauthError('usage', 'export needs the name or the address of an account', {
    fix: [{ text: 'see which there are', command: 'mailauth list' }],
  });
}

/** Programs on Windows cannot start the script that npm puts on the path, so they get Node and the program's own file. */
function tokenCommand(name: string): readonly string[] {
  const script = process.argv[1];
  const program = process.platform === 'win32' && script !== undefined ? [process.execPath, script] : ['mailauth'];
  return [...program, 'token', name];
}

/** A secret leaves the store for a screen or a file only when somebody said so twice. */
async function confirmedSecrets({ world, options }: Context, { account, client }: Subject, format: ExportFormat) {
  if (!format.carriesSecret) return undefined;
  if (options['yes'] !== true) {
    const choice = await world.interviewer.choose(
      `The output will hold a secret of ${account.name}. Anybody who sees it can use it.`,
      [
        { value: 'no', label: 'leave the secret out' },
        { value: 'yes', label: 'show it' },
      ],
      'yes',
    );
    if (choice === 'no') return undefined;
  }
  const store = await openStore(world, account.store);
  const clientSecret = await readClientSecret(store, client);
  const { refreshToken } = await readCredential(store, account);
  return { ...(clientSecret && { clientSecret }), refreshToken };
}
