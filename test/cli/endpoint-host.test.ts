/** An issuer whose endpoints are on another host: a person decides about it once, and the account remembers. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endpointHosts } from '../../src/account/record.js';
import { MailauthError } from '../../src/explain/problem.js';
import type { Interviewer } from '../../src/flows/interviewer.js';
import { GOOD, type Office, openOffice } from './office.js';

const ELSEWHERE = '127.0.0.1';
const SCOPES = 'openid email https://mail.google.com/';
let office: Office;

beforeEach(async () => {
  office = await openOffice();
});
afterEach(() => office.close());

function answerDiscovery(): void {
  const { origin, port } = office.endpoint;
  office.endpoint.answer('/.well-known/openid-configuration', {
    body: {
      issuer: origin,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `https://${ELSEWHERE}:${port}/token`,
      revocation_endpoint: `https://${ELSEWHERE}:${port}/revoke`,
    },
  });
}

function setUp(more: readonly string[] = [], answers: Partial<Interviewer> = {}) {
  const write = (name: string, content: string): string => {
    const file = join(office.configDir, name);
    writeFileSync(file, content, { mode: 0o600 });
    return file;
  };
  answerDiscovery();
  return office.mailauth(
    [
      ...['setup', 'custom', '--json', '--account', 'jo@happypaws.example', '--issuer', office.endpoint.origin],
      ...['--ca', office.caFile, '--client-id', 'mailauth', '--scope', 'openid', '--scope', 'email'],
      ...['--client-secret-file', write('secret.txt', 'a-secret-of-some-length')],
      ...['--refresh-token-file', write('token.txt', 'a-refresh-token-of-some-length')],
      ...['--smtp-host', 'localhost', '--smtp-port', String(office.smtp.port), '--smtp-security', 'starttls'],
      ...['--imap-host', 'localhost', '--imap-port', String(office.imap.port), '--imap-security', 'tls'],
      ...more,
    ],
    { env: { ...office.env, MAILAUTH_STORE: 'file' }, answers },
  );
}

function answerTokens(): void {
  office.answer({ status: 400, body: { error: 'invalid_grant', error_description: 'no such code' } });
  for (const _ of ['sign-in', 'check']) office.answer({ body: { ...GOOD, scope: SCOPES } });
}

describe('endpoints on another host than the issuer', () => {
  it('a script is told the hosts and the flag that allows them, and nothing is sent there', async () => {
    const ended = await setUp();
    expect(ended.code).toBe(65);
    const { code, message, fix } = ended.document<{ code: string; message: string; fix: { command: string }[] }>();
    expect(code).toBe('bad_input');
    expect(message).toContain(`localhost:${office.endpoint.port} has endpoints on another host: ${ELSEWHERE}`);
    expect(fix[0]?.command).toBe(`mailauth setup custom --endpoint-host ${ELSEWHERE}`);
    expect(office.endpoint.received.map(({ path }) => path)).toEqual(['/.well-known/openid-configuration']);
  });

  it('with the flag the account is set up, and signing in again needs no flag', async () => {
    answerTokens();
    const ended = await setUp(['--endpoint-host', ELSEWHERE]);
    expect(ended.code).toBe(0);
    const account = await office.account('custom');
    expect(account.endpoints.token).toContain(ELSEWHERE);
    expect(endpointHosts(account.endpoints)).toEqual([ELSEWHERE]);
  });

  it('a flag that names another host is not enough', async () => {
    const ended = await setUp(['--endpoint-host', 'token.example.com']);
    expect(ended.code).toBe(65);
  });

  it('a person is asked, and may say no', async () => {
    const asked: string[] = [];
    const ended = await setUp([], {
      choose: async (message, choices, scripted) => {
        if (scripted instanceof MailauthError && !message.includes(ELSEWHERE)) throw scripted;
        asked.push(message);
        expect(choices.map(({ value }) => value)).toEqual(['no', 'yes']);
        return choices[0]?.value as never;
      },
    });
    expect(ended.code).toBe(65);
    expect(asked).toEqual([expect.stringContaining(ELSEWHERE)]);
  });

  it('a person who says yes goes on', async () => {
    answerTokens();
    const ended = await setUp([], {
      choose: async (message, choices, scripted) => {
        if (message.includes(ELSEWHERE)) return choices[1]?.value as never;
        if (scripted instanceof MailauthError) throw scripted;
        return scripted as never;
      },
    });
    expect(ended.code).toBe(0);
  });

  it('is not asked again when the set-up is carried on', async () => {
    office.answer({ status: 400, body: { error: 'invalid_grant', error_description: 'no such code' } });
    office.answer({ status: 503, body: {} });
    const first = await setUp([], {
      choose: async (message, choices, scripted) => {
        if (message.includes(ELSEWHERE)) return choices[1]?.value as never;
        throw scripted;
      },
    });
    expect(first.code, first.stderr).toBe(75);
    answerTokens();
    const second = await setUp();
    expect(second.code, second.stderr).toBe(0);
  });
});
