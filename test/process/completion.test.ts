/** The scripts of `completion`, read by the shells themselves where they are there. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/command-table.js';
import { completionScript, SHELLS } from '../../src/cli/completion.js';

let folder = '';
let env: NodeJS.ProcessEnv = {};
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mailauth-completion-'));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  // Only the names of accounts are asked of the program.
  const list = '{"accounts":[{"name":"happy","address":"a@b.example"},{"name":"paws"}]}';
  writeFileSync(join(bin, 'mailauth'), `#!/bin/sh\n[ "$*" = "list --json" ] && echo '${list}'\n`);
  chmodSync(join(bin, 'mailauth'), 0o755);
  env = { PATH: `${bin}:${process.env['PATH']}`, HOME: folder };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What bash proposes after these words, the last of which is being typed. */
function inBash(words: readonly string[]): readonly string[] {
  const script = join(folder, 'script.bash');
  writeFileSync(script, completionScript('bash'));
  const ask = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mailauth; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const said = execFileSync('bash', ['--norc', '-c', ask, '_', script, 'mailauth', ...words], { env, cwd: folder });
  return said.toString().split('\n').filter(Boolean);
}

describe('bash', () => {
  it.each([
    [['ch'], ['check']],
    [['check', '--onl'], ['--only']],
    [
      ['check', ''],
      ['happy', 'paws', '--only', '--format', '--warn-days'],
    ],
    [
      ['check', '--only', ''],
      ['smtp', 'imap'],
    ],
    [['token', '--format', 'xo'], ['xoauth2']],
    [['-q', 'authorize', 'p'], ['paws']],
    [['guide', 'o'], ['outlook']],
    [['setup', '--client-t'], ['--client-type']],
    [['setup', '--client-type', 'w'], ['web']],
    [['completion', 'f'], ['fish']],
    [['key', 'bi'], ['bin']],
    [['nonsense', 'che'], ['check']],
  ])('%j', (words, proposed) => {
    expect(inBash(words).slice(0, proposed.length)).toEqual(proposed);
  });
});

it.each(SHELLS)('%s is told of every command', (shell) => {
  const script = completionScript(shell);
  expect(COMMANDS.filter(({ name }) => !script.includes(name))).toEqual([]);
});

it.each([
  ['bash', ['-n']],
  ['zsh', ['-n']],
  ['fish', ['--no-execute']],
] as const)('%s reads its script, where that shell is there', (shell, check) => {
  const script = join(folder, `script.${shell}`);
  writeFileSync(script, completionScript(shell));
  const { error, status, stderr } = spawnSync(shell, [...check, script], { env, encoding: 'utf8' });
  if (error === undefined) expect([status, stderr]).toEqual([0, '']);
});

it('zsh proposes the accounts, where it is there', () => {
  const script = join(folder, '_mailauth');
  writeFileSync(script, completionScript('zsh'));
  const ask = `compdef() { :; }; source "$1"; _mailauth_words check mailauth check; print -- $words`;
  const { error, stdout } = spawnSync('zsh', ['-f', '-c', ask, '_', script], { env, encoding: 'utf8' });
  if (error === undefined) expect(stdout).toMatch(/happy\s+paws/);
});
