import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AccountReport } from '../../src/explain/check.js';
import { checkDocument, renderReports } from '../../src/render/check.js';
import { styleFor } from '../../src/render/style.js';

const REPORT: AccountReport = {
  name: 'gmail',
  address: 'ann@gmail.com',
  provider: 'gmail',
  ok: true,
  signIn: 'person',
  credential: null,
  secretExpires: null,
  signInEnds: '2026-12-02T03:10:00Z',
  checks: [],
};

afterEach(() => vi.unstubAllEnvs());

describe('the end of a sign-in in a report', () => {
  it.each([
    ['America/Los_Angeles', '2026-12-01'],
    ['UTC', '2026-12-02'],
    ['Pacific/Auckland', '2026-12-02'],
  ])('is told as the day it is in %s, and as a day of UTC in the document', (zone, day) => {
    vi.stubEnv('TZ', zone);
    const now = new Date('2026-11-25T12:00:00Z');
    expect(renderReports([REPORT], now, styleFor(false), 80)).toContain(`sign-in ends ${day}`);
    expect(checkDocument([REPORT], now, 0)).toMatchObject({ accounts: [{ signInEnds: '2026-12-02' }] });
  });

  it('has come at its minute, not with its day', () => {
    const said = (time: string) => renderReports([REPORT], new Date(time), styleFor(false), 80);
    expect(said('2026-12-02T03:09:00Z')).toContain('sign-in ends');
    expect(said('2026-12-02T03:11:00Z')).toContain('sign-in ended');
  });
});
