import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { mailauth } from './in-process.js';

const configDir = mkdtempSync(join(tmpdir(), 'mailauth-target-'));
afterAll(() => rmSync(configDir, { recursive: true, force: true }));

interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly fix: readonly { readonly command?: string }[];
  readonly missing?: readonly { readonly flag: string }[];
}

async function refusal(...argv: readonly string[]): Promise<Refusal & { readonly exit: number }> {
  const ended = await mailauth(['setup', ...argv, '--json'], { configDir, env: {} });
  return { ...ended.document<Refusal>(), exit: ended.code };
}

describe('what `setup` is asked to set up', () => {
  it('is the provider of an address', async () => {
    const told = await refusal('reception@gmail.com');
    expect(told).toMatchObject({ code: 'missing_input', exit: 64 });
    expect(told.missing?.map(({ flag }) => flag)).not.toContain('--account');
    expect(told.missing?.map(({ flag }) => flag)).toContain('--client-id');
  });

  it('is told in two sentences, and nothing pretended, where nobody can sign in', async () => {
    const told = await refusal('reception@icloud.com');
    expect(told).toMatchObject({ code: 'policy_blocked', exit: 69 });
    expect(told.message).toMatch(
      /iCloud has no OAuth sign-in for mail programs\. Instead, make an app-specific password/,
    );
    expect(told.fix[0]?.command).toBe('mailauth setup custom --account reception@icloud.com');
  });

  it('is not guessed for a script: the domain of an organisation says too little', async () => {
    expect(await refusal('reception@example.org')).toMatchObject({ code: 'missing_input', exit: 64 });
  });

  it.each([
    [
      ['a@example.org', '--account', 'b@example.org'],
      'usage',
      64,
      /two addresses were given: a@example.org, and --account b@example.org/,
    ],
    [['reception@'], 'bad_input', 65, /is not an e-mail address/],
    [['nonsense'], 'no_such_account', 67, /neither a provider nor an account that is set up$/],
    [['gmial'], 'no_such_account', 67, /Did you mean "gmail"\?/],
    [['Outlok'], 'no_such_account', 67, /Did you mean "outlook"\?/],
    [['hotmial'], 'no_such_account', 67, /Did you mean "outlook"\?/],
  ] as const)('refuses %j', async (argv, code, exit, message) => {
    const told = await refusal(...argv);
    expect(told).toMatchObject({ code, exit });
    expect(told.message).toMatch(message);
  });
});
