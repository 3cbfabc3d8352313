/**
 * One holder at a time, across processes, without native code. The lock is a file that says who holds it; it appears
 * complete in one step (`link`), and it goes when its holder removes it. A lock whose holder was killed is broken only
 * when that holder is provably dead, and by one waiter only: breaking takes `<lock>.break`, which is such a lock itself.
 *
 * What can be proven depends on where the holder ran. Same boot of the same machine: its process number and start time.
 * Anywhere else (a home folder on a network, another container, a system without /proc): the holder touches its lock
 * every few seconds, and one that has not been touched for a whole lease is taken for dead. A holder that was merely
 * suspended that long finds out through `assertHeld`, which belongs before everything that cannot be repeated. The lease
 * is counted on the file server's clock, and the waiter must have seen no touch for a while on its own as well: a clock
 * that is set takes no lock away.
 */
import { createHash } from 'node:crypto';
import { constants, readFileSync, readlinkSync, statSync } from 'node:fs';
import { type FileHandle, link, open, rename, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { MailauthError } from '../explain/problem.js';
import { retryOnWindows } from '../system/retry-on-windows.js';
import {
  cannotWrite,
  ensurePrivateDirectory,
  errnoOf,
  isRunning,
  READ_FLAGS,
  sweepTemporaries,
  temporaryName,
  unlessModeless,
} from './files.js';

interface LockOptions {
  /** How long to wait for another holder, in milliseconds. */
  readonly waitMs: number;
  readonly signal?: AbortSignal;
  /** After how many milliseconds without a touch a holder that cannot be looked at is taken for dead. */
  readonly leaseMs?: number;
}

export interface Held {
  /** Throws `store_busy` where the lock was taken away: the work must stop before its next step that counts. */
  assertHeld(): Promise<void>;
}

const LEASE_MS = 60_000;
const PAUSE_MS = { first: 15, longest: 200 } as const;
/** Who holds the lock, and whether that process lives, costs ten times what an attempt does; a swarm of waiters would live on it. */
const LOOK_MS = 500;
/** A holder touches its lock so many times in a lease. */
const TOUCHES = 12;
/** File systems without hard links: FAT and exFAT say so in these words, Windows and Linux in different ones. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR', 'EINVAL', 'UNKNOWN'];

/**
 * Runs `work` while holding the lock at `path`; its folder is made where it is missing.
 * Throws `store_busy` (75) after `waitMs`, `cannot_write` where no lock can be made, the signal's reason when aborted.
 */
export async function withLock<T>(path: string, options: LockOptions, work: (held: Held) => Promise<T>): Promise<T> {
  await ensurePrivateDirectory(dirname(path));
  const claim = await acquire(path, options);
  const leaseMs = options.leaseMs ?? LEASE_MS;
  const heartbeat = setInterval(() => void touch(claim), leaseMs / TOUCHES);
  heartbeat.unref();
  try {
    return await work({ assertHeld: () => assertHeld(claim) });
  } finally {
    clearInterval(heartbeat);
    await release(claim);
  }
}

/** A lock file of ours: its path, what it says, and the open file, through which it is ours even after a takeover. */
interface Claim {
  readonly path: string;
  readonly body: string;
  readonly file: FileHandle;
}

async function acquire(path: string, options: LockOptions): Promise<Claim> {
  const deadline = performance.now() + options.waitMs;
  const claim = await prepare(path);
  let lock: FileHandle | undefined;
  try {
    let lookAt = 0;
    let seen = { look: '', since: 0 };
    for (let pause: number = PAUSE_MS.first; ; pause = Math.min(pause * 1.5, PAUSE_MS.longest)) {
      options.signal?.throwIfAborted();
      lock = await publish(claim);
      if (lock !== undefined) return { path, body: claim.body, file: lock };
      const now = performance.now();
      if (now >= Math.min(lookAt, deadline)) {
        const holder = await readLock(path);
        if (holder === undefined) continue;
        const look = `${holder.body} ${holder.touched}`;
        if (look !== seen.look) seen = { look, since: now };
        const leaseMs = options.leaseMs ?? LEASE_MS;
        // A living holder would have touched it in this time.
        const isSilent = now - seen.since > (1.5 * leaseMs) / TOUCHES;
        if (await breakDead(path, holder.body, isSilent ? leaseMs : Number.POSITIVE_INFINITY)) continue;
        if (now >= deadline) throw busy(path, holder.body);
        lookAt = now + LOOK_MS;
      }
      await sleep(pause * (0.5 + Math.random()), options.signal);
    }
  } finally {
    await retryOnWindows(() => unlink(claim.temporary)).catch(() => undefined);
    if (lock !== claim.file) await claim.file.close();
  }
}

/** Through the open file: should the lock have been taken over, the new holder's file is not the one touched. */
async function touch({ file }: Claim): Promise<void> {
  await file.utimes(new Date(), new Date()).catch(() => undefined);
}

interface Prepared extends Claim {
  readonly temporary: string;
}

async function prepare(path: string): Promise<Prepared> {
  const temporary = join(dirname(path), temporaryName(basename(path)));
  const body = describeSelf();
  try {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL;
    const file = await retryOnWindows(() => open(temporary, flags, 0o600));
    try {
      await file.chmod(0o600).catch(unlessModeless);
      await file.writeFile(body);
    } catch (error) {
      await file.close();
      await retryOnWindows(() => unlink(temporary)).catch(() => undefined);
      throw error;
    }
    return { path, body, file, temporary };
  } catch (error) {
    throw cannotWrite(path, 'lock', error);
  }
}

/** Puts our file at the lock's name, unless there is one; gives the file that then is the lock, open. */
async function publish(claim: Prepared): Promise<FileHandle | undefined> {
  try {
    await retryOnWindows(() => link(claim.temporary, claim.path));
    return claim.file;
  } catch (error) {
    const errno = errnoOf(error);
    // A network file system can lose the answer to a link that was made: two names mean that it was.
    if (errno === 'EEXIST') return (await claim.file.stat()).nlink === 2 ? claim.file : undefined;
    if (NO_LINKS.includes(errno ?? '')) return create(claim);
    throw cannotWrite(claim.path, 'lock', error);
  }
}

/** For file systems without hard links (FAT): created and then filled. A waiter that meets it empty goes by the lease. */
async function create({ path, body }: Prepared): Promise<FileHandle | undefined> {
  let file: FileHandle | undefined;
  try {
    file = await retryOnWindows(() => open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600));
    await file.writeFile(body);
    return file;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return undefined;
    if (file !== undefined) {
      // Empty it would keep everybody waiting for a whole lease.
      await file.close();
      await retryOnWindows(() => unlink(path)).catch(() => undefined);
    }
    throw cannotWrite(path, 'lock', error);
  }
}

