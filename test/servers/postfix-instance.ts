/**
 * A real Postfix with folders and a log of its own, which leaves the system's Postfix, and others of these, alone.
 * Needs root, as Postfix does.
 */
import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface PostfixInstance {
  /** What `-c` and MAIL_CONFIG take. */
  readonly configuration: string;
  log(): Promise<string>;
  stop(): Promise<void>;
}

export interface InstanceFiles {
  /** Lines after those that every instance has. */
  readonly main: string;
  readonly master: string;
  /** Below the instance's folder, by relative path. They are readable by root alone. */
  readonly more?: Readonly<Record<string, string>>;
}

const run = promisify(execFile);

/** Starts it, and resolves when its master process runs. `files` is called with the folder of the instance. */
export async function startPostfixInstance(files: (folder: string) => InstanceFiles): Promise<PostfixInstance> {
  const folder = await mkdtemp(join(tmpdir(), 'mailauth-postfix-'));
  // Its processes are other users, and mkdtemp lets in nobody else.
  await chmod(folder, 0o755);
  for (const part of ['configuration', 'queue', 'data']) await mkdir(join(folder, part));
  const postfixUser = (await run('id', ['-u', 'postfix'])).stdout;
  await chown(join(folder, 'data'), Number(postfixUser), 0);
  const { main, master, more = {} } = files(folder);
  for (const [path, text] of Object.entries(more)) await writeFile(join(folder, path), text, { mode: 0o600 });
  const configuration = join(folder, 'configuration');
  await writeFile(join(configuration, 'main.cf'), `${commonSettings(folder)}\n${main}`);
  await writeFile(join(configuration, 'master.cf'), master);
  await writeFile(join(configuration, 'dynamicmaps.cf'), '');
  await run('/usr/sbin/postfix', ['-c', configuration, 'start']);
  return {
    configuration,
    log: () => readFile(join(folder, 'postfix.log'), 'utf8').catch(() => ''),
    stop: async () => {
      await run('/usr/sbin/postfix', ['-c', configuration, 'stop']);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function commonSettings(folder: string): string {
  return `
compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = localhost
mydestination =
mynetworks =
alias_maps =
local_recipient_maps =
maillog_file = ${folder}/postfix.log
maillog_file_prefixes = ${folder}
`;
}
