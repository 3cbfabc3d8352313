import { afterEach, expect, test, vi } from 'vitest';
import { localDay, localMinute } from '../../src/words/time.js';

afterEach(() => vi.unstubAllEnvs());

test.each([
  ['UTC', '2026-11-25', '2026-11-25 22:40 UTC'],
  ['Europe/Berlin', '2026-11-25', '2026-11-25 23:40'],
  ['Pacific/Auckland', '2026-11-26', '2026-11-26 11:40'],
  ['America/Los_Angeles', '2026-11-25', '2026-11-25 14:40'],
])('%s: a time is read on the clock of this machine', (zone, day, minute) => {
  vi.stubEnv('TZ', zone);
  expect(localDay('2026-11-25T22:40:59.000Z')).toBe(day);
  expect(localMinute('2026-11-25T22:40:59.000Z')).toBe(minute);
});

test('a day without a time is the same day everywhere', () => {
  vi.stubEnv('TZ', 'America/Los_Angeles');
  expect(localDay('2028-11-22')).toBe('2028-11-22');
});
