import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  adviseClock,
  adviseMissingScopes,
  adviseSecretExpiry,
  adviseSignInEnd,
  adviseWrongAccount,
} from '../../src/explain/advice.js';
import { type Code, EXIT_OF } from '../../src/explain/codes.js';
import { type Evidence, withoutSecrets } from '../../src/explain/evidence.js';
import { diagnose, explain } from '../../src/explain/explain.js';
import { describeCode } from '../../src/explain/meanings.js';
import { explainPaste } from '../../src/explain/paste/paste.js';
import type { Problem } from '../../src/explain/problem.js';
import type { Rule } from '../../src/explain/rule.js';
import { commonRules } from '../../src/explain/rules/order.js';
import { MAIL_FAILURES } from '../../src/mail/evidence.js';
import { custom } from '../../src/providers/custom.js';
import { gmail } from '../../src/providers/gmail/provider.js';
import { outlook } from '../../src/providers/outlook/provider.js';
import { errorDocument } from '../../src/render/problem.js';
import { json } from '../../src/words/sanitise.js';
import { rulesOf } from '../providers/own-rules.js';
import { sampleOf } from './samples.js';

const providers = [gmail, outlook, custom];
const everyRule: readonly Rule[] = [...new Set([...providers.flatMap(rulesOf), ...commonRules])];
const codes = Object.keys(EXIT_OF) as Code[];

const answers = {
  name: 'office',
  account: 'a@example.com',
  'client-id': '11111111-2222-3333-4444-555555555555',
  tenant: 'example.com',
  'signs-in': 'a@example.com',
  'consent-tenant': 'example.com',
  'consent-scope': 'https://outlook.office.com/SMTP.Send',
  project: 'mail-123',
  'redirect-uri': 'http://localhost:8765/callback',
};

function wordsOf(explanation: Problem): string[] {
  const { message, fix } = explanation;
  return [message, ...fix.flatMap(({ text, command, url }) => [text, command ?? '', url ?? ''])];
}

function at(evidence: Partial<Evidence>): Evidence {
  return { where: 'smtp', stage: 'auth', text: '', ...evidence };
}

/** What mailauth finds itself in an answer, as `Evidence.error` names it. */
const FINDINGS: ReadonlySet<string> = new Set([
  'issuer_mismatch',
  'endpoint_refused',
  'response_rejected',
  'id_token_rejected',
  'id_token_expired',
  'token_malformed',
  'token_type_unsupported',
]);

