import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { type Code, EXIT_OF } from '../../src/explain/codes.js';
import { mailauth } from './in-process.js';

const configDir = mkdtempSync(join(tmpdir(), 'mailauth-explain-'));
afterAll(() => rmSync(configDir, { recursive: true, force: true }));

const explain = (...argv: readonly string[]) => mailauth(['explain', ...argv], { configDir });

interface Explained {
  readonly schema: string;
  readonly provider: string | null;
  readonly code: Code;
  readonly message: string;
  readonly who: string;
  readonly retryable: boolean;
  readonly exit: number;
  readonly fix: readonly { readonly text: string }[];
  readonly server: string | null;
  readonly rule?: string;
}

describe('mailauth explain', () => {
  it('says of a pasted line what happened, and the one next action, without an account', async () => {
    const { code, stdout, stderr } = await explain(
      '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled',
    );
    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^smtp_auth_disabled\nFAIL {2}sending by programs \(SMTP AUTH\) is switched off/);
    expect(stdout).toContain('Set-CASMailbox -Identity ACCOUNT -SmtpClientAuthenticationDisabled $false');
    expect(stdout).not.toContain('the server said');
    expect(readdirSync(configDir)).toEqual([]);
  });

  it('gives the same to a script', async () => {
    const document = (await explain('--json', 'AADSTS7000215:', 'Invalid', 'client', 'secret')).document<Explained>();
    expect(document).toMatchObject({
      schema: 'mailauth.explain/1',
      provider: 'outlook',
      code: 'client_secret_wrong',
      who: 'you',
      retryable: false,
      exit: 78,
      rule: 'aadsts7000215',
      server: 'AADSTS7000215: Invalid client secret',
    });
    expect(document.fix[0]?.text).toMatch(/column Value, not Secret ID/);
  });

  it.each(Object.keys(EXIT_OF) as Code[])('knows its own code %s', async (word) => {
    const document = (await explain('--json', word)).document<Explained>();
    expect(document).toMatchObject({ code: word, exit: EXIT_OF[word], retryable: EXIT_OF[word] === 75, server: null });
    expect(document.message).toMatch(/\w/);
    expect(document.fix.length).toBeGreaterThan(0);
  });

  it('says that it does not know what it does not know, and repeats the words', async () => {
    const { code, stdout } = await explain('599 the moon is full');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^unknown\n.*does not know these words, and does not guess/);
    expect(stdout).toContain('599 the moon is full');
    const document = (await explain('--json', '599 the moon is full')).document<Explained>();
    expect(document).toMatchObject({ code: 'unknown', exit: 76, server: '599 the moon is full', provider: null });
  });

  it('X08 repeats no escape, no line break and no secret', async () => {
    const pasted =
      '599 \u001b[31mred\u001b[0m\r\n\u202eevil ya29.a0AfB_byDabcdefghijklmnop refresh_token=1//0abcdefghijklmnopqrst';
    for (const flags of [[], ['--json']]) {
      const { stdout } = await explain(...flags, pasted);
      expect(stdout).not.toMatch(/[\u001b\u202e\r]/);
      expect(stdout).not.toMatch(/ya29\.a0|abcdefghijklmnopqrst/);
    }
  });

  it.each([[''], [' ']])('has to be given something: %j', async (nothing) => {
    expect(await explain(nothing)).toMatchObject({ code: 64, stdout: '' });
  });
});

/** A terminal at which this is typed, and then its end. */
async function atTerminal<T>(typed: string, work: () => Promise<T>): Promise<T> {
  const real = Object.getOwnPropertyDescriptor(process, 'stdin') as PropertyDescriptor;
  const stdin = Object.assign(Readable.from(typed === '' ? [] : [Buffer.from(typed)]), { isTTY: true });
  Object.defineProperty(process, 'stdin', { configurable: true, value: stdin });
  try {
    return await work();
  } finally {
    Object.defineProperty(process, 'stdin', real);
  }
}

describe('mailauth explain at a terminal', () => {
  it('says first how to paste and how to end it, and breaks no word of that', async () => {
    const pasted = '-ERR [AUTH] Username and password not accepted.\n';
    const { stdout, stderr } = await atTerminal(pasted, () => mailauth(['explain'], { configDir, columns: 40 }));
    const lines = stderr.trimEnd().split('\n');
    expect(lines.join(' ')).toBe(
      'Paste the error, with the lines around it, and end with Ctrl-D on a line of its own (Windows: Ctrl-Z, then Enter).',
    );
    expect(lines.filter((line) => line.length > 40)).toEqual([]);
    expect(stdout).toMatch(/^token_refused\n/);
  });

  it('shows other ways where nothing was pasted, and asks nobody for a script', async () => {
    const { code, stderr } = await atTerminal('', () => explain());
    expect([code, stderr]).toEqual([64, expect.stringContaining('mailauth explain < FILE')]);
    const script = await atTerminal('never read', () => explain('--json'));
    expect([script.code, script.stderr]).toEqual([64, expect.not.stringContaining('Paste the error')]);
  });
});