async function assertHeld(claim: Claim): Promise<void> {
  if ((await readBody(claim.path)) === claim.body) return;
  throw new MailauthError('store_busy', `another mailauth took over ${claim.path} while this one was suspended`, {
    who: 'mailauth',
    fix: [{ text: 'run the same command again; nothing was saved by this one' }],
  });
}

/** Removes the lock if it is still ours. A lock that cannot be removed is broken by the next waiter once we are gone. */
async function release(claim: Claim): Promise<void> {
  try {
    // First: Windows keeps the name of an open file until it is closed, and a process may have no other file to spare.
    await claim.file.close();
    if ((await readBody(claim.path)) === claim.body) await retryOnWindows(() => unlink(claim.path));
  } catch {
    // The work is done, and its result counts more than this.
  }
}

/**
 * Breaks the lock if its holder is dead. True: look again at once.
 * Only the owner, or whoever holds `<path>.break`, ever removes a lock; the body is read again under it, and a dead
 * holder stays dead, so what is removed is what was judged. A breaker that died is moved out of the way by anybody.
 */
async function breakDead(path: string, body: string, leaseMs: number): Promise<boolean> {
  if (!(await isDead(path, body, leaseMs))) return false;
  const breakPath = `${path}.break`;
  const breaker = await prepare(breakPath);
  let lock: FileHandle | undefined;
  try {
    lock = await publish(breaker);
    if (lock === undefined) {
      const other = await readBody(breakPath);
      if (other !== undefined && !(await isDead(breakPath, other, leaseMs))) return false;
      if (other !== undefined) await moveAway(breakPath, other);
      return true;
    }
    try {
      if ((await readBody(path)) === body && (await isDead(path, body, leaseMs))) {
        await moveAway(path, body);
        await sweepTemporaries(dirname(path));
      }
      return true;
    } finally {
      if ((await readBody(breakPath)) === breaker.body) await retryOnWindows(() => unlink(breakPath));
    }
  } catch (error) {
    throw error instanceof MailauthError ? error : cannotWrite(path, 'unlock', error);
  } finally {
    await retryOnWindows(() => unlink(breaker.temporary)).catch(() => undefined);
    await breaker.file.close();
    await lock?.close();
  }
}

