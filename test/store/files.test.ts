import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import {
  ensurePrivateDirectory,
  readPrivate,
  removeFile,
  sweepTemporaries,
  temporaryName,
  writeAtomically,
} from '../../src/store/files.js';
import { defuse } from '../../src/words/sanitise.js';
import { testFolder } from './folder.js';
import { compiledSources, ended, says } from './processes.js';

const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;
const usual = process.umask();
const sources = compiledSources();

afterEach(() => {
  process.umask(usual);
});

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}

/** A file of another user: made so where the tests run as root, and a file of root's otherwise. */
function foreignFile(folder: string): string {
  if (!isRoot) return '/etc/passwd';
  const path = join(folder, 'foreign');
  writeFileSync(path, 'theirs', { mode: 0o600 });
  chownSync(path, NOBODY, NOBODY);
  return path;
}

describe('reading', () => {
  test('gives the bytes, and undefined where there is no file', async () => {
    const path = join(testFolder(), 'file');
    expect(await readPrivate(path)).toBeUndefined();
    writeFileSync(path, 'text', { mode: 0o600 });
    expect(await readPrivate(path)).toEqual(Buffer.from('text'));
  });

  test('S11 a file that others can read is closed, and that is told', async () => {
    const path = join(testFolder(), 'file');
    writeFileSync(path, 'text');
    chmodSync(path, 0o644);
    const notes: string[] = [];
    await readPrivate(path, { note: (text) => notes.push(text) });
    expect(modeOf(path)).toBe(0o600);
    expect(notes).toEqual([`${path} was open to other users and is now yours alone`]);
    await readPrivate(path, { note: (text) => notes.push(text) });
    expect(notes).toHaveLength(1);
  });

  test('N17 without a file to spare it says so, and what fixes it', async () => {
    const path = join(testFolder(), 'file');
    await writeAtomically(path, 'x');
    const reader = sources.start(
      `import { openSync } from 'node:fs';
       import { readPrivate } from 'src/store/files.js';
       try { for (;;) openSync(process.execPath); } catch {}
       await readPrivate(process.argv[2]).catch(({ problem: { code, message, fix } }) => console.log([code, message, fix[0].text].join('; ')));`,
      { args: [path], shell: 'ulimit -n 60' },
    );
    const { stdout } = await ended(reader);
    expect(stdout).toBe(
      `store_damaged; cannot read ${path}: this process may open no more files (EMFILE); raise the limit (ulimit -n), then run it again\n`,
    );
  });

  test('S15 a file of a gigabyte is refused without being read', async () => {
    const path = join(testFolder(), 'file');
    writeFileSync(path, '', { mode: 0o600 });
    truncateSync(path, 2 ** 30);
    await expect(readPrivate(path)).rejects.toMatchObject({ code: 'store_damaged' });
  });
});

describe('S12 what is not a plain file of ours is refused', () => {
  const odd: Record<string, (folder: string) => string | Promise<string>> = {
    'a symbolic link': (folder) => {
      writeFileSync(join(folder, 'target'), 'x', { mode: 0o600 });
      symlinkSync(join(folder, 'target'), join(folder, 'odd'));
      return join(folder, 'odd');
    },
    'a link to nothing': (folder) => {
      symlinkSync(join(folder, 'nowhere'), join(folder, 'odd'));
      return join(folder, 'odd');
    },
    'a hard link': (folder) => {
      writeFileSync(join(folder, 'target'), 'x', { mode: 0o600 });
      linkSync(join(folder, 'target'), join(folder, 'odd'));
      return join(folder, 'odd');
    },
    'a FIFO': (folder) => {
      expect(spawnSync('mkfifo', [join(folder, 'odd')]).status).toBe(0);
      return join(folder, 'odd');
    },
    'a socket': async (folder) => {
      const path = join(folder, 'odd');
      await new Promise<void>((resolve) => createServer().listen(path, resolve).unref());
      return path;
    },
    'a folder': (folder) => {
      mkdirSync(join(folder, 'odd'));
      return join(folder, 'odd');
    },
    "another user's file": foreignFile,
  };

  test.each(Object.entries(odd))('S12 %s', async (_, make) => {
    const path = await make(testFolder());
    await expect(readPrivate(path)).rejects.toMatchObject({ code: 'store_damaged' });
    await expect(writeAtomically(path, 'new')).rejects.toMatchObject({ code: 'cannot_write' });
  });

  test('S12 a device is not read', async () => {
    await expect(readPrivate('/dev/zero')).rejects.toMatchObject({ code: 'store_damaged' });
  });

  test('S12 a link is not followed to what it names', async () => {
    const folder = testFolder();
    const target = join(folder, 'target');
    writeFileSync(target, 'theirs', { mode: 0o600 });
    symlinkSync(target, join(folder, 'odd'));
    await expect(writeAtomically(join(folder, 'odd'), 'ours')).rejects.toThrow('symbolic link');
    expect(readFileSync(target, 'utf8')).toBe('theirs');
  });
});

