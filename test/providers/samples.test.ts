import { generateKeyPairSync } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Evidence } from '../../src/explain/evidence.js';
import { explain } from '../../src/explain/explain.js';
import type { Outcome } from '../../src/explain/outcome.js';
import { explainPaste } from '../../src/explain/paste/paste.js';
import type { Problem } from '../../src/explain/problem.js';
import { foreignRules } from '../../src/explain/rules/foreign.js';
import { languageRules } from '../../src/explain/rules/languages.js';
import { commonRules } from '../../src/explain/rules/order.js';
import { plainWordRules } from '../../src/explain/rules/plain-words.js';
import { wordsRules } from '../../src/explain/rules/words.js';
import type { Provider } from '../../src/guide/provider.js';
import type { MailLogin } from '../../src/mail/login.js';
import { proveSmtp, sendTest } from '../../src/mail/smtp.js';
import { beginAuthorization, type PendingAuthorization } from '../../src/oauth/authorization.js';
import type { ClientCredentials } from '../../src/oauth/client-authentication.js';
import { awaitDevice, beginDevice } from '../../src/oauth/device.js';
import { discover, type Issuer } from '../../src/oauth/issuer.js';
import { preflight } from '../../src/oauth/preflight.js';
import { exchangeCode, mint, refresh, revoke } from '../../src/oauth/tokens.js';
import { custom } from '../../src/providers/custom.js';
import { providers } from '../../src/providers/directory.js';
import { gmail } from '../../src/providers/gmail/provider.js';
import { outlook } from '../../src/providers/outlook/provider.js';
import { networkEvidence } from '../../src/system/connection-failure.js';
import { type Network, openNetwork } from '../../src/system/network.js';
import { Secret } from '../../src/words/secret.js';
import { samplesOf } from '../explain/samples.js';
import { type Dialogue, IMAP_DIALOGUE, POP_DIALOGUE, SMTP_DIALOGUE, secured } from '../mail/dialogues.js';
import { AUTHORITY, LEAF, loginTo } from '../mail/login-to.js';
import { type Leaf, makeAuthority, wrongLeaf } from '../servers/certificates.js';
import { playScript } from '../servers/scripted-mail.js';
import {
  type ScriptedAnswer,
  type ScriptedEndpoint,
  startScriptedEndpoint,
} from '../servers/scripted-token-endpoint.js';
import { rulesOf } from './own-rules.js';

/**
 * Every sample, said by a server: a scripted server gives exactly those words, our adapter reads them, and what it
 * makes of them is recognised as the rule they belong to. `APART` lists the rules no server can be made to show here.
 */

vi.mock('node:dns/promises', async (original) => {
  const dns = await original<typeof import('node:dns/promises')>();
  return { ...dns, lookup: vi.fn(dns.lookup) };
});

const SERVICE_ACCOUNT = {
  kind: 'service-account',
  email: 'mailauth@clinic.iam.gserviceaccount.com',
  keyId: 'a1b2c3d4e5f6',
  key: new Secret(
    generateKeyPairSync('rsa', { modulusLength: 2048 })
      .privateKey.export({ format: 'der', type: 'pkcs8' })
      .toString('base64'),
  ),
} as const;
const client: ClientCredentials = { clientId: 'the-client', clientSecret: new Secret('the-client-secret') };
const token = new Secret('the-token-of-the-account');
const folder = mkdtempSync(join(tmpdir(), 'mailauth-samples-'));
const DISCOVERY = '/.well-known/openid-configuration';
let network: Network;
let endpoint: ScriptedEndpoint;
let issuer: Issuer;
let pending: PendingAuthorization;

beforeAll(async () => {
  writeFileSync(join(folder, 'ca.pem'), AUTHORITY.cert);
  network = await openNetwork({ env: {}, caFile: join(folder, 'ca.pem') });
  endpoint = await startScriptedEndpoint(AUTHORITY);
  endpoint.answer(DISCOVERY, { body: document({}) });
  const outcome = await discover(endpoint.origin, { network, allowedHosts: [] });
  if (!outcome.ok) throw new Error(outcome.evidence.text);
  issuer = outcome.value;
  const redirectUri = 'http://127.0.0.1:8765/callback';
  pending = await beginAuthorization(issuer, { client, redirectUri, scopes: ['openid'], parameters: {} });
});
afterAll(async () => {
  await network.close();
  await endpoint.stop();
  rmSync(folder, { recursive: true, force: true });
});

