/** A provider that lets apps in, with its mail servers and a configuration of its own, in the process of the test. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Check } from '../../src/explain/check.js';
import { makeKeyFile } from '../../src/store/file/key.js';
import { type AuthorizationServer, startAuthorizationServer } from '../servers/authorization-server.js';
import { describe as found, scanText } from '../servers/canary.js';
import { makeAuthority } from '../servers/certificates.js';
import { type ImapServer, startImapServer } from '../servers/imap-server.js';
import { type SmtpServer, type SmtpServerOptions, startSmtpServer } from '../servers/smtp-server.js';
import { type Circumstances, type Ended, mailauth } from './in-process.js';

export const ADDRESS = 'scanner@happypaws.example';
export const ROLES = ['IMAP.AccessAsApp', 'SMTP.SendAsApp'];

const authority = makeAuthority();

export interface AppHouse {
  readonly as: AuthorizationServer;
  readonly imap: ImapServer;
  readonly smtp: SmtpServer;
  readonly configDir: string;
  /** Flags that lead to these servers. */
  readonly flags: readonly string[];
  /** A file of this content, for the eyes of its owner alone. */
  file(name: string, text: string): string;
  run(...argv: readonly string[]): Promise<Ended>;
  at(circumstances: Partial<Circumstances>, ...argv: readonly string[]): Promise<Ended>;
  close(): Promise<unknown>;
}

/** @param refuses the reply to MAIL FROM of the mail server, where it is not taken */
export async function openAppHouse(
  layout: 'google' | 'microsoft',
  folder: string,
  refuses: SmtpServerOptions['refuses'] = () => undefined,
): Promise<AppHouse> {
  const leaf = authority.issue();
  const as = await startAuthorizationServer({ layout, authority });
  const [imap, smtp] = await Promise.all([
    startImapServer({ leaf, security: 'tls', verify: as.verifierOf('imap'), opens: as.opens, messages: 7 }),
    startSmtpServer({ leaf, security: 'starttls', verify: as.verifierOf('smtp'), opens: as.opens, refuses }),
  ]);
  const configDir = join(folder, layout);
  mkdirSync(configDir, { recursive: true, mode: 0o700 });
  const [key, ca] = [join(configDir, 'key'), join(folder, 'ca.pem')];
  await makeKeyFile(key).catch(() => undefined);
  writeFileSync(ca, authority.cert);
  as.openMailboxes.add(ADDRESS);
  const at: AppHouse['at'] = (circumstances, ...argv) =>
    mailauth(argv, { configDir, env: { MAILAUTH_KEY_FILE: key, MAILAUTH_STORE: 'file' }, ...circumstances });
  return {
    as,
    at,
    imap,
    smtp,
    configDir,
    flags: [
      ...['--issuer', as.issuer, '--ca', ca],
      ...['--imap-host', 'localhost', '--imap-port', `${imap.port}`],
      ...['--smtp-host', 'localhost', '--smtp-port', `${smtp.port}`],
    ],
    file(name, text) {
      const path = join(folder, name);
      writeFileSync(path, text, { mode: 0o600 });
      return path;
    },
    async run(...argv) {
      const ended = await at({}, ...argv);
      if (argv[0] !== 'token') {
        const secrets = Object.fromEntries([...as.secrets].map((value, at) => [`${at}`, value]));
        expect(found(scanText('output', ended.stdout + ended.stderr, secrets))).toBe('');
      }
      return ended;
    },
    close: () => Promise.all([as.stop(), imap.close(), smtp.close()]),
  };
}

export const verdicts = (checks: readonly Check[]) => checks.map(({ id, status }) => `${id} ${status}`);

export interface SetupDocument {
  readonly ok: boolean;
  readonly changed: boolean;
  readonly account: Record<string, unknown>;
  readonly checks: readonly Check[];
}
