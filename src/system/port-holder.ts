import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';

/** A program that listens on a port. */
interface PortHolder {
  readonly program: string;
  readonly pid: number;
}

const LISTENING = '0A';

/**
 * Who listens on a local TCP port: on Linux from /proc, as far as this user may look; elsewhere, and for another
 * user's program, undefined.
 */
export async function portHolder(port: number): Promise<PortHolder | undefined> {
  // There /proc is a folder of the current drive, which any user can make.
  if (process.platform === 'win32') return undefined;
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => '')),
  );
  const inodes = new Set(tables.flatMap((table) => listeningInodes(table, port)));
  if (inodes.size === 0) return undefined;
  const processes = (await readdir('/proc').catch((): string[] => [])).filter((name) => /^\d+$/.test(name));
  const held = await Promise.all(processes.map((pid) => holdsOneOf(pid, inodes)));
  const pid = processes[held.indexOf(true)];
  if (pid === undefined) return undefined;
  return { program: await programOf(pid), pid: Number(pid) };
}

/** Its file's name. The name of the process is that of its first thread, which some call MainThread. */
async function programOf(pid: string): Promise<string> {
  const file = await readlink(`/proc/${pid}/exe`).catch(() => '');
  return basename(file.replace(/ \(deleted\)$/, '')) || 'a program';
}

/** Columns of /proc/net/tcp: number, local address:port in hex, remote, state, …, inode as the tenth. */
function listeningInodes(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').flatMap((line) => {
    const columns = line.trim().split(/\s+/);
    const inode = columns[9];
    return columns[1]?.endsWith(suffix) && columns[3] === LISTENING && inode !== undefined ? [inode] : [];
  });
}

async function holdsOneOf(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  const descriptors = await readdir(`/proc/${pid}/fd`).catch((): string[] => []);
  const targets = await Promise.all(descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
  return targets.some((target) => inodes.has(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? ''));
}
