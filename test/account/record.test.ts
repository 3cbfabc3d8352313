import { describe, expect, it, test } from 'vitest';
import type { Account } from '../../src/account/account.js';
import type { Client } from '../../src/account/client.js';
import {
  answersOf,
  entriesOf,
  jsonOf,
  linesOf,
  questionsOf,
  recordOf,
  replaced,
  shapeOf,
} from '../../src/account/record.js';
import { complete } from '../../src/guide/plan.js';
import { answersFrom } from '../../src/guide/stored-answers.js';
import { providers } from '../../src/providers/directory.js';
import { outlook } from '../../src/providers/outlook/provider.js';

/** Every field, each with a value of its own. A field that is added is missing here, and the compiler says so. */
const ACCOUNT: Required<Account> = {
  name: 'reception',
  address: 'reception@happypaws.example',
  provider: 'outlook',
  description: 'The mailbox at the door',
  client: 'the-client',
  credential: 'the-credential',
  store: { kind: 'file', key: 'key-file', keyPath: '/home/pat/key' },
  authUser: 'pat@happypaws.example',
  endpoints: {
    issuer: 'https://login.happypaws.example/v2.0',
    authorization: 'https://login.happypaws.example/authorize',
    token: 'https://login.happypaws.example/token',
    revocation: 'https://login.happypaws.example/revoke',
    deviceAuthorization: 'https://login.happypaws.example/device',
    issInResponse: true,
    clientAuthentication: 'client_secret_basic',
  },
  scopes: ['openid', 'mail'],
  smtp: { host: 'smtp.happypaws.example', port: 587, security: 'starttls', user: 'pat@happypaws.example' },
  imap: { host: 'imap.happypaws.example', port: 993, security: 'tls', user: 'reception@happypaws.example' },
  pop: { host: 'pop.happypaws.example', port: 995, security: 'tls', user: 'reception@happypaws.example' },
  mailTimeout: 77,
  ca: '/home/pat/ca.pem',
  created: '2026-11-01T09:00:00.000Z',
  signedIn: '2026-11-02T09:00:00.000Z',
  signInEnds: '2027-02-03T09:00:00.000Z',
  lastCheck: '2026-11-23T09:14:00.000Z',
  lastFailures: ['imap_disabled'],
  passwords: [{ label: 'scanner', hash: 'the-hash', created: '2026-11-03T09:00:00.000Z' }],
  begun: { credential: 'the-begun', redirectUri: 'http://localhost:8799/callback', expires: '2026-11-23T09:20:00Z' },
};
const CLIENT = {
  id: 'the-client',
  provider: 'outlook',
  clientId: '11112222-3333-4444-5555-666677778888',
  clientType: 'web',
  registration: { uri: 'https://login.happypaws.example/register/1111', credential: 'the-management' },
  secretCredential: 'the-secret',
  secretExpires: '2027-11-22',
  redirectUri: 'http://localhost:8799/callback',
  appRedirectUris: ['https://openvpms.example/callback'],
  appName: 'Reception mail',
  tenant: '0b7e9d42-1c3f-4f6a-8a77-5d2e4c6b9f30',
} as const satisfies Required<Omit<Client, AppsOwn>> & { readonly tenant: string };
/** Fields that only an app's client has. */
type AppsOwn = 'signIn' | 'credentialKind' | 'federatedTokenFile';
const { secretCredential: _secret, registration: _registration, ...WITHOUT_SECRET } = CLIENT;
const APP = {
  ...WITHOUT_SECRET,
  signIn: 'app',
  credentialKind: 'federated',
  federatedTokenFile: '/var/run/secrets/tokens/azure-identity-token',
  objectId: '5d2e4c6b-1c3f-4f6a-8a77-0b7e9d429f30',
} as const satisfies Client & { readonly objectId: string };
const OWN = outlook.ownFields;
const NOW = new Date('2026-11-23T09:15:00Z');

/** Questions of a script whose answers are no field: they bring other answers along, or are a secret, which the store keeps. What only the wizard asks is no field either. */
const NOT_KEPT = [
  'client-file',
  'client-from',
  'client-secret-file',
  'refresh-token-file',
  'certificate-out',
  'client-certificate-file',
  'client-key-file',
  'service-account-file',
];

