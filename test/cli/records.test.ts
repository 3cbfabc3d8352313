/** Every provider that an address alone can lead to, from the first question to the proven mailbox, as a person meets it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Entered, Interviewer, Reply } from '../../src/flows/interviewer.js';
import type { Provider } from '../../src/guide/provider.js';
import type { AnswerValue, Question } from '../../src/guide/step.js';
import { providers } from '../../src/providers/directory.js';
import { makeKeyFile } from '../../src/store/file/key.js';
import { protocols } from '../../src/words/protocol.js';
import { Secret } from '../../src/words/secret.js';
import { makeAuthority } from '../servers/certificates.js';
import { startImapServer } from '../servers/imap-server.js';
import { freePorts } from '../servers/ports.js';
import { startSmtpServer } from '../servers/smtp-server.js';
import { type StrictProvider, startStrictProvider } from '../servers/strict-provider.js';
import { testFolder } from '../store/folder.js';
import { mailauth } from './in-process.js';
import { browserOf, MAILBOX } from './provider-town.js';

/** Those with a console of two pages more have tests of their own. */
const RECORDS = providers.filter(({ issuer, app }) => issuer !== undefined && app === undefined);
const CLIENT = '0123456789abcdef0123456789abcdef';

async function world(record: Provider) {
  const authority = makeAuthority();
  const secret = record.client.secret[record.client.defaultType] ? CLIENT.replaceAll('0', '9') : '';
  const provider = await startStrictProvider(authority, 'google', { clientId: CLIENT, secret, tenant: '' });
  const leaf = authority.issue();
  const verify = provider.verify;
  const smtp = await startSmtpServer({ leaf, security: record.smtp?.security ?? 'tls', verify });
  const imap = await startImapServer({ leaf, security: 'tls', verify, messages: 4 });
  onTestFinished(async () => {
    await Promise.all([provider.stop(), smtp.close(), imap.close()]);
  });
  const configDir = join(testFolder(), 'config');
  mkdirSync(configDir, { mode: 0o700 });
  await makeKeyFile(join(configDir, 'key'));
  const ca = join(configDir, 'ca.pem');
  writeFileSync(ca, authority.cert);
  // The usual one may be another test's.
  const [port = 0] = await freePorts(1);
  const env = { MAILAUTH_KEY_FILE: join(configDir, 'key'), MAILAUTH_STORE: 'file' };
  /** What makes the provider's world this one; everything else is asked for. */
  const here = [
    ...['--issuer', provider.origin, '--ca', ca, '--redirect-port', String(port)],
    ...[
      '--smtp-host',
      'localhost',
      '--smtp-port',
      String(smtp.port),
      '--smtp-security',
      record.smtp?.security ?? 'tls',
    ],
    ...['--imap-host', 'localhost', '--imap-port', String(imap.port), '--imap-security', 'tls'],
  ];
  return { provider, configDir, env, here, port, imap };
}

/** Somebody who does what every step says, answers what is asked, and keeps what is proposed. */
function personAt(record: Provider, provider: StrictProvider) {
  const steps = new Set<string>();
  const asked: string[] = [];
  const visited: URL[] = [];
  const answers: Readonly<Record<string, AnswerValue | Secret>> = {
    account: MAILBOX,
    'client-id': CLIENT,
    'client-secret-file': new Secret(provider.secret),
  };
  const answerTo = (question: Question): Entered => {
    const value = answers[question.id] ?? question.default ?? question.choices?.[0]?.value ?? '';
    return { value: typeof value === 'function' ? '' : (value as AnswerValue | Secret), learnt: {} };
  };
  const browser = browserOf(provider);
  const person: Partial<Interviewer> = {
    attended: true,
    open: async ({ id }) => expect(id).toBe(record.id),
    show: ({ step }) => void steps.add(step.number),
    skipped: ({ number }) => void steps.add(number),
    async instruct({ step }) {
      steps.add(step.number);
      return { kind: 'answer', value: 'whole step' };
    },
    async ask({ step, question }): Promise<Reply<Entered>> {
      steps.add(step.number);
      asked.push(question.id);
      return { kind: 'answer', value: answerTo(question) };
    },
    choose: async (_, choices, scripted) =>
      scripted instanceof Error ? (choices[0]?.value ?? (scripted as never)) : scripted,
    async awaitRedirect(request, signal) {
      visited.push(new URL(request.url));
      return (browser.awaitRedirect as Interviewer['awaitRedirect'])(request, signal);
    },
  };
  return { person, steps, asked, visited };
}

it.each(RECORDS.map((record) => [record.title, record] as const))(
  '%s is set up by whoever follows its steps',
  async (_, record) => {
    const { provider, configDir, env, here, port, imap } = await world(record);
    const { person, steps, asked, visited } = personAt(record, provider);
    const run = (...argv: readonly string[]) => mailauth(argv, { configDir, env, answers: person });
    const ended = await run('setup', record.id, '--json', ...here);
    expect(ended.document(), ended.stderr).toMatchObject({
      ok: true,
      account: { provider: record.id, address: MAILBOX, clientId: CLIENT },
      checks: [{ id: 'store' }, { id: 'client' }, { id: 'signin' }, { id: 'smtp' }, { id: 'imap', messages: 4 }],
    });
    // Every step was shown or said to fall away, and every value that a person copies was asked for at one.
    expect([...steps].sort()).toEqual(record.steps.map(({ number }) => number).sort());
    const wanted = provider.secret === '' ? ['account'] : ['account', 'client-id', 'client-secret-file'];
    expect(asked).toEqual(expect.arrayContaining(wanted));
    const [request] = visited;
    const used = protocols.filter((one) => one !== 'pop').flatMap((one) => record.scopes[one]);
    const redirect = record.client.redirect[record.client.defaultType];
    expect(Object.fromEntries(request?.searchParams ?? [])).toMatchObject({
      ...record.authorizationParameters,
      client_id: CLIENT,
      redirect_uri: `http://${redirect.host}:${port}${redirect.path}`,
      login_hint: MAILBOX,
      code_challenge_method: 'S256',
    });
    const scopes = [...new Set([...record.scopes.identity, ...used])];
    expect(request?.searchParams.get('scope')?.split(' ').sort()).toEqual(scopes.sort());
    expect(imap.commands.filter((command) => /AUTHENTICATE/.test(command))).toEqual(
      expect.arrayContaining([expect.stringContaining('AUTHENTICATE XOAUTH2')]),
    );
    const again = await run('check', record.id, '--json');
    expect([again.code, again.document<{ ok: boolean }>().ok]).toEqual([0, true]);
    const removed = await run('remove', record.id, '--yes');
    expect([removed.code, removed.stderr]).toEqual([0, expect.stringContaining(record.revocationPlace)]);
  },
);
