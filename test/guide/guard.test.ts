import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Guarded, guard } from '../../src/guide/guard.js';
import { questionOf } from '../../src/guide/plan.js';
import type { Answers, Question } from '../../src/guide/step.js';
import { custom } from '../../src/providers/custom.js';
import { issuedValuesFor } from '../../src/providers/directory.js';
import { gmail } from '../../src/providers/gmail/provider.js';
import { outlook } from '../../src/providers/outlook/provider.js';

const PROVIDERS = { gmail, outlook, custom };
const GUID = '6f0c2b1e-58a4-4d0e-9c55-0f8b2f7d1a11';
const TENANT = '0b7e9d42-1c3f-4f6a-8a77-5d2e4c6b9f30';
const OBJECT = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';
const CLIENT_ID = '104852340913-k3f9q2m7v1s8d5k3f9q2m7v1s8d5k3f9.apps.googleusercontent.com';
const SECRET = `GOCSPX-${'aB3_'.repeat(7)}`;
const VALUE = 'abc8Q~defghijklmnopqrstuvwxyz0123456789A';

function question(provider: keyof typeof PROVIDERS, id: string): Question {
  const found = questionOf(PROVIDERS[provider], id);
  if (found === undefined) throw new Error(`no question ${id}`);
  return found;
}

function guarded(provider: keyof typeof PROVIDERS, id: string, pasted: string, answers: Answers = {}): Guarded {
  const result = guard(question(provider, id), pasted, answers, issuedValuesFor(PROVIDERS[provider]));
  if (!result.ok) throw new Error(`refused: ${result.reason}`);
  return result.guarded;
}

function refusal(provider: keyof typeof PROVIDERS, id: string, pasted: string, answers: Answers = {}) {
  const result = guard(question(provider, id), pasted, answers, issuedValuesFor(PROVIDERS[provider]));
  if (result.ok) throw new Error(`accepted: ${result.guarded.value}`);
  return result;
}

const plain = (value: string): Guarded => ({ value, notes: [], warnings: [], learnt: {} });

describe('cleaning', () => {
  test.each([
    [`${CLIENT_ID} `, ['removed 1 space']],
    [`  ${CLIENT_ID}\n`, ['removed 2 spaces']],
    [`"${CLIENT_ID}"`, ['removed 2 quotation marks']],
    [`\u201c${CLIENT_ID}\u201d`, ['removed 2 quotation marks']],
    [`\u200b${CLIENT_ID}\ufeff`, ['removed 2 invisible characters']],
    [`${CLIENT_ID.slice(0, 30)}\n${CLIENT_ID.slice(30)}`, ['removed 1 line break']],
    [`${CLIENT_ID.slice(0, 30)} ${CLIENT_ID.slice(30)}`, ['removed 1 space']],
    [`${CLIENT_ID}\u00a0`, ['removed 1 space']],
    [`\x01${CLIENT_ID}\x1b[0m`.replace('[0m', ''), ['removed 2 invisible characters']],
  ])('%j', (pasted, notes) => {
    expect(guarded('gmail', 'client-id', pasted)).toEqual({ ...plain(CLIENT_ID), notes });
  });

  test('words stay apart where they are words', () => {
    expect(guarded('gmail', 'description', ' Front   desk\r\nmailbox ').value).toBe('Front desk mailbox');
    expect(guarded('gmail', 'ca', '"/home/me/my files/ca.pem"').value).toBe('/home/me/my files/ca.pem');
  });

  test('a mail domain has a full stop wherever the provider is on the internet', () => {
    expect(refusal('gmail', 'account', 'ann@exmaple').reason).toBe(
      'the part after the @ has a full stop in it, as in reception@example.com',
    );
    expect(refusal('outlook', 'account', 'Ann <ann@exmaple>').reason).toContain('a full stop in it');
    expect(guarded('custom', 'account', 'ann@intranet').value).toBe('ann@intranet');
  });

  test('nothing where something is needed is refused, and allowed elsewhere', () => {
    expect(refusal('gmail', 'account', ' \n').reason).toBe('a value is needed here');
    expect(guarded('outlook', 'secret-expires', '  ')).toEqual(plain(''));
  });

  test('far too much is refused', () => {
    expect(refusal('gmail', 'client-id', 'x'.repeat(9000)).reason).toMatch(/too long/);
  });
});

