/**
 * Both walls, from every place where somebody else's words come in to everything that is shown: a server repeats what
 * it was sent in each spelling, and writes what acts on a terminal. Neither may come out.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failed } from '../../src/explain/check.js';
import type { Evidence } from '../../src/explain/evidence.js';
import { explain } from '../../src/explain/explain.js';
import type { Outcome } from '../../src/explain/outcome.js';
import type { Problem } from '../../src/explain/problem.js';
import type { MailLogin } from '../../src/mail/login.js';
import { beginAuthorization } from '../../src/oauth/authorization.js';
import { failedPage, renderPage, signedInPage } from '../../src/oauth/callback/page.js';
import { beginDevice } from '../../src/oauth/device.js';
import { discover, type Issuer } from '../../src/oauth/issuer.js';
import { preflight } from '../../src/oauth/preflight.js';
import { exchangeCode, refresh, revoke } from '../../src/oauth/tokens.js';
import { custom } from '../../src/providers/custom.js';
import { gmail } from '../../src/providers/gmail/provider.js';
import { outlook } from '../../src/providers/outlook/provider.js';
import { checkDocument, renderReports } from '../../src/render/check.js';
import { nagiosResult, nagiosUnknown, prometheusText } from '../../src/render/monitoring.js';
import { errorDocument, renderError, renderErrorLine } from '../../src/render/problem.js';
import { styleFor, writable } from '../../src/render/style.js';
import { logLine } from '../../src/serve/log.js';
import { explainKeychain } from '../../src/store/keychain/trouble.js';
import { type Network, openNetwork } from '../../src/system/network.js';
import { json, oneLine } from '../../src/words/sanitise.js';
import { Secret } from '../../src/words/secret.js';
import { type Dialogue, IMAP_DIALOGUE, POP_DIALOGUE, SMTP_DIALOGUE } from '../mail/dialogues.js';
import { AUTHORITY, LEAF, loginTo } from '../mail/login-to.js';
import { describe as findingsIn, scanText } from '../servers/canary.js';
import { makeAuthority } from '../servers/certificates.js';
import { playScript } from '../servers/scripted-mail.js';
import {
  type ScriptedAnswer,
  type ScriptedEndpoint,
  startScriptedEndpoint,
} from '../servers/scripted-token-endpoint.js';

/** No pattern knows the first two: only their value can be recognised. The third is known by its shape alone. */
const SECRETS = {
  'client secret': 'kanarie/CS:7qLw+eT2~vB.rG9',
  token: 'kanarie/T.t8Kb+Gc6~yU.nS0-and-some-more',
  'password of the proxy': 'kanarie-of-the-proxy-8Zq',
  'token of a known shape': 'ya29.a0kanarie-of-a-known-shape-4Wx',
} as const;
const client = { clientId: 'the-client', clientSecret: new Secret(SECRETS['client secret']) };
const token = new Secret(SECRETS.token);

/** Clears, colours, titles, links, eight-bit escapes, turned and hidden text, and a line like one of ours. */
const ACTS =
  '\x1b[2J\x1b[35m\x1b[31m\x1b]0;t\x07\x1b]8;;http://evil.example\x07\x1bP$q"p\x1b\\\x9b31m\x9d52;c;ZQ==\x9c\x08\x7f\u202etxt\u2066\u200b\u2028\0';
const FORGED = 'OK    send     mail.example:587  logged in';

/** The secrets that were sent to whoever speaks, in each spelling in which they could come back, between what acts. */
function hostile(...sent: readonly string[]): string {
  const spelled = sent.flatMap((value) => [
    value,
    encodeURIComponent(value),
    encodeURIComponent(encodeURIComponent(value)),
    Buffer.from(value).toString('base64'),
    Buffer.from(`user=${value}`).toString('base64url'),
    Buffer.from(value).toString('hex'),
    JSON.stringify(value).slice(1, -1).replaceAll('/', '\\/'),
  ]);
  return [...spelled, SECRETS['token of a known shape']].map((word) => `${word} ${ACTS}`).join(`\r\n${FORGED}\n`);
}

