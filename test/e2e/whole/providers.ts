/**
 * Two providers on this computer, whole: an authorization server in Google's layout with Dovecot (IMAP) and Postfix
 * (SMTP), and one in Microsoft's with Dovecot for both. The mail servers ask about every token by introspection.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AuthorizationServer,
  type AuthorizationServerOptions,
  startAuthorizationServer,
} from '../../servers/authorization-server.js';
import { type Authority, makeAuthority } from '../../servers/certificates.js';
import { registerAtGoogle, registerAtMicrosoft } from '../../servers/consoles.js';
import { type Dovecot, startDovecot } from '../../servers/dovecot.js';
import { type Postfix, startPostfix } from '../../servers/postfix.js';

export interface MailProvider {
  readonly id: 'gmail' | 'outlook';
  readonly steps: number;
  readonly address: string;
  readonly authorization: AuthorizationServer;
  readonly dovecot: Dovecot;
  readonly postfix: Postfix;
  /** The flags that lead `setup` here instead of to the internet. */
  readonly flags: readonly string[];
  stop(): Promise<void>;
}

export const GMAIL_ADDRESS = 'reception.happypaws@gmail.com';
export const OUTLOOK_ADDRESS = 'reception@happypaws.example';

export interface Place {
  readonly authority: Authority;
  /** Where `ca.pem` is written; outside the home folder, since it is no file of the program. */
  readonly folder: string;
}

export function makePlace(folder: string): Place {
  const authority = makeAuthority('the authority of a test');
  writeFileSync(join(folder, 'ca.pem'), authority.cert);
  return { authority, folder };
}

type Settings = Pick<AuthorizationServerOptions, 'accessTokenLife'>;

export async function openGmail(place: Place, settings: Settings = {}): Promise<MailProvider> {
  const { authority } = place;
  const authorization = await startAuthorizationServer({
    layout: 'google',
    authority,
    accounts: [GMAIL_ADDRESS],
    ...settings,
  });
  const [scope = ''] = authorization.mailScopes;
  const dovecot = await startDovecot({ authority, introspectionUrl: authorization.introspectionUrl, scope });
  const postfix = await startPostfix({ authority, dovecot });
  return {
    id: 'gmail',
    steps: 9,
    address: GMAIL_ADDRESS,
    authorization,
    dovecot,
    postfix,
    flags: flagsTo(place, authorization, [postfix.submission, 'starttls'], [dovecot.imaps, 'tls']),
    stop: () => stopAll(authorization, dovecot, postfix),
  };
}

/** Exchange Online offers no OAUTHBEARER; each protocol has a scope of its own, so none is demanded here. */
export async function openOutlook(place: Place, settings: Settings = {}): Promise<MailProvider> {
  const { authority } = place;
  const authorization = await startAuthorizationServer({
    layout: 'microsoft',
    authority,
    accounts: [OUTLOOK_ADDRESS],
    ...settings,
  });
  const { introspectionUrl } = authorization;
  const dovecot = await startDovecot({ authority, introspectionUrl, mechanisms: ['xoauth2'] });
  const postfix = await startPostfix({ authority, dovecot });
  return {
    id: 'outlook',
    steps: 14,
    address: OUTLOOK_ADDRESS,
    authorization,
    dovecot,
    postfix,
    flags: flagsTo(place, authorization, [dovecot.submission, 'starttls'], [dovecot.imap, 'starttls']),
    stop: () => stopAll(authorization, dovecot, postfix),
  };
}

type Port = readonly [port: number, security: 'starttls' | 'tls'];

function flagsTo(place: Place, authorization: AuthorizationServer, smtp: Port, imap: Port): readonly string[] {
  return [
    ...['--issuer', authorization.issuer, '--ca', join(place.folder, 'ca.pem')],
    ...serverFlags('smtp', smtp),
    ...serverFlags('imap', imap),
  ];
}

/** Also after `flags`, whose place they then take. */
export function serverFlags(protocol: 'smtp' | 'imap', [port, security]: Port): readonly string[] {
  return [`--${protocol}-host`, 'localhost', `--${protocol}-port`, String(port), `--${protocol}-security`, security];
}

async function stopAll(authorization: AuthorizationServer, dovecot: Dovecot, postfix: Postfix): Promise<void> {
  await postfix.stop();
  await dovecot.stop();
  await authorization.stop();
}

/** What a script that sets the mailbox up gives: flags, and variables where a value has no flag. */
export interface Registration {
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly clientId: string;
}

/** Registers a client in the played console, as the guide says; Google's file is written into `folder`. */
export async function register(provider: MailProvider, folder: string): Promise<Registration> {
  if (provider.id === 'gmail') {
    const { clientId, clientFile } = await registerAtGoogle(provider.authorization, {
      type: 'desktop',
      appName: 'mailauth',
    });
    const path = join(folder, clientFile.name);
    writeFileSync(path, clientFile.text);
    return { clientId, flags: ['--client-file', path], env: {} };
  }
  const { clientId, tenant, secretValue, secretExpires } = await registerAtMicrosoft(provider.authorization, {
    type: 'web',
    appName: 'mailauth',
    redirectUris: ['http://localhost:8765/callback'],
  });
  return {
    clientId,
    flags: ['--client-id', clientId, '--tenant', tenant, '--secret-expires', secretExpires],
    env: { MAILAUTH_CLIENT_SECRET: secretValue },
  };
}
