/** The life of an account on Windows' Node: each provider in each store, from the set-up to nothing left. */
import { existsSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AuthorizationServer, startAuthorizationServer } from '../servers/authorization-server.js';
import { type Authority, makeAuthority } from '../servers/certificates.js';
import { registerAtGoogle, registerAtMicrosoft } from '../servers/consoles.js';
import { startImapServer } from '../servers/imap-server.js';
import { freePorts } from '../servers/ports.js';
import { redirectAddress, signIn } from '../servers/scripted-browser.js';
import { startSmtpServer } from '../servers/smtp-server.js';
import {
  type Ended,
  hostPath,
  mailauth,
  ONE_FILE,
  PACKAGE,
  run,
  type StartOptions,
  windowsPath,
  writeFile,
} from './windows.js';

interface Provider {
  readonly id: 'gmail' | 'outlook';
  readonly authorization: AuthorizationServer;
  readonly args: readonly string[];
}

let authority: Authority;
const providers: Partial<Record<Provider['id'], Provider>> = {};
const undo: (() => Promise<void>)[] = [];

const ADDRESS = 'reception@happypaws.example';

/** As Windows PowerShell 5 writes a file with `>`. */
function byPowerShell(text: string): Buffer {
  return Buffer.from(`\ufeff${text}`, 'utf16le');
}

/** `port`: where the sign-in comes back; the two lives of a store run side by side. */
async function open(id: Provider['id'], port: number): Promise<Provider> {
  const layout = id === 'gmail' ? 'google' : 'microsoft';
  const authorization = await startAuthorizationServer({ layout, authority, accounts: [ADDRESS] });
  const leaf = authority.issue();
  const smtp = await startSmtpServer({ leaf, security: 'starttls', verify: authorization.verifierOf('smtp') });
  const imap = await startImapServer({ leaf, security: 'tls', messages: 3, verify: authorization.verifierOf('imap') });
  undo.push(authorization.stop, smtp.close, imap.close);
  const servers = [
    ['--smtp-host', 'localhost', '--smtp-port', String(smtp.port), '--smtp-security', 'starttls'],
    ['--imap-host', 'localhost', '--imap-port', String(imap.port), '--imap-security', 'tls'],
  ];
  const client = await clientOf(id, authorization, port);
  const place = ['--issuer', authorization.issuer, '--ca', windowsPath('ca.pem'), '--redirect-port', String(port)];
  return { id, authorization, args: ['setup', id, '--account', ADDRESS, ...client, ...place, ...servers.flat()] };
}

async function clientOf(
  id: Provider['id'],
  authorization: AuthorizationServer,
  port: number,
): Promise<readonly string[]> {
  if (id === 'gmail') {
    const { clientFile } = await registerAtGoogle(authorization, { type: 'desktop', appName: 'mailauth' });
    // As a browser names a second download, in a folder with a blank.
    return ['--client-file', writeFile('My Downloads/client_secret (1).json', `\ufeff${clientFile.text}`)];
  }
  const { clientId, tenant, secretValue, secretExpires } = await registerAtMicrosoft(authorization, {
    type: 'web',
    appName: 'mailauth',
    redirectUris: [`http://localhost:${port}/callback`],
  });
  const secretFile = writeFile('secret.txt', byPowerShell(`${secretValue}\r\n`));
  return [
    '--client-id',
    clientId,
    '--tenant',
    tenant,
    '--client-secret-file',
    secretFile,
    '--secret-expires',
    secretExpires,
  ];
}

beforeAll(async () => {
  authority = makeAuthority('the authority of a test on Windows');
  writeFile('ca.pem', byPowerShell(authority.cert.replaceAll('\n', '\r\n')));
  const [first = 0, second = 0] = await freePorts(2);
  providers.gmail = await open('gmail', first);
  providers.outlook = await open('outlook', second);
});

afterAll(async () => {
  for (const stop of undo) await stop();
});

function the(id: Provider['id']): Provider {
  const provider = providers[id];
  if (provider === undefined) throw new Error(`${id} was not opened`);
  return provider;
}

