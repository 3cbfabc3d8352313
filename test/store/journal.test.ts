import { chmodSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ensurePrivateDirectory } from '../../src/store/files.js';
import { openJournal } from '../../src/store/journal.js';
import { Secret } from '../../src/words/secret.js';
import { testFolder } from './folder.js';

const ID = '11111111-2222-3333-4444-555555555555';
const TOKEN = new Secret('the-refresh-token-of-ann');
const NOW = new Date('2026-11-23T09:14:07.000Z');

async function journalIn(): Promise<{ journal: ReturnType<typeof openJournal>; secrets: string; path: string }> {
  const folder = testFolder();
  const secrets = join(folder, 'secrets');
  await ensurePrivateDirectory(secrets);
  return { journal: openJournal('file', ID, folder), secrets, path: join(secrets, `${ID}.json`) };
}

describe('S06 the journal', () => {
  test('tells of a token that was being spent, when, and of no other', async () => {
    const { journal } = await journalIn();
    expect(await journal.unanswered(TOKEN)).toBeUndefined();
    await journal.begin(TOKEN, NOW);
    expect(await journal.unanswered(TOKEN)).toEqual(NOW);
    expect(await journal.unanswered(new Secret('its-successor'))).toBeUndefined();
  });

  test('is struck by whoever wrote it, and by nobody else', async () => {
    const { journal, secrets } = await journalIn();
    await journal.begin(TOKEN, NOW);
    await journal.end(new Secret('another-token'));
    expect(await journal.unanswered(TOKEN)).toEqual(NOW);
    await journal.end(TOKEN);
    expect(readdirSync(secrets)).toEqual([]);
    await journal.end(TOKEN);
  });

  test('holds no secret', async () => {
    const { journal, path } = await journalIn();
    await journal.begin(TOKEN, NOW);
    const text = readFileSync(path, 'utf8');
    expect(JSON.parse(text)).toEqual({
      refreshToken: expect.stringMatching(/^[0-9a-f]{64}$/),
      started: NOW.getTime() / 1000,
      pid: process.pid,
    });
    expect(text).not.toContain('ann');
  });

  test.each(['', '{', 'null', '[]', '{"refreshToken":7}', '{"started":1}'])(
    '%j tells nothing, and is written over',
    async (text) => {
      const { journal, path } = await journalIn();
      writeFileSync(path, text, { mode: 0o600 });
      expect(await journal.unanswered(TOKEN)).toBeUndefined();
      await journal.begin(TOKEN, NOW);
      expect(await journal.unanswered(TOKEN)).toEqual(NOW);
    },
  );

  test('with a time that is none tells nothing', async () => {
    const { journal, path } = await journalIn();
    await journal.begin(TOKEN, NOW);
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), started: 1e300 }));
    expect(await journal.unanswered(TOKEN)).toBeUndefined();
  });

  test('S12 that is a link is neither read nor written: nothing may be sent', async () => {
    const { journal, path, secrets } = await journalIn();
    const target = join(secrets, 'elsewhere');
    writeFileSync(target, 'untouched');
    chmodSync(target, 0o600);
    symlinkSync(target, path);
    expect(await journal.unanswered(TOKEN)).toBeUndefined();
    await expect(journal.begin(TOKEN, NOW)).rejects.toMatchObject({ code: 'cannot_write' });
    expect(readFileSync(target, 'utf8')).toBe('untouched');
  });
});