/** Takes the lock of a dead holder away in one step; should it be another one's by now, it is put back. */
async function moveAway(path: string, body: string): Promise<void> {
  const aside = join(dirname(path), temporaryName(basename(path)));
  try {
    await retryOnWindows(() => rename(path, aside));
    if ((await readBody(aside)) !== body) await retryOnWindows(() => link(aside, path)).catch(() => undefined);
    await retryOnWindows(() => unlink(aside));
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}

// Who holds a lock: `pid:start time:boot id:host:nonce`.

function describeSelf(): string {
  const nonce = `${process.hrtime.bigint().toString(36)}${Math.random().toString(36).slice(2)}`;
  return [process.pid, startTime(process.pid) ?? '-', bootId(), host(), nonce].join(':');
}

/**
 * Names the processes that meet at the locks of a folder: the same boot of the same machine, the same container, the
 * same folder. What cannot be told for certain names this process alone.
 */
export function homeOf(folder: string): string {
  const status = orUndefined(() => statSync(folder, { bigint: true }));
  const isTold = bootId() !== '-' && !host().endsWith('/-') && status !== undefined;
  const name = isTold ? [bootId(), host(), status.dev, status.ino].join(':') : describeSelf();
  return createHash('sha256').update(name).digest('hex').slice(0, 32);
}

/** The container a process number belongs to is part of the host: the same number names other processes elsewhere. */
function host(): string {
  const isLinux = process.platform === 'linux';
  const namespace = isLinux ? orUndefined(() => readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')) : undefined;
  return `${hostname().replace(/[^\w.-]/g, '_')}/${namespace ?? '-'}`;
}

function bootId(): string {
  if (process.platform !== 'linux') return '-';
  return orUndefined(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()) ?? '-';
}

/**
 * Field 22 of /proc/PID/stat, in clock ticks since boot; undefined for a process that is gone or waits to be reaped,
 * `-` where that cannot be told, as without a file to spare.
 */
function startTime(pid: number): string | undefined {
  // A /proc of another PID namespace, as in a sandbox, knows other processes by these numbers.
  if (bootId() === '-' || orUndefined(() => readlinkSync('/proc/self')) !== String(process.pid)) return '-';
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses and may hold anything.
    const [state, ...fields] = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' || state === 'X' ? undefined : fields[18];
  } catch (error) {
    return ['ENOENT', 'ESRCH'].includes(errnoOf(error) ?? '') ? undefined : '-';
  }
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Proof that the holder is gone, or a whole lease without a sign of life from one that cannot be looked at. */
async function isDead(path: string, body: string, leaseMs: number): Promise<boolean> {
  const [pid, started, boot, where] = body.split(':');
  // Without its namespace a number may be a living process of another container.
  const isTold = process.platform !== 'linux' || where?.endsWith('/-') === false;
  const isHere = isTold && boot === bootId() && where === host();
  if (isHere && /^\d+$/.test(pid ?? '')) {
    const found = boot === '-' || started === '-' ? '-' : startTime(Number(pid));
    if (found !== '-') return found !== started;
    if (!isRunning(Number(pid))) return true;
  }
  return (await untouchedMs(path)) > leaseMs;
}

/**
 * How long the file system has seen no change of the lock. Both times are the file system's own (the change time of a
 * fresh file is its "now"), so the clocks of two machines need not agree. Opening the lock, unlike a look at its name,
 * makes a network file system fetch the present time.
 */
async function untouchedMs(path: string): Promise<number> {
  const probe = join(dirname(path), temporaryName(basename(path)));
  let file: FileHandle | undefined;
  let lock: FileHandle | undefined;
  try {
    lock = await retryOnWindows(() => open(path, READ_FLAGS));
    file = await retryOnWindows(() => open(probe, 'wx', 0o600));
    return (await file.stat()).ctimeMs - (await lock.stat()).ctimeMs;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return 0;
    throw cannotWrite(path, 'lock', error);
  } finally {
    await lock?.close();
    await file?.close();
    await retryOnWindows(() => unlink(probe)).catch(() => undefined);
  }
}

/** What the lock says; undefined where there is none. */
async function readBody(path: string): Promise<string | undefined> {
  return (await readLock(path))?.body;
}

/** The same, and when its holder last touched it. Not more than a lock can hold is read, and nothing but a plain file. */
async function readLock(path: string): Promise<{ readonly body: string; readonly touched: number } | undefined> {
  let file: FileHandle | undefined;
  try {
    file = await retryOnWindows(() => open(path, READ_FLAGS));
    const status = await file.stat();
    if (!status.isFile()) throw notALock(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1024), 0, 1024, 0);
    return { body: buffer.toString('latin1', 0, bytesRead), touched: status.mtimeMs };
  } catch (error) {
    if (error instanceof MailauthError) throw error;
    const errno = errnoOf(error);
    if (errno === 'ENOENT') return undefined;
    if (errno === 'ELOOP' || errno === 'ENXIO') throw notALock(path);
    throw cannotWrite(path, 'lock', error);
  } finally {
    await file?.close();
  }
}

function notALock(path: string): MailauthError {
  return new MailauthError('cannot_write', `cannot lock ${path}: it is not a plain file`, {
    fix: [{ text: `move ${path} away` }],
  });
}

function busy(path: string, holder: string): MailauthError {
  const pid = /^\d+/.exec(holder)?.[0];
  const who = pid === undefined ? 'another mailauth' : `another mailauth (process ${pid})`;
  return new MailauthError('store_busy', `${who} is still working on the same thing and holds ${path}`, {
    fix: [{ text: 'wait for it to end, or end it, then run the same command again' }],
  });
}

/** Rejects with the signal's reason as soon as it is aborted. */
function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
