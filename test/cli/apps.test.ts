/** Apps with access of their own, from the set-up to the removal: nobody signs in. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Check } from '../../src/explain/check.js';
import { makePair } from '../../src/oauth/certificate.js';
import { program } from '../serve/house.js';
import type { RegisteredApp, ServiceAccount } from '../servers/authorization-server.js';
import { scanDirectory } from '../servers/canary.js';
import { ADDRESS, type AppHouse, openAppHouse, ROLES, type SetupDocument, verdicts } from './app-house.js';

const ALL_OK = ['store ok', 'client ok', 'signin ok', 'smtp ok', 'imap ok'];

const folder = mkdtempSync(join(tmpdir(), 'mailauth-apps-'));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Replies of Exchange to a sender that it does not take, and what is told of each. */
const REFUSED_SENDERS: readonly (readonly [string, (objectId: string) => object])[] = [
  [
    '550 5.7.60 SMTP; Client does not have permissions to send as this sender',
    (objectId) => ({
      code: 'mailbox_mismatch',
      who: 'admin',
      fix: [{ command: expect.stringContaining(`-Trustee ${objectId} -AccessRights SendAs`) }],
    }),
  ],
  [
    '554 5.2.252 SendAsDenied; scanner@happypaws.example not allowed to send as billing@happypaws.example',
    () => ({ code: 'mailbox_mismatch', message: expect.stringContaining('the app may not send from this address') }),
  ],
  [
    '550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP.',
    () => ({ code: 'policy_blocked', who: 'admin', rule: 'exchange-sender-blocked' }),
  ],
];

