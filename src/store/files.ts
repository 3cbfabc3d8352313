/**
 * Files that only their owner may read, replaced in one step: a reader sees the old content or the new one, a crash
 * leaves the old one or the new one. Whatever is not a plain file of ours is refused, never followed.
 */
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
  type Stats,
} from 'node:fs';
import { chmod, type FileHandle, lstat, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, relative, resolve, sep, win32 } from 'node:path';
import type { Code } from '../explain/codes.js';
import { MailauthError } from '../explain/problem.js';
import { retryOnWindows, retrySyncOnWindows } from '../system/retry-on-windows.js';
import { shownPath } from '../words/sanitise.js';

/** Receives one sentence about something that was put right on the way. */
export type Note = (text: string) => void;

const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;
/** Fifty thousand accounts. A larger file is damage, and reading it would cost the memory; none is ever written. */
const SIZE_LIMIT = 64 * 1024 * 1024;
/** O_NONBLOCK: opening a FIFO must not wait for its other end. Windows has neither flag. */
export const READ_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
/** More links than this lead in a circle (as the system counts, ELOOP). */
const MOST_LINKS = 40;
const CREATE_FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

/** The bytes of a private file; undefined where there is none. Throws `store_damaged` for anything that is not a plain file of ours. */
export async function readPrivate(path: string, options: { readonly note?: Note } = {}): Promise<Buffer | undefined> {
  try {
    const { bytes, status } = await retryOnWindows(async () => readPlainFile(path), 'ENOENT');
    if (isLoose(status)) await tighten(path, PRIVATE_FILE, options.note);
    return bytes;
  } catch (error) {
    if (error instanceof MailauthError) throw error;
    if (errnoOf(error) !== 'ENOENT') throw unreadable(path, reasonOf(error), error);
    if (isDriveMissing(path)) throw unreadable(path, 'its drive is not there', undefined, CONNECT_DRIVE);
    return undefined;
  }
}

