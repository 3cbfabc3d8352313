import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { decodeText, readTextFile } from '../../src/system/text-file.js';

const folder = mkdtempSync(join(tmpdir(), 'text-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function fifo(name: string): string {
  const path = join(folder, name);
  execFileSync('mkfifo', [path]);
  return path;
}

const TEXT = 'GOCSPX-ümläut\r\n';

describe('what editors and shells write', () => {
  test.each([
    ['UTF-8', Buffer.from(TEXT)],
    ['UTF-8 with a byte order mark', Buffer.from(`\uFEFF${TEXT}`)],
    ['UTF-16 little-endian, as PowerShell writes it', Buffer.from(`\uFEFF${TEXT}`, 'utf16le')],
    ['UTF-16 big-endian', Buffer.from(`\uFEFF${TEXT}`, 'utf16le').swap16()],
    ['UTF-16 little-endian without a byte order mark', Buffer.from(TEXT, 'utf16le')],
    ['UTF-16 big-endian without a byte order mark', Buffer.from(TEXT, 'utf16le').swap16()],
  ])('%s', async (name, bytes) => {
    expect(await readTextFile(file(name, bytes))).toBe(TEXT);
  });

  test.each(['密码错误 535 5.7.8 需要授权码', '\u0416\u0416\u0416 NO', 'a', '{"key": "value"}'])(
    'UTF-16 without a byte order mark, whatever its letters: %s',
    (text) => {
      expect(decodeText(Buffer.from(text, 'utf16le'))).toBe(text);
      expect(decodeText(Buffer.from(text, 'utf16le').swap16())).toBe(text);
    },
  );

  test('a zero here and there makes no UTF-16 of a text', () => {
    const list = 'one\0three\0four\0six\0nine\0';
    expect(decodeText(Buffer.from(list))).toBe(list);
    expect(decodeText(Buffer.from(`${'x'.repeat(50)}\0`))).toBe(`${'x'.repeat(50)}\0`);
  });

  test('a file without a byte', async () => {
    expect(await readTextFile(file('empty', ''))).toBe('');
  });

  test('bytes that are no text are refused, never replaced', async () => {
    expect(decodeText(Buffer.from([0x61, 0xff, 0x62]))).toBeUndefined();
    await expect(readTextFile(file('latin1', Buffer.from('pässe', 'latin1')))).rejects.toMatchObject({
      code: 'bad_input',
    });
  });
});

describe('what cannot be read', () => {
  test('a file that is not there', async () => {
    await expect(readTextFile(join(folder, 'none'))).rejects.toMatchObject({ code: 'file_not_found' });
  });

  test('a folder', async () => {
    await expect(readTextFile(folder)).rejects.toMatchObject({ code: 'bad_input' });
  });

  test('a file, and a device, of more bytes than the limit', async () => {
    await expect(readTextFile(file('big', 'x'.repeat(11)), { limit: 10 })).rejects.toMatchObject({ code: 'bad_input' });
    await expect(readTextFile('/dev/zero')).rejects.toMatchObject({ code: 'bad_input' });
    expect(await readTextFile(file('full', 'x'.repeat(10)), { limit: 10 })).toBe('x'.repeat(10));
  });

  test('a secret that stands where its file is asked for is not repeated', async () => {
    const pasted = 'GOCSPX-canarycanarycanarycanary0';
    await expect(readTextFile(pasted)).rejects.not.toMatchObject({ message: expect.stringContaining(pasted) });
  });
});

describe('a pipe', () => {
  test('is read to its end, whenever its other end comes', async () => {
    const path = fifo('late');
    const reading = readTextFile(path);
    spawn('sh', ['-c', `sleep 0.2; exec > '${path}'; printf one; sleep 0.1; printf two`]);
    expect(await reading).toBe('onetwo');
  });

  test('that nobody writes to ends at a signal, at once', async () => {
    const stop = new AbortController();
    const reading = readTextFile(fifo('silent'), { signal: stop.signal });
    const started = performance.now();
    setTimeout(() => stop.abort(new Error('stopped')), 50);
    await expect(reading).rejects.toThrow('stopped');
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test('that nobody writes to has a deadline', async () => {
    await expect(readTextFile(fifo('forgotten'), { waitMs: 50 })).rejects.toMatchObject({ code: 'missing_input' });
  });
});