// The first command loads all that a set-up needs.
describe('outlook --sign-in app', { timeout: 60_000 }, () => {
  let house: AppHouse;
  let app: RegisteredApp;
  let refusing: string | undefined;

  beforeAll(async () => {
    house = await openAppHouse('microsoft', folder, () => refusing);
    app = await house.as.registerApp('secret');
  }, 60_000);
  afterAll(() => house.close());

  const setup = (...more: readonly string[]) =>
    house.run(
      ...['setup', 'outlook', '--json', '--sign-in', 'app', '--account', ADDRESS, '--tenant', app.tenant],
      ...['--client-id', app.clientId, ...house.flags, ...more],
    );

  it('says at once that the administrator has not allowed it anything', async () => {
    const ended = await setup('--client-secret-file', file('secret', app.clientSecret));
    expect(ended.document<{ code: string }>()).toMatchObject({ code: 'admin_consent_required', exitCode: 69 });
  });

  it('T28 sets up by a secret, without a browser, and says first what that opens', async () => {
    app.allow(...ROLES);
    const ended = await setup('--client-secret-file', file('secret', app.clientSecret));
    const document = ended.document<SetupDocument>();
    expect(document.checks && verdicts(document.checks), ended.stderr).toEqual(ALL_OK);
    expect(document.account).toMatchObject({ name: 'outlook', signIn: 'app', credential: 'secret' });
    expect(ended.code).toBe(0);
    expect(house.as.ledger.at(-1)).toMatchObject({ grantType: 'client_credentials', outcome: 'ok' });
    expect(house.as.authorizations).toEqual([]);
    expect(ended.stderr).toContain('opens every mailbox that the app is given in Exchange');
  });

  it('is checked, gives a token, and is listed and exported like any account', async () => {
    const checked = await house.run('check', '--json');
    expect(checked.document<{ accounts: unknown[] }>()).toMatchObject({
      ok: true,
      accounts: [{ signIn: 'app', credential: 'secret' }],
    });
    const token = await house.run('token', 'outlook');
    expect(await house.as.verifierOf('imap')(ADDRESS, token.stdout.trim())).toBe(true);
    const listed = await house.run('list', '--json');
    expect(listed.document<{ accounts: unknown[] }>()).toMatchObject({
      accounts: [{ name: 'outlook', signIn: 'app', credential: 'secret', tenant: app.tenant }],
    });
    expect((await house.run('list')).stdout).toContain('nobody: it is an app');
    expect((await house.run('export', 'outlook', '--format', 'msmtp')).stdout).toContain('mailauth token outlook');
  });

  it('asks once, however many programs want a token at the same time, and keeps no journal', async () => {
    const before = house.as.ledger.length;
    const later = { now: () => new Date(Date.now() + 2 * 3_600_000) };
    const all = await Promise.all(Array.from({ length: 100 }, () => house.at(later, 'token', 'outlook')));
    expect(new Set(all.map(({ stdout }) => stdout)).size).toBe(1);
    expect(all.every(({ code }) => code === 0)).toBe(true);
    expect(house.as.ledger.slice(before)).toMatchObject([{ grantType: 'client_credentials', outcome: 'ok' }]);
    const names = readdirSync(join(folder, 'microsoft'), { recursive: true, encoding: 'utf8' });
    expect(names.filter((name) => /secrets.*[.]json$/.test(name))).toEqual([]);
  });

  it('changes nothing when it is set up once more', async () => {
    const ended = await setup('--client-secret-file', file('secret', app.clientSecret));
    expect(ended.document<SetupDocument>()).toMatchObject({ changed: false });
  });

  it('refuses by name what does not go with it', async () => {
    const stored = readFileSync(join(folder, 'microsoft', 'accounts.json'), 'utf8');
    for (const [flag, value, message] of [
      ['--redirect-port', '8799', '--redirect-port 8799 does not go with --sign-in app, which outlook has'],
      ['--sign-in', 'person', 'credential secret does not go with --sign-in person, which outlook has'],
      ['--mailbox-kind', 'personal', '--sign-in app does not go with --mailbox-kind personal, which outlook has'],
    ] as const) {
      const ended = await house.run('setup', 'outlook', '--json', '--account', ADDRESS, flag, value);
      expect(ended.document(), flag).toMatchObject({ code: 'usage', message });
    }
    expect(readFileSync(join(folder, 'microsoft', 'accounts.json'), 'utf8')).toBe(stored);
  });

  it('has nobody who could sign in again', async () => {
    const ended = await house.run('authorize', 'outlook', '--json');
    expect(ended.code).toBe(64);
    expect(ended.document()).toMatchObject({
      code: 'usage',
      message: expect.stringContaining('nobody signs in to outlook'),
      fix: [{ command: 'mailauth check outlook' }, { command: 'mailauth setup outlook --from-step 7' }],
    });
    for (const flag of ['--begin', '--device']) expect((await setup(flag)).code, flag).toBe(64);
    expect((await house.run('export', 'outlook', '--format', 'postfix')).stderr).toContain('nobody signs in');
  });

  it('is told what the administrator has taken away, and by whom it is given back', async () => {
    app.allow('full_access_as_app');
    const ended = await house.run('check', '--json');
    const [account] = ended.document<{ accounts: { checks: Check[] }[] }>().accounts;
    expect(account?.checks.find(({ id }) => id === 'signin')).toMatchObject({
      status: 'fail',
      code: 'admin_consent_required',
      who: 'admin',
      message: expect.stringContaining('IMAP.AccessAsApp'),
      fix: [{ step: '12' }, { send: expect.stringContaining(`adminconsent?client_id=${app.clientId}`) }],
    });
    app.allow(...ROLES);
  });

  it('tells a mailbox that Exchange has let the app into and does not open, with the finished script', async () => {
    house.as.openMailboxes.delete(ADDRESS);
    const checked = await house.run('check', '--json');
    const [account] = checked.document<{ accounts: { checks: Check[] }[] }>().accounts;
    const lineOf = (id: string) => account?.checks.find((check) => check.id === id);
    expect(checked.code).toBe(77);
    expect(lineOf('imap')).toMatchObject({ code: 'mailbox_mismatch', who: 'admin', rule: 'exchange-not-connected' });
    // A login cannot see it, and says so.
    expect(lineOf('smtp')).toMatchObject({ status: 'ok', message: expect.stringContaining('--send-test ADDRESS') });
    const [{ command = '' } = {}] = (lineOf('imap') as { fix?: { command?: string }[] }).fix ?? [];
    const script = (await house.run(...command.split(' ').slice(1))).stdout;
    for (const word of [ADDRESS, app.clientId, app.objectId, app.tenant]) expect(script).toContain(`'${word}'`);
    expect(script).not.toMatch(/= '<|<[a-z-]+>'/);
  });

  it('tells a message that is refused after a good login, and what gives the app the right', async () => {
    const sent = async (): Promise<Record<string, unknown>> => {
      const ended = await house.run('check', '--json', '--only', 'smtp', '--send-test', 'grace@example.org');
      const [account] = ended.document<{ accounts: { checks: Check[] }[] }>().accounts;
      return { exit: ended.code, ...account?.checks.at(-1) };
    };
    expect(await sent()).toMatchObject({
      exit: 77,
      code: 'mailbox_mismatch',
      who: 'admin',
      rule: 'exchange-logon-failure',
      server: expect.stringContaining('430 4.2.0 STOREDRV; mailbox logon failure'),
      fix: [{ step: '13', command: expect.stringContaining(`--object-id ${app.objectId}`) }],
    });
    house.as.openMailboxes.add(ADDRESS);
    for (const [reply, told] of REFUSED_SENDERS) {
      refusing = reply;
      expect(await sent(), reply).toMatchObject({ status: 'fail', server: reply, ...told(app.objectId) });
    }
    refusing = undefined;
    expect(await sent()).toMatchObject({ status: 'ok', message: expect.stringContaining('one message was sent') });
    expect(house.smtp.mails).toMatchObject([{ from: ADDRESS, to: ['grace@example.org'] }]);
  });

  it('takes a pair of one\u2019s own in the place of the secret, and knows when it ends', async () => {
    const { certificate, key } = await makePair('mailauth', new Date(), 90);
    await app.uploadCertificate(certificate.toString());
    const before = await house.run('list', '--json');
    const pem = file('certificate.pem', certificate.toString());
    const keyFile = file('key.pem', key.export({ format: 'pem', type: 'pkcs8' }).toString());
    const ended = await house.run(
      ...['setup', 'outlook', '--json', '--account', ADDRESS],
      ...['--client-certificate-file', pem, '--client-key-file', keyFile],
    );
    const document = ended.document<SetupDocument>();
    expect(document.checks && verdicts(document.checks), ended.stderr).toEqual(ALL_OK);
    const end = new Date(certificate.validTo).toISOString().slice(0, 10);
    expect(document).toMatchObject({ changed: true, account: { credential: 'certificate', secretExpires: end } });
    expect((await house.run('check', '--warn-days', '100')).stdout).toContain(`certificate ends in 8`);
    expect(before.document<{ accounts: unknown[] }>().accounts).toHaveLength(1);
    // Nothing of the key but in the store, which is encrypted.
    const written = { key: key.export({ format: 'der', type: 'pkcs8' }).toString('base64') };
    expect(scanDirectory(join(folder, 'microsoft'), written)).toEqual([]);
  });

  it('takes the token of another issuer, read again each time', async () => {
    const foreign = app.trust('https://token.actions.example', 'repo:clinic/mail:ref:refs/heads/main');
    await app.forgetCertificate();
    const tokens = file('federated', foreign.tokenFor());
    const ended = await house.run('setup', 'outlook', '--json', '--account', ADDRESS, '--federated-token-file', tokens);
    const document = ended.document<SetupDocument>();
    expect(document.checks && verdicts(document.checks), ended.stderr).toEqual(ALL_OK);
    expect(document.account).toMatchObject({ credential: 'federated', secretExpires: null });
    file('federated', foreign.tokenFor('repo:somebody/else'));
    const other = await house.run('check', '--json');
    expect(other.stdout).toContain('federated credentials of the app');
    file('federated', foreign.tokenFor(undefined, -60));
    expect((await house.run('check', '--json')).stdout).toContain('"code":"clock_skew"');
    file('federated', 'not a token');
    const broken = await house.run('token', 'outlook', '--force-refresh');
    expect(broken.stderr).toContain('does not hold a token of another issuer');
    file('federated', foreign.tokenFor());
    expect((await house.run('token', 'outlook', '--force-refresh')).code).toBe(0);
  });

  it('keeps the cloud that its client is in, and says where that has its pages', async () => {
    const bare = await house.run(
      'setup',
      'outlook',
      '--cloud',
      'china',
      '--account',
      'new@agency.example',
      '--no-input',
    );
    expect(bare.stderr).toContain('mailauth guide outlook --cloud china');
    expect(bare.stderr).toContain('https://portal.azure.cn/');
    const secret = file('secret', app.clientSecret);
    const scope = 'https://outlook.office365.com/.default';
    const ended = await setup('--cloud', 'us-gov', '--scope', scope, '--client-secret-file', secret);
    expect(ended.document(), ended.stderr).toMatchObject({ ok: true, changed: true });
    const { clients } = JSON.parse(readFileSync(join(folder, 'microsoft', 'accounts.json'), 'utf8'));
    expect(clients).toMatchObject([{ cloud: 'us-gov' }]);
    expect((await house.run('check', '--json')).document()).toMatchObject({ ok: true });
  });

  it('serves programs that know only a password, and asks once for all of them', async () => {
    const made = await house.run('password', 'outlook', '--json');
    const { password } = made.document<{ password: string }>();
    const stop = new AbortController();
    let log = '';
    const hears = (text: string): void => {
      log += text;
    };
    const later = { signal: stop.signal, hears, now: () => new Date(Date.now() + 2 * 3_600_000) };
    const running = house.at(later, 'serve', '--json', '--imap', '0', '--smtp', 'off', '--pop', 'off');
    try {
      await vi.waitFor(() => expect(log).toContain('"event":"ready"'), { timeout: 15_000 });
      const before = house.as.ledger.length;
      const port = Number(/"address":"[^"]*:(\d+)"/.exec(log)?.[1]);
      const programs = Array.from({ length: 10 }, () => program(port));
      for (const one of programs) one.send(`a LOGIN ${ADDRESS} ${password}`, 'b EXAMINE INBOX');
      for (const one of programs) expect(await one.hears(/^b OK/m)).toContain('* 7 EXISTS');
      for (const one of programs) one.socket.destroy();
      expect(house.as.ledger.slice(before)).toMatchObject([{ grantType: 'client_credentials', outcome: 'ok' }]);
    } finally {
      stop.abort();
      await running;
    }
    expect(log).not.toContain(password);
  });

  it('is removed without anything to end at the provider', async () => {
    const ended = await house.run('remove', 'outlook', '--yes');
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('nobody had signed in');
    expect((await house.run('list', '--json')).document<{ accounts: unknown[] }>().accounts).toEqual([]);
  });
});