describe('an explanation', () => {
  it('leaves no placeholder unfilled, whatever is known', () => {
    for (const provider of [undefined, ...providers]) {
      for (const known of [{}, answers]) {
        for (const rule of everyRule) {
          const context = provider === undefined ? { answers: known } : { provider, answers: known };
          const told = wordsOf(diagnose(rule, sampleOf(rule.id), context));
          expect(told.filter((text) => /\{[\w-]*\}/.test(text))).toEqual([]);
        }
      }
    }
  });

  it('fits two lines of a terminal with ordinary answers', () => {
    for (const provider of providers) {
      for (const rule of everyRule) {
        expect(diagnose(rule, sampleOf(rule.id), { provider, answers }).message.length).toBeLessThanOrEqual(200);
      }
    }
  });

  it('carries code, exit, person, one next action and the words of the server', async () => {
    const sample = sampleOf('smtp-5.7.139-mailbox');
    expect(await explain(sample, { provider: outlook, answers })).toMatchObject({
      rule: 'smtp-5.7.139-mailbox',
      code: 'smtp_auth_disabled',
      exit: 69,
      who: 'admin',
      retryable: false,
      server: sample.text,
      fix: [
        { command: 'Set-CASMailbox -Identity a@example.com -SmtpClientAuthenticationDisabled $false' },
        { url: 'https://admin.microsoft.com/#/users' },
      ],
    });
  });

  it('tells SMTP AUTH off for the tenant from off for the mailbox', async () => {
    const reply = async (words: string) =>
      (
        await explain(
          at({ status: 535, enhanced: '5.7.139', text: `535 5.7.139 Authentication unsuccessful, ${words}` }),
          {
            provider: outlook,
            answers,
          },
        )
      ).rule;
    expect(await reply('SmtpClientAuthentication is disabled for the Tenant.')).toBe('smtp-5.7.139-tenant');
    expect(await reply('SmtpClientAuthentication is disabled for the Mailbox.')).toBe('smtp-5.7.139-mailbox');
  });

  it('keeps secrets out of the words of the server', async () => {
    const evidence = withoutSecrets(at({ status: 535, text: 'refused refresh_token=abcdefgh12345678' }));
    const explanation = await explain(evidence, { answers: {} });
    expect(explanation.server).toBe('refused refresh_token=[secret]');
  });

  it('keeps what no rule knows unknown, in the words of the server', async () => {
    const explanation = await explain(at({ status: 599, text: '599 the moon is full' }), {
      provider: outlook,
      answers,
    });
    expect(explanation).toMatchObject({ code: 'unknown', exit: 76, server: '599 the moon is full' });
    expect(explanation.rule).toBeUndefined();
  });

  it.each<[string, Partial<Evidence>, 'server' | 'detail']>([
    ['an SMTP reply', { where: 'smtp', status: 535, text: '535 no' }, 'server'],
    ['an IMAP refusal', { where: 'imap', error: 'NO', text: 'NO AUTHENTICATE failed.' }, 'server'],
    ['an IMAP goodbye', { where: 'imap', error: 'BYE', text: '* BYE later' }, 'server'],
    ['an OAuth error', { where: 'token', stage: 'response', status: 400, text: 'no' }, 'server'],
    ['an error of the page', { where: 'authorization', stage: 'response', text: 'no' }, 'server'],
    ['a deadline of ours', { where: 'imap', error: 'ETIMEDOUT', text: 'no answer within 20 seconds' }, 'detail'],
    ['a connection that fails', { where: 'token', stage: 'connect', text: 'connect ECONNREFUSED' }, 'detail'],
    ['a certificate', { where: 'smtp', stage: 'tls', text: 'certificate has expired' }, 'detail'],
    ['a reset after the request', { where: 'token', stage: 'response', text: 'read ECONNRESET' }, 'detail'],
    [
      'a document we refuse',
      { where: 'discovery', status: 200, error: 'issuer_mismatch', finding: true, text: 'other' },
      'detail',
    ],
    [
      'an ID token we refuse',
      { where: 'token', status: 200, error: 'id_token_rejected', finding: true, text: 'nonce' },
      'detail',
    ],
  ])('tells the words of a server from what this machine noticed: %s', async (_, evidence, place) => {
    const explanation = await explain(at(evidence), { answers: {} });
    expect(explanation[place]).toBe(evidence.text);
    expect(explanation).not.toHaveProperty(place === 'server' ? 'detail' : 'server');
  });

  it('names where the answer came from', async () => {
    const evidence = at({ stage: 'connect', error: 'ECONNREFUSED', host: 'mail.example.com', port: 587 });
    expect((await explain(evidence, { answers })).message).toBe('nothing accepts connections at mail.example.com:587');
  });

  it('says how long to wait where the server said so', async () => {
    const evidence = at({ where: 'token', stage: 'response', status: 429, retryAfter: 300, text: 'slow' });
    expect(await explain(evidence, { answers })).toMatchObject({
      code: 'rate_limited',
      retryable: true,
      fix: [{ text: 'wait 5 minutes, then check again', command: 'mailauth check office' }],
    });
  });

  it('lets no answer move the cursor', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (hostile) => {
        const known = { name: hostile, account: hostile, project: hostile, tenant: hostile, 'client-id': hostile };
        const explanation = adviseWrongAccount(hostile, hostile, { provider: gmail, answers: known });
        // As it leaves: where output is written, all of it passes one wall.
        const told = JSON.parse(json(errorDocument(explanation))) as Problem;
        return wordsOf(told).every((text) => !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text));
      }),
    );
  });
});

