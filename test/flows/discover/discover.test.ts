import { afterEach, describe, expect, it } from 'vitest';
import type { MailServer } from '../../../src/account/account.js';
import { type Discovery, discover } from '../../../src/flows/discover/discover.js';
import { mailNames } from '../../../src/system/mail-names.js';
import { type NameServer, startNameServer, type ZoneRecords } from '../../servers/name-server.js';

/** A domain of the test: its names, its pages by address, and what its mail server answers to a token. */
interface Domain {
  readonly zone?: Readonly<Record<string, ZoneRecords>>;
  readonly pages?: Readonly<Record<string, string | object>>;
  readonly challenge?: string;
}

const opened: NameServer[] = [];
afterEach(async () => {
  for (const server of opened.splice(0)) await server.close();
});

async function ask(address: string, { zone = {}, pages = {}, challenge }: Domain) {
  const names = await startNameServer(zone);
  opened.push(names);
  const visited: string[] = [];
  const challenged: MailServer[] = [];
  const { signal } = new AbortController();
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const url = String(input);
    expect(url).toMatch(/^https:\/\//);
    expect(init?.method ?? 'GET').toBe('GET');
    expect(init?.body ?? undefined).toBeUndefined();
    // The address of the person is nobody's business: the domain is enough.
    expect(url).not.toContain('reception');
    visited.push(url);
    const page = pages[url];
    if (page === undefined) throw new TypeError('fetch failed');
    if (page instanceof Response) return page;
    return new Response(typeof page === 'string' ? page : JSON.stringify(page));
  };
  const found = await discover(address, {
    fetch,
    names: mailNames(signal, [names.address]),
    challenge: async (server) => {
      challenged.push(server);
      return challenge;
    },
    signal,
  });
  return { found, visited, challenged, asked: names.asked };
}

function sourceOf({ sources }: Discovery, value: string): string | undefined {
  return sources.find((one) => one.value === value)?.source;
}

const AUTOCONFIG = `<?xml version="1.0"?>
<clientConfig version="1.1"><emailProvider id="example.org">
  <!-- <incomingServer type="imap"><hostname>old.example.org</hostname></incomingServer> -->
  <incomingServer type="imap"><hostname>plain.example.org</hostname><port>143</port><socketType>plain</socketType></incomingServer>
  <incomingServer type="imap"><hostname>Imap.Example.org</hostname><port>993</port><socketType>SSL</socketType>
    <authentication>OAuth2</authentication></incomingServer>
  <incomingServer type="pop3"><hostname>pop.example.org</hostname><port>995</port><socketType>SSL</socketType></incomingServer>
  <outgoingServer type="smtp"><hostname>smtp.example.org</hostname><port>587</port><socketType>STARTTLS</socketType></outgoingServer>
</emailProvider><oAuth2><issuer>id.example.org</issuer><scope>mail</scope></oAuth2></clientConfig>`;

const ISSUER_METADATA = {
  issuer: 'https://id.example.org',
  registration_endpoint: 'https://id.example.org/register',
};