describe('a certificate that mailauth makes', () => {
  it('is written in a first run, and works in the second, when it was uploaded', { timeout: 60_000 }, async () => {
    const house = await openAppHouse('microsoft', folder);
    try {
      const app = await house.as.registerApp();
      app.allow(...ROLES);
      const address = 'fax@happypaws.example';
      house.as.openMailboxes.add(address);
      const path = join(folder, 'made.pem');
      const setup = () =>
        house.run(
          ...['setup', 'outlook', '--json', '--sign-in', 'app', '--account', address, '--tenant', app.tenant],
          ...['--client-id', app.clientId, '--certificate-out', path, ...house.flags],
        );
      expect((await setup()).code).toBe(78);
      await app.uploadCertificate(readFileSync(path, 'utf8'));
      const ended = await setup();
      expect(ended.document<SetupDocument>(), ended.stderr).toMatchObject({
        ok: true,
        account: { credential: 'certificate', secretExpires: expect.stringMatching(/^20\d\d-/) },
      });
      expect((await setup()).document<SetupDocument>()).toMatchObject({ changed: false });
      expect((await house.run('remove', 'outlook', '--yes')).code).toBe(0);
    } finally {
      await house.close();
    }
  });
});

describe('many mailboxes of one app', () => {
  it('stores the credential once, sets up the others, and does only what is not done', {
    timeout: 60_000,
  }, async () => {
    const house = await openAppHouse('microsoft', folder);
    try {
      const app = await house.as.registerApp('secret');
      app.allow(...ROLES);
      const addresses = Array.from({ length: 10 }, (_, at) => `room-${at}@happypaws.example`);
      for (const address of addresses) house.as.openMailboxes.add(address);
      const list = file('list', `${addresses.map((address, at) => `${address},room-${at}`).join('\n')}\n`);
      const run = () =>
        house.run(
          ...['setup', 'outlook', '--json', '--sign-in', 'app', '--tenant', app.tenant, '--client-id', app.clientId],
          ...['--client-secret-file', file('secret', app.clientSecret), '--accounts-file', list, ...house.flags],
        );
      const first = (await run()).document<{ ok: boolean; accounts: { changed: boolean; signIn: string }[] }>();
      expect(first).toMatchObject({ ok: true });
      expect(first.accounts.map(({ changed, signIn }) => [changed, signIn])).toEqual(
        addresses.map(() => [true, 'app']),
      );
      const { clients, accounts } = JSON.parse(readFileSync(join(folder, 'microsoft', 'accounts.json'), 'utf8'));
      expect(accounts).toHaveLength(addresses.length);
      expect(clients).toHaveLength(1);
      const files = readdirSync(join(folder, 'microsoft', 'secrets'));
      expect(files.filter((name) => name.startsWith(clients[0].secretCredential))).toHaveLength(1);
      const again = (await run()).document<{ accounts: { changed: boolean }[] }>();
      expect(again.accounts.every(({ changed }) => !changed)).toBe(true);
    } finally {
      await house.close();
    }
  });
});

