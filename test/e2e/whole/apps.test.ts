/** Apps as a script sets them up: real mail servers, a real authorization server, and nobody who signs in. */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { complete } from '../../../src/guide/plan.js';
import type { Answers } from '../../../src/guide/step.js';
import { makePair } from '../../../src/oauth/certificate.js';
import { gmail } from '../../../src/providers/gmail/provider.js';
import { outlook } from '../../../src/providers/outlook/provider.js';
import { REFUSED_LATE } from '../../servers/postfix.js';
import { ALL_OK, type Computer, documentOf, openComputer, verdicts } from './computer.js';
import { type MailProvider, makePlace, openGmail, openOutlook, type Place } from './providers.js';

const ADDRESS = 'scanner@happypaws.example';

let folder: string;
let place: Place;
let computer: Computer;
let pair: Awaited<ReturnType<typeof makePair>>;
const providers: Partial<Record<'gmail' | 'outlook', MailProvider>> = {};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mailauth-apps-'));
  const home = join(folder, 'home');
  mkdirSync(home);
  writeFileSync(join(folder, 'key'), randomBytes(32), { mode: 0o600 });
  place = makePlace(folder);
  pair = await makePair('mailauth', new Date(), 365);
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
    const { certificate, key } = pair;
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
    await expectLateRefusals(id);
    const token = await computer.mailauth(['token', id], { showsSecrets: true });
    expect(token).toMatchObject({ code: 0, stderr: '' });
    expect(computer.leaks(authorization.secrets)).toBe('');
    const removed = await computer.mailauth(['remove', id, '--yes']);
    expect(removed.code, removed.stderr).toBe(0);
  });
});

/** Postfix puts the recipient between the number and the words. */
const wordsOf = (reply: string): RegExp => new RegExp(reply.replace(/^(\d{3} \S+) /, '^$1 .*').concat('$'));

/** After a login that Postfix took, it refuses the message in Exchange's words: no login shows that. */
async function expectLateRefusals(id: 'gmail' | 'outlook'): Promise<void> {
  const { postfix } = the(id);
  if (id === 'outlook') {
    const moved = ['--account', ADDRESS, '--smtp-port', `${postfix.submission}`, '--smtp-security', 'starttls'];
    expect(documentOf(await computer.mailauth(['setup', id, '--json', ...moved]))).toMatchObject({
      changed: true,
      ok: true,
    });
  }
  for (const { to, reply } of Object.values(REFUSED_LATE)) {
    const checked = await computer.mailauth(['check', id, '--json', '--only', 'smtp', '--send-test', to]);
    const smtp = documentOf(checked).accounts[0]?.checks.at(-1);
    expect(smtp).toMatchObject({ id: 'smtp', status: 'fail', server: expect.stringMatching(wordsOf(reply)) });
    if (id === 'outlook')
      expect(smtp).toMatchObject({ code: 'mailbox_mismatch', who: 'admin', fix: [{ command: expect.any(String) }] });
  }
  const sent = await computer.mailauth(['check', id, '--send-test', 'grace@example.com']);
  expect([sent.code, sent.stdout.replaceAll(/\s+/g, ' ')]).toEqual([
    0,
    expect.stringContaining('was sent to grace@example.com'),
  ]);
  expect(await postfix.log()).toContain('to=<grace@example.com>');
}

