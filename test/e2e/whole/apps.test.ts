/** Apps as a script sets them up: real mail servers, a real authorization server, and nobody who signs in. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { complete } from '../../../src/guide/plan.js';
import { makePair } from '../../../src/oauth/certificate.js';
import { gmail } from '../../../src/providers/gmail/provider.js';
import { outlook } from '../../../src/providers/outlook/provider.js';
import { ALL_OK, type Computer, documentOf, openComputer, verdicts } from './computer.js';
import { type MailProvider, makePlace, openGmail, openOutlook, type Place } from './providers.js';

const ADDRESS = 'scanner@happypaws.example';

let folder: string;
let place: Place;
let computer: Computer;
const providers: Partial<Record<'gmail' | 'outlook', MailProvider>> = {};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mailauth-apps-'));
  const home = join(folder, 'home');
  mkdirSync(home);
  writeFileSync(join(folder, 'key'), Buffer.alloc(32, 7), { mode: 0o600 });
  place = makePlace(folder);
  const { PATH } = process.env;
  computer = openComputer({ PATH, HOME: home, MAILAUTH_STORE: 'file', MAILAUTH_KEY_FILE: join(folder, 'key') });
  providers.gmail = await openGmail(place);
  providers.outlook = await openOutlook(place);
  for (const { authorization } of Object.values(providers)) authorization.openMailboxes.add(ADDRESS);
}, 90_000);

afterAll(async () => {
  for (const provider of Object.values(providers)) await provider.stop();
  rmSync(folder, { recursive: true, force: true });
});

function the(id: 'gmail' | 'outlook'): MailProvider {
  return providers[id] as MailProvider;
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

/** What a script gives, besides the address and the way to the servers. */
const REGISTERED = {
  async gmail() {
    const robot = await the('gmail').authorization.makeServiceAccount();
    robot.delegate('https://mail.google.com/');
    return ['--service-account-file', file('robot.json', robot.keyFile)];
  },
  async outlook() {
    const app = await the('outlook').authorization.registerApp();
    const { certificate, key } = await makePair('mailauth', new Date(), 365);
    await app.uploadCertificate(certificate.toString());
    app.allow('IMAP.AccessAsApp', 'SMTP.SendAsApp');
    return [
      ...['--tenant', app.tenant, '--client-id', app.clientId],
      ...['--client-certificate-file', file('certificate.pem', certificate.toString())],
      ...['--client-key-file', file('key.pem', key.export({ format: 'pem', type: 'pkcs8' }).toString())],
    ];
  },
};

describe.each(['gmail', 'outlook'] as const)('%s', (id) => {
  test('setup, check, token and remove, and no secret anywhere but in the store', async () => {
    const { flags, authorization, dovecot } = the(id);
    const own = await REGISTERED[id]();
    const ran = await computer.mailauth([
      'setup',
      id,
      '--json',
      '--sign-in',
      'app',
      '--account',
      ADDRESS,
      ...own,
      ...flags,
    ]);
    const report = documentOf(ran);
    expect(verdicts(report.checks), ran.stderr).toEqual(ALL_OK);
    expect(await dovecot.log()).toContain(`imap-login: Info: Login: user=<${ADDRESS}>, method=XOAUTH2`);
    const checked = documentOf(await computer.mailauth(['check', id, '--json']));
    expect(checked.accounts).toMatchObject([{ ok: true, signIn: 'app' }]);
    const token = await computer.mailauth(['token', id], { showsSecrets: true });
    expect(token).toMatchObject({ code: 0, stderr: '' });
    expect(computer.leaks(authorization.secrets)).toBe('');
    const removed = await computer.mailauth(['remove', id, '--yes']);
    expect(removed.code, removed.stderr).toBe(0);
  });
});

describe('the scripts for administrators', () => {
  const known = { tenant: 'contoso.example', account: ADDRESS, project: 'clinic-4711', 'sign-in': 'app' };
  test.each([
    ['az', outlook, { ...known, 'sign-in': 'person' }],
    ['az', outlook, known],
    ['az', outlook, { ...known, credential: 'secret' }],
    ['gcloud', gmail, known],
  ] as const)('%s passes shellcheck', (format, provider, answers) => {
    const text = provider.scripts?.[format]?.render(complete(provider, answers)) ?? '';
    const { status, stdout, error } = spawnSync('shellcheck', ['-'], { input: text, encoding: 'utf8' });
    expect(error).toBeUndefined();
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });
});