describe('gmail --sign-in app', { timeout: 60_000 }, () => {
  let house: AppHouse;
  let robot: ServiceAccount;

  beforeAll(async () => {
    house = await openAppHouse('google', folder);
    robot = await house.as.makeServiceAccount();
  }, 60_000);
  afterAll(() => house.close());

  const setup = (...more: readonly string[]) =>
    house.run(
      ...['setup', 'gmail', '--json', '--sign-in', 'app', '--account', ADDRESS],
      ...['--service-account-file', file('robot.json', robot.keyFile), ...house.flags, ...more],
    );

  it('says that the delegation is missing', async () => {
    const ended = await setup();
    expect(ended.document(), ended.stderr).toMatchObject({
      code: 'admin_consent_required',
      fix: [{ url: expect.stringContaining(`clientIdToAdd=${robot.clientId}`), step: '8' }, {}],
    });
    expect(house.as.ledger.at(-1)).toMatchObject({ outcome: 'unauthorized_client' });
  });

  it('sets up by the key of a service account, and proves the mailbox', async () => {
    robot.delegate('https://mail.google.com/');
    const ended = await setup();
    const document = ended.document<SetupDocument>();
    expect(document.checks && verdicts(document.checks), ended.stderr).toEqual(ALL_OK);
    expect(document.account).toMatchObject({ name: 'gmail', signIn: 'app', credential: 'service-account' });
    const token = await house.run('token', 'gmail');
    expect(await house.as.verify(ADDRESS, token.stdout.trim())).toBe(true);
  });

  it.each([
    ['an alias', () => house.as.openMailboxes.delete(ADDRESS), 'wrong_account'],
    ['a key that was deleted', () => robot.deleteKey(), 'client_secret_wrong'],
  ])('tells %s', async (_what, happen, code) => {
    happen();
    expect((await house.run('check', '--json')).stdout).toContain(`"code":"${code}"`);
    house.as.openMailboxes.add(ADDRESS);
  });

  it('is removed', async () => {
    expect((await house.run('remove', 'gmail', '--yes')).code).toBe(0);
  });
});