/** A shape is known only where it stands as it is. */
const BY_SHAPE = `${SECRETS['token of a known shape']} ${ACTS}\r\n${FORGED}`;
const { 'token of a known shape': shaped, ...VALUES } = SECRETS;

function everythingShown(problem: Problem): string[] {
  const check = failed('smtp', problem, { host: 'mail.example', port: 587 });
  const report = {
    name: 'office',
    address: 'ann@example.com',
    provider: 'outlook',
    ok: false,
    signIn: 'person' as const,
    credential: null,
    secretExpires: null,
    signInEnds: null,
    checks: [check],
  };
  const now = new Date();
  const texts = [styleFor(false), styleFor(true)].flatMap((style) => [
    renderError(problem, style, 80),
    renderErrorLine(problem),
    renderReports([report], now, style, 80),
    prometheusText([report], now),
    nagiosResult([report]).line,
    nagiosUnknown(problem).line,
    // A line of --verbose, and one of serve's log.
    style.dim(oneLine(`failed: ${problem.message} ${problem.server ?? ''} ${problem.detail ?? ''}`)),
    logLine({ ...CONNECTION, account: problem.message, label: problem.server ?? '', outcome: problem.detail ?? '' }),
  ]);
  return [
    ...texts.map(writable).map(withoutOurColours),
    json(errorDocument(problem)),
    json(checkDocument([report], now, problem.exit)),
    json({ event: 'connection', ...CONNECTION, account: problem.server ?? '' }),
    textOf(renderPage(failedPage(problem.message, problem.fix[0]?.text))),
    textOf(renderPage(signedInPage(problem.server, problem.message))),
  ];
}

const CONNECTION = {
  time: '2026-11-26T09:00:00Z',
  protocol: 'smtp',
  peer: '127.0.0.1',
  outcome: 'ok',
  received: 1,
  sent: 1,
  seconds: 1,
} as const;

/** Those that our style paints with, and no other. */
function withoutOurColours(text: string): string {
  const ours = ['1', '2', '22', '31', '32', '33', '36', '39'];
  return ours.reduce((rest, code) => rest.replaceAll(`\x1b[${code}m`, ''), text);
}

/** What a browser shows of a page. */
function textOf(page: string): string {
  return page.replace(/<style>.*<\/style>/s, '').replace(/<[^>]*>/g, '');
}