/** Runs a command that waits for a browser, and is the browser. */
async function signingIn(args: readonly string[], options: StartOptions): Promise<Ended & { readonly page: string }> {
  const running = mailauth([...args, '--no-browser', '--no-input'], options);
  let page = '';
  let seen = false;
  const look = setInterval(() => {
    const [, url] = /^\s*(https:\/\/localhost:\d+\/\S*client_id=\S+)\s*$/m.exec(running.said()) ?? [];
    if (url === undefined || seen) return;
    seen = true;
    signIn(url, { ca: authority.cert }).then(
      (visit) => {
        page = visit.text;
      },
      (error: unknown) => {
        page = String(error);
      },
    );
  }, 100);
  const ended = await running.ended;
  clearInterval(look);
  return { ...ended, page };
}

type Store = (id: string) => Promise<{ readonly flag: string; readonly env: Record<string, string> }>;

/** How a store is chosen, and what Windows is told about its key. */
const CREDENTIAL_MANAGER: Store = async () => ({ flag: 'keychain', env: {} });
const KEY_FILE: Store = async (id) => {
  const key = windowsPath(`the key of ${id}.key`);
  expect(await run(['key', key])).toMatchObject({ code: 0 });
  return { flag: 'file', env: { MAILAUTH_KEY_FILE: key } };
};
const PASSPHRASE_FILE: Store = async (id) => {
  const file = writeFile(`pass of ${id}.txt`, byPowerShell('correct horse ä battery\r\n'));
  return { flag: 'file', env: { MAILAUTH_PASSPHRASE_FILE: file } };
};

/** Each store with both programs or with the one file, which starts three times as fast there. */
const LIVES: readonly (readonly [string, Record<Provider['id'], readonly string[]>, Store])[] = [
  ['the Credential Manager', { gmail: ONE_FILE, outlook: PACKAGE }, CREDENTIAL_MANAGER],
  ['the encrypted file with a key file', { gmail: PACKAGE, outlook: ONE_FILE }, KEY_FILE],
  ['the encrypted file with a passphrase file', { gmail: ONE_FILE, outlook: ONE_FILE }, PASSPHRASE_FILE],
];

describe.each(LIVES)('%s', (name, programs, store) => {
  test.concurrent.each(['gmail', 'outlook'] as const)('the whole life of %s', async (id) => {
    const program = programs[id];
    const { flag, env } = await store(id);
    const { authorization, args } = the(id);
    const config = `${id}, ${name}`;
    const options: StartOptions = { program, env: { ...env, MAILAUTH_CONFIG_DIR: windowsPath(config) } };
    const setup = await signingIn([...args, '--store', flag], options);
    expect(setup, setup.stderr).toMatchObject({ code: 0, page: expect.stringContaining('Signed in') });

    const verify = authorization.verifierOf('imap');
    const first = await run(['token', id], options);
    expect(first, first.stderr).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\S+\n$/) });
    const renewed = await run(['token', ADDRESS, '--force-refresh'], options);
    expect(renewed, renewed.stderr).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\S+\n$/) });
    expect(renewed.stdout).not.toBe(first.stdout);
    expect(await verify(ADDRESS, renewed.stdout.trim())).toBeTruthy();

    const begun = await run(['authorize', id, '--begin', '--no-input'], options);
    expect(begun, begun.stderr).toMatchObject({ code: 0 });
    const callback = writeFile(
      `callback of ${id}.txt`,
      byPowerShell(`${await redirectAddress(begun.stdout.trim(), { ca: authority.cert })}\r\n`),
    );
    const finished = await run(['authorize', id, '--finish', '--no-input', '--callback-url-file', callback], options);
    expect(finished, finished.stderr).toMatchObject({ code: 0 });

    const check = await run(['check', '--json'], options);
    expect(check, check.stderr).toMatchObject({ code: 0 });
    expect(JSON.parse(check.stdout)).toMatchObject({ ok: true });
    const list = await run(['list', '--json'], options);
    expect(JSON.parse(list.stdout).accounts).toMatchObject([{ address: ADDRESS, provider: id }]);

    const removed = await run(['remove', id, '--yes'], options);
    expect(removed, removed.stderr).toMatchObject({ code: 0 });
    const folder = hostPath(config);
    const left = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
      /\.(enc|tmp|lock)$/.test(path),
    );
    expect(existsSync(folder) ? left : []).toEqual([]);
  });
});