describe('writing', () => {
  test.each([0o000, 0o022, 0o077, 0o277])('S10 under umask %o the file is 0600 and its folders 0700', async (umask) => {
    const folder = testFolder();
    process.umask(umask);
    const path = join(folder, 'a', 'b', 'file');
    await ensurePrivateDirectory(join(folder, 'a', 'b'));
    await writeAtomically(path, 'one');
    await writeAtomically(path, 'two');
    await writeAtomically(join(folder, 'a', 'b', 'once'), 'x', { exclusive: true });
    process.umask(usual);
    expect([modeOf(join(folder, 'a')), modeOf(join(folder, 'a', 'b'))]).toEqual([0o700, 0o700]);
    expect([modeOf(path), modeOf(join(folder, 'a', 'b', 'once'))]).toEqual([0o600, 0o600]);
    expect(readFileSync(path, 'utf8')).toBe('two');
  });

  test('S07 S22 leaves nothing but the file', async () => {
    const folder = testFolder();
    await writeAtomically(join(folder, 'file'), 'x');
    expect(readdirSync(folder)).toEqual(['file']);
  });

  test('refuses an existing file where it must be new, and keeps it', async () => {
    const path = join(testFolder(), 'file');
    await writeAtomically(path, 'first', { exclusive: true });
    const second = writeAtomically(path, 'second', { exclusive: true });
    await expect(second).rejects.toMatchObject({ code: 'cannot_write', message: expect.stringContaining(path) });
    expect(readFileSync(path, 'utf8')).toBe('first');
  });

  test('of two who must both be first, one is', async () => {
    const path = join(testFolder(), 'file');
    const writes = ['a', 'b', 'c', 'd'].map((text) => writeAtomically(path, text, { exclusive: true }));
    const results = await Promise.allSettled(writes);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(readFileSync(path, 'utf8')).toMatch(/^[abcd]$/);
  });

  test('S09 a missing folder is named', async () => {
    const path = join(testFolder(), 'none', 'file');
    await expect(writeAtomically(path, 'x')).rejects.toMatchObject({
      code: 'cannot_write',
      message: `cannot write ${path}: its folder does not exist (ENOENT)`,
      problem: { fix: [{ text: 'make the folder first' }] },
    });
  });

  test('S13 spaces, line ends and other letters in a path work, and do not break the message', async () => {
    const folder = join(testFolder(), 'a b\nc\u202e');
    await ensurePrivateDirectory(folder);
    await writeAtomically(join(folder, 'file'), 'x');
    expect(await readPrivate(join(folder, 'file'))).toEqual(Buffer.from('x'));
    const error = await writeAtomically(join(folder, 'file'), 'x', { exclusive: true }).catch((one: Error) => one);
    // One line of ours; what acts on a terminal is spelled out where it leaves.
    expect(defuse((error as Error).message)).toMatch(/^[^\n\u202e]*a b c\\u\{202e\}[^\n]*$/);
  });

  test('S07 a reader sees the old content or the new one, 10 000 times beside a writer', async () => {
    const folder = testFolder();
    const path = join(folder, 'file');
    const writer = sources.start(
      `import { writeAtomically } from 'src/store/files.js';
       const text = (n) => String(n % 10).repeat(50_000 + (n % 7) * 1000);
       await writeAtomically(process.argv[2], text(0));
       console.log('started');
       for (let n = 1; ; n += 1) await writeAtomically(process.argv[2], text(n));`,
      { args: [path] },
    );
    const over = ended(writer);
    await says(writer, 'started');
    const seen = new Set<string>();
    for (let count = 0; count < 10_000; count += 1) {
      const text = (await readPrivate(path))?.toString() ?? '';
      const digit = text[0] ?? 'none';
      seen.add(digit);
      expect(text.length % 1000).toBe(0);
      expect(text === digit.repeat(text.length) && text.length >= 50_000).toBe(true);
    }
    writer.kill('SIGKILL');
    await over;
    expect(seen.size).toBeGreaterThan(1);
  }, 60_000);

  test('S07 S22 a writer killed at any moment leaves a whole file, and its litter is swept', async () => {
    const folder = testFolder();
    const path = join(folder, 'file');
    await writeAtomically(path, 'a'.repeat(200_000));
    for (let round = 0; round < 8; round += 1) {
      const writer = sources.start(
        `import { writeAtomically } from 'src/store/files.js';
         console.log('started');
         for (let n = 0; ; n += 1) await writeAtomically(process.argv[2], 'ab'[n % 2].repeat(200_000));`,
        { args: [path] },
      );
      const over = ended(writer);
      await says(writer, 'started');
      await new Promise((resolve) => setTimeout(resolve, round * 3));
      writer.kill('SIGKILL');
      await over;
      expect(readFileSync(path, 'utf8')).toMatch(/^(a{200000}|b{200000})$/);
    }
    const anHourAgo = new Date(Date.now() - 3_600_000);
    for (const name of readdirSync(folder)) utimesSync(join(folder, name), anHourAgo, anHourAgo);
    await sweepTemporaries(folder);
    expect(readdirSync(folder)).toEqual(['file']);
  }, 60_000);

  test('S08 where files may not grow, the old one stays and the message says why', async () => {
    const folder = testFolder();
    const path = join(folder, 'file');
    await writeAtomically(path, 'old');
    const writer = sources.start(
      `import { writeAtomically } from 'src/store/files.js';
       await writeAtomically(process.argv[2], 'n'.repeat(100_000)).catch((e) => console.log(e.code + ': ' + e.message));`,
      { args: [path], shell: 'ulimit -f 8' },
    );
    const { stdout } = await ended(writer);
    expect(stdout).toBe(`cannot_write: cannot write ${path}: a limit on the size of files is reached (EFBIG)\n`);
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['file']);
  });
});