describe("Google's client ID", () => {
  test('as it should be', () => {
    expect(guarded('gmail', 'client-id', CLIENT_ID)).toEqual(plain(CLIENT_ID));
  });

  test.each([
    ['mailauth-471208', /project ID/],
    [GUID, /another provider/],
    ['104852340913', /number/],
  ])('%s is doubted', (pasted, doubt) => {
    expect(guarded('gmail', 'client-id', pasted).warnings).toEqual([expect.stringMatching(doubt)]);
  });

  test.each([
    ['reception@gmail.com', /e-mail address/],
    [`AIza${'x'.repeat(35)}`, /API key/],
    ['ya29.a0AfH6SMBx', /access token/],
    ['4/0AbUR2VN', /authorization code/],
  ])('%s is refused', (pasted, reason) => {
    expect(refusal('gmail', 'client-id', pasted).reason).toMatch(reason);
  });

  test('the secret is kept, and the ID asked for', () => {
    expect(refusal('gmail', 'client-id', SECRET)).toEqual({
      ok: false,
      reason: 'that is the client secret. The client ID is still needed',
      learnt: { 'client-secret': SECRET },
    });
  });

  test('a lost ending is added', () => {
    expect(guarded('gmail', 'client-id', CLIENT_ID.replace('.apps.googleusercontent.com', ''))).toMatchObject({
      value: CLIENT_ID,
      notes: [expect.stringContaining('added the ending')],
    });
  });

  test('the page of the client', () => {
    const page = `https://console.cloud.google.com/auth/clients/${CLIENT_ID}?project=mailauth-471208`;
    expect(guarded('gmail', 'client-id', page)).toMatchObject({
      value: CLIENT_ID,
      learnt: { project: 'mailauth-471208' },
    });
    expect(
      refusal('gmail', 'client-id', 'https://console.cloud.google.com/auth/clients?project=paws-471208'),
    ).toMatchObject({
      learnt: { project: 'paws-471208' },
    });
  });

  test('the name of the client file', () => {
    expect(refusal('gmail', 'client-id', './client_secret_1.json').learnt).toEqual({
      'client-file': './client_secret_1.json',
    });
  });

  test('another authorization server has its own shapes', () => {
    expect(guarded('gmail', 'client-id', 'my-client', { issuer: 'https://i.example' })).toEqual(plain('my-client'));
    expect(guarded('gmail', 'client-secret-file', 'short', { issuer: 'https://i.example' })).toEqual(plain('short'));
    expect(guarded('outlook', 'client-id', 'my-client', { issuer: 'https://i.example' })).toEqual(plain('my-client'));
    expect(guarded('outlook', 'tenant', 'tenant-1', { issuer: 'https://i.example' })).toEqual(plain('tenant-1'));
    expect(guarded('outlook', 'client-secret-file', 'short', { issuer: 'https://i.example' })).toEqual(plain('short'));
  });
});