function readPlainFile(path: string): { readonly bytes: Buffer; readonly status: Stats } {
  // Windows cannot refuse to follow a link while opening, so the name itself is looked at first.
  refuseForeign(lstatSync(path), path, 'store_damaged');
  const descriptor = openSync(path, READ_FLAGS);
  try {
    const status = fstatSync(descriptor);
    refuseForeign(status, path, 'store_damaged');
    if (status.size > SIZE_LIMIT) throw unreadable(path, `it is larger than ${SIZE_LIMIT} bytes`);
    return { bytes: readAll(descriptor, status.size), status };
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Where a file really is that a dotfile manager keeps elsewhere and left a link to. Only links of the user's own are
 * followed: nobody else decides what mailauth reads and writes. Throws `store_damaged` for a link that leads nowhere.
 */
export function ownLinkTarget(path: string): string {
  try {
    let target = path;
    for (let link = 0; link < MOST_LINKS; link += 1) {
      const status = retrySyncOnWindows(() => lstatSync(target, { throwIfNoEntry: false }));
      if (status === undefined && link > 0)
        throw unreadable(path, `it is a link to ${shownPath(target)}, which is not there`);
      if (status?.isSymbolicLink() !== true) return target;
      refuseOtherOwner(status, target, 'store_damaged');
      target = resolve(dirname(target), readlinkSync(target));
    }
  } catch (error) {
    throw error instanceof MailauthError ? error : unreadable(path, reasonOf(error), error);
  }
  throw unreadable(path, 'its links lead in a circle');
}

function readAll(descriptor: number, size: number): Buffer {
  // One byte more than expected, so that a file that grows meanwhile is noticed by the parser and not cut in silence.
  const buffer = Buffer.alloc(size + 1);
  let filled = 0;
  while (filled < buffer.length) {
    const count = readSync(descriptor, buffer, filled, buffer.length - filled, null);
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}

interface WriteOptions {
  /** Refuse an existing file instead of replacing it. */
  readonly exclusive?: boolean;
  /** With `exclusive`: the flag that lets the command replace the file. */
  readonly replaceWith?: string;
  /**
   * With `exclusive`: an empty file counts as none, being a name that a killed process had reserved and not yet filled.
   * For whoever holds a lock: of two at once, both would take it.
   */
  readonly overEmpty?: boolean;
  /** On Windows too nobody else may read it, whatever its folder allows. */
  readonly alone?: boolean;
}

/**
 * Writes a private file in one step: a temporary file beside it, flushed, renamed over it, and the folder flushed.
 * Gives whether it is known that no other user can read it: some file systems keep no modes, and Windows is asked with
 * `alone` only. Throws `cannot_write`, naming the path and what could not be done; the old file is then as it was.
 */
export async function writeAtomically(
  path: string,
  bytes: Uint8Array | string,
  options: WriteOptions = {},
): Promise<boolean> {
  let reserved = false;
  let room: HeldRoom | undefined;
  try {
    const existing = await statusOf(path);
    if (existing !== undefined && options.exclusive && !isReserved(existing, options))
      throw alreadyThere(path, options);
    room = await holdRoom(path, 0, options.alone);
    await room.fill(Buffer.from(bytes));
    if (options.exclusive && !isReserved(await statusOf(path), options)) {
      // Whoever creates the name first has it, on every file system; the content then takes its place in one step.
      await (await retryOnWindows(() => open(path, CREATE_FLAGS, PRIVATE_FILE))).close();
      reserved = true;
    }
    await room.replace();
    reserved = false;
    return room.isAlone;
  } catch (error) {
    if (reserved) await retryOnWindows(() => unlink(path)).catch(() => undefined);
    if (options.exclusive && errnoOf(error) === 'EEXIST') throw alreadyThere(path, options);
    throw error instanceof MailauthError ? error : cannotWrite(path, 'write', error);
  } finally {
    await room?.release();
  }
}

function isReserved(existing: Stats | undefined, { overEmpty }: WriteOptions): boolean {
  return overEmpty === true && existing?.isFile() === true && existing.size === 0;
}

/**
 * All that replacing a file needs, held: its temporary file, filled so that its bytes are allocated, and both
 * descriptors. What happens to the disk or to the limits of the process in the meantime no longer matters.
 */
interface HeldRoom {
  /** Whether it is known that no other user can read the file. */
  readonly isAlone: boolean;
  /** Writes the content, flushes it and reads it back. May be called again. Throws `cannot_write`. */
  fill(bytes: Buffer): Promise<void>;
  /** Puts the content at the file's name. Throws `cannot_write`. */
  replace(): Promise<void>;
  /** Closes what is held, and removes what did not take its place. */
  release(): Promise<void>;
}

/** Holds room for so many bytes in place of the file at `path`; `alone` as for a write. Throws `cannot_write`. */
export async function holdRoom(path: string, size: number, alone = false): Promise<HeldRoom> {
  const folder = dirname(path);
  const temporary = join(folder, temporaryName(basename(path)));
  let file: FileHandle | undefined;
  let parent: FileHandle | undefined;
  let placed = false;
  let isAlone = false;
  const trying = async (action: string, work: () => Promise<void>): Promise<void> => {
    await work().catch((error: unknown) => {
      throw error instanceof MailauthError ? error : cannotWrite(path, action, error);
    });
  };
  const room: HeldRoom = {
    get isAlone() {
      return isAlone;
    },
    fill: (bytes) => trying('write', async () => fillFile(file as FileHandle, bytes, path)),
    replace: () =>
      trying('replace', async () => {
        const existing = await statusOf(path);
        if (existing !== undefined) refuseForeign(existing, path, 'cannot_write');
        // Windows does not rename what is open.
        if (process.platform === 'win32') await file?.close();
        if (!placed) await retryOnWindows(() => rename(temporary, path));
        placed = true;
        await parent?.sync().catch(unlessUnknown);
      }),
    release: async () => {
      await file?.close().catch(() => undefined);
      await parent?.close().catch(() => undefined);
      if (!placed) await retryOnWindows(() => unlink(temporary)).catch(() => undefined);
    },
  };
  try {
    await trying('write', async () => {
      refuseSudo(await stat(folder), folder);
      parent = await openFolder(folder);
      file = await retryOnWindows(() => open(temporary, CREATE_FLAGS, PRIVATE_FILE));
      // The mode given to open is cut by the umask; this one is not.
      await file.chmod(PRIVATE_FILE).catch(unlessModeless);
      isAlone =
        process.platform === 'win32' ? alone && (await keptToOwner(temporary, 'file')) : !isLoose(await file.stat());
      if (size > 0) await fillFile(file, Buffer.alloc(size, 0x20), path);
    });
    return room;
  } catch (error) {
    await room.release();
    throw error;
  }
}

/** Over what was there: the blocks that are allocated stay. */
async function fillFile(file: FileHandle, bytes: Buffer, path: string): Promise<void> {
  if (bytes.length > SIZE_LIMIT) throw cannotGrow(path);
  await file.write(bytes, 0, bytes.length, 0);
  await file.truncate(bytes.length);
  await file.sync();
  const written = Buffer.alloc(bytes.length + 1);
  const { bytesRead } = await file.read(written, 0, written.length, 0);
  if (bytes.equals(written.subarray(0, bytesRead))) return;
  throw new MailauthError(
    'cannot_write',
    `cannot write ${shownPath(path)}: the disk does not keep what is written to it`,
    {
      fix: [{ text: 'look at the system log: the disk may be failing' }],
    },
  );
}

function cannotGrow(path: string): MailauthError {
  return new MailauthError('cannot_write', `cannot write ${shownPath(path)}: it would be too large to be read again`, {
    fix: [{ text: 'remove accounts that are no longer used, or set MAILAUTH_CONFIG_DIR to a second folder' }],
  });
}

/** CIFS, FAT and some others keep no modes, and say so when one is set. */
export function unlessModeless(error: unknown): void {
  if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL'].includes(errnoOf(error) ?? '')) throw error;
}

/** A network drive or a stick that is not connected. Elsewhere the root is always there. */
function isDriveMissing(path: string): boolean {
  return process.platform === 'win32' && !existsSync(win32.parse(path).root);
}

/** Flushed after a rename it makes that survive a power cut. Windows cannot open a folder. */
async function openFolder(folder: string): Promise<FileHandle | undefined> {
  return process.platform === 'win32' ? undefined : open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
}

/** Some file systems know no flush of a folder. */
function unlessUnknown(error: unknown): void {
  if (errnoOf(error) !== 'EINVAL') throw error;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await openFolder(folder);
  await handle?.sync().catch(unlessUnknown);
  await handle?.close();
}

/** Removes a file. False where there was none. Throws `cannot_write`. */
export async function removeFile(path: string): Promise<boolean> {
  try {
    if ((await statusOf(path)) === undefined) return false;
    await retryOnWindows(() => unlink(path));
    await syncFolder(dirname(path));
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw cannotWrite(path, 'remove', error);
  }
}

/**
 * Makes a folder that only its owner can enter, parents included, and tightens one that is too open.
 * A folder that others can write to and that holds things which are not mailauth's is somebody else's place (`/tmp`, a
 * project folder), and is refused instead of closed.
 */
export async function ensurePrivateDirectory(path: string, options: { readonly note?: Note } = {}): Promise<void> {
  try {
    const existing = await retryOnWindows(() => stat(path)).catch(absent);
    if (existing === undefined) return await makeFolder(path);
    if (!existing.isDirectory()) throw refused('cannot_write', path, 'it is not a folder');
    refuseOtherOwner(existing, path, 'cannot_write');
    if (isLoose(existing)) await closeFolder(path, existing, options.note);
    if (process.platform === 'win32' && (await readdir(path)).length === 0) await closeOnWindows(path);
  } catch (error) {
    throw error instanceof MailauthError ? error : cannotWrite(path, 'create', error);
  }
}

async function makeFolder(path: string): Promise<void> {
  const parent = dirname(path);
  if (isDriveMissing(path)) throw refused('cannot_write', path, 'its drive is not there', CONNECT_DRIVE);
  const above = await stat(parent).catch(absent);
  if (above === undefined) await makeFolder(parent);
  else refuseSudo(above, parent);
  await retryOnWindows(() => mkdir(path, { mode: PRIVATE_FOLDER })).catch((error: unknown) => {
    // Another process of ours was faster.
    if (errnoOf(error) !== 'EEXIST') throw error;
  });
  await chmod(path, PRIVATE_FOLDER).catch(unlessModeless);
  await closeOnWindows(path);
}

/** Outside the profile, where a folder is the user's own by inheritance, every user may read what is in a new one. */
async function closeOnWindows(folder: string): Promise<void> {
  if (process.platform === 'win32' && !isWithin(homedir(), folder)) await keptToOwner(folder, 'folder');
}

async function keptToOwner(path: string, kind: 'file' | 'folder'): Promise<boolean> {
  return (await import('../system/file-rights.js')).keepToOwner(path, kind);
}

/** Whether a path is a folder, or is below it. */
function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return !isAbsolute(way) && way.split(sep)[0] !== '..';
}

/**
 * Makes the folder that a file is to be written to, where it is missing in the user's own home. Gives its path, or
 * undefined where none was made. Throws `cannot_write`.
 */
export async function ensureFolderAtHome(folder: string): Promise<string | undefined> {
  const home = homeFolder();
  if (home === undefined || !isWithin(home, folder) || !existsSync(home) || existsSync(folder)) return undefined;
  await ensurePrivateDirectory(folder);
  return folder;
}

/** A user whom the system does not know has none, unless HOME names it. */
function homeFolder(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}

const CONNECT_DRIVE = { text: 'connect it, or set MAILAUTH_CONFIG_DIR to a folder on a drive that is always there' };

const OUR_NAMES =
  /^(accounts\.json.*|serving\.json|setups|secrets|locks|data-key.*|[0-9a-z-]+\.(enc|json|lock)(\.break)*|\..+\.tmp)$/;

async function closeFolder(path: string, status: Stats, note: Note | undefined): Promise<void> {
  const shared = !(await readdir(path)).every((name) => OUR_NAMES.test(name));
  if (!shared) return tighten(path, PRIVATE_FOLDER, note);
  if ((status.mode & 0o022) === 0) return;
  throw refused('cannot_write', path, 'others can write to it and it holds other things', {
    text: 'set MAILAUTH_CONFIG_DIR to a folder of its own',
  });
}

const TEMPORARY = /^\..+\.(\d+)-[0-9a-z]+\.tmp$/;
/** No write takes this long, so an older temporary file was left behind by a process that was killed. */
const ABANDONED_MS = 10 * 60_000;

/** A name that says whose it is, so that what a killed process leaves behind can be swept. */
export function temporaryName(name: string): string {
  const unique = `${process.hrtime.bigint().toString(36)}${Math.random().toString(36).slice(2)}`;
  return `.${name}.${process.pid}-${unique}.tmp`;
}

/** Removes temporary files left behind by killed processes. What cannot be removed is left for the next time. */
export async function sweepTemporaries(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const owner = TEMPORARY.exec(name)?.[1];
    if (owner === undefined) continue;
    const path = join(folder, name);
    const status = await statusOf(path);
    if (status === undefined || Date.now() - status.mtimeMs < ABANDONED_MS || isRunning(Number(owner))) continue;
    await unlink(path).catch(() => undefined);
  }
}

/**
 * Removes what killed processes left behind of the entry `id`, however young: its account is being deleted. A lock that
 * a living process is about to take is not touched.
 */
export async function sweepEntry(folder: string, id: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const owner = TEMPORARY.exec(name)?.[1];
    if (owner === undefined || !name.startsWith(`.${id}.`)) continue;
    if (name.startsWith(`.${id}.lock`) && isRunning(Number(owner))) continue;
    await retryOnWindows(() => unlink(join(folder, name))).catch(() => undefined);
  }
}

