import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withLock } from '../../src/store/lock.js';
import { testFolder } from './folder.js';
import { compiledSources, ended, says } from './processes.js';

const sources = compiledSources();

/** Takes the lock, says so, and never lets go. */
const HOLDER = `
  import { withLock } from 'src/store/lock.js';
  setInterval(() => undefined, 1000);
  await withLock(process.argv[2], { waitMs: 10_000 }, async () => {
    console.log('held');
    await new Promise(() => undefined);
  });`;

/** What a lock of ours says: `pid:start time:boot id:host:nonce`. */
async function ownBody(): Promise<string> {
  const path = join(testFolder(), 'lock');
  return withLock(path, { waitMs: 0 }, async () => readFileSync(path, 'latin1'));
}

function changed(body: string, fields: Partial<Record<'pid' | 'start' | 'boot' | 'host', string>>): string {
  const [pid, start, boot, host, nonce] = body.split(':');
  return [fields.pid ?? pid, fields.start ?? start, fields.boot ?? boot, fields.host ?? host, nonce].join(':');
}

async function deadPid(): Promise<string> {
  const child = spawn(process.execPath, ['-e', '0']);
  await ended(child);
  return String(child.pid);
}

describe('one process', () => {
  test('holds the lock while it works, gives back the result, and leaves nothing', async () => {
    const path = join(testFolder(), 'locks', 'one.lock');
    const result = await withLock(path, { waitMs: 0 }, async (held) => {
      await held.assertHeld();
      expect(readFileSync(path, 'latin1')).toMatch(new RegExp(`^${process.pid}:\\S+$`));
      return 42;
    });
    expect(result).toBe(42);
    expect(readdirSync(join(path, '..'))).toEqual([]);
  });

  test('S10 the lock is 0600 and its folder 0700', async () => {
    const path = join(testFolder(), 'locks', 'one.lock');
    const usual = process.umask(0);
    try {
      await withLock(path, { waitMs: 0 }, async () => {
        expect(statSync(path).mode & 0o777).toBe(0o600);
        expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
      });
    } finally {
      process.umask(usual);
    }
  });

  test('lets go when the work fails', async () => {
    const path = join(testFolder(), 'one.lock');
    const failing = withLock(path, { waitMs: 0 }, () => Promise.reject(new Error('no luck')));
    await expect(failing).rejects.toThrow('no luck');
    await expect(withLock(path, { waitMs: 0 }, async () => 'next')).resolves.toBe('next');
  });

  test('waits for itself too: two at once take turns', async () => {
    const path = join(testFolder(), 'one.lock');
    let inside = 0;
    const turn = (): Promise<void> =>
      withLock(path, { waitMs: 5000 }, async () => {
        inside += 1;
        expect(inside).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 5));
        inside -= 1;
      });
    await Promise.all([turn(), turn(), turn(), turn()]);
  });

  test('gives up after the wait, and names the process that holds it', async () => {
    const path = join(testFolder(), 'one.lock');
    await withLock(path, { waitMs: 0 }, async () => {
      const second = withLock(path, { waitMs: 30 }, async () => 'never');
      await expect(second).rejects.toMatchObject({
        code: 'store_busy',
        exit: 75,
        message: expect.stringContaining(`process ${process.pid}`),
      });
    });
  });

  test('stops waiting at once when told to, with the reason it was given', async () => {
    const path = join(testFolder(), 'one.lock');
    await withLock(path, { waitMs: 0 }, async () => {
      const stop = new AbortController();
      const reason = new Error('enough');
      const second = withLock(path, { waitMs: 60_000, signal: stop.signal }, async () => 'never');
      setTimeout(() => stop.abort(reason), 20);
      await expect(second).rejects.toBe(reason);
    });
    expect(readdirSync(join(path, '..'))).toEqual([]);
  });

  test('S12 a link or a folder in its place is refused, not followed', async () => {
    const folder = testFolder();
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'link.lock'));
    mkdirSync(join(folder, 'folder.lock'));
    for (const name of ['link.lock', 'folder.lock']) {
      const attempt = withLock(join(folder, name), { waitMs: 50 }, async () => 'never');
      await expect(attempt).rejects.toMatchObject({ code: 'cannot_write' });
    }
    expect(existsSync(join(folder, 'elsewhere'))).toBe(false);
  });
});

