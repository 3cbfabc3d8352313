import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeScreen } from './screen.js';
import { KEY, run, type TerminalOptions } from './terminal.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'terminal-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function program(source: string, options: Partial<TerminalOptions> = {}) {
  const file = join(directory, 'program.mjs');
  writeFileSync(file, source.replaceAll('@inquirer/prompts', import.meta.resolve('@inquirer/prompts')));
  return run(process.execPath, [file], { env: { PATH: process.env['PATH'] }, ...options });
}

test('the screen is what a terminal shows: erased prompts are gone, wrapped lines are one line', () => {
  const screen = makeScreen(10, 5);
  screen.write('? name: a\x1b[1G\x1b[2K? name: \x1b[32mann\x1b[39m\r\n0123456789abc\r\nx\x1b[');
  screen.write('2Ky\x1b[1A!\x1b[?25l');
  expect(screen.lines()).toEqual(['? name: ann', '0123456789ab!', ' y']);
});

test('waits for a question, types an answer, sees the end', async () => {
  const terminal = program(`
    import { input, password } from '@inquirer/prompts';
    const name = await input({ message: 'your name' });
    await password({ message: 'a secret', mask: '*' });
    console.log('hello ' + name);
    process.exit(7);`);
  await terminal.expect('your name');
  terminal.send(`ann${KEY.enter}`);
  await terminal.expect('a secret');
  terminal.send(`hush-hush${KEY.enter}`);
  const [, name] = await terminal.expect(/hello (\w+)/);
  expect(name).toBe('ann');
  expect(await terminal.exited()).toEqual({ code: 7, signal: 0 });
  expect(terminal.raw()).not.toContain('hush-hush');
  expect(terminal.text()).toMatch(/your name ann\n.*a secret \*{9}.*\nhello ann$/);
});

test('an address longer than the terminal is wide is found whole', async () => {
  const url = `https://localhost/${'a'.repeat(200)}/end`;
  const terminal = program(`console.log('${url}')`, { cols: 40 });
  await terminal.expect(url);
  await terminal.exited();
});

test('an error shows what was on the screen', async () => {
  const terminal = program(`console.log('something else'); setInterval(() => {}, 1000)`);
  await expect(terminal.expect('the question', 500)).rejects.toThrow(
    /500 ms went by while waiting for the question\n[\s\S]*something else/,
  );
  terminal.kill('SIGKILL');
  expect(await terminal.exited()).toMatchObject({ signal: 9 });
});

test('a program that ends too early is told apart from a slow one', async () => {
  const terminal = program('process.exit(3)');
  await expect(terminal.expect('anything')).rejects.toThrow('the program ended with 3 while waiting for anything');
});

test('a program sees the size of the terminal, and Ctrl-C reaches it as a signal', async () => {
  const terminal = program(
    `
    console.log(process.stdout.columns);
    process.stdout.on('resize', () => console.log('now ' + process.stdout.columns));
    process.on('SIGINT', () => process.exit(130));
    setInterval(() => {}, 1000)`,
    { cols: 57 },
  );
  await terminal.expect('57');
  terminal.resize(90, 20);
  await terminal.expect('now 90');
  terminal.send(KEY.ctrlC);
  expect((await terminal.exited()).code).toBe(130);
});

test('nothing of the environment is inherited but what is given', async () => {
  const terminal = program('console.log(Object.keys(process.env).sort().join())');
  await terminal.exited();
  expect(terminal.text().split(',')).toEqual(expect.arrayContaining(['PATH', 'TERM']));
  expect(terminal.text()).not.toContain('HOME');
});