/** Whether a process of this number is there at all; it may be another one by now. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}

/** Of the name itself, whatever a link leads to; undefined where there is none. */
function statusOf(path: string): Promise<Stats | undefined> {
  return retryOnWindows(() => lstat(path)).catch(absent);
}

function absent(error: unknown): undefined {
  if (errnoOf(error) !== 'ENOENT') throw error;
  return undefined;
}

/** Whether others may do anything with it. Windows has no such modes: its profile folder is private by inheritance. */
function isLoose(status: Stats): boolean {
  return process.platform !== 'win32' && (status.mode & 0o077) !== 0;
}

async function tighten(path: string, mode: number, note: Note | undefined): Promise<void> {
  // A file system without modes, or one mounted read-only, cannot do better than it does, and some say nothing about it.
  const done = await chmod(path, mode)
    .then(async () => !isLoose(await stat(path)))
    .catch(() => false);
  note?.(
    done
      ? `${shownPath(path)} was open to other users and is now yours alone`
      : `${shownPath(path)} is open to other users, and this could not be changed`,
  );
}

function refuseForeign(status: Stats, path: string, code: Code): void {
  if (status.isSymbolicLink()) throw refused(code, path, 'it is a symbolic link');
  if (status.isDirectory()) throw refused(code, path, 'it is a folder');
  if (!status.isFile()) throw refused(code, path, 'it is not a plain file');
  if (status.nlink > 1) throw refused(code, path, 'it has a second name (a hard link)');
  refuseOtherOwner(status, path, code);
}