/** Google's interfaces, as far as the script goes there: nothing exists before it was made. */
async function playCloud(): Promise<{ readonly url: string; readonly asked: string[]; close(): void }> {
  const asked: string[] = [];
  const made = new Set<string>();
  const email = 'mailauth@clinic-4711.iam.gserviceaccount.com';
  const account = {
    name: `projects/clinic-4711/serviceAccounts/${email}`,
    projectId: 'clinic-4711',
    email,
    uniqueId: '123456789012345678901',
  };
  const project = { projectId: 'clinic-4711', projectNumber: '4711', lifecycleState: 'ACTIVE' };
  const done = { name: 'operations/cp.1', done: true, response: project };
  const answers: readonly (readonly [RegExp, string | undefined, object])[] = [
    [/^POST \/v1\/projects$/, 'project', done],
    [/^GET \/v1\/operations\//, undefined, done],
    [/^GET \/v1\/projects\/clinic-4711$/, 'needs project', project],
    [
      /^POST .*\/keys$/,
      undefined,
      { name: `${account.name}/keys/a1b2`, privateKeyData: btoa('{"type":"service_account"}') },
    ],
    [/^POST .*\/serviceAccounts$/, 'account', account],
    [/^GET .*\/serviceAccounts\//, 'needs account', account],
    [/:enable$/, undefined, done],
  ];
  const server = createServer((request, response) => {
    const line = `${request.method} ${(request.url ?? '').split('?')[0]}`;
    asked.push(line);
    request.resume();
    const [, what, answer] = answers.find(([pattern]) => pattern.test(line)) ?? [];
    const isMissing = answer === undefined || (what?.startsWith('needs ') === true && !made.has(what.slice(6)));
    if (what !== undefined && !what.startsWith('needs ')) made.add(what);
    response.writeHead(isMissing ? 404 : 200, { 'content-type': 'application/json' });
    const missing = { error: { code: 404, message: 'not there', status: 'NOT_FOUND' } };
    response.end(JSON.stringify(isMissing ? missing : answer));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { url, asked, close: () => server.close() };
}

const hasGcloud = spawnSync('sh', ['-c', 'command -v gcloud']).status === 0;

// No package of Debian: what its options mean is compared with the documentation everywhere (test/providers/scripts.test.ts).
test.runIf(hasGcloud)(
  'gcloud itself makes project, service account and key, and the second run makes nothing',
  async () => {
    const cloud = await playCloud();
    const text = gmail.scripts?.['gcloud']?.render(complete(gmail, { project: 'clinic-4711' })) ?? '';
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      CLOUDSDK_CONFIG: join(folder, 'gcloud'),
      CLOUDSDK_AUTH_ACCESS_TOKEN: 'fake',
      CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
      ...Object.fromEntries(
        ['IAM', 'CLOUDRESOURCEMANAGER', 'SERVICEUSAGE'].map((one) => [
          `CLOUDSDK_API_ENDPOINT_OVERRIDES_${one}`,
          cloud.url,
        ]),
      ),
    };
    const runScript = async (): Promise<string> => {
      const child = spawn('sh', ['-s'], { env, cwd: folder });
      child.stdin.end(text);
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
      const code = await new Promise((resolve) => child.once('close', resolve));
      expect(code, output).toBe(0);
      return output;
    };
    try {
      expect(await runScript()).toContain('clientIdToAdd=123456789012345678901&');
      expect(statSync(join(folder, 'mailauth-clinic-4711.json')).mode & 0o777).toBe(0o600);
      const made = cloud.asked.length;
      await runScript();
      expect(cloud.asked.slice(made).filter((line) => line.startsWith('POST') && !line.endsWith(':enable'))).toEqual(
        [],
      );
    } finally {
      cloud.close();
    }
  },
  180_000,
);

const hasAz = spawnSync('sh', ['-c', 'command -v az']).status === 0;

/** Every call of az that the script of these answers makes in a directory that knows nothing yet. */
function callsOfAz(answers: Answers): readonly (readonly string[])[] {
  const played = mkdtempSync(join(folder, 'az-'));
  const log = join(played, 'log');
  const az = `#!/bin/sh
for word in "$@"; do printf '%s\\037' "$word" >>'${log}'; done; printf '\\n' >>'${log}'
case "$*" in
  'ad app list'*) ;;
  'account show'*) exit 1 ;;
  'ad sp show'*'--output none') exit 3 ;;
  *) echo 11111111-2222-3333-4444-555555555555 ;;
esac
`;
  writeFileSync(join(played, 'az'), az, { mode: 0o755 });
  const { certificate } = pair;
  writeFileSync(join(played, 'mailauth-certificate.pem'), certificate.toString());
  const input = outlook.scripts?.['az']?.render(complete(outlook, answers)) ?? '';
  const env = { PATH: `${played}:/usr/bin:/bin` };
  const { status, stderr } = spawnSync('sh', ['-s'], { input, env, cwd: played, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  const lines = readFileSync(log, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) =>
    line
      .split('\u001f')
      .slice(0, -1)
      .map((word) => word.replace('@mail', `@${played}/mail`)),
  );
}

// Debian's azure-cli takes 667 MB, so it is asked only where somebody has it. It reads its whole command line before it
// finds that nobody has logged in, which is all that is wanted here: it talks to nobody.
test.runIf(hasAz)(
  'the real az takes every argument of its scripts',
  async () => {
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      AZURE_CONFIG_DIR: join(folder, 'azure'),
      AZURE_CORE_COLLECT_TELEMETRY: 'no',
    };
    const known = { tenant: 'contoso.example', account: ADDRESS };
    const variants: readonly Answers[] = [
      known,
      { ...known, 'client-type': 'desktop' },
      { ...known, 'sign-in': 'app' },
      { ...known, 'sign-in': 'app', credential: 'secret' },
    ];
    const calls = new Map(variants.flatMap(callsOfAz).map((call) => [shapeOf(call), call]));
    expect([...calls.keys()].join('\n')).toMatch(/^login [\s\S]*credential reset .*--cert/m);
    for (const call of calls.values()) {
      const isLogin = call[0] === 'login';
      const ran = spawnSync('az', isLogin ? ['login', '--help'] : call, { env, encoding: 'utf8' });
      if (isLogin) for (const option of optionsOf(call)) expect(ran.stdout).toMatch(new RegExp(`^ +${option}\\b`, 'm'));
      else
        expect({ call, said: ran.stderr.trim() }).toEqual({
          call,
          said: "ERROR: Please run 'az login' to setup account.",
        });
    }
  },
  180_000,
);

const optionsOf = (call: readonly string[]): readonly string[] => call.filter((word) => word.startsWith('--'));

/** A call without its values. */
function shapeOf(call: readonly string[]): string {
  const verbs = call.slice(
    0,
    call.findIndex((word) => word.startsWith('-')),
  );
  return [...verbs, ...optionsOf(call)].join(' ');
}

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
