/** A code or a refresh token of which a part is missing: what the providers answer, and what it must be called. */
import { expect, it } from 'vitest';
import type { Evidence } from '../../src/explain/evidence.js';
import { explain } from '../../src/explain/explain.js';
import { custom } from '../../src/providers/custom.js';
import { gmail } from '../../src/providers/gmail/provider.js';
import { outlook } from '../../src/providers/outlook/provider.js';

const MALFORMED = 'AADSTS9002313: Invalid request. Request is malformed or invalid. Trace ID: 1';
const NOT_VALID = (name: string) =>
  `AADSTS70000: The provided value for the input parameter '${name}' is not valid. Trace ID: 1`;

const CASES = [
  [outlook, 'authorization_code', 'invalid_grant', MALFORMED, 'signin_required'],
  [outlook, 'authorization_code', 'invalid_request', MALFORMED, 'signin_required'],
  [outlook, 'authorization_code', 'invalid_grant', NOT_VALID('code'), 'signin_required'],
  [outlook, 'refresh_token', 'invalid_grant', MALFORMED, 'signin_expired'],
  [outlook, 'refresh_token', 'invalid_grant', NOT_VALID("refresh_token' or 'assertion"), 'signin_expired'],
  [gmail, 'authorization_code', 'invalid_grant', 'Malformed auth code.', 'signin_required'],
  [gmail, 'refresh_token', 'invalid_grant', 'Bad Request', 'signin_expired'],
  [custom, 'authorization_code', 'invalid_grant', 'invalid_grant', 'signin_required'],
  [custom, 'refresh_token', 'invalid_grant', 'invalid_grant', 'signin_expired'],
] as const;

it.each(CASES)('a damaged value (%#) is explained as one', async (provider, grant, error, text, code) => {
  const evidence: Evidence = { where: 'token', stage: 'response', status: 400, grant, error, text };
  const found = await explain(evidence, { provider, answers: { name: 'office', account: 'a@example.com' } });
  expect(found.code).toBe(code);
  expect(found.message).toMatch(/cut off|damaged/);
  expect(found.message).not.toContain('permission');
  expect(found.fix.map((fix) => fix.text).join('\n')).not.toMatch(/report|wait a minute/);
  expect(found.fix[0]?.command).toBe('mailauth authorize office');
});

it('a request that was malformed for another reason is still told as that', async () => {
  const evidence: Evidence = {
    where: 'token',
    stage: 'response',
    status: 400,
    error: 'invalid_request',
    text: MALFORMED,
  };
  expect((await explain(evidence, { provider: outlook, answers: {} })).message).toContain(
    'did not understand the request',
  );
});
