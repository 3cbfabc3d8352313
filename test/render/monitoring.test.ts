import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AccountReport, type Check, failed, isOk } from '../../src/explain/check.js';
import { problemOf } from '../../src/explain/problem.js';
import { nagiosResult, nagiosUnknown, prometheusText } from '../../src/render/monitoring.js';

const NOW = new Date('2026-11-25T09:14:07Z');
const WORKS: readonly Check[] = [
  { id: 'store', status: 'ok' },
  { id: 'client', status: 'ok' },
  { id: 'signin', status: 'ok', expiresIn: 3540 },
  { id: 'smtp', status: 'ok', host: '2001:db8::25', port: 587 },
  { id: 'imap', status: 'ok', host: 'imap.example.com', port: 993 },
];
const REFUSED = failed('smtp', problemOf('smtp_auth_disabled', 'SMTP AUTH is off'), {
  host: '2001:db8::25',
  port: 587,
});
const ENDS: Check = {
  id: 'client',
  status: 'warn',
  ...problemOf('client_secret_expires_soon', 'the secret ends | soon'),
};

function report(checks: readonly Check[] = WORKS, changes: Partial<AccountReport> = {}): AccountReport {
  const ends = { secretExpires: '2028-11-22', signInEnds: null };
  return {
    name: 'office',
    address: 'a@example.com',
    provider: 'outlook',
    ok: isOk(checks),
    signIn: 'person',
    credential: null,
    ...ends,
    checks,
    ...changes,
  };
}

describe('--format prometheus', () => {
  it('prints each gauge once, with all of its samples together', () => {
    const text = prometheusText([report([...WORKS.slice(0, 3), REFUSED, { id: 'imap', status: 'skip' }])], NOW);
    const own = 'account="office",address="a@example.com"';
    expect(text.split('\n').filter((line) => !line.startsWith('#'))).toEqual([
      `mailauth_check_ok{${own},check="store"} 1`,
      `mailauth_check_ok{${own},check="client"} 1`,
      `mailauth_check_ok{${own},check="signin"} 1`,
      `mailauth_check_ok{${own},check="smtp"} 0`,
      `mailauth_secret_expires_timestamp_seconds{${own}} 1858464000`,
      `mailauth_last_check_timestamp_seconds{${own}} 1795598047`,
      '',
    ]);
    expect(text.match(/^# TYPE mailauth_check_ok gauge$/gm)).toHaveLength(1);
  });

  it('escapes what a label holds, and breaks no line', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('\\', '"', '\n', 'a', '}', ' ') }), (name) => {
        const [sample = ''] = prometheusText([report(WORKS, { name })], NOW)
          .split('\n')
          .filter((line) => line.startsWith('mailauth_check_ok'));
        const [, label = ''] = /^mailauth_check_ok\{account="((?:[^"\\\n]|\\[\\"n])*)",address=/.exec(sample) ?? [];
        const read = label.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
        expect(read).toBe(name);
      }),
    );
  });
});

describe('--format nagios', () => {
  it.each([
    ['what works', [report()], 0, 'OK - office works | accounts=1 failing=0 warnings=0'],
    ['several that work', [report(), report()], 0, 'OK - 2 accounts work | accounts=2 failing=0 warnings=0'],
    [
      'a warning, whose bar would begin the numbers',
      [report([ENDS])],
      1,
      'WARNING - office client: the secret ends / soon (client_secret_expires_soon) | accounts=1 failing=0 warnings=1',
    ],
    [
      'a failure',
      [report(), report([REFUSED, ENDS], { name: 'shop' })],
      2,
      'CRITICAL - shop smtp at [2001:db8::25]:587: SMTP AUTH is off (smtp_auth_disabled); shop client: the secret ends / soon (client_secret_expires_soon) | accounts=2 failing=1 warnings=1',
    ],
  ])('is one line: %s', (_, reports, exit, line) => {
    expect(nagiosResult(reports)).toEqual({ exit, line });
  });

  it('says where nothing could be found out', () => {
    const problem = problemOf('store_damaged', 'accounts.json\ncannot be read');
    expect(nagiosUnknown(problem)).toEqual({
      exit: 3,
      line: 'UNKNOWN - store_damaged: accounts.json cannot be read',
    });
  });
});
