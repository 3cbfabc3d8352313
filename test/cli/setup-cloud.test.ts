/** An organisation whose own document names another of its provider's clouds: a person is asked, before the first step. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import { MailauthError } from '../../src/explain/problem.js';
import { discover } from '../../src/flows/discover/discover.js';
import type { Choice, Interviewer } from '../../src/flows/interviewer.js';
import type { Provider } from '../../src/guide/provider.js';
import { testFolder } from '../store/folder.js';
import { mailauth } from './in-process.js';

const ADDRESS = 'pat@agency.example';
const TENANT = '11111111-2222-3333-4444-555555555555';
const DIRECTORY = 'https://login.microsoftonline.com/agency.example/v2.0/.well-known/openid-configuration';

/** What the directory says of the domain, whose mail the servers of the provider take. */
let document: Readonly<Record<string, string>>;
vi.mock('../../src/flows/discover/places.js', () => ({
  discoverFrom: async (_: unknown, address: string) =>
    discover(address, {
      fetch: async (url) => new Response(String(url) === DIRECTORY ? JSON.stringify(document) : '{}'),
      names: {
        exchangers: async () => ['agency-example.mail.protection.office365.us'],
        services: async () => [],
      },
      challenge: async () => undefined,
      signal: new AbortController().signal,
    }),
}));

const STOPPED = new MailauthError('interrupted', 'seen enough');
const asked: { readonly message: string; readonly values: readonly string[]; readonly scripted: unknown }[] = [];
let opened: Provider | undefined;
const person: Partial<Interviewer> = {
  attended: true,
  async choose<T extends string>(message: string, choices: readonly Choice<T>[], scripted: NoInfer<T> | Error) {
    asked.push({ message, values: choices.map(({ value }) => value), scripted });
    return choices[0]?.value as T;
  },
  open: async (provider) => {
    opened = provider;
    throw STOPPED;
  },
};

beforeEach(() => {
  asked.splice(0);
  opened = undefined;
});

async function setUp(...more: readonly string[]): Promise<void> {
  const configDir = join(testFolder(), 'config');
  mkdirSync(configDir, { mode: 0o700 });
  await mailauth(['setup', ADDRESS, '--store', 'file', ...more], { configDir, env: {}, answers: person });
}

it.each([
  [{ tenant_region_sub_scope: 'DODCON' }, 'us-gov', 'outlook.office365.us'],
  [{ tenant_region_sub_scope: 'DOD' }, 'us-dod', 'outlook-dod.office365.us'],
])('%o is proposed as %s, and the guide opens there', async (fields, cloud, imap) => {
  document = { issuer: `https://login.microsoftonline.us/${TENANT}/v2.0`, ...fields };
  await setUp();
  expect(asked.map(({ message }) => message)).toEqual([
    'Who provides the mailbox?',
    expect.stringMatching(/has its mail in a cloud of its own of .*\. Which one\?$/),
  ]);
  expect(asked[1]?.values[0]).toBe(cloud);
  expect([...(asked[1]?.values ?? [])].sort()).toEqual(['china', 'global', 'us-dod', 'us-gov']);
  expect(opened?.imap?.host).toBe(imap);
});

it('is not asked about where the flag names the cloud, or where the mail is in the usual one', async () => {
  document = { issuer: `https://login.microsoftonline.us/${TENANT}/v2.0`, tenant_region_sub_scope: 'DODCON' };
  await setUp('--cloud', 'us-dod');
  expect(asked).toHaveLength(1);
  expect(opened?.imap?.host).toBe('outlook-dod.office365.us');
  document = { issuer: `https://login.microsoftonline.com/${TENANT}/v2.0`, tenant_region_sub_scope: 'GCC' };
  await setUp();
  expect(asked).toHaveLength(2);
  expect(opened?.imap?.host).toBe('outlook.office365.com');
});
