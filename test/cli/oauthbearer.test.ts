import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/account/account.js';
import { run } from '../../src/cli/commands/token.js';
import { openOutput } from '../../src/cli/output.js';
import { parse } from '../../src/cli/program.js';
import { scriptInterviewer } from '../../src/cli/terminal/script.js';
import { watchFlights } from '../../src/flows/token/in-flight.js';
import { Secret } from '../../src/words/secret.js';
import { testFolder } from '../store/folder.js';
import { fileStoreIn, makeMailbox } from '../swarm/mailbox.js';

const ISSUED = Math.floor(Date.now() / 1000);
const TOKEN = 'the-access-token';

/** `token NAME` with these flags, for an account whose token is still good: no server is asked for anything. */
async function token(
  provider: 'gmail' | 'outlook' | 'custom',
  flags: readonly string[],
  account: Partial<Account> = {},
): Promise<string> {
  const configDir = testFolder();
  const store = await fileStoreIn(configDir);
  await makeMailbox(configDir, store, {
    provider,
    name: provider,
    address: 'ann@example.com',
    account: {
      smtp: { host: 'mail.example.com', port: 2525, security: 'starttls' },
      imap: { host: 'imap.example.com', port: 9993, security: 'tls' },
      ...account,
    },
    credential: { accessToken: new Secret(TOKEN), accessTokenIssued: ISSUED, accessTokenExpires: ISSUED + 3600 },
  });
  let printed = '';
  const stream = { isTTY: false, write: (text: string) => (printed += text) } as unknown as NodeJS.WriteStream;
  const env = { MAILAUTH_KEY_FILE: `${configDir}/key` };
  const output = openOutput({ stdout: stream, stderr: stream }, env, {
    json: false,
    quiet: false,
    verbose: false,
    noColor: true,
  });
  const { args = [], options = {} } = parse(['token', provider, ...flags]) ?? {};
  const code = await run({
    world: {
      env,
      platform: process.platform,
      now: () => new Date(),
      configDir,
      signal: new AbortController().signal,
      inFlight: watchFlights(new AbortController().signal),
      interviewer: scriptInterviewer(output),
      secrets: {},
      stores: new Map(),
      openBrowser: false,
    },
    output,
    args,
    options,
    attended: false,
  });
  expect(code).toBe(0);
  return printed;
}

const decoded = (printed: string) => Buffer.from(printed.trimEnd(), 'base64').toString('utf8').replaceAll('\x01', '|');

describe('M21 token --format oauthbearer', () => {
  it('M21 is, to the byte, what RFC 7628 section 3.1 makes of the address, the server and the token', async () => {
    expect(await token('custom', ['--format', 'oauthbearer', '--for', 'imap'])).toBe(
      'bixhPWFubkBleGFtcGxlLmNvbSwBaG9zdD1pbWFwLmV4YW1wbGUuY29tAXBvcnQ9OTk5MwFhdXRoPUJlYXJlciB0aGUtYWNjZXNzLXRva2VuAQE=\n',
    );
  });

  it.each([
    ['custom', 'smtp', 'n,a=ann@example.com,|host=mail.example.com|port=2525|auth=Bearer the-access-token||'],
    ['custom', 'imap', 'n,a=ann@example.com,|host=imap.example.com|port=9993|auth=Bearer the-access-token||'],
    ['gmail', 'smtp', 'n,a=ann@example.com,|host=mail.example.com|port=2525|auth=Bearer the-access-token||'],
    ['gmail', 'pop', 'n,a=ann@example.com,|host=pop.gmail.com|port=995|auth=Bearer the-access-token||'],
  ] as const)('M21 %s, %s: it names the host and the port of the connection', async (provider, protocol, text) => {
    expect(decoded(await token(provider, ['--format', 'oauthbearer', '--for', protocol]))).toBe(text);
  });

  it('M21 a signed-in account of another name is named where it is the one that logs in', async () => {
    const account = { authUser: 'boss@example.com' };
    const smtp = await token('custom', ['--format', 'oauthbearer', '--for', 'smtp'], account);
    const imap = await token('custom', ['--format', 'oauthbearer', '--for', 'imap'], account);
    expect([decoded(smtp), decoded(imap)].map((text) => /^n,a=([^,]*),/.exec(text)?.[1])).toEqual([
      'boss@example.com',
      'ann@example.com',
    ]);
  });

  it('M21 without a server to name, or where the provider does not offer it, none is made', async () => {
    await expect(token('custom', ['--format', 'oauthbearer'])).rejects.toMatchObject({ code: 'usage', exit: 64 });
    await expect(token('custom', ['--format', 'oauthbearer', '--for', 'pop'])).rejects.toMatchObject({ code: 'usage' });
    await expect(token('outlook', ['--format', 'oauthbearer', '--for', 'imap'])).rejects.toMatchObject({
      code: 'policy_blocked',
      exit: 69,
    });
  });

  it('M21 xoauth2 names nothing but the address, so it is the same for each server', async () => {
    const printed = await token('outlook', ['--format', 'xoauth2']);
    expect(decoded(printed)).toBe('user=ann@example.com|auth=Bearer the-access-token||');
  });
});