describe("Google's client file, as text", () => {
  const file = (type: string, more: object = {}) =>
    JSON.stringify(
      { [type]: { client_id: CLIENT_ID, project_id: 'paws-471208', client_secret: SECRET, ...more } },
      null,
      2,
    );

  test('of a desktop client: everything is in it', () => {
    expect(guarded('gmail', 'client-id', file('installed', { redirect_uris: ['http://localhost'] }))).toEqual({
      value: CLIENT_ID,
      notes: [
        'read the client file of a desktop client',
        'the secret in it was taken too: once all works, delete the file',
      ],
      warnings: [],
      learnt: { 'client-secret': SECRET, project: 'paws-471208', 'client-type': 'desktop' },
    });
  });

  test('given as a file', () => {
    expect(guarded('gmail', 'client-file', file('installed')).learnt).toEqual({
      'client-id': CLIENT_ID,
      'client-secret': SECRET,
      project: 'paws-471208',
      'client-type': 'desktop',
    });
    expect(refusal('gmail', 'client-file', CLIENT_ID).reason).toMatch(/no client file/);
  });

  test('of a web client where a desktop client was planned: any address of this computer will do', () => {
    const lists = (uris: readonly string[]) =>
      guarded('gmail', 'client-id', file('web', { redirect_uris: uris }), {
        'redirect-uri': 'http://127.0.0.1:PORT/callback',
      });
    expect(lists(['http://127.0.0.1:8765/callback']).warnings).toEqual([]);
    expect(lists(['https://a.example/cb']).warnings).toEqual([
      expect.stringContaining('no address at http://127.0.0.1'),
    ]);
  });

  test('in the box of the secret', () => {
    expect(guarded('gmail', 'client-secret-file', file('installed'))).toMatchObject({
      value: SECRET,
      learnt: { 'client-id': CLIENT_ID, 'client-type': 'desktop' },
    });
  });

  test('of a web client: the redirect URI has to be in it, to the last character', () => {
    const answers = { 'client-type': 'web', 'redirect-uri': 'http://127.0.0.1:8765/callback' };
    expect(
      guarded('gmail', 'client-id', file('web', { redirect_uris: ['http://127.0.0.1:8765/callback'] }), answers)
        .warnings,
    ).toEqual([]);
    expect(
      guarded('gmail', 'client-id', file('web', { redirect_uris: ['http://127.0.0.1:8765/callback/'] }), answers)
        .warnings,
    ).toEqual([expect.stringContaining('does not list http://127.0.0.1:8765/callback')]);
  });

  test.each([
    [JSON.stringify({ type: 'service_account', private_key: 'x', client_id: '1' }), /service account/],
    [JSON.stringify({ type: 'authorized_user', refresh_token: '1//0x' }), /gcloud/],
    [JSON.stringify({ installed: {} }), /no client_id/],
    [JSON.stringify({ something: 'else' }), /no OAuth client/],
    ['{"installed":{"client_id":"1048', /cut off/],
    ['{"installed":null}', /no OAuth client/],
  ])('%s is refused', (pasted, reason) => {
    expect(refusal('gmail', 'client-id', pasted).reason).toMatch(reason);
  });
});

describe("Google's client secret", () => {
  test.each([[SECRET], ['abcdefghijklmnopqrstuvwx']])('%s as it should be', (pasted) => {
    expect(guarded('gmail', 'client-secret-file', pasted)).toEqual(plain(pasted));
  });

  test('cut off', () => {
    expect(guarded('gmail', 'client-secret-file', SECRET.slice(0, 20)).warnings[0]).toMatch(/20 characters.*cut off/);
  });

  test.each([
    [CLIENT_ID, /client ID/],
    ['****wxyz', /hides the secret/],
    ['reception@gmail.com', /e-mail address/],
    [`AIza${'x'.repeat(35)}`, /API key/],
  ])('%s is refused', (pasted, reason) => {
    expect(refusal('gmail', 'client-secret-file', pasted).reason).toMatch(reason);
  });
});

describe("Google's project", () => {
  test.each([['openvpms-471208'], ['example.com:paws-1']])('%s as it should be', (pasted) => {
    expect(guarded('gmail', 'project', pasted)).toEqual(plain(pasted));
  });

  test('the address of a page', () => {
    expect(
      guarded('gmail', 'project', 'https://console.cloud.google.com/home/dashboard?project=openvpms-471208&authuser=1'),
    ).toMatchObject({
      value: 'openvpms-471208',
    });
  });

  test.each([
    ['https://console.cloud.google.com/home/dashboard', /no project/],
    ['https://console.cloud.google.com/auth?project=_', /no project/],
    ['My first project', /name of the project/],
    [CLIENT_ID, /client ID/],
    ['a@b.example', /e-mail/],
  ])('%s is refused', (pasted, reason) => {
    expect(refusal('gmail', 'project', pasted).reason).toMatch(reason);
  });
});