describe('S03 a lock that was left behind', () => {
  const take = (path: string, leaseMs?: number, waitMs = 150): Promise<string> =>
    withLock(path, { waitMs, ...(leaseMs && { leaseMs }) }, async () => 'taken');

  test('S02 S03 by a process that is gone is broken at once', async () => {
    const path = join(testFolder(), 'one.lock');
    writeFileSync(path, changed(await ownBody(), { pid: await deadPid() }));
    await expect(take(path)).resolves.toBe('taken');
    expect(readdirSync(join(path, '..'))).toEqual([]);
  });

  test('S03 by a process whose number another one has now is broken where start times are known', async () => {
    const body = await ownBody();
    const path = join(testFolder(), 'one.lock');
    writeFileSync(path, changed(body, { start: '1' }));
    const isKnown = body.split(':')[1] !== '-';
    if (isKnown) await expect(take(path)).resolves.toBe('taken');
    else await expect(take(path, 80, 3_000)).resolves.toBe('taken');
  });

  test('S03 by a living process is respected, however long it holds', async () => {
    const path = join(testFolder(), 'one.lock');
    await withLock(path, { waitMs: 0, leaseMs: 40 }, async (held) => {
      await expect(take(path, 40)).rejects.toMatchObject({ code: 'store_busy' });
      await held.assertHeld();
    });
  });

  test.each([
    ['another machine', { host: `not-${hostname()}/1`, boot: 'b' }],
    ['this machine before its last boot', { boot: '00000000-0000-0000-0000-000000000000' }],
    ['another container with the same name', { host: `${hostname()}/1` }],
  ])('S03 by %s is broken only after a lease without a sign of life', async (_, fields) => {
    const path = join(testFolder(), 'one.lock');
    writeFileSync(path, changed(await ownBody(), { ...fields, pid: await deadPid() }));
    await expect(take(path)).rejects.toMatchObject({ code: 'store_busy' });
    await expect(take(path, 80, 3_000)).resolves.toBe('taken');
  });

  test.each([
    ['empty', ''],
    ['cut off', '123:4'],
    ['nonsense', '\0\xff:::::'],
  ])('S03 that is %s is broken only after a lease', async (_, body) => {
    const path = join(testFolder(), 'one.lock');
    writeFileSync(path, body, 'latin1');
    await expect(take(path)).rejects.toMatchObject({ code: 'store_busy' });
    await expect(take(path, 80, 3_000)).resolves.toBe('taken');
  });

  test('S02 by its holder and by the process that was breaking it is broken all the same', async () => {
    const path = join(testFolder(), 'one.lock');
    const body = changed(await ownBody(), { pid: await deadPid() });
    // However many breakers in a row were killed, each has left one and the same name behind.
    for (let crashes = 0; crashes < 4; crashes += 1) {
      writeFileSync(path, body);
      writeFileSync(`${path}.break`, body);
      await expect(take(path)).resolves.toBe('taken');
      expect(readdirSync(join(path, '..'))).toEqual([]);
    }
  });

  test('S02 while a living process is breaking it is left to that one', async () => {
    const path = join(testFolder(), 'one.lock');
    const body = await ownBody();
    writeFileSync(path, changed(body, { pid: await deadPid() }));
    writeFileSync(`${path}.break`, body);
    await expect(take(path)).rejects.toMatchObject({ code: 'store_busy' });
    expect(readFileSync(`${path}.break`, 'latin1')).toBe(body);
  });

  test('S04 a holder that lost its lock finds out, and leaves the new holder alone', async () => {
    const path = join(testFolder(), 'one.lock');
    const theirs = changed(await ownBody(), { host: 'elsewhere/1' });
    const losing = withLock(path, { waitMs: 0 }, async (held) => {
      await held.assertHeld();
      writeFileSync(path, theirs);
      await held.assertHeld();
    });
    await expect(losing).rejects.toMatchObject({ code: 'store_busy', message: expect.stringContaining('took over') });
    expect(readFileSync(path, 'latin1')).toBe(theirs);
  });
});