describe('the table', () => {
  it('has a row for what each question asks for, or says why it has none', () => {
    for (const { id, questions, ownFields } of providers) {
      const kept = [...questionsOf('account', ownFields), ...questionsOf('client', ownFields), ...NOT_KEPT];
      expect([
        id,
        questions.filter((one) => one.wizardOnly !== true && !kept.includes(one.id)).map((one) => one.id),
      ]).toEqual([id, []]);
    }
  });

  it('asks for no field twice, and for none of a provider that is another one\u2019s', () => {
    for (const { ownFields, questions } of providers) {
      const asked = [...questionsOf('account', ownFields), ...questionsOf('client', ownFields)];
      expect(asked).toEqual([...new Set(asked)]);
      for (const { question } of ownFields) expect(questions.map(({ id }) => id)).toContain(question);
    }
  });

  it('makes answers of a record, and of complete answers the same record', () => {
    const answers = complete(outlook, answersFrom(ACCOUNT, CLIENT, outlook));
    const { smtp, imap, pop, endpoints, ...learnt } = ACCOUNT;
    const { user: _smtp, ...sends } = smtp;
    const { user: _imap, ...receives } = imap;
    const { user: _pop, ...collects } = pop;
    expect(recordOf('account', answers, OWN, { ...noteOf(learnt), endpoints })).toEqual({
      ...ACCOUNT,
      smtp: sends,
      imap: receives,
      pop: collects,
      mailboxKind: 'work',
    });
    const { id, provider, registration, secretCredential, redirectUri } = CLIENT;
    const learntOfClient = { id, provider, registration, secretCredential, redirectUri };
    expect(recordOf('client', answers, OWN, learntOfClient)).toEqual(CLIENT);
    const appAnswers = complete(outlook, answersFrom(ACCOUNT, APP, outlook));
    const learntOfApp = { id, provider, redirectUri, appRedirectUris: APP.appRedirectUris };
    expect(recordOf('client', appAnswers, OWN, learntOfApp)).toEqual(APP);
  });

  it('leaves out what follows from the other answers', () => {
    const usual = {
      ...ACCOUNT,
      endpoints: { ...ACCOUNT.endpoints, issuer: 'https://login.microsoftonline.com/x/v2.0' },
    };
    const scopes = complete(outlook, { pop: 'yes' })['scopes'] as readonly string[];
    const registered = { ...CLIENT, redirectUri: 'http://localhost:8765/callback' };
    const answers = answersFrom({ ...usual, scopes }, registered, outlook);
    expect(Object.keys(answers)).not.toEqual(expect.arrayContaining(['scope']));
    expect(answers).not.toHaveProperty('issuer');
    expect(answers).not.toHaveProperty('endpoint-host');
    expect(answers).not.toHaveProperty('redirect-port');
    expect(answersFrom(ACCOUNT, CLIENT, outlook)).toMatchObject({
      scope: ['openid', 'mail'],
      issuer: 'https://login.happypaws.example/v2.0',
      'redirect-port': '8799',
    });
  });

  it('answers with the hosts of endpoints that were allowed besides the issuer', () => {
    const endpoints = { ...ACCOUNT.endpoints, token: 'https://tokens.example.net/token' };
    expect(answersFrom({ ...ACCOUNT, endpoints }, CLIENT, outlook)['endpoint-host']).toContain('tokens.example.net');
  });

  it('answers that a protocol is not used', () => {
    const { smtp: _, ...receiving } = ACCOUNT;
    const usual = { own: OWN, usual: { issuerOrigin: undefined, redirect: { host: '127.0.0.1', port: 8765 } } };
    expect(answersOf('account', receiving, usual)).toMatchObject({ 'no-smtp': 'yes', 'imap-port': '993' });
  });

  it('shows in JSON what the contract names, and null for what is not there', () => {
    const json = { ...jsonOf('account', ACCOUNT, OWN), ...jsonOf('client', CLIENT, OWN) };
    expect(json).toEqual({
      name: 'reception',
      address: 'reception@happypaws.example',
      provider: 'outlook',
      description: 'The mailbox at the door',
      store: 'file',
      authUser: 'pat@happypaws.example',
      smtp: { host: 'smtp.happypaws.example', port: 587, security: 'starttls' },
      imap: { host: 'imap.happypaws.example', port: 993, security: 'tls' },
      pop: { host: 'pop.happypaws.example', port: 995, security: 'tls' },
      signInEnds: '2027-02-03',
      clientId: CLIENT.clientId,
      tenant: CLIENT.tenant,
      secretExpires: '2027-11-22',
      signIn: 'person',
      credential: null,
    });
    expect(jsonOf('client', APP, OWN)).toMatchObject({ signIn: 'app', credential: 'federated' });
    const { authUser: _user, smtp: _smtp, signInEnds: _ends, ...less } = ACCOUNT;
    expect({ ...jsonOf('account', less, OWN), ...jsonOf('client', undefined, OWN) }).toMatchObject({
      authUser: null,
      smtp: null,
      signInEnds: null,
      clientId: null,
      tenant: null,
      secretExpires: null,
    });
  });

  it('tells people who signs in for a shared mailbox, and what is over', () => {
    expect([...linesOf('account', ACCOUNT, NOW), ...linesOf('client', CLIENT, NOW)]).toEqual([
      ['provider', 'outlook'],
      ['store', 'encrypted file'],
      ['who signs in', 'pat@happypaws.example'],
      ['send', 'smtp.happypaws.example:587 STARTTLS'],
      ['receive', 'imap.happypaws.example:993 TLS'],
      ['POP', 'pop.happypaws.example:995 TLS'],
      ['signed in', '2026-11-02'],
      ['sign-in ends', '2027-02-03'],
      ['last check', '2026-11-23 09:14 UTC  FAIL imap_disabled'],
      ['passwords', 'scanner'],
      ['begun', 'a sign-in, which can be finished until 2026-11-23 09:20 UTC'],
      ['secret expires', '2027-11-22'],
    ]);
    const later = new Date('2028-01-01T00:00:00Z');
    const labels = [...linesOf('account', ACCOUNT, later), ...linesOf('client', CLIENT, later)].map(([label]) => label);
    expect(labels).toEqual(expect.arrayContaining(['sign-in ended', 'secret expired']));
    expect(labels).not.toContain('begun');
  });

  it('knows every entry of the store that a record names', () => {
    expect(entriesOf({ accounts: [ACCOUNT], clients: [CLIENT] })).toEqual(
      new Set(['the-credential', 'the-begun', 'the-secret', 'the-management']),
    );
  });

  it('checks every field, and lets no text break a line, known or not', () => {
    const shape = shapeOf('account');
    for (const key of Object.keys(ACCOUNT) as (keyof Account)[]) expect(shape[key]({ wrong: true })).toMatch(/is |\./);
  });
});

