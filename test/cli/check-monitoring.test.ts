import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GOOD, type Office, openOffice } from './office.js';

let office: Office;

beforeEach(async () => {
  office = await openOffice();
});
afterEach(() => office.close());

describe('a check for programs that watch', () => {
  it('ends with 0 for Nagios, on one line, where all is well', async () => {
    await office.employ();
    office.answer({ body: GOOD });
    const { code, stdout } = await office.mailauth(['check', '--format', 'nagios']);
    expect([code, stdout]).toEqual([0, 'OK - outlook works | accounts=1 failing=0 warnings=0\n']);
  });

  it('ends with 2 for Nagios where the sign-in is refused, and with its own number for Prometheus', async () => {
    await office.employ();
    const refusal = { status: 400, body: { error: 'invalid_grant', error_description: 'no' } };
    office.answer(refusal);
    const nagios = await office.mailauth(['check', '--format', 'nagios']);
    expect(nagios.code).toBe(2);
    expect(nagios.stdout).toMatch(
      /^CRITICAL - outlook signin: .* \(signin_expired\) \| accounts=1 failing=1 warnings=0\n$/,
    );
    office.answer(refusal);
    const prometheus = await office.mailauth(['check', '--format', 'prometheus']);
    expect(prometheus.code).toBe(77);
    expect(prometheus.stdout).toMatch(/^mailauth_check_ok\{account="outlook",address="[^"]+",check="signin"\} 0$/m);
  });

  it('ends with 3 for Nagios where nothing could be checked', async () => {
    const { code, stdout } = await office.mailauth(['check', '--format', 'nagios']);
    expect([code, stdout]).toEqual([3, 'UNKNOWN - no_such_account: no account is set up yet\n']);
  });

  it('prints the document for --format json, and takes no two formats', async () => {
    await office.employ();
    office.answer({ body: GOOD });
    const { stdout } = await office.mailauth(['check', '--format', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'mailauth.check/1', ok: true });
    expect((await office.mailauth(['check', '--json', '--format', 'nagios'])).code).toBe(64);
    expect((await office.mailauth(['check', '--format', 'xml'])).code).toBe(64);
  });
});
