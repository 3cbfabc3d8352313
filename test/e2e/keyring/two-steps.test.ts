/** `authorize --begin` and `--finish` with a real keychain between them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { compiledProgram } from '../../process/program.js';
import { startAuthorizationServer } from '../../servers/authorization-server.js';
import { writeBrowser } from '../../servers/browser-program.js';
import { describe as describeFindings, scanDirectory } from '../../servers/canary.js';
import { makeAuthority } from '../../servers/certificates.js';
import { startImapServer } from '../../servers/imap-server.js';
import { startKeyring } from '../../servers/keyring.js';
import { redirectAddress } from '../../servers/scripted-browser.js';

const program = compiledProgram();

test('X11 what is begun waits in the keychain, and of two programs that finish one does', async () => {
  const keyring = await startKeyring('unlocked');
  onTestFinished(() => keyring.close());
  const folder = mkdtempSync(join(tmpdir(), 'mailauth-two-steps-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const authority = makeAuthority();
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, authority.cert);
  const address = 'reception.happypaws@gmail.com';
  const authorization = await startAuthorizationServer({ layout: 'google', authority, accounts: [address] });
  onTestFinished(() => authorization.stop());
  const verify = authorization.verifierOf('imap');
  const imap = await startImapServer({ leaf: authority.issue(), security: 'tls', verify });
  onTestFinished(() => imap.close());
  const client = await authorization.registerClient({ type: 'desktop' });
  const settings = { ca: authority.cert, account: address };
  const env = {
    ...keyring.env,
    PATH: '/usr/bin:/bin',
    BROWSER: writeBrowser(folder, { ...settings, record: join(folder, 'visit.json') }),
  };
  const mailauth = (args: readonly string[], input = '') => program.run(args, { env, input, timeout: 30_000 });
  const flags = [
    ['--account', address, '--client-id', client.clientId, '--client-secret-file', '-', '--timeout', '20'],
    ['--issuer', authorization.issuer, '--ca', ca],
    ['--no-smtp', '--imap-host', 'localhost', '--imap-port', String(imap.port), '--imap-security', 'tls'],
  ];
  const setup = await mailauth(['setup', 'gmail', '--no-input', ...flags.flat()], client.clientSecret);
  expect(setup, setup.stderr).toMatchObject({ code: 0 });
  const before = await keyring.accounts('mailauth');

  const begun = await mailauth(['authorize', 'gmail', '--begin']);
  expect(begun, begun.stderr).toMatchObject({ code: 0 });
  expect(await keyring.accounts('mailauth')).toHaveLength(before.length + 1);
  const back = await redirectAddress(begun.stdout.trim(), settings);
  const finish = () => mailauth(['authorize', 'gmail', '--finish'], back);
  const both = await Promise.all([finish(), finish()]);
  expect(both.map(({ code }) => code).sort(), both.map(({ stderr }) => stderr).join('')).toEqual([0, 77]);
  expect([...(await keyring.accounts('mailauth'))].sort()).toEqual([...before].sort());

  const check = await mailauth(['check', '--json']);
  expect(check, check.stdout).toMatchObject({ code: 0 });
  const secrets = Object.fromEntries([...authorization.secrets].map((value, at) => [`${at}`, value]));
  const isKeyring = (path: string): boolean => path.includes('keyrings');
  expect(describeFindings(scanDirectory(keyring.env['HOME'] as string, secrets, isKeyring))).toBe('');
});
