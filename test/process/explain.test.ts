import { describe, expect, it } from 'vitest';
import { compiledProgram } from './program.js';

const program = compiledProgram();

describe('what is pasted into explain', () => {
  it.each([
    ['nothing else', []],
    ['a dash', ['-']],
  ])('comes from standard input with %s, and the line that decided is told', async (_, args) => {
    const ran = await program.run(['explain', '--json', ...args], {
      input: 'starting\n-ERR [AUTH] Username and password not accepted.\n',
    });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(ran.stdout)).toMatchObject({
      code: 'token_refused',
      line: { number: 2, text: '-ERR [AUTH] Username and password not accepted.' },
      read: { lines: 2, cut: false },
    });
  });

  it('may begin with a dash, quoted or not', async () => {
    for (const words of [['-ERR [AUTH] Authentication failed.'], ['-ERR', '[AUTH]', 'Authentication', 'failed.']]) {
      const ran = await program.run(['explain', ...words]);
      expect(ran).toMatchObject({ code: 0, stderr: '' });
      expect(ran.stdout).toMatch(/^token_refused\n/);
    }
  });

  it('is read up to 1 MiB, and what was left out is said', async () => {
    const input = `535 5.7.139 Authentication unsuccessful, basic authentication is disabled.\n${'a quiet line\n'.repeat(90_000)}`;
    const ran = await program.run(['explain'], { input });
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/^policy_blocked\n/);
    expect(ran.stderr).toContain('only the first 1 MiB was read');
  });
});
