import type { Account } from '../../src/account/account.js';
import type { Client } from '../../src/account/client.js';
import type { ExportInput } from '../../src/export/formats.js';
import type { Provider } from '../../src/guide/provider.js';
import { gmail } from '../../src/providers/gmail/provider.js';
import { outlook } from '../../src/providers/outlook/provider.js';

/** Accounts as `setup` leaves them, to export. */

interface Changes {
  readonly account?: Partial<Account>;
  readonly client?: Partial<Client> & { readonly tenant?: string; readonly project?: string };
}

export function gmailExport(changes: Changes = {}): ExportInput {
  return input(gmail, changes, {
    address: 'reception@happypaws.example',
    description: 'Account settings for Gmail',
    issuer: 'https://accounts.google.com',
    authorization: 'https://accounts.google.com/o/oauth2/v2/auth',
    token: 'https://oauth2.googleapis.com/token',
    clientId: '1234567890-abcdef.apps.googleusercontent.com',
  });
}

export function outlookExport(changes: Changes = {}): ExportInput {
  const tenant = '0b0c0d0e-1111-2222-3333-444455556666';
  const login = `https://login.microsoftonline.com/${tenant}`;
  return input(
    outlook,
    { ...changes, client: { tenant, ...changes.client } },
    {
      address: 'reception@happypaws.example',
      description: 'Account settings for Microsoft Outlook',
      issuer: `${login}/v2.0`,
      authorization: `${login}/oauth2/v2.0/authorize`,
      token: `${login}/oauth2/v2.0/token`,
      clientId: '11112222-3333-4444-5555-666677778888',
    },
  );
}

interface Facts {
  readonly address: string;
  readonly description: string;
  readonly issuer: string;
  readonly authorization: string;
  readonly token: string;
  readonly clientId: string;
}

function input(provider: Provider, changes: Changes, facts: Facts): ExportInput {
  const account: Account = {
    name: provider.id,
    address: facts.address,
    provider: provider.id,
    description: facts.description,
    client: 'client-1',
    credential: 'credential-1',
    store: { kind: 'keychain' },
    endpoints: {
      issuer: facts.issuer,
      authorization: facts.authorization,
      token: facts.token,
      issInResponse: false,
    },
    scopes: [],
    ...(provider.smtp && { smtp: provider.smtp }),
    ...(provider.imap && { imap: provider.imap }),
    mailTimeout: 120,
    created: '2026-11-23T09:00:00Z',
    ...changes.account,
  };
  const client: Client = {
    id: 'client-1',
    provider: provider.id,
    clientId: facts.clientId,
    clientType: 'web',
    secretCredential: 'secret-1',
    redirectUri: 'http://127.0.0.1:8765/callback',
    appRedirectUris: ['https://openvpms.example/openvpms/oauth2/callback'],
    appName: 'mailauth',
    ...changes.client,
  };
  return { account, client, provider, tokenCommand: ['mailauth', 'token', account.name] };
}
