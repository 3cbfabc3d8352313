/** A first set-up by script, signed in with a browser on another machine: by a code there, or in two steps. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { makeKeyFile } from '../../src/store/file/key.js';
import { startAuthorizationServer } from '../servers/authorization-server.js';
import { makeAuthority } from '../servers/certificates.js';
import { startImapServer } from '../servers/imap-server.js';
import { redirectAddress, signIn, type Visit } from '../servers/scripted-browser.js';
import { startSmtpServer } from '../servers/smtp-server.js';
import { mailauth } from './in-process.js';

const REDIRECT_URI = { gmail: 'http://127.0.0.1:8765/callback', outlook: 'http://localhost:8765/callback' } as const;
const clearing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const clear of clearing.splice(0).reverse()) await clear();
});

async function openHome(provider: 'gmail' | 'outlook') {
  const home = mkdtempSync(join(tmpdir(), 'mailauth-ways-'));
  clearing.push(async () => rmSync(home, { recursive: true, force: true }));
  const configDir = join(home, 'config');
  mkdirSync(configDir, { mode: 0o700 });
  const key = join(home, 'key');
  await makeKeyFile(key);
  const authority = makeAuthority();
  const [ca, secret, redirect] = ['ca.pem', 'secret', 'redirect'].map((name) => join(home, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(ca, authority.cert);
  const address = provider === 'gmail' ? 'reception.happypaws@gmail.com' : 'reception@happypaws.example';
  const server = await startAuthorizationServer({
    layout: provider === 'gmail' ? 'google' : 'microsoft',
    authority,
    accounts: [address],
  });
  clearing.push(() => server.stop());
  const client = await server.registerClient({
    type: provider === 'gmail' ? 'desktop' : 'web',
    ...(provider === 'outlook' && { redirectUris: [REDIRECT_URI.outlook] }),
  });
  writeFileSync(secret, client.clientSecret, { mode: 0o600 });
  const leaf = authority.issue();
  const smtp = await startSmtpServer({ leaf, security: 'starttls', verify: server.verifierOf('smtp') });
  const imap = await startImapServer({ leaf, security: 'tls', verify: server.verifierOf('imap') });
  clearing.push(
    () => smtp.close(),
    () => imap.close(),
  );
  const flags = [
    ...['setup', provider, '--no-input', '--json', '--account', address, '--client-id', client.clientId],
    ...['--client-secret-file', secret, '--issuer', server.issuer, '--ca', ca],
    ...(provider === 'outlook' ? ['--tenant', client.tenant] : []),
    ...['--smtp-host', 'localhost', '--smtp-port', String(smtp.port), '--smtp-security', 'starttls'],
    ...['--imap-host', 'localhost', '--imap-port', String(imap.port), '--imap-security', 'tls'],
  ];
  const env = { MAILAUTH_KEY_FILE: key, MAILAUTH_STORE: 'file', HOME: home };
  return {
    address,
    redirect,
    browser: { ca: authority.cert, account: address },
    run: (more: readonly string[], hears?: (text: string) => void) =>
      mailauth([...flags, ...more], { configDir, env, ...(hears && { hears }) }),
    check: () => mailauth(['check', address, '--json'], { configDir, env }),
    accounts: () => JSON.parse(readFileSync(join(configDir, 'accounts.json'), 'utf8')).accounts,
  };
}

describe('a first set-up', () => {
  it('--device shows an address and a code, and ends with a mailbox that works', async () => {
    const home = await openHome('outlook');
    let heard = '';
    let visit: Promise<Visit> | undefined;
    const ended = await home.run(['--device'], (text) => {
      heard += text;
      const [, url, userCode] = /(https:\/\/\S+)\s+and type this code there:\s+(\S+)/.exec(heard) ?? [];
      if (url !== undefined && userCode !== undefined) visit ??= signIn(url, { ...home.browser, userCode });
    });
    await visit;
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.document()).toMatchObject({
      schema: 'mailauth.setup/1',
      ok: true,
      account: { address: home.address },
    });
    expect((await home.check()).code).toBe(0);
  });

  it.each(['gmail', 'outlook'] as const)(
    '%s: --begin prints the address, and --finish ends it elsewhere',
    async (name) => {
      const home = await openHome(name);
      const begun = await home.run(['--begin']);
      expect(begun.code, begun.stderr).toBe(0);
      const { url } = begun.document<{ url: string }>();
      writeFileSync(home.redirect, await redirectAddress(url, home.browser), { mode: 0o600 });
      const ended = await home.run(['--finish', '--callback-url-file', home.redirect]);
      expect(ended.code, ended.stderr).toBe(0);
      expect(ended.document()).toMatchObject({
        schema: 'mailauth.setup/1',
        ok: true,
        account: { address: home.address },
      });
      expect(home.accounts()).toHaveLength(1);
      expect((await home.check()).code).toBe(0);
    },
  );
});
