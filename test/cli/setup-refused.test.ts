import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADDRESS, type Office, openOffice } from './office.js';

let office: Office;

beforeEach(async () => {
  office = await openOffice();
});
afterEach(() => office.close());

const GUID = '11111111-2222-3333-4444-555555555555';

interface ErrorDocument {
  readonly schema: string;
  readonly code: string;
  readonly exitCode: number;
  readonly message: string;
  readonly missing: readonly { readonly flag: string; readonly step?: string; readonly url?: string }[];
  readonly fix: readonly { readonly text: string; readonly command?: string }[];
}

async function refused(argv: readonly string[]): Promise<ErrorDocument> {
  const ended = await office.mailauth(['setup', '--json', ...argv], { env: { ...office.env, MAILAUTH_STORE: 'file' } });
  const error = ended.document<ErrorDocument>();
  expect(error.schema).toBe('mailauth.error/1');
  expect(error.exitCode).toBe(ended.code);
  expect(office.endpoint.received).toEqual([]);
  return error;
}

const secretFile = (content: string): string => {
  const file = join(office.configDir, 'secret.txt');
  writeFileSync(file, content, { mode: 0o600 });
  return file;
};

describe('a set-up by script that cannot begin', () => {
  it('N13 names everything that is missing at once, with the step and the page that yield it', async () => {
    const error = await refused(['outlook']);
    expect(error).toMatchObject({ code: 'missing_input', exitCode: 64 });
    expect(error.missing.map(({ flag }) => flag)).toEqual([
      '--account',
      '--client-id',
      '--tenant',
      '--client-secret-file',
    ]);
    expect(error.missing.map(({ step }) => step)).toEqual(['1', '6', '6', '9']);
    expect(error.missing.at(-1)?.url).toMatch(/^https:\/\/entra\.microsoft\.com\//);
    expect(error.fix[0]?.command).toBe('mailauth guide outlook');
    expect(existsSync(join(office.configDir, 'accounts.json'))).toBe(false);
  });

  it('T21 takes no Secret ID for the secret', async () => {
    const error = await refused([
      ...['outlook', '--account', ADDRESS, '--tenant', GUID, '--client-id', GUID],
      ...['--client-secret-file', secretFile('22222222-3333-4444-5555-666666666666')],
    ]);
    expect(error).toMatchObject({ code: 'client_secret_is_id', exitCode: 78 });
    expect(error.message).toMatch(/Secret ID.*Value/);
  });

  it.each([
    ['a file that is not there', ['--client-secret-file', '/nowhere/secret.txt'], 'file_not_found', 66],
    ['an address that is none', ['--account', 'reception'], 'bad_input', 65],
    [
      'two things that exclude each other',
      ['--client-type', 'desktop', '--app-redirect-uri', 'https://a.example/cb'],
      'usage',
      64,
    ],
    ['a flag that is none', ['--client-secret', 'x'], 'usage', 64],
  ] as const)('is told %s', async (_name, flags, code, exitCode) => {
    expect(await refused(['gmail', '--account', ADDRESS, ...flags])).toMatchObject({ code, exitCode });
  });
});