describe("Microsoft's IDs", () => {
  const portal = `https://entra.microsoft.com/${TENANT}#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Overview/appId/${GUID}/isMSAApp~/false`;
  const overview = `Display name : mailauth\nApplication (client) ID : ${GUID}\nObject ID : ${OBJECT}\nDirectory (tenant) ID : ${TENANT}`;

  test.each([
    [GUID, []],
    [`{${GUID.toUpperCase()}}`, ['wrote the ID in its usual form']],
    [GUID.replaceAll('-', ''), ['wrote the ID in its usual form']],
  ])('%s', (pasted, notes) => {
    expect(guarded('outlook', 'client-id', pasted)).toEqual({ ...plain(GUID), notes });
  });

  test('the address of the page, and the text of the page', () => {
    for (const pasted of [portal, overview]) {
      expect(guarded('outlook', 'client-id', pasted)).toMatchObject({ value: GUID, learnt: { tenant: TENANT } });
      expect(guarded('outlook', 'tenant', pasted)).toMatchObject({ value: TENANT, learnt: { 'client-id': GUID } });
    }
  });

  test('one for the other', () => {
    expect(refusal('outlook', 'client-id', TENANT, { tenant: TENANT }).reason).toMatch(/tenant\) ID again/);
    expect(refusal('outlook', 'tenant', GUID, { 'client-id': GUID }).reason).toMatch(/client\) ID again/);
    expect(refusal('outlook', 'client-id', `Directory (tenant) ID: ${TENANT}`)).toMatchObject({
      learnt: { tenant: TENANT },
    });
    expect(refusal('outlook', 'tenant', `Application (client) ID: ${GUID}`)).toMatchObject({
      learnt: { 'client-id': GUID },
    });
    expect(refusal('outlook', 'client-id', `Object ID: ${OBJECT}`).reason).toMatch(/Object ID/);
    expect(refusal('outlook', 'tenant', `Object ID: ${OBJECT}`).reason).toMatch(/Object ID/);
  });

  test('the secret in the box of an ID is kept', () => {
    expect(refusal('outlook', 'client-id', VALUE).learnt).toEqual({ 'client-secret': VALUE });
  });

  test.each([
    [GUID.slice(0, -1), /31 of 32/],
    ['my-registration', /32 digits/],
  ])('%s is doubted', (pasted, doubt) => {
    expect(guarded('outlook', 'client-id', pasted).warnings).toEqual([expect.stringMatching(doubt)]);
  });

  test.each([
    ['admin@paws.example', /e-mail/],
    [CLIENT_ID, /Google/],
    ['https://entra.microsoft.com/#home', /holds no ID/],
  ])('%s is refused', (pasted, reason) => {
    expect(refusal('outlook', 'client-id', pasted).reason).toMatch(reason);
  });

  test.each([
    [TENANT, TENANT],
    ['Common', 'common'],
    ['organizations', 'organizations'],
    ['consumers', 'consumers'],
    ['HappyPaws.onmicrosoft.com', 'happypaws.onmicrosoft.com'],
    ['reception@happypaws.example', 'happypaws.example'],
    [`https://login.microsoftonline.com/${TENANT}/oauth2/v2.0/authorize`, TENANT],
    ['https://portal.azure.com/#@happypaws.onmicrosoft.com/resource', 'happypaws.onmicrosoft.com'],
  ])('tenant %s', (pasted, value) => {
    expect(guarded('outlook', 'tenant', pasted).value).toBe(value);
  });
});

describe("Microsoft's client secret", () => {
  test('the Value', () => {
    expect(guarded('outlook', 'client-secret-file', ` ${VALUE}\n`)).toEqual({
      ...plain(VALUE),
      notes: ['removed 1 space'],
    });
  });

  test('the Secret ID', () => {
    expect(refusal('outlook', 'client-secret-file', GUID).reason).toBe(
      'that is the Secret ID. Copy the column named Value',
    );
  });

  test.each([
    ['abc******************', /hides this Value/],
    [SECRET, /Google/],
    ['admin@paws.example', /e-mail/],
  ])('%s is refused', (pasted, reason) => {
    expect(refusal('outlook', 'client-secret-file', pasted).reason).toMatch(reason);
  });

  test('half of it', () => {
    expect(guarded('outlook', 'client-secret-file', VALUE.slice(0, 20)).warnings[0]).toMatch(/20 characters.*cut off/);
  });
});

