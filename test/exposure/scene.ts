/**
 * A home folder with one account in the encrypted file, its token endpoint and its mail servers, all told what to
 * answer by the test. Every secret is a canary; `expectClean` looks for them wherever they could have gone.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { MailServer } from '../../src/account/account.js';
import type { Credential } from '../../src/account/credential.js';
import { Secret } from '../../src/words/secret.js';
import { type Ran, scanRun } from '../process/program.js';
import { describe, type Secrets, scanDirectory } from '../servers/canary.js';
import { type Authority, type Leaf, makeAuthority } from '../servers/certificates.js';
import { playScript, type ScriptedServer } from '../servers/scripted-mail.js';
import {
  type ScriptedAnswer,
  type ScriptedEndpoint,
  startScriptedEndpoint,
} from '../servers/scripted-token-endpoint.js';
import { testFolder } from '../store/folder.js';
import { fileStoreIn, type Mailbox, makeMailbox } from '../swarm/mailbox.js';

/** No pattern knows them: only their value can be recognised. Access tokens keep to the alphabet of RFC 6750 section 2.1. */
export const CANARY = {
  clientSecret: 'kanarie/CS:7qLw+eT2~vB.rG9',
  refreshToken: 'kanarie/RT:x4Nd+Zp8~hY.kW1-and-some-more-of-it',
  accessToken: 'kanarie/AT.u6Fm+Js3~bQ.cV5-and-some-more-of-it',
  newRefreshToken: 'kanarie/RT2:o2Ha+Md7~wE.lX4-and-some-more',
  newAccessToken: 'kanarie/AT2.t8Kb+Gc6~yU.nS0-and-some-more',
} as const;

export const ADDRESS = 'ann@happypaws.example';
const SASL = (token: string) => Buffer.from(`user=${ADDRESS}\x01auth=Bearer ${token}\x01\x01`).toString('base64');
export const SECRETS: Secrets = {
  ...CANARY,
  'SASL string': SASL(CANARY.accessToken),
  'new SASL string': SASL(CANARY.newAccessToken),
};

export const authority: Authority = makeAuthority();

export interface Scene {
  readonly home: string;
  readonly configDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly endpoint: ScriptedEndpoint;
  readonly mailbox: Mailbox;
  /** Fails when a secret is in the output, a command line, an environment, or a file that is not the key's. */
  expectClean(name: string, ran: Ran, allowed?: readonly (keyof typeof CANARY)[]): void;
}

export interface SceneWish {
  readonly smtp?: MailServer;
  readonly imap?: MailServer;
  readonly credential?: Partial<Credential>;
  /** The names on the endpoint's certificate; default `localhost`. */
  readonly names?: readonly string[];
  /** Another certificate altogether. */
  readonly leaf?: Leaf;
  /** Where the account asks for tokens, made from the port of the endpoint; default the endpoint itself. */
  readonly tokenEndpoint?: (port: number) => string | Promise<string>;
}

/** The cached access token has expired, unless the wish says otherwise. */
export async function setScene(wish: SceneWish = {}): Promise<Scene> {
  const home = testFolder();
  const configDir = join(home, '.config', 'mailauth');
  const temporary = join(home, 'tmp');
  mkdirSync(configDir, { recursive: true, mode: 0o700 });
  mkdirSync(temporary);
  const ca = join(home, 'ca.pem');
  writeFileSync(ca, authority.cert);
  const leaf = wish.leaf ?? authority.issue(wish.names ? { names: wish.names } : {});
  const endpoint = await startScriptedEndpoint(authority, leaf);
  onTestFinished(() => endpoint.stop());
  const { smtp, imap, credential, tokenEndpoint } = wish;
  const closed = { host: 'localhost', port: 9, security: 'tls' } as const;
  const mailbox = await makeMailbox(configDir, await fileStoreIn(configDir), {
    ca,
    address: ADDRESS,
    tokenEndpoint: tokenEndpoint === undefined ? `${endpoint.origin}/token` : await tokenEndpoint(endpoint.port),
    clientSecret: CANARY.clientSecret,
    credential: {
      refreshToken: new Secret(CANARY.refreshToken),
      accessToken: new Secret(CANARY.accessToken),
      ...credential,
    },
    account: { smtp: smtp ?? closed, imap: imap ?? closed },
  });
  return {
    home,
    configDir,
    endpoint,
    mailbox,
    env: {
      PATH: '/usr/bin:/bin',
      HOME: home,
      TMPDIR: temporary,
      XDG_CONFIG_HOME: join(home, '.config'),
      MAILAUTH_KEY_FILE: join(configDir, 'key'),
    },
    expectClean(name, ran, allowed = []) {
      const hidden = Object.fromEntries(
        Object.entries(SECRETS).filter(([label]) => !(allowed as readonly string[]).includes(label)),
      );
      expect(describe([...scanRun(name, ran, hidden), ...scanDirectory(home, SECRETS)])).toBe('');
    },
  };
}

/** A token answer with the new pair. */
export function newTokens(more: object = {}): { readonly body: object } {
  return {
    body: {
      token_type: 'Bearer',
      access_token: CANARY.newAccessToken,
      refresh_token: CANARY.newRefreshToken,
      expires_in: 3600,
      scope: 'https://outlook.office.com/SMTP.Send',
      ...more,
    },
  };
}

/** The discovery document of the endpoint, with whatever a test changes in it. */
export function issuerMetadata({ endpoint: { origin } }: Scene, changes: object = {}): ScriptedAnswer {
  return {
    body: {
      issuer: origin,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      jwks_uri: `${origin}/keys`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      code_challenge_methods_supported: ['S256'],
      ...changes,
    },
  };
}

/** A mail server that follows the script. */
export async function mailServer(script: string, leaf: Leaf = authority.issue()): Promise<PlayedServer> {
  const played = await playScript(script, leaf);
  onTestFinished(() => played.close());
  return { server: { host: 'localhost', port: played.port, security: 'tls' }, script: played };
}

export interface PlayedServer {
  readonly server: MailServer;
  readonly script: ScriptedServer;
}