describe('what is known of a mailbox by its address', () => {
  it('is in the table for a public domain: nobody is asked', async () => {
    const { found, visited, asked } = await ask('reception@gmail.com', {});
    expect(found).toMatchObject({
      provider: 'gmail',
      issuer: 'https://accounts.google.com',
      servers: { imap: { host: 'imap.gmail.com', port: 993, security: 'tls' } },
    });
    expect([visited, asked]).toEqual([[], []]);
  });

  it.each([
    'yahoo.com',
    'icloud.com',
    'gmx.de',
    'web.de',
    't-online.de',
    'proton.me',
    'zoho.com',
    'comcast.net',
    'aol.com',
  ])('says in two sentences what works at %s, and asks nobody', async (domain) => {
    const { found, visited } = await ask(`reception@${domain}`, {});
    expect(found).toMatchObject({ provider: null, issuer: null, servers: {} });
    expect(found.advice?.match(/\.(?: |$)/g)).toHaveLength(2);
    expect(visited).toEqual([]);
  });

  it('is the provider that takes the mail of an organisation, with its tenant', async () => {
    const tenant = '11111111-2222-3333-4444-555555555555';
    const page = 'https://login.microsoftonline.com/example.org/v2.0/.well-known/openid-configuration';
    const { found, visited } = await ask('reception@example.org', {
      zone: { 'example.org': { MX: [[10, 'example-org.mail.protection.outlook.com']] } },
      pages: { [page]: { issuer: `https://login.microsoftonline.com/${tenant}/v2.0` } },
    });
    expect(found).toMatchObject({ provider: 'outlook', tenant, servers: { smtp: { host: 'smtp.office365.com' } } });
    expect(sourceOf(found, 'provider')).toBe('MX record of example.org: example-org.mail.protection.outlook.com');
    expect(sourceOf(found, 'tenant')).toBe(page);
    expect(visited).toEqual([page]);
  });

  it.each([
    [
      'login.microsoftonline.us',
      'office365.us',
      { tenant_region_sub_scope: 'DODCON' },
      'us-gov',
      'outlook.office365.us',
    ],
    [
      'login.microsoftonline.us',
      'office365.us',
      { tenant_region_sub_scope: 'DOD' },
      'us-dod',
      'outlook-dod.office365.us',
    ],
    ['login.partner.microsoftonline.cn', 'partner.outlook.cn', {}, 'china', 'partner.outlook.cn'],
    ['login.microsoftonline.com', 'outlook.com', { tenant_region_sub_scope: 'GCC' }, null, 'outlook.office365.com'],
  ])('names the cloud where the tenant is known at %s, %s %o', async (login, exchanger, fields, cloud, imap) => {
    const tenant = '11111111-2222-3333-4444-555555555555';
    const page = 'https://login.microsoftonline.com/example.org/v2.0/.well-known/openid-configuration';
    const { found } = await ask('reception@example.org', {
      zone: { 'example.org': { MX: [[10, `example-org.mail.protection.${exchanger}`]] } },
      pages: { [page]: { issuer: `https://${login}/${tenant}/v2.0`, ...fields } },
    });
    expect(found).toMatchObject({ provider: 'outlook', tenant, cloud, servers: { imap: { host: imap } } });
  });

  it('is what the file for mail programs says, and where its issuer registers programs', async () => {
    const source = 'https://autoconfig.example.org/mail/config-v1.1.xml';
    const metadata = 'https://id.example.org/.well-known/oauth-authorization-server';
    const { found, challenged } = await ask('reception@example.org', {
      pages: { [source]: AUTOCONFIG, [metadata]: ISSUER_METADATA },
    });
    expect(found).toEqual({
      address: 'reception@example.org',
      provider: null,
      tenant: null,
      cloud: null,
      advice: null,
      issuer: 'https://id.example.org',
      registration: 'https://id.example.org/register',
      servers: {
        smtp: { host: 'smtp.example.org', port: 587, security: 'starttls' },
        imap: { host: 'imap.example.org', port: 993, security: 'tls' },
        pop: { host: 'pop.example.org', port: 995, security: 'tls' },
      },
      sources: [
        ...['smtp', 'imap', 'pop', 'issuer'].map((value) => ({ value, source })),
        { value: 'registration', source: metadata },
      ],
    });
    expect(challenged).toEqual([]);
  });

  it('is what the provider-configuration document says before anything else', async () => {
    const source = 'https://example.org/.well-known/user-agent-configuration';
    const { found } = await ask('reception@example.org', {
      pages: {
        'https://autoconfig.example.org/mail/config-v1.1.xml': AUTOCONFIG,
        [source]: {
          protocols: { imap: { host: 'mail.example.org' } },
          authentication: { 'oauth-public': { issuer: 'https://login.example.org/' } },
        },
      },
    });
    expect(found).toMatchObject({
      issuer: 'https://login.example.org/',
      registration: null,
      servers: { imap: { host: 'mail.example.org', port: 993 }, smtp: { host: 'smtp.example.org' } },
    });
    expect(sourceOf(found, 'imap')).toBe(source);
  });

  it('is what service records name, TLS from the first byte before STARTTLS', async () => {
    const { found, asked } = await ask('reception@example.org', {
      zone: {
        '_imap._tcp.example.org': { SRV: [[0, 1, 143, 'mail.example.org']] },
        '_imaps._tcp.example.org': {
          SRV: [
            [20, 1, 993, 'second.example.org'],
            [10, 1, 9993, 'first.example.org'],
          ],
        },
        '_submission._tcp.example.org': { SRV: [[0, 1, 587, 'mail.example.org']] },
        '_pop3s._tcp.example.org': { SRV: [[0, 0, 0, '.']] },
      },
    });
    expect(found.servers).toEqual({
      smtp: { host: 'mail.example.org', port: 587, security: 'starttls' },
      imap: { host: 'first.example.org', port: 9993, security: 'tls' },
    });
    expect(sourceOf(found, 'imap')).toBe('SRV _imaps._tcp.example.org');
    expect(asked).toContain('MX example.org');
  });

  it('is the issuer that the mail server names when it refuses', async () => {
    const document = 'https://id.example.org/.well-known/openid-configuration';
    const { found, challenged } = await ask('reception@example.org', {
      zone: { '_imaps._tcp.example.org': { SRV: [[0, 1, 993, 'imap.example.org']] } },
      challenge: document,
      pages: { [document]: ISSUER_METADATA },
    });
    expect(challenged).toEqual([{ host: 'imap.example.org', port: 993, security: 'tls' }]);
    expect(found).toMatchObject({ issuer: 'https://id.example.org', registration: 'https://id.example.org/register' });
    expect(sourceOf(found, 'issuer')).toBe(`the IMAP server imap.example.org: ${document}`);
  });

  it('is the issuer of the protected resource that the mail server is (RFC 9728)', async () => {
    const page = 'https://imap.example.org/.well-known/oauth-protected-resource';
    const { found } = await ask('reception@example.org', {
      zone: { '_imaps._tcp.example.org': { SRV: [[0, 1, 993, 'imap.example.org']] } },
      pages: { [page]: { authorization_servers: ['https://id.example.org'] } },
    });
    expect(found.issuer).toBe('https://id.example.org');
    expect(sourceOf(found, 'issuer')).toBe(page);
  });

  it('takes no metadata that speak for another issuer, and no registration without https', async () => {
    const config = 'https://autoconfig.example.org/mail/config-v1.1.xml';
    const metadata = 'https://id.example.org/.well-known/openid-configuration';
    const of = async (document: object) =>
      (await ask('reception@example.org', { pages: { [config]: AUTOCONFIG, [metadata]: document } })).found
        .registration;
    expect(await of(ISSUER_METADATA)).toBe('https://id.example.org/register');
    expect(await of({ ...ISSUER_METADATA, issuer: 'https://other.example' })).toBeNull();
    expect(await of({ ...ISSUER_METADATA, registration_endpoint: 'http://id.example.org/register' })).toBeNull();
  });

  it.each([
    ['a redirect', new Response(null, { status: 302, headers: { location: 'https://elsewhere.example/' } })],
    ['a page of HTML', '<html><incomingServer type="imap"><hostname>x y</hostname>'],
    ['JSON that is no object', '[1]'],
    ['an element without end', '<incomingServer type="imap"'.repeat(2000)],
    ['a host that is an address', AUTOCONFIG.replaceAll(/(?:imap|smtp|pop|id)\.example\.org/gi, '127.0.0.1')],
    [
      'no encryption',
      AUTOCONFIG.replaceAll(/SSL|STARTTLS/g, 'plain').replace('id.example.org', 'http://id.example.org'),
    ],
  ])('makes nothing of %s', async (_, page) => {
    const { found } = await ask('reception@example.org', {
      pages: {
        'https://autoconfig.example.org/mail/config-v1.1.xml': page,
        'https://example.org/.well-known/user-agent-configuration': page,
      },
    });
    expect(found).toMatchObject({ provider: null, issuer: null, servers: {}, sources: [] });
  });

  it('says what works where the servers of another provider take the mail', async () => {
    const { found } = await ask('reception@example.org', {
      zone: { 'example.org': { MX: [[10, 'mx01.mail.icloud.com']] } },
    });
    expect(found.advice).toMatch(/iCloud/);
  });
});
