import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MailauthError } from '../../src/explain/problem.js';
import { type ExportInput, exportFormat, exportFormats, renderExportList } from '../../src/export/formats.js';
import { Secret } from '../../src/words/secret.js';
import { gmailExport, outlookExport } from './accounts.js';

const SECRETS = {
  clientSecret: new Secret('GOCSPX-the+client&secret'),
  refreshToken: new Secret('1//0the+refresh~token'),
};

/** Forms that are known for one of the two providers only. */
const isKnown = (id: string, input: ExportInput) => !(id === 'form-osticket' && input.provider.id === 'outlook');

describe('the outputs, as files to read', () => {
  test.each(exportFormats.map(({ id }) => id))('%s', async (id) => {
    const parts = [gmailExport(), outlookExport()]
      .filter((input) => isKnown(id, input))
      .map((input) => `${`==== ${input.provider.id} `.padEnd(80, '=')}\n${exportFormat(id).render(input)}`);
    await expect(parts.join('\n')).toMatchFileSnapshot(`exports/${id}.txt`);
  });

  test.each(['fetchmail', 'curl', 'form'])('%s with POP', async (id) => {
    const { account } = gmailExport();
    const pop = { host: 'pop.gmail.com', port: 995, security: 'tls' } as const;
    const text = exportFormat(id).render({ ...gmailExport({ account: { ...account, pop } }), collectsOver: 'pop' });
    await expect(text).toMatchFileSnapshot(`exports/${id}-pop.txt`);
  });

  test('POP is taken where the account has nothing else to collect over, and IMAP where it has both', () => {
    const { imap, ...account } = gmailExport().account;
    const pop = { host: 'pop.gmail.com', port: 995, security: 'tls' } as const;
    const rendered = (servers: object) =>
      exportFormat('fetchmail').render({ ...gmailExport(), account: { ...account, ...servers } });
    expect(rendered({ pop })).toContain('protocol pop3 service 995');
    expect(rendered({ imap, pop })).toContain('protocol imap service 993');
  });

  test('the list', async () => {
    await expect(renderExportList()).toMatchFileSnapshot('exports/list.txt');
  });
});

