import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AuthorizationServer, type Layout, startAuthorizationServer } from '../servers/authorization-server.js';
import { writeBrowser } from '../servers/browser-program.js';
import { makeAuthority } from '../servers/certificates.js';
import { startImapServer } from '../servers/imap-server.js';
import { startSmtpServer } from '../servers/smtp-server.js';

export const PROGRAM = fileURLToPath(new URL('../../bin/mailauth.js', import.meta.url));

/** One provider, standing on this computer, and the mailbox that will be connected. */
export interface Scene {
  readonly provider: 'gmail' | 'outlook';
  readonly title: string;
  readonly steps: number;
  readonly address: string;
  readonly authorization: AuthorizationServer;
  /** The flags that point `setup` at this computer instead of at the provider. */
  readonly flags: readonly string[];
  /** The protocols over which its mail servers let the mailbox in, and never took a message or changed a folder. */
  loggedIn(): readonly ('smtp' | 'imap')[];
}

export interface Stage {
  readonly gmail: Scene;
  readonly outlook: Scene;
  readonly home: string;
  /** Beside it, for files that a person has from elsewhere. */
  readonly folder: string;
  /** Of the encrypted file; made by `mailauth key`. */
  readonly keyFile: string;
  /** What the scripted browser saw last. */
  readonly browserRecord: string;
  /** The whole environment of the program in the rehearsal that plays by itself. */
  readonly env: Readonly<Record<string, string>>;
  clear(): Promise<void>;
}

const MESSAGES = 402;

/** Servers on free loopback ports, and a home folder that is thrown away afterwards. */
export async function setStage(): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), 'mailauth-rehearsal-'));
  const home = join(directory, 'home');
  mkdirSync(home, { mode: 0o700 });
  const authority = makeAuthority('mailauth rehearsal authority');
  const caFile = join(directory, 'ca.pem');
  writeFileSync(caFile, authority.cert);
  const undo: (() => Promise<void>)[] = [];

  const open = async (
    layout: Layout,
    address: string,
  ): Promise<Pick<Scene, 'authorization' | 'flags' | 'loggedIn'>> => {
    const authorization = await startAuthorizationServer({
      layout,
      authority,
      accounts: [address, 'pat@happypaws.example'],
    });
    const leaf = authority.issue();
    const { opens } = authorization;
    const smtp = await startSmtpServer({ leaf, security: 'starttls', verify: authorization.verifierOf('smtp'), opens });
    const imap = await startImapServer({
      leaf,
      security: 'tls',
      messages: MESSAGES,
      verify: authorization.verifierOf('imap'),
      opens,
    });
    undo.push(authorization.stop, smtp.close, imap.close);
    const flags = [
      ['--issuer', authorization.issuer],
      ['--smtp-host', 'localhost', '--smtp-port', String(smtp.port), '--smtp-security', 'starttls'],
      ['--imap-host', 'localhost', '--imap-port', String(imap.port), '--imap-security', 'tls'],
      ['--ca', caFile],
    ];
    return {
      authorization,
      flags: flags.flat(),
      loggedIn: () => [...sent(smtp.commands, smtp.mails), ...opened(imap.commands)],
    };
  };
  const gmailAddress = 'reception.happypaws@gmail.com';
  const outlookAddress = 'reception@happypaws.example';
  const [google, microsoft] = await Promise.all([open('google', gmailAddress), open('microsoft', outlookAddress)]);
  const browserRecord = join(directory, 'visit.json');
  const browser = writeBrowser(directory, { ca: authority.cert, record: browserRecord });
  const keyFile = join(directory, 'key');
  const inherited = ['PATH', 'LANG', 'TMPDIR', 'SystemRoot', 'COLORTERM'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });

  return {
    gmail: { provider: 'gmail', title: 'Gmail', steps: 9, address: gmailAddress, ...google },
    outlook: { provider: 'outlook', title: 'Microsoft Outlook', steps: 14, address: outlookAddress, ...microsoft },
    home,
    folder: directory,
    keyFile,
    browserRecord,
    env: {
      ...Object.fromEntries(inherited),
      HOME: home,
      BROWSER: browser,
      MAILAUTH_STORE: 'file',
      MAILAUTH_KEY_FILE: keyFile,
    },
    async clear() {
      await Promise.all(undo.map((stop) => stop()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function sent(commands: readonly string[], mails: readonly unknown[]): readonly 'smtp'[] {
  return commands.includes('AUTH XOAUTH2') && mails.length === 0 ? ['smtp'] : [];
}

/** EXAMINE opens a mailbox for reading alone (RFC 9051 section 6.3.3). */
function opened(commands: readonly string[]): readonly 'imap'[] {
  const verbs = commands.map((command) => command.split(' ')[0]?.toUpperCase() ?? '');
  return verbs.includes('EXAMINE') && !verbs.some((verb) => ['SELECT', 'STORE', 'CREATE', 'APPEND'].includes(verb))
    ? ['imap']
    : [];
}
