/** Apps with access of their own, from the set-up to the removal: nobody signs in. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Check } from '../../src/explain/check.js';
import { makeKeyFile } from '../../src/store/file/key.js';
import {
  type AuthorizationServer,
  type RegisteredApp,
  type ServiceAccount,
  startAuthorizationServer,
} from '../servers/authorization-server.js';
import { describe as found, scanText } from '../servers/canary.js';
import { makeAuthority } from '../servers/certificates.js';
import { type ImapServer, startImapServer } from '../servers/imap-server.js';
import { type SmtpServer, startSmtpServer } from '../servers/smtp-server.js';
import { type Ended, mailauth } from './in-process.js';

const ADDRESS = 'scanner@happypaws.example';
const ALL_OK = ['store ok', 'client ok', 'signin ok', 'smtp ok', 'imap ok'];
const ROLES = ['IMAP.AccessAsApp', 'SMTP.SendAsApp'];

const authority = makeAuthority();
const folder = mkdtempSync(join(tmpdir(), 'mailauth-apps-'));
const key = join(folder, 'key');

/** A provider with its mail servers, and a configuration of its own. */
interface House {
  readonly as: AuthorizationServer;
  readonly imap: ImapServer;
  readonly smtp: SmtpServer;
  /** Flags that lead to these servers. */
  readonly flags: readonly string[];
  run(...argv: readonly string[]): Promise<Ended>;
}

async function open(layout: 'google' | 'microsoft'): Promise<House> {
  const leaf = authority.issue();
  const as = await startAuthorizationServer({ layout, authority });
  const [imap, smtp] = await Promise.all([
    startImapServer({ leaf, security: 'tls', verify: as.verifierOf('imap'), messages: 7 }),
    startSmtpServer({ leaf, security: 'starttls', verify: as.verifierOf('smtp') }),
  ]);
  const configDir = join(folder, layout);
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, authority.cert);
  as.openMailboxes.add(ADDRESS);
  return {
    as,
    imap,
    smtp,
    flags: [
      ...['--issuer', as.issuer, '--ca', ca],
      ...['--imap-host', 'localhost', '--imap-port', `${imap.port}`],
      ...['--smtp-host', 'localhost', '--smtp-port', `${smtp.port}`],
    ],
    async run(...argv) {
      const ended = await mailauth(argv, { configDir, env: { MAILAUTH_KEY_FILE: key, MAILAUTH_STORE: 'file' } });
      if (argv[0] !== 'token') {
        const secrets = Object.fromEntries([...as.secrets].map((value, at) => [`${at}`, value]));
        expect(found(scanText('output', ended.stdout + ended.stderr, secrets))).toBe('');
      }
      return ended;
    },
  };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

const verdicts = (checks: readonly Check[]) => checks.map(({ id, status }) => `${id} ${status}`);

interface SetupDocument {
  readonly ok: boolean;
  readonly changed: boolean;
  readonly account: Record<string, unknown>;
  readonly checks: readonly Check[];
}

beforeAll(() => makeKeyFile(key));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('outlook --sign-in app', () => {
  let house: House;
  let app: RegisteredApp;

  beforeAll(async () => {
    house = await open('microsoft');
    app = await house.as.registerApp('secret');
  });
  afterAll(() => Promise.all([house.as.stop(), house.imap.close(), house.smtp.close()]));

  const setup = (...more: readonly string[]) =>
    house.run(
      ...['setup', 'outlook', '--json', '--sign-in', 'app', '--account', ADDRESS, '--tenant', app.tenant],
      ...['--client-id', app.clientId, ...house.flags, ...more],
    );

  it('says at once that the administrator has not allowed it anything', async () => {
    const ended = await setup('--client-secret-file', file('secret', app.clientSecret));
    expect(ended.document<{ code: string }>()).toMatchObject({ code: 'admin_consent_required', exitCode: 69 });
  });

  it('sets up by a secret, without a browser, and stores no refresh token', async () => {
    app.allow(...ROLES);
    const ended = await setup('--client-secret-file', file('secret', app.clientSecret));
    const document = ended.document<SetupDocument>();
    expect(verdicts(document.checks), ended.stderr).toEqual(ALL_OK);
    expect(document.account).toMatchObject({ name: 'outlook', signIn: 'app', credential: 'secret' });
    expect(ended.code).toBe(0);
    expect(house.as.ledger.at(-1)).toMatchObject({ grantType: 'client_credentials', outcome: 'ok' });
    expect(house.as.authorizations).toEqual([]);
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

  it('changes nothing when it is set up once more', async () => {
    const ended = await setup('--client-secret-file', file('secret', app.clientSecret));
    expect(ended.document<SetupDocument>()).toMatchObject({ changed: false });
  });

  it('is removed without anything to end at the provider', async () => {
    const ended = await house.run('remove', 'outlook', '--yes');
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('nobody had signed in');
    expect((await house.run('list', '--json')).document<{ accounts: unknown[] }>().accounts).toEqual([]);
  });
});

describe('gmail --sign-in app', () => {
  let house: House;
  let robot: ServiceAccount;

  beforeAll(async () => {
    house = await open('google');
    robot = await house.as.makeServiceAccount();
  });
  afterAll(() => Promise.all([house.as.stop(), house.imap.close(), house.smtp.close()]));

  const setup = (...more: readonly string[]) =>
    house.run(
      ...['setup', 'gmail', '--json', '--sign-in', 'app', '--account', ADDRESS],
      ...['--service-account-file', file('robot.json', robot.keyFile), ...house.flags, ...more],
    );

  it('says that the delegation is missing', async () => {
    const ended = await setup();
    expect(ended.code, ended.stderr).not.toBe(0);
    expect(house.as.ledger.at(-1)).toMatchObject({ outcome: 'unauthorized_client' });
  });

  it('sets up by the key of a service account, and proves the mailbox', async () => {
    robot.delegate('https://mail.google.com/');
    const ended = await setup();
    const document = ended.document<SetupDocument>();
    expect(verdicts(document.checks), ended.stderr).toEqual(ALL_OK);
    expect(document.account).toMatchObject({ name: 'gmail', signIn: 'app', credential: 'service-account' });
    const token = await house.run('token', 'gmail');
    expect(await house.as.verify(ADDRESS, token.stdout.trim())).toBe(true);
  });

  it('is removed', async () => {
    expect((await house.run('remove', 'gmail', '--yes')).code).toBe(0);
  });
});