test('a record that is replaced keeps what a later version has added to it, however deep, and nothing else', () => {
  const before = {
    ...ACCOUNT,
    colour: 'red',
    smtp: { ...ACCOUNT.smtp, certificate: 'pinned' },
    endpoints: { ...ACCOUNT.endpoints, par: 'https://login.happypaws.example/par' },
    mailboxKind: 'personal',
  };
  const { ca: _ca, ...rest } = ACCOUNT;
  const { revocation: _revocation, ...endpoints } = ACCOUNT.endpoints;
  expect(replaced('account', before, { ...rest, endpoints, description: 'new' }, OWN)).toEqual({
    ...rest,
    description: 'new',
    colour: 'red',
    smtp: { ...ACCOUNT.smtp, certificate: 'pinned' },
    endpoints: { ...endpoints, par: 'https://login.happypaws.example/par' },
  });
});

/** What a sign-in and the checks note, in place of what the answers say. */
function noteOf({ client, credential, provider, store, created, ...rest }: Omit<Account, 'endpoints'>) {
  const { signedIn, signInEnds, lastCheck, lastFailures, passwords, begun } = rest;
  return {
    client,
    credential,
    provider,
    store,
    created,
    signedIn,
    signInEnds,
    lastCheck,
    lastFailures,
    passwords,
    begun,
  };
}