function document(changes: object): object {
  const { origin } = endpoint;
  return {
    issuer: origin,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    revocation_endpoint: `${origin}/revoke`,
    device_authorization_endpoint: `${origin}/device`,
    token_endpoint_auth_methods_supported: ['client_secret_post'],
    ...changes,
  };
}

interface Sampled {
  readonly id: string;
  readonly sample: Evidence;
  /** In whose company the rule is tried: a common rule with nobody's before it. */
  readonly provider: Provider;
}

function sampled(id: string, provider: Provider): readonly Sampled[] {
  return samplesOf(id).map(({ rule: _rule, ...sample }) => ({ id, sample, provider }));
}

const samples: readonly Sampled[] = [
  ...providers.flatMap((provider) => rulesOf(provider).flatMap(({ id }) => sampled(id, provider))),
  ...commonRules.flatMap(({ id }) => sampled(id, custom)),
];

// What is no answer of a server to mailauth, by the reason; each with the way it is reached all the same.

const APART: Readonly<Record<string, readonly string[]>> = {
  'shown on the provider’s page and never sent back: pasted or picked (explain, pageErrors)': [
    'google-app-blocked',
    'google-user-cap',
    'google-not-verified',
    'google-consent-screen-first',
    'google-terms-of-service',
    'microsoft-need-admin-approval',
  ],
  'the refusal of a registration: test/cli/registration.test.ts': ['registration-refused'],
  'the document of a cloud whose address no server of a test has: test/explain/explain.test.ts': [
    'outlook-other-cloud',
  ],
  'shown by a mail library that read no further: pasted (explain)': ['sasl-challenge-unread'],
  'what a program says of its proxy, or of a connection that ended: pasted (explain)': [
    'proxy-forbids-in-words',
    'proxy-unknown-in-words',
    'imap-bye-in-words',
  ],
  'the words of other programs: pasted (explain)': [
    ...wordsRules,
    ...foreignRules,
    ...languageRules,
    ...plainWordRules,
  ].map(({ id }) => id),
  'no failure to mailauth, which goes on asking: pasted (explain)': [
    'aadsts70016',
    'device-pending',
    'device-slow-down',
  ],
  'found by mailauth in a good answer: test/flows/check.test.ts, test/flows/signin.test.ts': [
    'authorization-response-rejected',
    'identity-token-time',
    'identity-token-invalid',
  ],
  'silence of a network, which loopback has not: test/e2e/mail/connect-timeout.test.ts, test/mail/limits.test.ts': [
    'connect-timeout',
    'connect-timeout-mail',
    'connect-no-route',
    'connect-not-permitted',
    'connect-no-room',
    'tls-port-expects-tls',
  ],
  'certificates and alerts that Node names and no server of ours can show': [
    'tls-certificate-revoked',
    'tls-certificate-unfit',
    'tls-certificate-broken',
    'tls-certificate-weak',
    'tls-client-certificate',
    'tls-unknown-name',
    'tls-other',
  ],
};
const apart = new Set(Object.values(APART).flat());

// Answers of an authorization server.

const OURS = new Set(['intercepted', 'rate_limited']);

function answerOf({ status = 400, error, text, retryAfter }: Evidence): ScriptedAnswer {
  const headers = {
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
    ...(status >= 300 && status < 400 && { location: 'https://portal.example/' }),
  };
  const isOAuth = error !== undefined && !OURS.has(error);
  return { status, headers, body: isOAuth ? { error, error_description: text } : text };
}

/** What a server gives, in good faith or not, where mailauth finds the fault itself: the same words from the server are none. */
const FAULTY: Readonly<Record<string, object>> = {
  token_malformed: { access_token: 'a$(id)b', token_type: 'Bearer' },
  token_type_unsupported: { access_token: 'abc', token_type: 'DPoP' },
  endpoint_refused: {
    device_code: 'abc',
    user_code: 'ABCD',
    verification_uri: 'https://other.example/go',
    expires_in: 60,
  },
};

function givenOrSaid(sample: Evidence): ScriptedAnswer {
  const faulty = sample.finding === true ? FAULTY[sample.error ?? ''] : undefined;
  return faulty === undefined ? answerOf(sample) : { body: faulty };
}

async function refused(outcome: Promise<Outcome<unknown>>): Promise<Evidence> {
  const ended = await outcome;
  if (ended.ok) throw new Error('the refusal was taken for a success');
  return ended.evidence;
}

