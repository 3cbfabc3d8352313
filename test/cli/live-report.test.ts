/** Whoever looks at a check sees each line when it is finished; a pipe gets the whole of it at the end. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { GOOD, IMAP_SCOPE, type Office, openOffice, SMTP_SCOPE } from './office.js';

const GRANT = { body: { ...GOOD, scope: `${IMAP_SCOPE} ${SMTP_SCOPE}` } };
let office: Office;

beforeEach(async () => {
  office = await openOffice();
});
afterEach(() => office.close());

const sorted = (text: string): string[] => text.trimEnd().split('\n').sort();

it('tells the account before its token is asked for, and says at the end what a pipe is told', async () => {
  await office.employ();
  let seen = '';
  let beforeTheToken = '';
  office.endpoint.answer('/token', () => {
    beforeTheToken = seen;
    return GRANT;
  });
  const hears = (text: string): void => {
    seen += text;
  };
  const live = await office.mailauth(['check'], { terminal: true, hears });
  expect(live.code).toBe(0);
  expect(beforeTheToken).toContain('outlook  reception@happypaws.example');
  expect(beforeTheToken).not.toContain('sign-in');
  office.answer(GRANT);
  const piped = await office.mailauth(['check']);
  expect(sorted(live.stdout)).toEqual(sorted(piped.stdout));
  expect(live.stdout.trimEnd().split('\n').at(-1)).toContain('1 account: 1 working');
});

it('the lines of an account stand together, also where a later one is finished first', async () => {
  await office.employ();
  await office.employ({ provider: 'custom', mail: false });
  office.endpoint.answer('/token', async () => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    return GRANT;
  });
  office.answer(GRANT);
  const { stdout } = await office.mailauth(['check', 'custom', 'outlook'], { terminal: true });
  const lines = stdout.split('\n');
  const second = lines.findIndex((line) => line.startsWith('outlook'));
  expect(lines[0]).toMatch(/^custom/);
  expect(lines.slice(1, second).filter((line) => /^ {2}(?:OK|WARN|FAIL|SKIP)/.test(line))).toHaveLength(3);
  expect(lines.slice(second + 1).filter((line) => /^ {2}(?:OK|WARN|FAIL|SKIP)/.test(line))).toHaveLength(5);
});

it('what is skipped has its line too', async () => {
  await office.employ();
  office.answer({ status: 400, body: { error: 'invalid_grant', error_description: 'AADSTS700082: expired' } });
  const { stdout } = await office.mailauth(['check'], { terminal: true });
  expect(stdout.match(/^ {2}SKIP/gm)).toHaveLength(2);
});

it.each([
  [60, 'valid 1 minute\n'],
  [3600, 'valid 60 minutes\n'],
  [undefined, 'the provider does not say how long it is valid\n'],
])('a token of %s seconds is called what it is', async (seconds, words) => {
  await office.employ({ mail: false });
  office.answer({ body: { ...GRANT.body, expires_in: seconds } });
  expect((await office.mailauth(['check'])).stdout).toContain(words);
});
