import { expect, test } from 'vitest';
import { hostPort } from '../../src/words/host.js';

test.each([
  ['smtp.example.com', 587, 'smtp.example.com:587'],
  ['192.0.2.25', 25, '192.0.2.25:25'],
  ['2001:db8::25', 993, '[2001:db8::25]:993'],
  ['[2001:db8::25]', 993, '[2001:db8::25]:993'],
  ['::1', 'PORT', '[::1]:PORT'],
])('%s and %s', (host, port, shown) => {
  expect(hostPort(host, port)).toBe(shown);
});