describe('an app, to which nobody signs in', () => {
  const known = { ...answers, 'sign-in': 'app', 'object-id': '0b5d2f6e-0000-4000-8000-000000000001' };

  it.each([
    'smtp-5.7.3',
    'exchange-imap-refused',
    'exchange-pop-refused',
    'exchange-not-connected',
    'exchange-logon-failure',
  ])('is told at %s of the administrator who lets it in, with the whole command, and may wait for it', async (rule) => {
    const problem = await explain(sampleOf(rule), { provider: outlook, answers: known });
    expect(problem).toMatchObject({ rule, who: 'admin', settles: true });
    expect(problem.fix[0]?.command).toMatch(/^mailauth guide outlook --sign-in app --format powershell /);
    expect(problem.fix[0]?.command).toContain('--object-id 0b5d2f6e-0000-4000-8000-000000000001');
    expect(problem.fix[0]?.command).not.toMatch(/<|\{/);
    expect(JSON.stringify(problem.fix)).not.toMatch(/sign in again|--auth-user/);
  });

  it.each(['exchange-send-as', 'smtp-5.7.60'])('is named in the command at %s', async (rule) => {
    const problem = await explain(sampleOf(rule), { provider: outlook, answers: known });
    expect(problem.fix[0]?.command).toContain('-Trustee 0b5d2f6e-0000-4000-8000-000000000001');
    const person = await explain(sampleOf(rule), { provider: outlook, answers });
    expect(person.fix[0]?.command).toContain('-Trustee a@example.com');
    expect(person.settles).toBeUndefined();
  });
});

describe('a refresh token that is not taken', () => {
  it.each([
    ['gmail', 'Token has been expired or revoked.', 'google-expired-or-revoked'],
    ['gmail', 'Bad Request', 'google-refresh-bad-request'],
    ['gmail', 'invalid_grant', 'google-refresh-refused'],
    ['gmail', 'reauth related error (invalid_rapt)', 'google-session-control'],
    ['outlook', 'AADSTS700082: The refresh token has expired due to inactivity.', 'aadsts700082'],
    ['outlook', 'AADSTS65001: The user or administrator has not consented', 'aadsts65001'],
    ['outlook', 'AADSTS53003: Access has been blocked by Conditional Access policies.', 'aadsts53003'],
    ['outlook', 'AADSTS999999: something new', 'oauth-refresh-invalid-grant'],
    ['custom', 'grant request is invalid', 'oauth-refresh-invalid-grant'],
  ])('is signin_expired at %s, the cause told by the text: %s', async (id, text, rule) => {
    const provider = providers.find((candidate) => candidate.id === id) ?? custom;
    const evidence = at({
      where: 'token',
      stage: 'response',
      status: 400,
      grant: 'refresh_token',
      error: 'invalid_grant',
      text,
    });
    expect(await explain(evidence, { provider, answers })).toMatchObject({ code: 'signin_expired', exit: 77, rule });
  });

  it('is not confused with a code that is not taken', async () => {
    const evidence = at({
      where: 'token',
      stage: 'response',
      grant: 'authorization_code',
      error: 'invalid_grant',
      text: 'no',
    });
    expect((await explain(evidence, { answers })).code).toBe('signin_required');
  });
});

describe('placeholders', () => {
  const fixOf = async (ruleId: string, known: Readonly<Record<string, string>>, provider = outlook) =>
    (await explain(sampleOf(ruleId), { provider, answers: known })).fix[0];

  it('fill links, with the link for administrators from the provider', async () => {
    expect((await fixOf('aadsts90094', answers))?.url).toMatch(
      /^https:\/\/login\.microsoftonline\.com\/example\.com\/v2\.0\/adminconsent\?client_id=11111111-.*&redirect_uri=http%3A%2F%2Flocalhost%3A8765%2Fcallback$/,
    );
    expect((await fixOf('google-secret-invalid', answers, gmail))?.url).toBe(
      'https://console.cloud.google.com/auth/clients?project=mail-123',
    );
  });

  it('fill what is sent to an administrator, with the link and never without it', async () => {
    const send = (await fixOf('aadsts90094', answers))?.send;
    expect(send).toMatch(
      /^Please open the link and click Accept\..* \(client ID 11111111-.*\) .* a@example\.com\..* https:\/\/login\./,
    );
    expect((await fixOf('aadsts90094', { tenant: 'example.com' }))?.send).toBeUndefined();
    expect((await fixOf('google-admin-policy', answers, gmail))?.send).toMatch(
      /^Please trust our app with the client ID 11111111-.*.* a@example\.com .*https:\/\/admin\.google\.com\//,
    );
  });

  it('leave out the project that is not known, and a link that would lead nowhere', async () => {
    expect((await fixOf('google-secret-invalid', {}, gmail))?.url).toBe(
      'https://console.cloud.google.com/auth/clients',
    );
    expect((await fixOf('aadsts7000215', {}))?.url).toBeUndefined();
    expect((await fixOf('aadsts90094', { tenant: 'example.com' }))?.url).toBeUndefined();
  });

  it('are named in a command where the answer is not known', async () => {
    expect((await fixOf('aadsts7000222', {}))?.command).toBe('mailauth setup <name> --from-step 7');
  });

  it.each([
    ['a@example.com', 'a@example.com'],
    ["o'brien@example.com", '"o\'brien@example.com"'],
    ['a b@example.com', '"a b@example.com"'],
    ['$(rm -rf ~)@example.com', '<account>'],
    ['a`b@example.com', '<account>'],
    ['"x"@example.com', '<account>'],
    ['-Force', '"-Force"'],
  ])('cannot become syntax of a shell: %s', async (account, shown) => {
    expect((await fixOf('smtp-5.7.139-tenant', { account }))?.command).toBe(
      `Set-CASMailbox -Identity ${shown} -SmtpClientAuthenticationDisabled $false`,
    );
  });
});

describe('what is known without a failure', () => {
  const DAY = 86_400;

  it('tells a project in Testing by the length of the sign-in', () => {
    const advice = adviseSignInEnd({ lifetime: 604_799, date: '2026-11-30' }, { provider: gmail, answers });
    expect(advice).toMatchObject({ code: 'signin_ends_soon', rule: 'google-testing-seven-days', exit: 77 });
    expect(advice.message).toContain('2026-11-30');
    expect(advice.fix[0]).toMatchObject({ step: '6', command: 'mailauth authorize office' });
  });

  it.each([1 * DAY, 6 * DAY, 8 * DAY, 30 * DAY])(
    'tells any other length as a limit somebody chose: %d s',
    (lifetime) => {
      expect(adviseSignInEnd({ lifetime, date: '2026-11-30' }, { provider: gmail, answers }).rule).toBe(
        'google-limited-access',
      );
    },
  );

  it('knows nothing of Testing elsewhere', () => {
    expect(adviseSignInEnd({ lifetime: 7 * DAY, date: '2026-11-30' }, { provider: custom, answers }).rule).toBe(
      'sign-in-ends',
    );
  });

  it.each([
    [12, 'client_secret_expires_soon'],
    [0, 'client_secret_expires_soon'],
    [-1, 'client_secret_expired'],
  ])('knows the last day of a secret: %d days left', (days, code) => {
    const advice = adviseSecretExpiry(days, '2026-12-05', { provider: outlook, answers });
    expect(advice).toMatchObject({ code, exit: 78, fix: [{ command: 'mailauth setup office --from-step 7' }] });
    expect(advice.message).toContain('2026-12-05');
  });

  it('forgives a clock five minutes, and no more', () => {
    expect(adviseClock(300, { answers })).toBeUndefined();
    expect(adviseClock(-300, { answers })).toBeUndefined();
    expect(adviseClock(Number.NaN, { answers })).toBeUndefined();
    expect(adviseClock(301, { answers })).toMatchObject({ code: 'clock_skew', rule: 'clock-ahead' });
    expect(adviseClock(-7200, { answers })?.message).toContain('2 hours behind');
  });

  it('names a wrong clock as the cause where nothing else is known, and beside another cause', async () => {
    const evidence = at({ where: 'token', stage: 'response', status: 400, text: 'odd', clockOffset: 90_000 });
    expect(await explain(evidence, { answers })).toMatchObject({ code: 'clock_skew', server: 'odd' });
    const refused = await explain({ ...evidence, error: 'invalid_client' }, { answers });
    expect(refused.code).toBe('client_secret_wrong');
    expect(refused.fix.at(-1)?.text).toContain('automatic time');
  });

  it('names what the sign-in left out, and how to fix it at each provider', () => {
    const missing = ['https://outlook.office.com/SMTP.Send'];
    const advice = adviseMissingScopes(missing, { provider: outlook, answers });
    expect(advice).toMatchObject({
      code: 'consent_missing_scope',
      exit: 77,
      fix: [{ step: '12' }, { step: '12.iii' }],
    });
    expect(advice.message).toContain('SMTP.Send');
    expect(adviseMissingScopes(['https://mail.google.com/'], { provider: gmail, answers }).message).toContain('box');
  });

  it.each([
    'SIGN_IN_ENDS',
    'SIGN_IN_ENDED',
    'SECRET_EXPIRED',
    'SECRET_EXPIRES_SOON',
    'CLOCK_AHEAD',
    'missing_scope',
    'no_refresh_token',
    'wrong_account',
    'wrong_audience',
  ])('is never brought up by a server: %s', async (error) => {
    for (const provider of providers) {
      const evidence = at({ where: 'token', stage: 'response', status: 400, error, text: error });
      expect((await explain(evidence, { provider, answers })).code).toBe('unknown');
    }
  });

  it('names both accounts where another one has signed in', () => {
    const advice = adviseWrongAccount('b@example.com', 'a@example.com', { provider: gmail, answers });
    expect(advice).toMatchObject({
      code: 'wrong_account',
      message: 'the browser signed in as b@example.com, not as a@example.com',
      fix: [{}, { command: 'mailauth setup office --auth-user b@example.com' }],
    });
  });
});

/** Every word the adapters can put into `error`, beside the refusals of servers. */
const NODE_WORDS: Readonly<Record<Evidence['stage'], readonly string[]>> = {
  dns: ['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'EAI_NONAME', 'ESERVFAIL', 'ENODATA', 'ETIMEDOUT'],
  proxy: ['ECONNREFUSED', 'ETIMEDOUT', 'ECONNRESET', 'EPROXY', 'ENOTFOUND'],
  connect: [
    'ECONNREFUSED',
    'ECONNRESET',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'EHOSTDOWN',
    'ENETDOWN',
    'EADDRNOTAVAIL',
    'EACCES',
    'EPERM',
    'ETIMEDOUT',
    'EHTTPS',
  ],
  tls: [
    'CERT_HAS_EXPIRED',
    'CERT_NOT_YET_VALID',
    'CERT_REVOKED',
    'CERT_UNTRUSTED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_GET_ISSUER_CERT',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'INVALID_CA',
    'HOSTNAME_MISMATCH',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'ERR_SSL_UNSUPPORTED_PROTOCOL',
    'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
    'EPROTO',
    'ECONNRESET',
    'CLOSED',
    'ETIMEDOUT',
    'PLAINTEXT_ON_TLS_PORT',
  ],
  greeting: [
    'CLOSED',
    'ECONNRESET',
    'ETIMEDOUT',
    'PREAUTH',
    'TLS_ON_PLAINTEXT_PORT',
    'PROTOCOL',
    'BYE',
    'LOGIN_REFUSED',
  ],
  starttls: ['CLOSED', 'ETIMEDOUT', 'STARTTLS_MISSING', 'STARTTLS_REFUSED', 'STARTTLS_INJECTION', 'BYE'],
  capability: ['CLOSED', 'ETIMEDOUT', 'MECHANISM_NOT_OFFERED', 'FLOOD', 'BYE', 'ECONNRESET'],
  auth: ['CLOSED', 'ETIMEDOUT', 'LOGIN_REFUSED', 'SASL_LOOP', 'FLOOD', 'ECONNRESET', 'PROTOCOL'],
  mailbox: ['CLOSED', 'ETIMEDOUT', 'FLOOD', 'ECONNRESET', 'BYE'],
  response: ['EMSGSIZE', 'ETIMEDOUT', 'ECONNRESET', 'intercepted', 'rate_limited', 'server_error'],
};

describe('the words of the adapters', () => {
  const cases = Object.entries(NODE_WORDS).flatMap(([stage, words]) =>
    words.map((word) => [stage as Evidence['stage'], word] as const),
  );

  it.each(cases)('are known: %s %s', async (stage, error) => {
    const mail = ['greeting', 'starttls', 'capability', 'auth', 'mailbox'].includes(stage);
    const places: Evidence['where'][] = mail
      ? ['imap', 'smtp']
      : stage === 'response'
        ? ['token']
        : ['token', 'smtp', 'imap'];
    for (const where of places) {
      if (where === 'smtp' && error === 'BYE') continue;
      expect((await explain({ where, stage, error, text: '' }, { answers })).rule, where).toBeDefined();
    }
  });

  it.each(Object.keys(MAIL_FAILURES))('of the mail conversation are known: %s', async (error) => {
    const asked = (['imap', 'smtp'] as const).flatMap((where) =>
      (['greeting', 'starttls', 'tls', 'auth'] as const).map((stage) =>
        explain({ where, stage, error, text: '' }, { answers }),
      ),
    );
    const known = await Promise.all(asked);
    expect(known.some(({ rule }) => rule !== undefined)).toBe(true);
  });

  it.each([
    ['discovery', 'issuer_mismatch', 200, 'bad_input'],
    ['discovery', 'not_found', 404, 'bad_input'],
    ['discovery', 'endpoint_refused', 200, 'bad_input'],
    ['discovery', 'intercepted', 200, 'intercepted'],
    ['authorization', 'response_rejected', undefined, 'signin_required'],
    ['token', 'id_token_rejected', 200, 'unknown'],
    ['token', 'id_token_expired', 200, 'clock_skew'],
    ['token', 'intercepted', 302, 'intercepted'],
    ['token', 'rate_limited', 429, 'rate_limited'],
    ['token', 'server_error', 503, 'server_unavailable'],
  ] as const)('of the OAuth side are known: %s %s %s', async (where, error, status, code) => {
    const finding = FINDINGS.has(error) && { finding: true as const };
    const evidence: Evidence = { where, stage: 'response', error, text: '', ...(status && { status }), ...finding };
    expect(await explain(evidence, { answers })).toMatchObject({ code });
    expect((await explain(evidence, { answers })).rule).toBeDefined();
  });

  it.each([...FINDINGS])('of our own finding no word of a server passes for: %s', async (error) => {
    for (const where of ['discovery', 'token', 'device', 'authorization'] as const) {
      const said: Evidence = { where, stage: 'response', status: 400, error, text: 'the words of the server' };
      const explained = await explain(said, { answers });
      expect(explained, where).toMatchObject({ server: said.text });
      const rule = commonRules.find(({ id }) => id === explained.rule);
      expect(rule?.when.finding ?? rule?.when.error, where).toBeUndefined();
    }
  });

  const RFC5530 = [
    'UNAVAILABLE',
    'AUTHENTICATIONFAILED',
    'AUTHORIZATIONFAILED',
    'EXPIRED',
    'PRIVACYREQUIRED',
    'CONTACTADMIN',
    'NOPERM',
    'INUSE',
    'CORRUPTION',
    'SERVERBUG',
    'CLIENTBUG',
    'CANNOT',
    'LIMIT',
    'OVERQUOTA',
    'NONEXISTENT',
    'NO',
    'BAD',
    'BYE',
  ];
  it.each(RFC5530)('of IMAP refusals are known: %s', async (error) => {
    expect(
      (await explain({ where: 'imap', stage: 'auth', error, text: `NO [${error}] no` }, { answers })).rule,
    ).toBeDefined();
  });
});

describe('a pasted line', () => {
  it.each([
    [
      '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled',
      'outlook',
      'smtp-5.7.139-tenant',
    ],
    [
      "smtplib.SMTPAuthenticationError: (535, b'5.7.3 Authentication unsuccessful [AM0PR01CA0001.eurprd01.prod.exchangelabs.com]')",
      'outlook',
      'smtp-5.7.3',
    ],
    [
      'Error: Invalid login: 535-5.7.8 Username and Password not accepted. For more information, go to 535 5.7.8 https://support.google.com/mail/?p=BadCredentials',
      'gmail',
      'gmail-smtp-bad-credentials',
    ],
    ['BAD User is authenticated but not connected.', 'outlook', 'exchange-not-connected'],
    ['A1 NO AUTHENTICATE failed.', 'outlook', 'exchange-imap-refused'],
    ['NO [ALERT] IMAP access is disabled for your domain.', 'gmail', 'gmail-imap-domain-disabled'],
    ['AADSTS7000215: Invalid client secret provided.', 'outlook', 'aadsts7000215'],
    ['AADSTS50011', 'outlook', 'aadsts50011'],
    ['50011', 'outlook', 'aadsts50011'],
    ['Sign-in error code 53003', 'outlook', 'aadsts53003'],
    [
      '{"error":"invalid_grant","error_description":"AADSTS700082: The refresh token has expired due to inactivity."}',
      'outlook',
      'aadsts700082',
    ],
    [
      '{"error": "invalid_grant", "error_description": "Token has been expired or revoked."}',
      'gmail',
      'google-expired-or-revoked',
    ],
    ['Error 403: org_internal', 'gmail', 'google-org-internal'],
    ['Error 400: redirect_uri_mismatch', 'gmail', 'google-redirect-uri'],
    ['deleted_client', 'gmail', 'google-client-deleted'],
    ['The OAuth client was not found.', 'gmail', 'google-client-not-found'],
    ['invalid_grant', undefined, 'oauth-refresh-invalid-grant'],
    ['{"error":"invalid_client"}', undefined, 'oauth-invalid-client'],
    ['a1 NO [AUTHENTICATIONFAILED] Authentication failed.', undefined, 'imap-login-failed'],
    ['NO [UNAVAILABLE] Temporary authentication failure.', undefined, 'imap-unavailable'],
    ['535 5.7.8 Error: authentication failed: (reason unavailable)', undefined, 'smtp-login-failed'],
    ['connect ECONNREFUSED 192.0.2.1:587', undefined, 'connect-refused'],
    ['getaddrinfo ENOTFOUND smtp.example.com', undefined, 'dns-no-such-name'],
    ['Error: connect ETIMEDOUT 192.0.2.1:587', undefined, 'connect-timeout-mail'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', undefined, 'tls-self-signed'],
    ['Error: self-signed certificate in certificate chain code: SELF_SIGNED_CERT_IN_CHAIN', undefined, 'tls-inspected'],
    ['454 4.7.0 Temporary authentication failure', undefined, 'smtp-auth-temporary'],
    ['535 5.7.139', 'outlook', 'smtp-5.7.139-other'],
    ['access_denied', undefined, 'oauth-access-denied'],
    ['curl: (60) SSL certificate problem: self signed certificate', undefined, 'tls-self-signed-in-words'],
    ['x509: certificate signed by unknown authority', undefined, 'tls-issuer-unknown-in-words'],
    ['Connection refused', undefined, 'connect-refused-in-words'],
    ['Temporary failure in name resolution', undefined, 'dns-no-answer-in-words'],
    ['HTTP/1.1 503 Service Unavailable', undefined, 'http-server-error'],
  ])('is diagnosed without an account: %s', async (text, provider, rule) => {
    const found = await explainPaste(text, providers);
    expect(found.provider).toBe(provider);
    expect(found.rule).toBe(rule);
  });

  it.each(['', 'hello', 'the printer is on fire', '2026-11-23', 'INBOX'])('is not guessed at: %j', async (text) => {
    expect(await explainPaste(text, providers)).toMatchObject({ code: 'unknown' });
  });

  it('may be one of our own codes', async () => {
    expect(await explainPaste('smtp_auth_disabled', providers)).toMatchObject({
      code: 'smtp_auth_disabled',
      exit: 69,
      who: 'admin',
    });
  });

  it.each(providers.flatMap((provider) => rulesOf(provider).map((rule) => [provider.id, rule.id] as const)))(
    'in the words of %s is never taken for another provider: %s',
    async (id, rule) => {
      const sample = sampleOf(rule);
      const line = [sample.error ?? '', sample.text].join(' ').trim();
      const found = await explainPaste(line, providers);
      expect(found.rule).toBeDefined();
      expect([undefined, id]).toContain(found.provider);
    },
  );

  it('is diagnosed as its own rule for every AADSTS number', async () => {
    const numbers = rulesOf(outlook).filter((rule) => /^aadsts\d+$/.test(rule.id));
    expect(numbers.length).toBeGreaterThan(140);
    for (const rule of numbers) {
      expect((await explainPaste(sampleOf(rule.id).text, providers)).rule).toBe(rule.id);
      expect((await explainPaste(rule.id.replace('aadsts', ''), providers)).rule).toBe(rule.id);
    }
  });

  const onTheirPages = providers.flatMap((provider) =>
    provider.pageErrors
      .filter(({ shows }) => /AADSTS|Error 4/.test(shows))
      .map(({ shows }) => [provider.id, shows] as const),
  );
  it.each(onTheirPages)('may be what the page of %s shows: %s', async (_, shows) => {
    expect((await explainPaste(shows, providers)).rule).toBeDefined();
  });

  it('never throws and never stalls, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 2000 }), async (text) => {
        await explainPaste(text, providers);
      }),
      { numRuns: 30 },
    );
  });
});

describe('a code by itself', () => {
  it.each(codes)('is described: %s', (code) => {
    const { message, fix, exit, retryable } = describeCode(code);
    expect(message).toMatch(/^[a-zGM].*[^.]$/);
    expect(fix.length).toBeGreaterThan(0);
    expect(exit).toBe(EXIT_OF[code]);
    expect(retryable).toBe(exit === 75);
  });

  it.each(codes)('leaves no placeholder unfilled: %s', async (code) => {
    const explanation = (await explainPaste(code, providers)) as Problem;
    expect(wordsOf(explanation).filter((text) => /\{[\w-]*\}/.test(text))).toEqual([]);
  });
});