describe('a secret in a box that shows what is typed', () => {
  const shown = [gmail, outlook, custom].flatMap((provider) =>
    provider.questions
      .filter(({ kind }) => kind !== 'secret' && kind !== 'file' && kind !== 'secret-file')
      .map(({ id }) => [provider.id as keyof typeof PROVIDERS, id] as const),
  );

  test.each(shown)('%s: %s', (provider, id) => {
    const own = { gmail: SECRET, outlook: VALUE, custom: SECRET }[provider];
    const answers: Answers = provider === 'custom' ? { issuer: 'https://i.example' } : {};
    expect(refusal(provider, id, own, answers).learnt).toEqual({ 'client-secret': own });
    expect(refusal(provider, id, `my secret is ${own}`, answers).reason).not.toContain(own);
    expect(refusal(provider, id, `"${own}"`).reason).not.toContain(own);
    for (const token of [`ya29.${'x'.repeat(30)}`, `1//0${'y'.repeat(30)}`, `eyJ${'z'.repeat(20)}.abc`]) {
      expect(refusal(provider, id, token).reason).not.toContain(token);
    }
  });

  test("another provider's secret is refused and kept nowhere", () => {
    expect(refusal('outlook', 'client-id', SECRET)).toMatchObject({
      reason: 'that is a client secret of Google',
      learnt: {},
    });
    expect(refusal('gmail', 'client-secret-file', VALUE)).toMatchObject({
      reason: 'that is a client secret of Microsoft',
      learnt: {},
    });
    expect(guarded('custom', 'client-secret-file', SECRET, { issuer: 'https://i.example' })).toEqual(plain(SECRET));
  });

  test('the client file in the box of the project', () => {
    const file = JSON.stringify({
      installed: { client_id: CLIENT_ID, project_id: 'paws-471208', client_secret: SECRET },
    });
    expect(guarded('gmail', 'project', file)).toMatchObject({
      value: 'paws-471208',
      learnt: { 'client-id': CLIENT_ID, 'client-secret': SECRET },
    });
  });
});

describe('a secret from a file', () => {
  const fromFile = (provider: keyof typeof PROVIDERS, text: string) =>
    guard(
      question(provider, 'client-secret-file'),
      text,
      {},
      { ...issuedValuesFor(PROVIDERS[provider]), verbatim: true },
    );

  test.each(['correct horse  battery staple', '"in-quotes"', "ends-in-apostrophe'", ' around ', 'a\u00a0b'])(
    '%j stays as it is',
    (secret) => {
      expect(fromFile('custom', secret)).toMatchObject({ ok: true, guarded: { value: secret, notes: [] } });
    },
  );

  test('a shape that is known is tidied all the same', () => {
    expect(fromFile('gmail', ` ${SECRET} `)).toMatchObject({ ok: true, guarded: { value: SECRET } });
    expect(fromFile('outlook', `"${VALUE}"`)).toMatchObject({ ok: true, guarded: { value: VALUE } });
  });

  test('several lines are no secret', () => {
    expect(fromFile('custom', 'one\ntwo')).toMatchObject({ ok: false, reason: expect.stringContaining('lines') });
  });
});

describe('dates', () => {
  const today = { today: '2026-11-23' };
  test.each([
    ['2028-11-22', '2028-11-22'],
    ['2028/11/22', '2028-11-22'],
    ['11/22/2028', '2028-11-22'],
    ['22/11/2028', '2028-11-22'],
    ['22.11.2028', '2028-11-22'],
    ['03.04.2028', '2028-04-03'],
    ['Nov 22, 2028', '2028-11-22'],
    ['22 November 2028', '2028-11-22'],
    ['2028-11-22T10:00:00Z', '2028-11-22'],
    ['5/5/2028', '2028-05-05'],
  ])('%s', (pasted, value) => {
    const { value: read, notes, warnings } = guarded('outlook', 'secret-expires', pasted, today);
    expect(read).toBe(value);
    expect(notes).toEqual(pasted === value ? [] : [`read as ${value}`]);
    expect(warnings).toEqual([]);
  });

  test.each(['03/04/2028', '2028-02-30', '2028-13-01', 'tomorrow', '22', '1/1/1', '2028-11-22x'])(
    '%s is not read',
    (pasted) => {
      expect(refusal('outlook', 'secret-expires', pasted, today).reason).toMatch(/year, month, day/);
    },
  );

  test('a day that has passed, and one too far ahead', () => {
    expect(refusal('outlook', 'secret-expires', '2026-11-22', today).reason).toMatch(/passed/);
    expect(guarded('outlook', 'secret-expires', '2026-11-23', today).warnings).toEqual([]);
    expect(guarded('outlook', 'secret-expires', '2029-11-23', today).warnings).toEqual([
      expect.stringMatching(/24 months/),
    ]);
    expect(guarded('outlook', 'secret-expires', '2029-11-23').warnings).toEqual([]);
  });
});

