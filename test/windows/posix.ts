/**
 * Which unit tests are skipped on Windows' Node, and what each needs that Windows, or wine, has not. By file and by the
 * beginning of the title; a row that fits no test fails the run.
 */

const MODES = 'file modes, or another user of the same machine';
const LINKS = 'symbolic links, FIFOs, sockets or devices as files';
const SHELL = '/bin/sh and its limits';
const SIGNALS = 'signals';
const SHEBANG = 'a script that is a program by its first line';
const NAMES = 'paths with /, names that Windows forbids, or the name of an open file';
const PIPES = 'pipes as standard streams, which wine 8 does not give to Node';
const PACE = 'the pace of a machine without wine';
const PRICE = 'thousands of file operations, which take minutes under wine';

type Titles = readonly string[];

export const NEEDS: Readonly<Record<string, Readonly<Record<string, Titles>>>> = {
  'oauth/callback/listener.test.ts': {
    [SHELL]: ['L17 N17 a machine that lets nobody listen'],
    [PACE]: ['L24 half-open connections do not keep the answer out'],
  },
  'oauth/callback/flood.test.ts': { [PACE]: ['L25 the genuine answer gets through within two seconds'] },
  'flows/token/fresh.test.ts': { [NAMES]: ['is stored although the lock cannot be looked at any more'] },
  'store/accounts.test.ts': {
    [MODES]: ['S10 is written for its owner alone', 'S11 a file open to others', 'S10 are saved for their owner alone'],
    [LINKS]: ['is read and written where it leads', 'and leads nowhere', 'and leads in a circle'],
    [PRICE]: ['S15 cut at any byte'],
  },
  'store/files.test.ts': {
    [MODES]: [
      'S11 a file that others can read',
      "S12 another user's file",
      'S10 under umask',
      'S10 S11 one that others can enter',
      'a place that others write to',
      'made by several at once',
      "S14 root leaves another user's home alone",
    ],
    [LINKS]: [
      'S12 a symbolic link',
      'S12 a link to nothing',
      'S12 a FIFO',
      'S12 a socket',
      'S12 a device is not read',
      'S12 a link is not followed',
    ],
    [SHELL]: ['N17 without a file to spare', 'S08 where files may not grow'],
    [NAMES]: ['S13 spaces, line ends and other letters'],
    [PRICE]: ['S07 a reader sees the old content or the new one'],
  },
  'store/parsers.test.ts': { [PRICE]: ['S03 a lock of any bytes is waited for'] },
  'store/journal.test.ts': { [LINKS]: ['S12 that is a link is neither read nor written'] },
  'store/lock.test.ts': {
    [MODES]: ['S10 the lock is 0600'],
    [LINKS]: ['S12 a link or a folder in its place'],
    [SHELL]: ['S02 N17 a lock is let go'],
    [SIGNALS]: ['S04 a suspended holder', 'S02 of a swarm, with holders killed'],
    [PACE]: ['S02 a holder killed with -9 is followed within two seconds'],
  },
  'store/file/file-store.test.ts': {
    [MODES]: ['S10 holds no plain text'],
    [SHELL]: ['S08 S09 the proof says so', 'S07 S22 killed at any step of its making'],
    [NAMES]: ['S28 S30 a key of the other kind', 'a recorded path with escape characters'],
    [PRICE]: [
      'S18 no bit of a data key',
      'S18 no bit of a credential',
      'S15 a credential with any single bit',
      'S15 a data key cut at any byte',
      'S20 every write has a nonce',
    ],
  },
  'store/file/key.test.ts': {
    [MODES]: [
      'S10 is made of 32 random bytes',
      'S10 makes the folders of a home',
      'S10 leaves the rights of a folder',
      'makes none outside the home',
      'S11 that others can read is refused',
    ],
    [LINKS]: ['may be a link', 'S12 that is a folder or a device'],
    [NAMES]: ['each of the five places'],
  },
  'store/file/open.test.ts': { [SHELL]: ['a key-file at ', 'a passphrase at ', 'a passphrase that came from no file'] },
  'system/browser.test.ts': {
    [SHEBANG]: [
      'gives the program that BROWSER names',
      'B takes BROWSER as',
      'X02 passes on no secret',
      'L29 does not wait',
      'L31 without a display and without a browser',
      'L30 what a shell would act on',
    ],
  },
  'system/helper-program.test.ts': {
    [PIPES]: ['is given its input'],
    // wine starts it all the same; surroundings.test.ts has a program that Windows does not start.
    [SHELL]: ['that the system refuses to start'],
  },
  'system/text-file.test.ts': {
    [LINKS]: [
      'a file, and a device, of more bytes',
      'is read to its end, whenever',
      'that nobody writes to ends at a signal',
      'that nobody writes to has a deadline',
    ],
  },
};

/** The reason why a test is skipped. `file`: below test/, with slashes. */
export function needOf(file: string, title: string): string | undefined {
  const needs = Object.entries(NEEDS[file] ?? {});
  return needs.find(([, titles]) => titles.some((begin) => title.startsWith(begin)))?.[0];
}
