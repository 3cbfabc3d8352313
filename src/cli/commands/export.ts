import { realpathSync } from 'node:fs';
import { isSea } from 'node:sea';
import { writePortable } from '../../account/portable.js';
import { MailauthError } from '../../explain/problem.js';
import {
  ACCOUNT_FORMAT,
  type ExportFormat,
  type ExportInput,
  exportFormat,
  exportList,
  renderExportList,
} from '../../export/formats.js';
import { openConfiguration } from '../../flows/configuration.js';
import { openStore, readClient, readCredential, secretRenewal, storeOf } from '../../flows/open.js';
import { signInOf } from '../../flows/signin/sign-ins.js';
import type { Subject } from '../../flows/workbench.js';
import type { World } from '../../flows/world.js';
import { writeAtomically } from '../../store/files.js';
import type { Context } from '../context.js';
import { pathToWrite } from '../file-path.js';
import { json } from '../output.js';
import { subjectOf } from '../subject.js';

export async function run(context: Context): Promise<number> {
  const { world, output, args, options } = context;
  const wanted = options['format'];
  if (wanted === undefined || wanted === 'list') {
    output.result(output.json ? json({ schema: 'mailauth.formats/1', formats: exportList() }) : renderExportList());
    return 0;
  }
  const [given] = args;
  if (given === undefined) throw unnamed();
  const file = fileToWrite(options['write'], world.platform);
  const subject = subjectOf(await openConfiguration(world), given);
  if (wanted === ACCOUNT_FORMAT) return printRecord(context, subject, file);
  const format = exportFormat(String(wanted));
  if (format.carriesSecret && !signInOf(subject.client).hasGrant) throw needsPerson(subject.account.name, format.title);
  const collectsOver = collecting(options['for'], format);
  const secrets = options['showSecret'] === true ? await confirmedSecrets(context, subject, format) : undefined;
  const { account, client, provider } = subject;
  const text = format.render({
    account,
    client,
    provider,
    tokenCommand: tokenCommand(account.name, world),
    platform: world.platform,
    ...(collectsOver && { collectsOver }),
    ...(secrets && { secrets }),
  });
  if (file !== undefined) await writeOut(context, file, text);
  const document = { schema: 'mailauth.export/1', account: account.name, format: format.id };
  if (output.json) output.result(json({ ...document, ...(file === undefined ? { text } : { file }) }));
  else if (file === undefined) output.result(text);
  return 0;
}

/** Such a program signs in by itself, or renews a person's sign-in. */
function needsPerson(name: string, title: string): MailauthError {
  return new MailauthError('usage', `${title} works with the sign-in of a person, and nobody signs in to ${name}`, {
    fix: [{ text: 'take a format that calls mailauth for a token', command: `mailauth export ${name} --format list` }],
  });
}

/** `--for`: the protocol, for a program that can collect mail over several. */
function collecting(given: unknown, { id, needs }: ExportFormat): ExportInput['collectsOver'] {
  if (given === undefined) return undefined;
  if (given !== 'imap' && given !== 'pop')
    throw new MailauthError('usage', `--for takes imap or pop, not "${String(given)}"`);
  if (!needs.includes('imap'))
    throw new MailauthError('usage', `--for means nothing to ${id}, which collects no mail`, {
      fix: [{ text: 'leave it out' }],
    });
  if (needs !== 'imap or pop' && given === 'pop')
    throw new MailauthError('usage', `${id} does not collect mail over POP with OAuth2`, {
      fix: [{ text: 'see which programs do', command: 'mailauth export --format list' }],
    });
  return given;
}

async function writeOut({ output, options }: Context, file: string, text: string): Promise<void> {
  const replacing = { exclusive: options['yes'] !== true, replaceWith: '--yes' };
  const isAlone = await writeAtomically(file, text, { ...replacing, alone: true });
  output.progress(`written to ${file}${isAlone ? ', readable by you alone' : ''}`);
}

/** The record itself, which is JSON already. */
async function printRecord(context: Context, subject: Subject, file: string | undefined): Promise<number> {
  const text = writePortable(subject);
  if (file !== undefined) await writeOut(context, file, text);
  else context.output.result(text);
  return 0;
}

/** An empty name, as an empty variable of a script leaves it, would be the present folder. */
function fileToWrite(given: unknown, platform: NodeJS.Platform): string | undefined {
  if (given === '') throw new MailauthError('usage', '--write needs the name of a file');
  return typeof given === 'string' ? pathToWrite(given, platform) : undefined;
}

function unnamed(): MailauthError {
  return new MailauthError('usage', 'export needs the name or the address of an account', {
    fix: [{ text: 'see which there are', command: 'mailauth list' }],
  });
}

/**
 * Elsewhere than on Windows the command says where the accounts are, if that is no usual place: who calls it may have no
 * variables.
 */
function tokenCommand(name: string, { env, configDir, platform }: World): readonly string[] {
  const isMoved = env['MAILAUTH_CONFIG_DIR'] !== undefined || env['XDG_CONFIG_HOME'] !== undefined;
  const place = isMoved && platform !== 'win32' ? ['env', `MAILAUTH_CONFIG_DIR=${configDir}`] : [];
  return [...place, ...programWords(platform), 'token', name];
}

/**
 * The program in one file may be anywhere. Programs on Windows cannot start the script that npm puts on the path, so they
 * get Node and the program's own file.
 */
function programWords(platform: NodeJS.Platform): readonly string[] {
  const script = process.argv[1];
  if (isSea()) return [process.execPath];
  return platform === 'win32' && script !== undefined ? [process.execPath, script].map(lasting) : ['mailauth'];
}

/** A folder that a manager of Node versions makes for one window goes with that window. */
function lasting(path: string): string {
  return /[\\/]fnm_multishells[\\/]/i.test(path) ? realpathSync(path) : path;
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
  const store = await openStore(world, storeOf(world, account));
  const { clientSecret } = await readClient(store, client, secretRenewal(account, client));
  const { refreshToken } = await readCredential(store, account);
  return { ...(clientSecret && { clientSecret }), ...(refreshToken && { refreshToken }) };
}
