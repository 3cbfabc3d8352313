/** How the standard input and output were opened by whoever started the program: what Node itself no longer tells. */
import { readFileSync, readlinkSync } from 'node:fs';

/**
 * Node forgets that `nohup` made it deaf to SIGHUP. What is left of it is a standard input that was opened for writing
 * (GNU coreutils), which nobody else does.
 */
export function isUnderNohup(): boolean {
  return accessOf(0) === WRITING;
}

/**
 * Whether standard output was closed (`>&-`). Node puts the null device in its place, open for reading and writing, as no
 * shell does; a program that starts another and does not want its output does the same, and then usually leaves out
 * standard input or standard error as well.
 */
export function isOutputClosed(): boolean {
  // Asked first: nothing is looked up in /proc where that may be anybody's folder.
  return accessOf(1) === BOTH && isNull(1) && !isNull(0) && !(isNull(2) && accessOf(2) === BOTH);
}

// The low bits of the flags of an open file (fcntl.h). Only Linux tells them.
const WRITING = 1;
const BOTH = 2;

function accessOf(end: 0 | 1 | 2): number | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const [, flags = '0'] = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${end}`, 'utf8')) ?? [];
    return Number.parseInt(flags, 8) & 3;
  } catch {
    return undefined;
  }
}

function isNull(end: 0 | 1 | 2): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${end}`) === '/dev/null';
  } catch {
    return false;
  }
}