describe('addresses, hosts, ports and links', () => {
  test.each([
    ['reception@happypaws.example', 'reception@happypaws.example'],
    ['Reception <reception@happypaws.example>', 'reception@happypaws.example'],
    ['mailto:reception@happypaws.example', 'reception@happypaws.example'],
    ["o'brien+mail@b.example", "o'brien+mail@b.example"],
  ])('address %s', (pasted, value) => {
    expect(guarded('gmail', 'account', pasted).value).toBe(value);
  });

  test.each([
    ['pat@gmial.com', 'pat@gmail.com'],
    ['pat@gmail.co', 'pat@gmail.com'],
    ['pat@gmaill.com', 'pat@gmail.com'],
    ['pat@hotmial.com', 'pat@hotmail.com'],
    ['pat@outlok.com', 'pat@outlook.com'],
    ['pat@hotmial.co.uk', 'pat@hotmail.co.uk'],
  ])('%s is doubted', (typed, meant) => {
    expect(guarded('gmail', 'account', typed).warnings).toEqual([`this may be misspelt: did you mean ${meant}?`]);
  });

  test.each(['pat@gmail.com', 'pat@mail.com', 'pat@ymail.com', 'pat@live.nl', 'pat@love.com', 'pat@happypaws.example'])(
    '%s is not',
    (typed) => expect(guarded('gmail', 'account', typed).warnings).toEqual([]),
  );

  test.each(['reception', 'a@b@c', '@b.example', 'a@', 'a@b..example', 'a@-b', 'a"b@c.example', 'a@b/c'])(
    '%s is no address',
    (pasted) => {
      expect(refusal('gmail', 'account', pasted).reason).toMatch(/e-mail address/);
    },
  );

  test.each([
    ['smtp.example.com', 'smtp.example.com', {}],
    ['SMTP.example.com.', 'smtp.example.com', {}],
    ['smtp.example.com:465', 'smtp.example.com', { 'smtp-port': '465' }],
    ['https://mail.example.com/webmail', 'mail.example.com', {}],
    ['127.0.0.1', '127.0.0.1', {}],
    ['[::1]:587', '::1', { 'smtp-port': '587' }],
    ['localhost', 'localhost', {}],
  ])('host %s', (pasted, value, learnt) => {
    expect(guarded('gmail', 'smtp-host', pasted)).toMatchObject({ value, learnt });
  });

  test.each(['a@b.example', 'smtp_example..com', '-x.example', 'a b/', 'x'.repeat(64)])('%s is no host', (pasted) => {
    expect(guard(question('gmail', 'smtp-host'), pasted, {})).toMatchObject({ ok: pasted === 'a b/' });
  });

  test.each([
    ['587', true],
    ['0', false],
    ['65536', false],
    ['-1', false],
    ['1e3', false],
    ['', true],
    ['5 87', true],
  ])('port %j', (pasted, ok) => {
    expect(guard(question('gmail', 'smtp-port'), pasted, {}).ok).toBe(ok);
  });

  test('port 80 is refused to listen on: a browser leaves it out of the address, which is compared to the letter', () => {
    expect(guard(question('gmail', 'redirect-port'), '80', {})).toMatchObject({
      ok: false,
      reason: expect.stringContaining('8766'),
    });
    expect(guard(question('gmail', 'smtp-port'), '80', {}).ok).toBe(true);
  });

  test('a low port to listen on is doubted', () => {
    expect(guarded('gmail', 'redirect-port', '81').warnings).toHaveLength(1);
    expect(guarded('gmail', 'redirect-port', '8766').warnings).toEqual([]);
  });

  test.each([
    ['120', true],
    ['0', false],
    ['3600', true],
    ['3601', false],
  ])('%s seconds', (pasted, ok) => {
    expect(guard(question('gmail', 'mail-timeout'), pasted, {}).ok).toBe(ok);
  });

  test.each([
    ['https://login.example.com', 'https://login.example.com'],
    ['https://login.example.com/realms/x/', 'https://login.example.com/realms/x/'],
    ['https://login.example.com/.well-known/openid-configuration', 'https://login.example.com'],
  ])('issuer %s', (pasted, value) => {
    expect(guarded('custom', 'issuer', pasted).value).toBe(value);
  });

  test.each([
    'http://login.example.com',
    'login.example.com',
    'https://u:p@x.example',
    'https://u@x.example',
    'https://x.example?a',
    'https://x.example#',
    'ftp://x',
  ])('%s is no issuer', (pasted) => {
    expect(guard(question('custom', 'issuer'), pasted, {}).ok).toBe(false);
  });

  test('a redirect URI is kept to the letter', () => {
    for (const uri of ['https://Server.example.com:443/a/../b/', 'http://localhost:80/cb', 'https://x.example']) {
      expect(guarded('gmail', 'app-redirect-uri', uri)).toEqual(plain(uri));
    }
    expect(guarded('custom', 'app-redirect-uri', 'http://server.example/cb').warnings).toHaveLength(1);
    for (const [provider, uri] of [
      ['gmail', 'http://server.example/cb'],
      ['gmail', 'http://192.168.1.20:8080/cb'],
      ['gmail', 'https://192.168.1.20/cb'],
      ['gmail', 'https://server.local/cb'],
      ['gmail', 'https://openvpms/cb'],
      ['outlook', 'http://openvpms:8080/cb'],
      ['outlook', 'http://192.168.1.20/cb'],
    ] as const) {
      expect(refusal(provider, 'app-redirect-uri', uri).reason, uri).toMatch(
        /https address with a public name.*localhost/,
      );
    }
    for (const uri of ['https://server.local/cb', 'https://192.168.1.20/cb', 'http://localhost:8080/cb']) {
      expect(guarded('outlook', 'app-redirect-uri', uri)).toEqual(plain(uri));
    }
    for (const uri of [
      'https://u:p@x.example/',
      'https://x.example/#f',
      'https://*.example/',
      'openvpms',
      'javascript:alert(1)',
    ]) {
      expect(guard(question('gmail', 'app-redirect-uri'), uri, {}).ok, uri).toBe(false);
    }
  });

  test('scopes', () => {
    expect(guarded('custom', 'scope', 'openid,  email mail.read').value).toBe('openid email mail.read');
    expect(refusal('custom', 'scope', 'a\\b').reason).toMatch(/scope/);
  });

  test('names of accounts', () => {
    expect(guarded('gmail', 'name', 'front-desk.2').value).toBe('front-desk.2');
    for (const bad of ['a@b.example', '../x', '-x', 'two words', 'x'.repeat(65)]) {
      expect(guard(question('gmail', 'name'), bad, {}).ok, bad).toBe(false);
    }
  });

  test('the name of the registration', () => {
    expect(guarded('gmail', 'app-name', 'Happy Paws mail').warnings).toEqual([]);
    expect(guarded('gmail', 'app-name', 'Gmail for us').warnings).toHaveLength(1);
  });

  test('a refresh token', () => {
    expect(guarded('gmail', 'refresh-token-file', '1//0abcdefghij').value).toBe('1//0abcdefghij');
    for (const bad of ['ya29.x', SECRET, CLIENT_ID, '{"a":1}'])
      expect(guard(question('gmail', 'refresh-token-file'), bad, {}, issuedValuesFor(gmail)).ok, bad).toBe(false);
  });

  test('choices and yes or no', () => {
    expect(guarded('outlook', 'mailbox-kind', 'WORK').value).toBe('work');
    expect(refusal('outlook', 'mailbox-kind', 'both').reason).toBe('choose one of work, personal');
    expect(guarded('gmail', 'no-smtp', 'True').value).toBe('yes');
    expect(guarded('gmail', 'no-smtp', '0').value).toBe('no');
    expect(guard(question('gmail', 'no-smtp'), 'perhaps', {}).ok).toBe(false);
  });
});