function refuseOtherOwner(status: Stats, path: string, code: Code): void {
  const me = process.geteuid?.();
  if (me === undefined || status.uid === me) return;
  throw refused(code, path, `it belongs to user ${status.uid}, and mailauth runs as user ${me}`, {
    text: `run mailauth as its owner${me === 0 ? ', without sudo' : ''}`,
  });
}

/** Files that root leaves in a user's home are files the user can no longer write. */
function refuseSudo(folder: Stats, path: string): void {
  if (process.geteuid?.() === 0) refuseOtherOwner(folder, path, 'cannot_write');
}

function refused(code: Code, path: string, why: string, fix?: { text: string }): MailauthError {
  return new MailauthError(code, `${shownPath(path)} is not used: ${why}`, {
    fix: [fix ?? { text: `look at ${shownPath(path)} and move it away if it is not yours` }],
  });
}

function alreadyThere(path: string, { replaceWith }: WriteOptions): MailauthError {
  const text =
    replaceWith === undefined
      ? 'choose another name, or move the old file away'
      : `choose another name, or add ${replaceWith} to replace it`;
  return new MailauthError('cannot_write', `${shownPath(path)} is already there, and it was left as it is`, {
    fix: [{ text }],
  });
}

function unreadable(path: string, why: string, cause?: unknown, fix?: { text: string }): MailauthError {
  const errno = errnoOf(cause) ?? '';
  const look = `look at ${shownPath(path)}; mailauth leaves it as it is`;
  return new MailauthError('store_damaged', `cannot read ${shownPath(path)}: ${why}`, {
    fix: [fix ?? { text: NOT_THE_FILE.includes(errno) ? (REASONS[errno]?.fix ?? look) : look }],
    cause,
  });
}

