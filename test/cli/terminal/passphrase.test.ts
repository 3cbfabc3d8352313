import { expect, it } from 'vitest';
import { askPassphrase } from '../../../src/cli/terminal/passphrase.js';
import type { Terminal } from '../../../src/cli/terminal/terminal.js';

const LONG = 'correct horse battery';

/** Somebody who types these, one after the other; what is asked and told, in order. */
async function typing(isNew: boolean, ...typed: readonly string[]) {
  const shown: string[] = [];
  const left = [...typed];
  const terminal = {
    prompts: {
      async hidden(message: string) {
        shown.push(message);
        const text = left.shift();
        if (text === undefined) throw new Error('asked once more than there was to type');
        return text;
      },
    },
    stream: { width: 80 },
    tell: (_: string, text: string) => shown.push(text),
    say: (...lines: readonly string[]) => shown.push(lines.map((line) => line.trim()).join(' ')),
  } as unknown as Terminal;
  const taken = await askPassphrase(terminal, isNew);
  expect(left).toEqual([]);
  return { taken: taken.reveal(), shown: shown.join('\n') };
}

it('a new one is typed twice, and whoever chooses it hears first that programs cannot type it', async () => {
  const { taken, shown } = await typing(true, LONG, LONG);
  expect(taken).toBe(LONG);
  expect(shown.split('\n')[0]).toMatch(/asked for whenever a secret is needed/);
  expect(shown).toContain('Programs that run by themselves cannot type it: they need a key file');
});

it.each(['', 'x', 'sevenly'])('%j is too short, and is asked for again', async (short) => {
  const { taken, shown } = await typing(true, short, LONG, 'correct horse batteries', LONG, LONG);
  expect(taken).toBe(LONG);
  expect(shown).toMatch(/at least 8 characters|an empty passphrase/);
  expect(shown).toContain('the two passphrases differ');
  if (short !== '') expect(shown).not.toContain(short);
});

it('? explains and is no passphrase, neither a new one nor one that is there', async () => {
  const first = await typing(true, '?', LONG, LONG);
  expect([first.taken, first.shown]).toEqual([LONG, expect.stringContaining('make a key file with mailauth key')]);
  const later = await typing(false, 'help', 'an older, shorter one');
  expect([later.taken, later.shown]).toEqual([
    'an older, shorter one',
    expect.stringContaining('mail program or cron'),
  ]);
});

it.each(['q', 'quit', 'b', 'back'])('%s leaves', async (key) => {
  await expect(typing(true, key)).rejects.toMatchObject({ code: 'interrupted' });
});