describe.each(exportFormats)('$id', (format) => {
  const render = (input: ExportInput) => format.render(input);

  test('begins by saying what it is, for which mailbox', () => {
    const head = render(gmailExport()).split('\n').slice(0, 3).join('\n');
    expect(head).toContain('reception@happypaws.example');
    expect(head).toMatch(/^(#!\/bin\/sh\n|<\?php\n)?(# |\/\/ |[A-Z])/);
  });

  test('shows secrets only where it says so, and only when they are given', () => {
    const hidden = render(gmailExport());
    const shown = render({ ...gmailExport(), secrets: SECRETS });
    expect(hidden.includes('--show-secret')).toBe(format.carriesSecret);
    expect(shown.includes('GOCSPX-the')).toBe(format.carriesSecret);
    expect(shown.includes('1//0the')).toBe(format.id === 'postfix');
    expect(shown).not.toContain('--show-secret');
    expect(`${hidden}${shown}`).not.toContain('[secret]');
  });

  test('holds no placeholder of ours and no undefined value', () => {
    for (const input of [gmailExport(), outlookExport()].filter((each) => isKnown(format.id, each))) {
      expect(render(input)).not.toMatch(/undefined|\[object|\{[a-z-]+\}/);
      expect(render(input).endsWith('\n')).toBe(true);
    }
  });

  test('a control character in an address, a host, a command or a path is refused', () => {
    const { account } = gmailExport();
    const bad = 'a\nhost evil.example';
    const server = { host: bad, port: 1, security: 'tls' } as const;
    for (const change of [{ address: bad }, { smtp: server, imap: server }]) {
      const rendered = () => render(gmailExport({ account: { ...account, ...change } }));
      // A format that does not write the value is not troubled by it; none may write it.
      try {
        expect(rendered()).not.toContain('\nhost evil.example');
      } catch (error) {
        expect(error).toMatchObject({ code: 'bad_input' });
      }
    }
    if (render(gmailExport()).includes('mailauth token gmail')) {
      expect(() => render({ ...gmailExport(), tokenCommand: ['mailauth', 'token', bad] })).toThrow(MailauthError);
    }
  });

  test('an account without the server it needs is told so', () => {
    const { smtp, imap, ...neither } = gmailExport().account;
    const base = gmailExport();
    const without: Readonly<Record<typeof format.needs, readonly ExportInput['account'][]>> = {
      smtp: [neither, { ...neither, ...(imap && { imap }) }],
      imap: [neither, { ...neither, ...(smtp && { smtp }) }],
      'smtp or imap': [neither],
      'imap or pop': [neither, { ...neither, ...(smtp && { smtp }) }],
    };
    for (const account of without[format.needs]) {
      expect(() => render({ ...base, account })).toThrow(/gmail was set up without (SMTP|IMAP), and .+ needs it/);
    }
    if (format.needs !== 'smtp' && imap)
      expect(render({ ...base, account: { ...neither, imap } })).not.toContain('undefined');
    if (format.needs.includes('smtp') && smtp)
      expect(render({ ...base, account: { ...neither, smtp } })).not.toContain('undefined');
  });

  test('an address full of punctuation changes values and nothing else', () => {
    const plain = skeleton(render(gmailExport({ account: { address: 'plain@example.com' } })));
    const locals = fc.string({
      unit: fc.constantFrom(...'"\'\\$`%#;={}()<>|&*?!~^+- abx'),
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(locals, (local) => {
        const address = `x${local}x@example.com`;
        const text = attempt(() => render(gmailExport({ account: { address } })));
        if (text !== undefined) expect(skeleton(text)).toEqual(plain);
      }),
    );
  });
});

/** What a configuration file is made of besides its values: the beginning of each line. */
function skeleton(text: string): string[] {
  return text
    .split('\n')
    .map((line) => /^\s*([^\s"'`(]+\s*[=:]|[^\s"'`([=]+)/.exec(line.replace(/^(\s*)'/, '$1'))?.[0] ?? '');
}

/** The output, or undefined where the format rightly says that it cannot hold the value. */
function attempt(render: () => string): string | undefined {
  try {
    return render();
  } catch (error) {
    if (error instanceof MailauthError && error.code === 'bad_input') return undefined;
    throw error;
  }
}

describe('names', () => {
  test('are unique, and found', () => {
    expect(new Set(exportFormats.map(({ id }) => id)).size).toBe(exportFormats.length);
    for (const format of exportFormats) expect(exportFormat(format.id)).toBe(format);
  });

  test('of programs that are better known by another one', () => {
    expect(exportFormat('mbsync').id).toBe('isync');
    expect(exportFormat('getmail').id).toBe('getmail6');
    expect(exportFormat('git').id).toBe('git-send-email');
  });

  test('that do not exist are answered with where to look', () => {
    expect(() => exportFormat('mssmtp')).toThrow(
      expect.objectContaining({
        code: 'usage',
        problem: expect.objectContaining({
          fix: [expect.objectContaining({ command: 'mailauth export --format list' })],
        }),
      }),
    );
    expect(() => exportFormat('toString')).toThrow(MailauthError);
  });

  test.each([
    ['mssmtp', 'msmtp'],
    ['openvpms', 'form-openvpms'],
    ['OpenVPMS', 'form-openvpms'],
    ['zamad', 'form-zammad'],
    ['mbsinc', 'mbsync'],
  ])('%s is understood as %s', (typed, meant) => {
    expect(() => exportFormat(typed)).toThrow(
      expect.objectContaining({
        problem: expect.objectContaining({
          fix: [expect.objectContaining({ text: `did you mean ${meant}? See all of them` })],
        }),
      }),
    );
  });
});

describe('other shapes of an account', () => {
  const tls = { host: 'mail.example.com', port: 465, security: 'tls' } as const;
  const starttls = { host: 'mail.example.com', port: 143, security: 'starttls' } as const;
  const other = gmailExport({ account: { name: 'custom', smtp: tls, imap: starttls, ca: '/etc/ssl/our ca.pem' } });

  test.each([
    ['msmtp', ['tls_starttls off', 'tls_trust_file "/etc/ssl/our ca.pem"']],
    ['isync', ['SSLType STARTTLS', 'CertificateFile "/etc/ssl/our ca.pem"']],
    ['mutt', ['"imap://mail.example.com:143/"', '"smtps://', 'ssl_starttls = yes', 'ssl_ca_certificates_file']],
    ['aerc', ['source = imap+xoauth2://', 'outgoing = smtps+xoauth2://', 'SSL_CERT_FILE=/etc/ssl/our ca.pem']],
    ['himalaya', ['imap.starttls = true', '"smtps://mail.example.com:465"', 'smtp.tls.cert = "/etc/ssl/our ca.pem"']],
    ['fetchmail', ['sslproto "tls1.2+"', 'sslcertfile "/etc/ssl/our ca.pem"']],
    ['offlineimap', ['ssl = no', 'starttls = yes', 'sslcacertfile = /etc/ssl/our ca.pem']],
    ['git-send-email', ['smtpEncryption = ssl', 'smtpSSLCertPath = "/etc/ssl/our ca.pem"']],
    ['postfix', ['smtp_tls_wrappermode = yes', 'smtp_tls_CAfile = /etc/ssl/our ca.pem', '"ca_bundle_file"']],
    ['curl', ['url = "imap://mail.example.com:143/"', 'url = "smtps://mail.example.com:465/"', 'ssl-reqd']],
    ['nodemailer', ['secure: true', 'readFileSync("/etc/ssl/our ca.pem")']],
    ['imapflow', ['doSTARTTLS: true']],
    ['phpmailer', ['ENCRYPTION_SMTPS', "'cafile' => '/etc/ssl/our ca.pem'"]],
    ['python', ['smtplib.SMTP_SSL(', 'server.starttls(', 'cafile="/etc/ssl/our ca.pem"']],
    ['thunderbird', ['STARTTLS', 'SSL/TLS']],
  ] as const)("%s: TLS for SMTP, STARTTLS for IMAP, an authority of one's own", (id, expected) => {
    const text = exportFormat(id).render(other);
    for (const part of expected) expect(text).toContain(part);
  });

  test.each(['postfix-timer', 'postfix-msmtp'])(
    '%s: a script that nobody watches names the key file it needs',
    (id) => {
      const store = { kind: 'file', key: 'key-file', keyPath: "/root/o'hara.key" } as const;
      expect(exportFormat(id).render(gmailExport({ account: { store } }))).toContain(
        `\nexport MAILAUTH_KEY_FILE='/root/o'\\''hara.key'\n`,
      );
      const passphrase = { kind: 'file', key: 'passphrase' } as const;
      for (const account of [{}, { store: passphrase }]) {
        expect(exportFormat(id).render(gmailExport({ account }))).not.toContain('MAILAUTH_KEY_FILE');
      }
    },
  );

  test("msmtp's own build for Windows hands the command to cmd, which takes off one pair of quotes", () => {
    const tokenCommand = ['C:\\Program Files\\nodejs\\node.exe', 'C:\\app\\mailauth.js', 'token', 'gmail'];
    const text = exportFormat('msmtp').render({ ...gmailExport(), tokenCommand, platform: 'win32' });
    expect(text).toContain(
      '\npasswordeval """C:\\Program Files\\nodejs\\node.exe" "C:\\app\\mailauth.js" token gmail""\n',
    );
    expect(text).not.toMatch(/0600|printf|cron|AppArmor/);
  });

  test('Himalaya would read a variable where a user name has a dollar sign', () => {
    const address = '$HOME@example.com';
    expect(() => exportFormat('himalaya').render(gmailExport({ account: { address } }))).toThrow(
      /a user name with "\$"/,
    );
  });

  test('getmail6 has no STARTTLS and says so', () => {
    expect(() => exportFormat('getmail6').render(other)).toThrow(/uses STARTTLS for IMAP/);
  });

  test('each protocol logs in with its own name', () => {
    const { account } = gmailExport();
    if (account.smtp === undefined || account.imap === undefined) throw new Error('the account has both servers');
    const delegate = gmailExport({ account: { smtp: { ...account.smtp, user: 'boss@happypaws.example' } } });
    const mutt = exportFormat('mutt').render(delegate);
    expect(mutt).toContain('smtp://boss%40happypaws.example@');
    expect(mutt).toContain('imap_user = "reception@happypaws.example"');
    expect(exportFormat('msmtp').render(delegate)).toMatch(/user "boss@.*\n.*\nfrom "reception@/);
  });

  test('a shared mailbox is sent from by the person who signs in, before anything was learnt about it', () => {
    const shared = gmailExport({ account: { authUser: 'ann@happypaws.example' } });
    const mutt = exportFormat('mutt').render(shared);
    expect(mutt).toContain('smtp://ann%40happypaws.example@');
    expect(mutt).toContain('imap_user = "reception@happypaws.example"');
    expect(exportFormat('msmtp').render(shared)).toMatch(/user "ann@.*\n.*\nfrom "reception@/);
  });

  test('a public client has no secret to show', () => {
    const { secretCredential: _none, ...client } = outlookExport().client;
    const text = exportFormat('form').render({ ...outlookExport(), client });
    expect(text).toMatch(/Client Secret +none: this registration is a public client/);
    expect(text).not.toContain('--show-secret');
  });
});

describe('forms', () => {
  test("OpenVPMS: the guide's labels, in the guide's order", () => {
    const text = exportFormat('form-openvpms').render({ ...outlookExport(), secrets: SECRETS });
    const labels = [...text.matchAll(/^ {2}([A-Z][A-Za-z ]*?) {2,}/gm)].map(([, label]) => label);
    const server = ['Host', 'Port', 'Timeout', 'Connection Security', 'Authentication Method'];
    expect(labels).toEqual([
      'Name',
      'Description',
      ...server,
      'Tenant Id',
      'Client Id',
      'Client Secret',
      'Redirect URI',
      ...server,
    ]);
    expect(text).toMatch(/Name +Microsoft Outlook\n/);
    expect(text).toMatch(/Authentication Method +OAuth2 - Outlook\n/);
  });

  test('Gmail has no Tenant Id', () => {
    expect(exportFormat('form-openvpms').render(gmailExport())).not.toContain('Tenant');
  });

  test('a desktop registration cannot take the redirect URI of an application', () => {
    const text = exportFormat('form').render(gmailExport({ client: { clientType: 'desktop', appRedirectUris: [] } }));
    expect(text).toContain('mailauth setup gmail --client-type web --app-redirect-uri URL');
  });

  test('a redirect URI that is registered is recognised by its path', () => {
    const uri = 'https://help.example.org/api/v1/external_credentials/google/callback';
    const text = exportFormat('form-zammad').render(gmailExport({ client: { appRedirectUris: [uri] } }));
    expect(text).toContain(`Redirect URI: ${uri}`);
    expect(text).not.toContain('YOUR-SERVER');
  });

  test('a provider that an application is not known for is sent to the general form', () => {
    expect(() => exportFormat('form-osticket').render(outlookExport())).toThrow(/not known for/);
  });
});

test('what sasl-xoauth2 puts into a form body unencoded is encoded for it', () => {
  const text = exportFormat('postfix').render({ ...gmailExport(), secrets: SECRETS });
  expect(text).toContain('"client_secret": "GOCSPX-the%2Bclient%26secret"');
  expect(text).toContain('"refresh_token": "1//0the%2Brefresh~token"');
});

describe('hosts and names', () => {
  const server = (host: string) => ({ host, port: 25, security: 'tls' }) as const;

  test.each(
    exportFormats.map(({ id }) => id).filter((id) => !id.startsWith('form') && !/thunderbird|outlook/.test(id)),
  )('an IPv6 literal stands in brackets in every address of %s', (id) => {
    const text = exportFormat(id).render(
      gmailExport({ account: { smtp: server('2001:db8::25'), imap: server('2001:db8::25') } }),
    );
    for (const [url] of text.matchAll(/\b(?:imaps?|smtps?)(?:\+\w+)?:\/\/[^\s"'`]+/g)) {
      expect(url).toMatch(/\/(?:[^@/]*@)?\[2001:db8::25\]:25/);
    }
  });

  test.each(exportFormats.map(({ id }) => id))(
    '%s writes a host with an umlaut in the form that every program knows',
    (id) => {
      const text = exportFormat(id).render(
        gmailExport({ account: { smtp: server('mail.müller.example'), imap: server('mail.müller.example') } }),
      );
      expect(text).not.toContain('müller');
    },
  );

  test('two accounts never share a file, a section or a transport', () => {
    const names = ['a.b', 'a-b', 'a_b', 'a..b', 'a.-b'];
    for (const id of [
      'isync',
      'msmtp',
      'getmail6',
      'offlineimap',
      'aerc',
      'himalaya',
      'postfix-timer',
      'postfix-msmtp',
    ]) {
      const texts = names.map((name) => exportFormat(id).render(gmailExport({ account: { name } })));
      const own = texts.map((text, index) => text.replaceAll(names[index] ?? '', ''));
      const words = texts.map(
        (text) => new Set(text.split(/[\s/:=[\].]+/).filter((word) => /^(?:mailauth-|postfix-\w+-)?a[-_]/.test(word))),
      );
      for (const [index, some] of words.entries()) {
        for (const others of words.slice(index + 1))
          expect(
            [...some].filter((word) => others.has(word)),
            id,
          ).toEqual([]);
      }
      expect(own).toHaveLength(names.length);
    }
  });

  test('what is no token ends a script before it is written anywhere', () => {
    for (const id of ['fetchmail', 'curl', 'postfix-timer']) {
      const text = exportFormat(id).render(gmailExport());
      expect(text, id).toContain("case $token in '' | *[!A-Za-z0-9._~+/=-]*)");
      expect(text.indexOf('case $token'), id).toBeLessThan(text.indexOf('printf'));
    }
    expect(exportFormat('git-send-email').render(gmailExport())).not.toContain('echo');
  });

  test('a host with an umlaut that was stored earlier is exported in its ASCII form', () => {
    const imap = { host: 'imap.m\u00fcller.example', port: 993, security: 'tls' } as const;
    const smtp = { host: 'smtp.m\u00fcller.example', port: 587, security: 'starttls' } as const;
    for (const { id } of exportFormats) {
      const text = exportFormat(id).render(gmailExport({ account: { imap, smtp } }));
      expect(text, id).not.toContain('m\u00fcller');
    }
    expect(exportFormat('mutt').render(gmailExport({ account: { imap, smtp } }))).toContain(
      'imap.xn--mller-kva.example',
    );
  });

  test('the script that root runs writes in no folder that Postfix could change', () => {
    const text = exportFormat('postfix-timer').render(gmailExport());
    expect(text).not.toContain('chown -R');
    expect(text).not.toMatch(/chown postfix/);
    expect(text.indexOf('chown root:root "$above/tokens"')).toBeLessThan(text.indexOf('> "$work/token"'));
    expect(text).toContain('work=$(mktemp -d "$above/new.XXXXXX")');
  });
});