describe('whatever is pasted', () => {
  const everyQuestion = fc.constantFrom(...[gmail, outlook, custom].flatMap((provider) => provider.questions));
  const known = [
    CLIENT_ID,
    SECRET,
    GUID,
    TENANT,
    VALUE,
    'reception@b.example',
    'https://x.example/cb',
    '2028-11-22',
    '587',
    'smtp.b.example',
    'yes',
    'web',
  ];
  const nasty = fc.constantFrom(
    '\x01',
    '\r\n',
    '\n',
    '\0',
    '\x1b[31m',
    '\u200b',
    '\u202e',
    ' ',
    '"',
    '\t',
    '\x7f',
    '\u0085',
    '\ud800',
    '\u2028',
    '\x9b',
  );
  const pasted = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc
      .array(fc.oneof(nasty, fc.constantFrom(...known), fc.string({ maxLength: 6 })), { maxLength: 8 })
      .map((parts) => parts.join('')),
    fc.json(),
  );

  test('no control, bidi or invisible character survives, in a value or in what was learnt', () => {
    fc.assert(
      fc.property(everyQuestion, pasted, (one, text) => {
        const result = guard(one, text, {});
        const values = result.ok
          ? [result.guarded.value, ...Object.values(result.guarded.learnt)]
          : Object.values(result.learnt);
        for (const value of values) {
          expect(value).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
          expect(value).toBe(value.trim());
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('what passed once passes again, unchanged and without a word about cleaning', () => {
    fc.assert(
      fc.property(everyQuestion, pasted, (one, text) => {
        const result = guard(one, text, {});
        if (!result.ok) return;
        const again = guard(one, result.guarded.value, {});
        expect(again).toMatchObject({ ok: true, guarded: { value: result.guarded.value, notes: [] } });
      }),
      { numRuns: 3000 },
    );
  });

  test('noise around a good value changes nothing but the notes', () => {
    const noise = fc
      .array(fc.constantFrom(' ', '\n', '\r\n', '"', '\u200b', '\ufeff', '\u00a0', '\x01', '\t'), { maxLength: 6 })
      .map((parts) => parts.join(''));
    const good = fc.constantFrom(
      ...([
        [gmail, 'client-id', CLIENT_ID],
        [gmail, 'client-secret-file', SECRET],
        [outlook, 'client-id', GUID],
        [outlook, 'tenant', TENANT],
        [outlook, 'client-secret-file', VALUE],
        [outlook, 'secret-expires', '2028-11-22'],
        [gmail, 'account', 'reception@b.example'],
        [custom, 'issuer', 'https://i.example/x'],
      ] as const),
    );
    fc.assert(
      fc.property(good, noise, noise, ([provider, id, value], before, after) => {
        const result = guard(questionOf(provider, id) as Question, `${before}${value}${after}`, {});
        expect(result).toMatchObject({ ok: true, guarded: { value, warnings: [], learnt: {} } });
      }),
      { numRuns: 1000 },
    );
  });

  test('a reason and a warning never repeat a secret', () => {
    const secrets = fc.constantFrom(
      SECRET,
      VALUE,
      `ya29.${'x'.repeat(30)}`,
      `1//0${'y'.repeat(30)}`,
      `AIza${'z'.repeat(35)}`,
    );
    fc.assert(
      fc.property(everyQuestion, secrets, fc.constantFrom('', ' ', '"'), (one, secret, around) => {
        const result = guard(one, `${around}${secret}${around}`, {});
        const words = result.ok ? [...result.guarded.notes, ...result.guarded.warnings] : [result.reason];
        expect(words.join(' ')).not.toContain(secret);
      }),
    );
  });

  test('long runs of one character are read in linear time', () => {
    const runs = [
      ' ',
      'a',
      ':',
      '.',
      '-',
      '@',
      '/',
      '"',
      "'",
      ')',
      '\n',
      '\r\n',
      '\t',
      '(',
      '<',
      '&',
      '=',
      '%',
      '1',
      '1.',
      'a ',
      'a@',
      'code ',
      'a.',
      '\u00e9',
      '\u2028',
    ];
    for (const provider of [gmail, outlook, custom]) {
      for (const one of provider.questions) {
        for (const run of runs) {
          const text = `${run.repeat(Math.ceil(8000 / run.length)).slice(0, 8000)}!`;
          // Of the processor, in microseconds: others may be using it as well.
          const before = process.cpuUsage();
          guard(one, text, {}, issuedValuesFor(provider));
          expect(process.cpuUsage(before).user / 1000, `${one.id} ${JSON.stringify(run)}`).toBeLessThan(500);
        }
      }
    }
  });
});
