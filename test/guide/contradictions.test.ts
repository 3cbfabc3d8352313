import { describe, expect, test } from 'vitest';
import { contradictions } from '../../src/guide/contradictions.js';
import type { Answers } from '../../src/guide/step.js';
import { gmail } from '../../src/providers/gmail/provider.js';
import { outlook } from '../../src/providers/outlook/provider.js';

const GUID = '6f0c2b1e-58a4-4d0e-9c55-0f8b2f7d1a11';
const TENANT = '0b7e9d42-1c3f-4f6a-8a77-5d2e4c6b9f30';

describe('contradictions name both sides', () => {
  test.each([
    [
      gmail,
      { 'client-type': 'desktop', 'app-redirect-uri': ['https://a.example/cb'] },
      ['--client-type desktop', '--app-redirect-uri'],
    ],
    [
      outlook,
      { 'client-type': 'desktop', 'app-redirect-uri': ['https://a.example/cb'] },
      ['--client-type desktop', '--app-redirect-uri'],
    ],
    [
      outlook,
      { 'client-type': 'desktop', 'client-secret-file': '-' },
      ['--client-secret-file', '--client-type desktop'],
    ],
    [outlook, { tenant: 'consumers', 'mailbox-kind': 'work' }, ['--tenant consumers', '--mailbox-kind work']],
    [gmail, { account: 'a@gmail.com', audience: 'internal' }, ['--audience internal', '--account a@gmail.com']],
    [gmail, { 'no-smtp': 'yes', 'smtp-host': 'h.example' }, ['--smtp-host h.example', '--no-smtp']],
    [gmail, { 'no-smtp': 'yes', 'no-imap': 'yes' }, ['--no-smtp', '--no-imap']],
    [gmail, { 'pop-host': 'h.example' }, ['--pop-host h.example', 'only for a set-up with --pop']],
    [gmail, { 'client-file': 'x', 'client-id': 'y' }, ['--client-id', '--client-file']],
    [gmail, { tenant: 'x' }, ['--tenant', 'gmail']],
  ])('%#', (provider, answers: Answers, both) => {
    const found = contradictions(provider, answers);
    expect(found).toHaveLength(1);
    for (const side of both) expect(found[0]).toContain(side);
  });

  test.each([
    [gmail, { account: 'a@gmail.com', 'client-file': 'x', project: 'paws-1', 'client-type': 'desktop' }],
    [gmail, { account: 'a@b.example', audience: 'internal', today: '2026-11-23', 'stored-client': 'no' }],
    [outlook, { account: 'a@b.example', tenant: TENANT, 'client-id': GUID, 'secret-expires': '2028-01-01' }],
    [outlook, { account: 'a@outlook.com', tenant: 'consumers', 'client-type': 'desktop' }],
  ])('none where all goes together: %#', (provider, answers: Answers) => {
    expect(contradictions(provider, answers)).toEqual([]);
  });
});