describe('sweeping', () => {
  test('S22 removes only old temporary files of processes that are gone', async () => {
    const folder = testFolder();
    const old = new Date(Date.now() - 3_600_000);
    const gone = spawnSync(process.execPath, ['-e', '0']).pid;
    const names = {
      abandoned: `.file.${gone}-abc.tmp`,
      young: `.file.${gone}-def.tmp`,
      running: temporaryName('file'),
      other: 'file.tmp',
    };
    for (const name of Object.values(names)) writeFileSync(join(folder, name), '');
    for (const name of [names.abandoned, names.running, names.other]) utimesSync(join(folder, name), old, old);
    await sweepTemporaries(folder);
    expect(readdirSync(folder).sort()).toEqual([names.young, names.running, names.other].sort());
  });
});

describe('folders', () => {
  test('S10 S11 one that others can enter is closed, and that is told', async () => {
    const path = join(testFolder(), 'mailauth');
    mkdirSync(path);
    writeFileSync(join(path, 'accounts.json'), '{}');
    chmodSync(path, 0o775);
    const notes: string[] = [];
    await ensurePrivateDirectory(path, { note: (text) => notes.push(text) });
    expect(modeOf(path)).toBe(0o700);
    expect(notes).toEqual([`${path} was open to other users and is now yours alone`]);
  });

  test('a place that others write to and that holds other things is left as it is', async () => {
    const path = testFolder();
    writeFileSync(join(path, 'report.txt'), '');
    chmodSync(path, 0o777);
    await expect(ensurePrivateDirectory(path)).rejects.toMatchObject({ code: 'cannot_write' });
    expect(modeOf(path)).toBe(0o777);
  });

  test('a file in its place is named', async () => {
    const path = join(testFolder(), 'file');
    writeFileSync(path, '');
    await expect(ensurePrivateDirectory(path)).rejects.toThrow(`${path} is not used: it is not a folder`);
    await expect(ensurePrivateDirectory(join(path, 'below'))).rejects.toMatchObject({ code: 'cannot_write' });
  });

  test('made by several at once, it is there once', async () => {
    const path = join(testFolder(), 'a', 'b', 'c');
    await Promise.all([1, 2, 3, 4].map(() => ensurePrivateDirectory(path)));
    expect(modeOf(path)).toBe(0o700);
  });

  test("S14 root leaves another user's home alone, and another user leaves root's", async () => {
    const home = testFolder();
    if (isRoot) chownSync(home, NOBODY, NOBODY);
    const below = isRoot ? join(home, '.config', 'mailauth') : '/etc';
    await expect(ensurePrivateDirectory(below)).rejects.toMatchObject({
      code: 'cannot_write',
      message: expect.stringContaining('belongs to user'),
      problem: { fix: [{ text: expect.stringContaining('run mailauth as its owner') }] },
    });
    if (isRoot) expect(readdirSync(home)).toEqual([]);
  });
});

describe('removing', () => {
  test('tells whether there was anything', async () => {
    const path = join(testFolder(), 'file');
    expect(await removeFile(path)).toBe(false);
    writeFileSync(path, '');
    expect(await removeFile(path)).toBe(true);
    expect(existsSync(path)).toBe(false);
  });
});