const MORE_FILES = process.platform === 'win32' ? 'close some programs' : 'raise the limit (ulimit -n)';

/** What each errno means to the person who has to free the disk. */
const REASONS: Readonly<Record<string, { readonly why: string; readonly fix: string }>> = {
  ENOSPC: { why: 'the disk is full', fix: 'free some space, then run the same command again' },
  EDQUOT: { why: 'your disk quota is used up', fix: 'free some space, then run the same command again' },
  EFBIG: { why: 'a limit on the size of files is reached', fix: 'raise the limit (ulimit -f), then run it again' },
  EROFS: { why: 'the file system is read-only', fix: 'make it writable, or set MAILAUTH_CONFIG_DIR to another folder' },
  EIO: { why: 'the disk reported an error', fix: 'look at the system log: the disk may be failing' },
  EACCES: { why: 'permission denied', fix: 'give yourself write permission on its folder' },
  EPERM: { why: 'the system does not permit it', fix: 'give yourself write permission on its folder' },
  ENOENT: { why: 'its folder does not exist', fix: 'make the folder first' },
  ENOTDIR: { why: 'a part of its path is not a folder', fix: 'correct the path' },
  ENAMETOOLONG: { why: 'the path is too long', fix: 'choose a shorter path' },
  EMFILE: { why: 'this process may open no more files', fix: `${MORE_FILES}, then run it again` },
  ENFILE: { why: 'the system has too many open files', fix: 'close some programs, then run it again' },
  ELOOP: { why: 'it is a symbolic link', fix: 'move the link away' },
};

/** What keeps a file from being read that is as it should be. */
const NOT_THE_FILE: readonly string[] = ['EMFILE', 'ENFILE', 'EIO'];

/** `cannot_write`, naming the path, what was tried and why it failed. */
export function cannotWrite(path: string, action: string, error: unknown): MailauthError {
  const errno = errnoOf(error);
  if (errno === undefined) throw error;
  return new MailauthError('cannot_write', `cannot ${action} ${shownPath(path)}: ${reasonOf(error)}`, {
    fix: [{ text: REASONS[errno]?.fix ?? `look at ${shownPath(path)}` }],
    cause: error,
  });
}

function reasonOf(error: unknown): string {
  const errno = errnoOf(error);
  if (errno === undefined) throw error;
  const known = REASONS[errno]?.why;
  return known === undefined ? errno : `${known} (${errno})`;
}

export function errnoOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : undefined;
}