describe('several processes', () => {
  test('S02 a holder killed with -9 is followed within two seconds', async () => {
    const path = join(testFolder(), 'one.lock');
    const holder = sources.start(HOLDER, { args: [path] });
    const over = ended(holder);
    await says(holder, 'held');
    await expect(withLock(path, { waitMs: 50 }, async () => 0)).rejects.toMatchObject({ code: 'store_busy' });
    const killed = performance.now();
    // Not waited for: the killed process may still be there as a zombie.
    holder.kill('SIGKILL');
    await withLock(path, { waitMs: 5000 }, async () => {
      expect(performance.now() - killed).toBeLessThan(2000);
    });
    await over;
  });

  test('S02 a living holder is not taken for dead by a process that may open no file to look at it', async () => {
    const path = join(testFolder(), 'one.lock');
    const waiter = `
      import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      const usual = fs.readFileSync;
      fs.readFileSync = (path, ...more) => {
        if (path !== '/proc/' + process.ppid + '/stat') return usual(path, ...more);
        throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
      };
      syncBuiltinESMExports();
      const { withLock } = await import('src/store/lock.js');
      await withLock(process.argv[2], { waitMs: 200 }, async () => 'taken').then(console.log, ({ code }) => console.log(code));`;
    await withLock(path, { waitMs: 0 }, async (held) => {
      const { stdout, stderr } = await ended(sources.start(waiter, { args: [path] }));
      expect([stdout, stderr]).toEqual(['store_busy\n', '']);
      await held.assertHeld();
    });
  });

  test('S02 N17 a lock is let go although the work has used up all open files', async () => {
    const path = join(testFolder(), 'one.lock');
    const script = `
      import { openSync } from 'node:fs';
      import { withLock } from 'src/store/lock.js';
      await withLock(process.argv[2], { waitMs: 0 }, async () => {
        try { for (;;) openSync(process.execPath); } catch (error) { console.log(error.code); }
      });`;
    const { stdout, stderr } = await ended(sources.start(script, { args: [path], shell: 'ulimit -n 60' }));
    expect([stdout, stderr]).toEqual(['EMFILE\n', '']);
    expect(existsSync(path)).toBe(false);
  });

  test('S03 a holder on a file system without hard links shows its lock signs of life', async () => {
    const path = join(testFolder(), 'one.lock');
    // It looks like one on another machine, so that signs of life are all there is to go by.
    const holder = `
      import fs from 'node:fs';
      import os from 'node:os';
      import { syncBuiltinESMExports } from 'node:module';
      fs.promises.link = async () => {
        throw Object.assign(new Error('EPERM: operation not permitted'), { code: 'EPERM' });
      };
      os.hostname = () => 'elsewhere';
      syncBuiltinESMExports();
      const { withLock } = await import('src/store/lock.js');
      setInterval(() => undefined, 1000);
      await withLock(process.argv[2], { waitMs: 0, leaseMs: 200 }, async () => {
        console.log('held');
        await new Promise(() => undefined);
      });`;
    const child = sources.start(holder, { args: [path] });
    const over = ended(child);
    await says(child, 'held');
    const attempt = withLock(path, { waitMs: 1_500, leaseMs: 600 }, async () => 'never');
    await expect(attempt).rejects.toMatchObject({ code: 'store_busy' });
    child.kill('SIGKILL');
    await over;
  });

  test('S04 a suspended holder keeps its lock', async () => {
    const path = join(testFolder(), 'one.lock');
    const holder = sources.start(HOLDER, { args: [path] });
    const over = ended(holder);
    await says(holder, 'held');
    holder.kill('SIGSTOP');
    const body = readFileSync(path, 'latin1');
    // Where start times are known the holder is seen to live; elsewhere only a whole lease without a touch counts.
    await expect(withLock(path, { waitMs: 200 }, async () => 0)).rejects.toMatchObject({ code: 'store_busy' });
    expect(readFileSync(path, 'latin1')).toBe(body);
    holder.kill('SIGKILL');
    await over;
  });

  test('S02 of a swarm, with holders killed while they hold, never two are inside', async () => {
    const folder = testFolder();
    const path = join(folder, 'locks', 'one.lock');
    // Whoever is inside makes a folder of a fixed name: a second one inside could not. Whoever is to die inside leaves
    // the folder behind with its number in it, and the next one clears it away if, and only if, that process is gone.
    const worker = `
      import { withLock } from 'src/store/lock.js';
      import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
      const [, , path, folder, dies] = process.argv;
      const room = folder + '/room';
      for (let round = 0; round < 5; round += 1) {
        await withLock(path, { waitMs: 30_000 }, async (held) => {
          if (existsSync(room + '.dead')) {
            const pid = Number(readFileSync(room + '.dead', 'utf8'));
            const stat = (() => { try { return readFileSync('/proc/' + pid + '/stat', 'latin1'); } catch { return ''; } })();
            if (stat !== '' && !/\\) [ZX] /.test(stat)) throw new Error('broken while its holder lived');
            rmSync(room + '.dead');
            rmdirSync(room);
          }
          mkdirSync(room);
          await new Promise((resolve) => setTimeout(resolve, 2));
          await held.assertHeld();
          if (dies === 'dies' && round === 2) {
            writeFileSync(room + '.dead', String(process.pid));
            process.kill(process.pid, 'SIGKILL');
          }
          appendFileSync(folder + '/turns', '.');
          rmdirSync(room);
        });
      }`;
    const swarm = Array.from({ length: 24 }, (_, index) =>
      ended(sources.start(worker, { args: [path, folder, index % 3 === 0 ? 'dies' : 'lives'] })),
    );
    const ends = await Promise.all(swarm);
    expect(ends.map(({ stderr }) => stderr).join('')).toBe('');
    expect(ends.filter(({ signal }) => signal === 'SIGKILL')).toHaveLength(8);
    expect(ends.filter(({ code }) => code === 0)).toHaveLength(16);
    expect(readFileSync(join(folder, 'turns'), 'utf8')).toHaveLength(16 * 5 + 8 * 2);
    expect(readdirSync(join(folder, 'locks')).filter((name) => name.endsWith('.break'))).toEqual([]);
  }, 60_000);
});