async function probed(sample: Evidence): Promise<Evidence> {
  endpoint.answer('/token', answerOf(sample));
  const how =
    sample.grant === 'probe'
      ? ({ kind: 'probe', knownBy: ['invalid_grant'] } as const)
      : ({ kind: 'client-credentials', scope: 'https://graph.microsoft.com/.default' } as const);
  const redirectUri = pending.redirectUri;
  const result = await preflight(issuer, client, how, { network, redirectUri, sharedTenant: false });
  if (result.result === 'proven' || result.evidence === undefined) throw new Error('the refusal proved the client');
  return result.evidence;
}

const TOKEN_REQUEST: Readonly<Record<NonNullable<Evidence['grant']>, (sample: Evidence) => Promise<Evidence>>> = {
  refresh_token(sample) {
    endpoint.answer('/token', answerOf(sample));
    return refused(refresh(issuer.endpoints, client, token, { network }));
  },
  authorization_code(sample) {
    endpoint.answer('/token', givenOrSaid(sample));
    return refused(exchangeCode(issuer, client, { pending, response: callback({ code: '4/0AbCdEfGhIjKlMnOp' }) }));
  },
  device_code(sample) {
    endpoint.answer('/token', answerOf(sample));
    const asked = { userCode: 'ABCD', verificationUri: `${endpoint.origin}/go`, deviceCode: token };
    return refused(awaitDevice(issuer, client, { ...asked, expiresIn: 60, interval: 0 }));
  },
  probe: probed,
  client_credentials: probed,
  jwt_bearer(sample) {
    endpoint.answer('/token', answerOf(sample));
    const app = { ...client, app: SERVICE_ACCOUNT };
    return refused(mint(issuer.endpoints, app, { scopes: ['mail'], subject: 'pat@happypaws.example' }, { network }));
  },
};

function callback(parameters: Readonly<Record<string, string>>): URL {
  const url = new URL(pending.redirectUri);
  url.search = `${new URLSearchParams({ ...parameters, state: pending.state.reveal() })}`;
  return url;
}

const OVER_THE_WEB: Readonly<Record<string, (sample: Evidence) => Promise<Evidence>>> = {
  token: (sample) => TOKEN_REQUEST[sample.grant ?? 'authorization_code'](sample),
  authorization: ({ error = '', text }) =>
    refused(exchangeCode(issuer, client, { pending, response: callback({ error, error_description: text }) })),
  revocation(sample) {
    endpoint.answer('/revoke', answerOf(sample));
    return refused(
      revoke(issuer.endpoints, client, token, { network }).then((outcome) =>
        outcome.ok && outcome.value === 'already-gone'
          ? { ok: false, evidence: { ...sample } }
          : (outcome as Outcome<unknown>),
      ),
    );
  },
  device(sample) {
    endpoint.answer('/device', givenOrSaid(sample));
    const scopes = ['https://mail.google.com/'];
    return refused(beginDevice(issuer, client, { scopes, verificationHosts: ['localhost'] }));
  },
  discovery(sample) {
    const changes = DOCUMENT_CHANGES[sample.error ?? ''];
    const answer = changes === undefined ? answerOf(sample) : { body: document(changes) };
    endpoint.answer(DISCOVERY, answer);
    if (answer.status === 404) endpoint.answer('/.well-known/oauth-authorization-server', answer);
    return refused(discover(endpoint.origin, { network, allowedHosts: [] }));
  },
};

const DOCUMENT_CHANGES: Readonly<Record<string, object>> = {
  issuer_mismatch: { issuer: 'https://other.example' },
  endpoint_refused: { token_endpoint: 'https://other.example/token' },
};

// Replies of a mail server.

/** Plays a script to the given login, and gives back what came of it. */
async function played(
  script: string,
  dialogue: Dialogue,
  changes: Partial<MailLogin> & { security?: 'tls' | 'starttls'; leaf?: Leaf } = {},
): Promise<Evidence> {
  const { security = 'tls', leaf = LEAF, ...rest } = changes;
  const server = await playScript(script, leaf);
  try {
    const login = loginTo({ port: server.port, security }, rest);
    return await refused(rest.server === undefined ? dialogue.prove(login) : dialogue.prove({ ...login, ...rest }));
  } finally {
    await server.close();
  }
}

const says = (text: string) => text.split('\n').map((line) => `S: ${line}`);

/** RFC 7628 section 3.2.2: the challenge comes first, and wants an empty answer. */
const challenged = (challenge: string | undefined, sign: string) =>
  challenge === undefined ? [] : [`S: ${sign} ${Buffer.from(challenge).toString('base64')}`, 'C: '];