function expectWalls(problem: Problem): void {
  for (const text of everythingShown(problem)) {
    expect(findingsIn(scanText('what is shown', text, VALUES))).toBe('');
    expect(text.includes(shaped), text).toBe(false);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    if (text.startsWith('{'))
      expect(stringsIn(JSON.parse(text)).join('')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    expect(text.split('\n').filter((line) => line.trim().startsWith(FORGED.slice(0, 20)))).toEqual([]);
  }
}

/** Every text of a document, as whoever parses it gets it. */
function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

async function expectExplained(evidence: Evidence): Promise<void> {
  for (const provider of [gmail, outlook, custom]) expectWalls(await explain(evidence, { provider, answers: {} }));
}

async function refused(outcome: Promise<Outcome<unknown>>): Promise<Evidence> {
  const ended = await outcome;
  if (ended.ok) throw new Error('the refusal was taken for a success');
  return ended.evidence;
}

const folder = mkdtempSync(join(tmpdir(), 'mailauth-walls-'));
const caFile = join(folder, 'ca.pem');
const DISCOVERY = '/.well-known/openid-configuration';
let network: Network;
let endpoint: ScriptedEndpoint;
let issuer: Issuer;

function document(changes: object): object {
  const { origin } = endpoint;
  return {
    issuer: origin,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    revocation_endpoint: `${origin}/revoke`,
    device_authorization_endpoint: `${origin}/device`,
    jwks_uri: `${origin}/keys`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    code_challenge_methods_supported: ['S256'],
    ...changes,
  };
}

beforeAll(async () => {
  writeFileSync(caFile, AUTHORITY.cert);
  network = await openNetwork({ env: {}, caFile });
  endpoint = await startScriptedEndpoint(AUTHORITY, LEAF);
  endpoint.answer(DISCOVERY, { body: document({}) });
  const outcome = await discover(endpoint.origin, { network, allowedHosts: [] });
  if (!outcome.ok) throw new Error(outcome.evidence.text);
  issuer = outcome.value;
});
afterAll(async () => {
  await network.close();
  await endpoint.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Every field of an answer in which text can stand. */
function answersWith(words: string): [place: string, answer: ScriptedAnswer][] {
  return [
    ['its description', { status: 400, body: { error: 'invalid_grant', error_description: words } }],
    ['its error word', { status: 400, body: { error: words } }],
    ['its sub-error', { status: 400, body: { error: 'invalid_grant', suberror: words, error_subtype: words } }],
    ['its message', { status: 400, body: { error: 'x', error_message: words } }],
    ['a page', { status: 200, body: `<title>${words}</title>${words}` }],
    ['plain text', { status: 503, body: words }],
    [
      'a redirect',
      { status: 302, headers: { location: `https://x.example/${encodeURIComponent(words)}` }, body: words },
    ],
  ];
}

const bySent = answersWith(hostile(SECRETS['client secret'], SECRETS.token));

describe('the words of an authorization server', () => {
  it.each(bySent)('at the token and revocation endpoints, in %s', async (_, answer) => {
    endpoint.answer('/token', answer);
    await expectExplained(await refused(refresh(issuer.endpoints, client, token, { network })));
    endpoint.answer('/revoke', answer);
    const revoked = await revoke(issuer.endpoints, client, token, { network });
    if (!revoked.ok) await expectExplained(revoked.evidence);
  });

  it.each(answersWith(hostile(SECRETS['client secret'])))('before the sign-in, in %s', async (_, answer) => {
    endpoint.answer('/token', answer);
    const how = { kind: 'probe', knownBy: ['never'] } as const;
    const redirectUri = 'http://127.0.0.1:8765/callback';
    const result = await preflight(issuer, client, how, { network, redirectUri, sharedTenant: false });
    if ('evidence' in result && result.evidence !== undefined) await expectExplained(result.evidence);
  });

  it.each(answersWith(hostile(SECRETS['client secret'])))('at the device endpoint, in %s', async (_, answer) => {
    endpoint.answer('/device', answer);
    await expectExplained(await refused(beginDevice(issuer, client, { scopes: ['mail'] })));
  });

  it.each(answersWith(BY_SHAPE))('in discovery, in %s', async (_, answer) => {
    endpoint.answer(DISCOVERY, answer);
    await expectExplained(await refused(discover(endpoint.origin, { network, allowedHosts: [] })));
  });

  it('in the fields of its document', async () => {
    for (const field of ['issuer', 'token_endpoint', 'authorization_endpoint', 'revocation_endpoint']) {
      endpoint.answer(DISCOVERY, { body: document({ [field]: `https://x.example/${BY_SHAPE}` }) });
      const outcome = await discover(endpoint.origin, { network, allowedHosts: [] });
      if (!outcome.ok) await expectExplained(outcome.evidence);
      else expect(field).toBe('revocation_endpoint');
    }
  });

  it('brought back by the browser', async () => {
    const redirectUri = 'http://127.0.0.1:8765/callback';
    const pending = await beginAuthorization(issuer, { client, redirectUri, scopes: ['openid'], parameters: {} });
    const words = hostile(SECRETS['client secret']);
    for (const [error, description] of [
      ['access_denied', words],
      [words, ''],
      [words, words],
    ] as const) {
      const url = new URL(redirectUri);
      url.search = `${new URLSearchParams({ error, error_description: description, state: pending.state.reveal() })}`;
      await expectExplained(await refused(exchangeCode(issuer, client, { pending, response: url })));
    }
  });
});

describe('the words of a mail server', () => {
  const words = hostile(SECRETS.token).replaceAll('\0', '').replaceAll('\r', '').replaceAll('\n', '\x85');
  /** A line of the server, byte for byte. */
  const line = (text: string) => `!inject ${JSON.stringify(`${Buffer.from(text).toString('latin1')}\r\n`)}`;
  const challenge = Buffer.from(JSON.stringify({ status: words, schemes: words })).toString('base64');
  const opened = ({ greeting, capabilities, auth }: Dialogue) => `!tls\n${greeting}\n${capabilities}\n${auth}`;
  // This token is short enough for the command line of POP.
  const popOpened = opened({ ...POP_DIALOGUE, auth: 'C: AUTH XOAUTH2 *' });
  const places: [string, Dialogue, string][] = [
    ['SMTP greeting', SMTP_DIALOGUE, `!tls\n${line(`554 ${words}`)}`],
    [
      'SMTP refusal',
      SMTP_DIALOGUE,
      `${opened(SMTP_DIALOGUE)}\n${line(`535-5.7.8 ${words}`)}\n${line(`535 5.7.8 ${words}`)}`,
    ],
    ['SMTP challenge', SMTP_DIALOGUE, `${opened(SMTP_DIALOGUE)}\nS: 334 ${challenge}\nC: \nS: 535 no`],
    ['IMAP greeting', IMAP_DIALOGUE, `!tls\n${line(`* BYE ${words}`)}`],
    ['IMAP refusal', IMAP_DIALOGUE, `${opened(IMAP_DIALOGUE)}\n${line(`$tag NO [ALERT] ${words}`)}`],
    ['POP greeting', POP_DIALOGUE, `!tls\n${line(`-ERR ${words}`)}`],
    ['POP refusal', POP_DIALOGUE, `${popOpened}\n${line(`-ERR [SYS/PERM] ${words}`)}`],
    ['POP challenge', POP_DIALOGUE, `${popOpened}\nS: + ${challenge}\nC: \nS: -ERR no`],
    ['IMAP challenge', IMAP_DIALOGUE, `${opened(IMAP_DIALOGUE)}\nS: + ${challenge}\nC: \nS: $tag NO no`],
  ];
  const prove = async (
    dialogue: Dialogue,
    script: string,
    changes: Partial<MailLogin> & { leaf?: typeof LEAF } = {},
  ) => {
    const { leaf = LEAF, ...rest } = changes;
    const server = await playScript(script, leaf);
    try {
      return await refused(dialogue.prove(loginTo({ port: server.port }, { accessToken: token, ...rest })));
    } finally {
      await server.close();
    }
  };

  it.each(places)('in its %s', async (_, dialogue, script) => {
    await expectExplained(await prove(dialogue, script));
  });

  it('in the name on its certificate', async () => {
    const leaf = makeAuthority(`${SECRETS.token} ${ACTS.replaceAll('\0', '')} ${FORGED}`).issue();
    for (const dialogue of [SMTP_DIALOGUE, IMAP_DIALOGUE])
      await expectExplained(await prove(dialogue, '!tls', { leaf }));
  });
});

describe('the words of this machine and of what stands between', () => {
  it('of the name on the certificate of a token endpoint', async () => {
    const leaf = makeAuthority(`${SECRETS['client secret']} ${ACTS.replaceAll('\0', '')} ${FORGED}`).issue();
    const stranger = await startScriptedEndpoint(AUTHORITY, leaf);
    try {
      const endpoints = { ...issuer.endpoints, token: `${stranger.origin}/token` };
      await expectExplained(await refused(refresh(endpoints, client, token, { network })));
    } finally {
      await stranger.stop();
    }
  });

  it('of a proxy that asks for the password as its way to sign in', async () => {
    const secret: string = SECRETS['password of the proxy'];
    const proxy: Server = createServer();
    proxy.on('connect', (_request, socket) => {
      socket.end(`HTTP/1.1 407 ${secret}\r\nProxy-Authenticate: ${secret} realm="${secret}"\r\n\r\n${secret}`);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = `http://ann:${secret}@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const through = await openNetwork({ env: { HTTPS_PROXY: address }, caFile });
    try {
      const endpoints = { ...issuer.endpoints, token: 'https://login.example.com/token' };
      const evidence = await refused(refresh(endpoints, client, token, { network: through }));
      expect(evidence).toMatchObject({ stage: 'proxy', status: 407 });
      await expectExplained(evidence);
    } finally {
      await through.close();
      await new Promise((resolve) => proxy.close(resolve));
    }
  });

  it('of the keychain', () => {
    const here = { place: 'desktop', login: 'ann@host' } as unknown as Parameters<typeof explainKeychain>[1];
    expectWalls(explainKeychain(new Error(BY_SHAPE), here).problem);
  });
});