function overSmtp({ stage, text, challenge }: Evidence): Promise<Evidence> {
  const greeted = secured(SMTP_DIALOGUE, 'tls');
  if (stage === 'greeting') return played(['!tls', ...says(text)].join('\n'), SMTP_DIALOGUE);
  if (stage === 'auth') {
    const answer = [...challenged(challenge, '334'), ...says(text)];
    return played([greeted, SMTP_DIALOGUE.auth, ...answer].join('\n'), SMTP_DIALOGUE);
  }
  const sending = { ...SMTP_DIALOGUE, prove: (login: MailLogin) => sendTest(login, 'grace@example.org') };
  const script = [greeted, SMTP_DIALOGUE.auth, 'S: 235 2.7.0 Accepted', 'C: MAIL FROM:*', ...says(text)];
  return played(script.join('\n'), sending);
}

const OPENING = 'C: $tag EXAMINE INBOX';

function overImap({ stage, text, challenge }: Evidence): Promise<Evidence> {
  const lines = text.split('\n').map((line) => (line.startsWith('*') ? `S: ${line}` : `S: $tag ${line}`));
  const leaves = text.includes('* BYE');
  // The library looks whether the mailbox is there before it tells that it does not open.
  const end = leaves ? ['!close'] : stage === 'mailbox' ? ['C: $tag LIST *', 'S: $tag OK done'] : [];
  const script =
    stage === 'greeting'
      ? ['!tls', ...lines]
      : stage === 'auth'
        ? [secured(IMAP_DIALOGUE, 'tls'), IMAP_DIALOGUE.auth, ...challenged(challenge, '+'), ...lines, ...end]
        : [
            secured(IMAP_DIALOGUE, 'tls'),
            IMAP_DIALOGUE.auth,
            `${IMAP_DIALOGUE.success.split(OPENING)[0]}${OPENING}`,
            ...lines,
            ...end,
          ];
  return played(script.join('\n'), IMAP_DIALOGUE);
}

function overPop({ stage, text, challenge }: Evidence): Promise<Evidence> {
  const { greeting, offer, ask, auth, capabilities } = POP_DIALOGUE;
  const before: Partial<Record<Evidence['stage'], readonly string[]>> = {
    greeting: ['!tls'],
    starttls: [greeting, offer, ask],
    capability: ['!tls', greeting, capabilities.split('\n')[0] ?? ''],
    auth: [secured(POP_DIALOGUE, 'tls'), auth, ...challenged(challenge, '+')],
    mailbox: [secured(POP_DIALOGUE, 'tls'), auth, 'S: +OK logged in', 'C: STAT'],
  };
  const script = [...(before[stage] ?? []), ...says(text)];
  return played(script.join('\n'), POP_DIALOGUE, stage === 'starttls' ? STARTTLS : {});
}

// Faults on the way to a server.

const { greeting, offer, ask, agree, capabilities, auth } = SMTP_DIALOGUE;
/** Milliseconds: long enough for a handshake on a busy machine. */
const HURRIED = { deadline: 1_500 };

async function nameFails(error: Error & { code?: string }): Promise<Evidence> {
  vi.mocked(lookup).mockRejectedValueOnce(error);
  return refused(proveSmtp(loginTo({ port: 1, host: 'smtp.example.com' })));
}

/** A TLS server that refuses every handshake in the way its options say. */
async function handshake(options: TlsOptions): Promise<Evidence> {
  const server = createTlsServer({ ...LEAF, ...options }).on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const evidence = await refused(proveSmtp(loginTo({ port: (server.address() as { port: number }).port })));
  server.close();
  return evidence;
}

async function certificate(leaf: Leaf): Promise<Evidence> {
  return played('!tls', SMTP_DIALOGUE, { leaf });
}

async function throughProxy(status: number | 'nobody', user = '', wanted = 'Basic'): Promise<Evidence> {
  const proxy = createHttpServer();
  const answer = `HTTP/1.1 ${status} No\r\nProxy-Authenticate: ${wanted}\r\n\r\n`;
  proxy.on('connect', (_request, socket) => (status === 0 ? socket.destroy() : socket.end(answer)));
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as { port: number };
  if (status === 'nobody') await new Promise((resolve) => proxy.close(resolve));
  const evidence = await askedBehind(`http://${user}127.0.0.1:${port}`);
  proxy.close();
  return evidence;
}

/** A SOCKS5 proxy (RFC 1928) that chooses a method and answers the request; a method of -1 says nothing at all. */
async function throughSocks(method: number, reply = 0): Promise<Evidence> {
  const proxy = createTcpServer((socket) => {
    socket
      .on('error', () => {})
      .once('data', () => {
        if (method < 0) return;
        socket.once('data', () => socket.write(Buffer.from([5, reply, 0, 1, 0, 0, 0, 0, 0, 0])));
        socket.write(Buffer.from([5, method]));
      });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const evidence = await askedBehind(`socks5://127.0.0.1:${(proxy.address() as { port: number }).port}`);
  proxy.close();
  return evidence;
}

async function askedBehind(HTTPS_PROXY: string): Promise<Evidence> {
  const behind = await openNetwork({ env: { HTTPS_PROXY }, deadlines: { connect: 500 } });
  const endpoints = { ...issuer.endpoints, token: 'https://login.example.com/token' };
  const evidence = await refused(refresh(endpoints, client, token, { network: behind }));
  await behind.close();
  return evidence;
}

function answered(answer: ScriptedAnswer): Promise<Evidence> {
  endpoint.answer('/token', answer);
  return refused(refresh(issuer.endpoints, client, token, { network }));
}

const ON_THE_WAY: Readonly<Record<string, () => Promise<Evidence>>> = {
  'dns-no-such-name': () => nameFails(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' })),
  'dns-no-answer': () => nameFails(Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN' })),
  'dns-timeout': () => {
    vi.mocked(lookup).mockReturnValueOnce(new Promise<never>(() => {}));
    return refused(proveSmtp(loginTo({ port: 1 }, { deadline: 50 })));
  },
  'proxy-authentication': () => throughProxy(407),
  'proxy-authentication-kind': () => throughProxy(407, '', 'Negotiate'),
  'proxy-password': () => throughProxy(407, 'ann:secret@'),
  'socks-authentication': () => throughSocks(255),
  'socks-forbids': () => throughSocks(0, 2),
  'socks-cannot-reach': () => throughSocks(0, 4),
  'proxy-closed': () => throughProxy(0),
  'proxy-silent': () => throughSocks(-1),
  'proxy-forbids': () => throughProxy(403),
  'proxy-cannot-reach': () => throughProxy(502),
  'proxy-refused-tunnel': () => throughProxy(405),
  'proxy-unreachable': () => throughProxy('nobody'),
  'connect-refused': async () => {
    const server = createTcpServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    return refused(proveSmtp(loginTo({ port })));
  },
  'tls-certificate-expired': () => certificate(wrongLeaf('expired', AUTHORITY)),
  'tls-certificate-not-yet-valid': () => certificate(wrongLeaf('not-yet-valid', AUTHORITY)),
  'tls-name-mismatch': () => certificate(wrongLeaf('wrong-name', AUTHORITY)),
  'tls-self-signed': () => certificate(wrongLeaf('self-signed', AUTHORITY)),
  'tls-issuer-unknown': () => certificate(wrongLeaf('unknown-ca', AUTHORITY)),
  'tls-inspected': () => {
    const stranger = makeAuthority('the inspecting proxy');
    const leaf = stranger.issue();
    return certificate({ ...leaf, cert: `${leaf.cert}\n${stranger.cert}` });
  },
  'tls-plain-text-port': () => played(greeting, SMTP_DIALOGUE),
  'tls-version': () => handshake({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
  'tls-no-common-cipher': () => handshake({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' }),
  'tls-closed': () => played('!wait 20\n!rst', SMTP_DIALOGUE),
  'tls-timeout': () => played('!stall', SMTP_DIALOGUE, HURRIED),
  'connect-closed-early': () => played('!tls\n!wait 20\n!close', IMAP_DIALOGUE),
  'greeting-timeout': () => played('!tls\n!stall', SMTP_DIALOGUE, HURRIED),
  'conversation-timeout': () => played(`!tls\n${greeting}\n${capabilities}\n${auth}\n!stall`, SMTP_DIALOGUE, HURRIED),
  'connect-broken-off': () => answered({ body: { access_token: 'x'.repeat(99) }, cutAfter: 20 }),
  'answer-too-long': () => answered({ body: 'x'.repeat(1024 * 1024 + 1) }),
  'not-https': async () =>
    network.fetch('http://login.example.com/token').then(
      () => Promise.reject(new Error('an address without encryption was asked')),
      (error: unknown) => networkEvidence(error, 'token', { host: 'login.example.com', port: 80 }),
    ),
  'mechanism-not-offered': () =>
    played(`!tls\n${greeting}\nC: EHLO [127.0.0.1]\nS: 250-mail.example.com\nS: 250 AUTH LOGIN PLAIN`, SMTP_DIALOGUE),
  'starttls-missing': () =>
    played(`${greeting}\nC: EHLO [127.0.0.1]\nS: 250-mail.example.com\nS: 250 SIZE 1000`, SMTP_DIALOGUE, STARTTLS),
  'starttls-refused': () =>
    played(
      `${greeting}\n${offer}\n${ask}\nS: 454 4.7.0 TLS not available due to local problem`,
      SMTP_DIALOGUE,
      STARTTLS,
    ),
  'starttls-refused-imap': () =>
    played(
      [IMAP_DIALOGUE.greeting, IMAP_DIALOGUE.offer, IMAP_DIALOGUE.ask, 'S: $tag NO TLS is not available'].join('\n'),
      IMAP_DIALOGUE,
      STARTTLS,
    ),
  'smtp-ehlo-refused': () =>
    played(
      `${greeting}\nC: EHLO *\nS: 550 5.7.1 Helo command rejected: need fully-qualified hostname`,
      SMTP_DIALOGUE,
      STARTTLS,
    ),
  'imap-capability-refused': () =>
    played(`${IMAP_DIALOGUE.greeting}\nC: $tag CAPABILITY\nS: $tag BAD not now`, IMAP_DIALOGUE, STARTTLS),
  'capability-refused': () => played(`${greeting}\nC: EHLO *\nS: 299 hm`, SMTP_DIALOGUE, STARTTLS),
  'starttls-refused-otherwise': () =>
    played(`${greeting}\n${offer}\n${ask}\nS: 250 let us go on as we are`, SMTP_DIALOGUE, STARTTLS),
  'starttls-injection': () =>
    played(`${greeting}\n${offer}\n${ask}\n${agree}\nS: 250 AUTH PLAIN\n!tls`, SMTP_DIALOGUE, STARTTLS),
  'imap-preauth': () => played('S: * PREAUTH ready', IMAP_DIALOGUE, STARTTLS),
  'mail-not-this-protocol': () => played('!tls\nS: * OK IMAP4rev1 ready', SMTP_DIALOGUE),
  'sasl-loop': () => {
    const more = 'S: 334 \nC: *\n';
    return played(`!tls\n${greeting}\n${capabilities}\n${auth}\n${more.repeat(6)}`, SMTP_DIALOGUE);
  },
  'login-refused-without-words': () => played(`!tls\n${greeting}\n${capabilities}\n${auth}\nS: 250 hm`, SMTP_DIALOGUE),
};
const STARTTLS = { security: 'starttls' } as const;

function speak({ id, sample }: Sampled): Promise<Evidence> {
  const fault = ON_THE_WAY[id];
  if (fault !== undefined) return fault();
  if (sample.where === 'smtp') return overSmtp(sample);
  if (sample.where === 'imap') return overImap(sample);
  if (sample.where === 'pop') return overPop(sample);
  const say = OVER_THE_WEB[sample.where];
  if (say === undefined || sample.stage !== 'response') throw new Error('nobody says this');
  return say(sample);
}

const spoken = samples.filter(({ id }) => !apart.has(id));

describe('what a server says', () => {
  it.each(spoken)('T10 M18 T24 is read and recognised: $id', async (sampled) => {
    const evidence = await speak(sampled);
    const explanation: Problem = await explain(evidence, { provider: sampled.provider, answers: {} });
    expect({ rule: explanation.rule, evidence }).toMatchObject({ rule: sampled.id });
  });
});

describe('what no server says to mailauth', () => {
  it('is a list of rules that exist, each once', () => {
    const listed = Object.values(APART).flat();
    const known = new Set(samples.map(({ id }) => id));
    expect(listed.filter((id, index) => !known.has(id) || listed.indexOf(id) !== index)).toEqual([]);
    expect(spoken.length).toBeGreaterThan(300);
  });

  const pasted = samples.filter(({ id }) =>
    Object.entries(APART).some(([reason, ids]) => reason.includes('(explain') && ids.includes(id)),
  );
  it.each(pasted)('is recognised when it is pasted: $id', async ({ id, sample }) => {
    const line = [sample.error ?? '', sample.text].join(' ').trim();
    expect((await explainPaste(line, [gmail, outlook, custom])).rule).toBe(id);
  });
});
