import type { MailServer } from '../account/account.js';
import { ownField } from '../account/record.js';
import { MailauthError } from '../explain/problem.js';
import { PROTOCOLS, protocols } from '../words/protocol.js';
import type { ExportFormat, ExportInput, Login } from './format.js';
import { HIDDEN, requireAnyLogin, requireLogin } from './format.js';
import { oneLine, shellWord } from './quoting.js';

/**
 * The fields of other programs' own forms, for a person to type. These programs sign in to the mailbox by themselves
 * with the client that was registered for mailauth, so each must also stand among the client's redirect URIs.
 */

type Field = readonly [label: string, value: string];

interface Section {
  readonly title: string;
  readonly fields: readonly Field[];
  readonly notes?: readonly string[];
}

/** An application whose form is known: what it asks for, and the redirect URI it answers at. */
interface Application {
  readonly id: string;
  readonly title: string;
  readonly needs: 'smtp' | 'smtp or imap';
  /** By provider id: where the form is and what stands in it. A provider that is missing is not supported there. */
  readonly providers: Readonly<Record<string, ApplicationForm>>;
}

interface ApplicationForm {
  readonly title: string;
  readonly fields: (values: Values) => readonly Field[];
  /** The application's own address stands as `https://YOUR-SERVER`. */
  readonly redirectUri: string;
  readonly notes?: (values: Values) => readonly string[];
}

/** What the fields of an application's form are filled from. */
interface Values {
  readonly input: ExportInput;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tenant: string;
  readonly smtp: Login | undefined;
  readonly imap: Login | undefined;
}

const GOOGLE_SCOPE = 'https://mail.google.com/';
const SITE = 'https://YOUR-SERVER';

const googleChannel = ({ clientId, clientSecret }: Values): readonly Field[] => [
  ['Client ID', clientId],
  ['Client Secret', clientSecret],
];

const APPLICATIONS: readonly Application[] = [
  {
    id: 'form-zammad',
    title: 'Zammad',
    needs: 'smtp or imap',
    providers: {
      gmail: {
        title: 'Channels > Google > Connect Google App',
        fields: googleChannel,
        redirectUri: `${SITE}/api/v1/external_credentials/google/callback`,
      },
      outlook: {
        title: 'Channels > Microsoft 365 IMAP Email > Connect Microsoft 365 App',
        fields: ({ clientId, clientSecret, tenant }) => [
          ['Client ID', clientId],
          ['Client Secret', clientSecret],
          ['Tenant UUID/Name', tenant],
        ],
        redirectUri: `${SITE}/api/v1/external_credentials/microsoft365/callback`,
      },
    },
  },
  {
    id: 'form-osticket',
    title: 'osTicket (plugin auth-oauth2)',
    needs: 'smtp or imap',
    providers: {
      gmail: {
        title: 'Admin Panel > Emails > the address > Remote Mailbox or Outgoing (SMTP) > OAuth2',
        fields: ({ input, clientId, clientSecret }) => [
          ['Redirect URI', `${SITE}/api/auth/oauth2`],
          ['Client Id', clientId],
          ['Client Secret', clientSecret],
          ['Authorization Endpoint', input.account.endpoints.authorization],
          ['Token Endpoint', input.account.endpoints.token],
          ['Resource Details Endpoint', 'https://www.googleapis.com/gmail/v1/users/me/profile'],
          ['Scopes', GOOGLE_SCOPE],
          ['Email Address Attribute', 'emailaddress'],
        ],
        redirectUri: `${SITE}/api/auth/oauth2`,
      },
    },
  },
  {
    id: 'form-freescout',
    title: 'FreeScout',
    needs: 'smtp or imap',
    providers: {
      gmail: freescout(),
      outlook: freescout((values) =>
        values.tenant === 'common'
          ? []
          : [
              'FreeScout signs in through the shared tenant "common". A registration for one organisation only is refused there:',
              'its supported account types must take in any organisation.',
            ],
      ),
    },
  },
  {
    id: 'form-nextcloud',
    title: 'Nextcloud Mail',
    needs: 'smtp or imap',
    providers: {
      gmail: {
        title: 'Administration settings > Groupware > Mail > Gmail integration',
        fields: googleChannel,
        redirectUri: `${SITE}/index.php/apps/mail/integration/google-auth`,
        notes: () => ['Without index.php in the address of your Nextcloud, it is not in the redirect URI either.'],
      },
      outlook: {
        title: 'Administration settings > Groupware > Mail > Microsoft integration',
        fields: ({ clientId, clientSecret, tenant }) => [
          ['Tenant ID', tenant],
          ['Client ID', clientId],
          ['Client secret', clientSecret],
        ],
        redirectUri: `${SITE}/index.php/apps/mail/integration/microsoft-auth`,
        notes: () => ['Without index.php in the address of your Nextcloud, it is not in the redirect URI either.'],
      },
    },
  },
  {
    id: 'form-glpi',
    title: 'GLPI (outgoing mail)',
    needs: 'smtp',
    providers: { gmail: glpi('Google'), outlook: glpi('Azure') },
  },
  {
    id: 'form-odoo',
    title: 'Odoo',
    needs: 'smtp or imap',
    providers: {
      gmail: {
        title: 'Settings > General Settings > Gmail',
        fields: ({ clientId, clientSecret }) => [
          ['Client ID', clientId],
          ['Client Secret', clientSecret],
        ],
        redirectUri: `${SITE}/google_gmail/confirm`,
        notes: () => ['Then connect the account in each outgoing and incoming mail server.'],
      },
      outlook: {
        title: 'Settings > General Settings > Outlook',
        fields: ({ clientId, clientSecret }) => [
          ['Client ID', clientId],
          ['Client Secret', clientSecret],
        ],
        redirectUri: `${SITE}/microsoft_outlook/confirm`,
        notes: () => ['Then connect the account in each outgoing and incoming mail server.'],
      },
    },
  },
  {
    id: 'form-group-office',
    title: 'Group-Office',
    needs: 'smtp or imap',
    providers: { gmail: groupOffice('Google'), outlook: groupOffice('Azure') },
  },
];

/** A form to type from, for whatever application, and those whose labels are known. */
export const formFormats: readonly ExportFormat[] = [
  {
    id: 'form',
    title: "any application's mail server form",
    carriesSecret: true,
    needs: 'smtp or imap',
    render: (input) => `${mailServerForm(input, 'an application')}\n${passwordForm(input)}`,
  },
  {
    id: 'form-openvpms',
    title: 'OpenVPMS: Mail Server, client registration, Email Document Loader',
    carriesSecret: true,
    needs: 'smtp or imap',
    render: (input) => mailServerForm(input, 'OpenVPMS'),
  },
  ...APPLICATIONS.map(
    (application): ExportFormat => ({
      id: application.id,
      title: application.title,
      carriesSecret: true,
      needs: application.needs,
      render: (input) => applicationForm(application, input),
    }),
  ),
];

function mailServerForm(input: ExportInput, program: string): string {
  const { account, provider, client } = input;
  const { smtp, imap, pop } = requireAnyLogin(account, program, protocols);
  const openVpms = program === 'OpenVPMS';
  const name = account.name === provider.id ? provider.title : account.name;
  const server = ({ server }: Login): readonly Field[] => [
    ['Host', server.host],
    ['Port', String(server.port)],
    ['Timeout', String(account.mailTimeout)],
    ['Connection Security', securityLabel(server)],
    ['Authentication Method', provider.authenticationMethod],
  ];
  const naming: readonly Field[] = [
    ['Name', name],
    ['Description', account.description],
  ];
  const tenant = ownField(client, 'tenant');
  const username = (login: Login) =>
    openVpms
      ? 'Leave Username and Password empty: Check Authorisation fills in Username.'
      : `Where the form asks for a user name: ${login.user}`;
  const sections: readonly Section[] = [
    ...(smtp === undefined
      ? []
      : [
          {
            title: openVpms ? 'Administration - Organisation: Mail Server' : 'Outgoing mail server',
            fields: [...naming, ...server(smtp)],
            notes: [username(smtp)],
          },
        ]),
    {
      title: openVpms ? 'New OAuth2 Client Registration (Authorise, the first time)' : 'OAuth2 client registration',
      fields: [
        ...(tenant === undefined ? [] : [['Tenant Id', tenant] as const]),
        ['Client Id', client.clientId],
        ['Client Secret', clientSecret(input)],
        [
          'Redirect URI',
          client.appRedirectUris.join(' ') || `the one that ${openVpms ? 'the window' : 'the form'} shows`,
        ],
      ],
      notes: redirectNotes(input, client.appRedirectUris[0]),
    },
    ...(imap === undefined
      ? []
      : [openVpms ? loaderJob(server(imap)) : incoming('IMAP', server(imap), username(imap))]),
    // OpenVPMS collects over IMAP alone.
    ...(pop === undefined || openVpms ? [] : [incoming('POP', server(pop), username(pop))]),
  ];
  return document(input, program, sections);
}

function loaderJob(fields: readonly Field[]): Section {
  const notes = ['Source Folder is usually INBOX. Give the job an account or a folder of its own.'];
  return { title: 'Email Document Loader Job', fields, notes };
}

function incoming(protocol: string, fields: readonly Field[], note: string): Section {
  return { title: `Incoming mail server (${protocol})`, fields, notes: [note] };
}

/** For what signs in nowhere: it talks to `serve` on this computer, with a password of its own. */
function passwordForm({ account }: ExportInput): string {
  const name = shellWord(account.name);
  const used = protocols.filter((protocol) => account[protocol] !== undefined);
  const fields: readonly Field[] = [
    ['Host', '127.0.0.1'],
    ...used.map((protocol): Field => [`Port, ${PROTOCOLS[protocol].title}`, String(PROTOCOLS[protocol].servePort)]),
    ['Encryption', 'none: what is said stays on this computer'],
    ['User name', account.address],
    ['Password', `what this command prints, once: mailauth password ${name}`],
  ];
  return [
    'A program that knows only a password',
    ...fieldLines(fields),
    '  For a printer, a scanner, an ERP or an old mail program. This must run meanwhile; it signs in for the program:',
    `    mailauth serve ${name}`,
    '  A device elsewhere in the network: see "For programs that know only a password" in docs/running.md.',
    '',
  ].join('\n');
}

function fieldLines(fields: readonly Field[]): readonly string[] {
  const width = Math.max(...fields.map(([label]) => label.length));
  return fields.map(([label, value]) => `  ${label.padEnd(width)}  ${oneLine(value)}`);
}

function applicationForm(application: Application, input: ExportInput): string {
  const { account, client, provider } = input;
  if (application.needs !== 'smtp or imap') requireLogin(account, application.needs, application.title);
  const { smtp, imap } = requireAnyLogin(account, application.title);
  const form = application.providers[provider.id];
  if (form === undefined) {
    throw new MailauthError('usage', `the fields of ${application.title} are not known for ${provider.title}`, {
      fix: [{ text: 'use the general form', command: `mailauth export ${shellWord(account.name)} --format form` }],
    });
  }
  const values: Values = {
    input,
    clientId: client.clientId,
    clientSecret: clientSecret(input),
    tenant: ownField(client, 'tenant') ?? 'common',
    smtp,
    imap,
  };
  const registered = client.appRedirectUris.find((uri) => uri.endsWith(form.redirectUri.slice(SITE.length)));
  return document(input, application.title, [
    {
      title: form.title,
      fields: form
        .fields(values)
        .map(([label, value]) => [label, value === form.redirectUri ? (registered ?? value) : value]),
      notes: [
        'The path to the form, and its labels, are usually these; versions differ.',
        ...(form.notes?.(values) ?? []),
        `Redirect URI: ${registered ?? form.redirectUri}`,
        ...redirectNotes(input, registered),
      ],
    },
  ]);
}

function freescout(notes?: ApplicationForm['notes']): ApplicationForm {
  return {
    title: 'the mailbox > Connection Settings',
    fields: ({ clientId, clientSecret, input, smtp, imap }) => [
      ...(imap === undefined ? [] : serverFields('Fetching Emails: ', imap.server)),
      ...(smtp === undefined ? [] : serverFields('Sending Emails: ', smtp.server)),
      ['Username', `${input.account.address}:${clientId}`],
      ['Password', clientSecret],
    ],
    redirectUri: `${SITE}/mailbox/oauth`,
    notes: (values) => ['Save, then click Connect.', ...(notes?.(values) ?? [])],
  };
}

function glpi(providerLabel: string): ApplicationForm {
  return {
    title: 'Setup > Notifications > Email notifications configuration, Way of sending emails: SMTP+OAUTH',
    fields: ({ clientId, clientSecret, tenant, smtp, input }) => [
      ['Oauth provider', providerLabel],
      ['Client ID', clientId],
      ['Client secret', clientSecret],
      ...(ownField(input.client, 'tenant') === undefined ? [] : [['Tenant ID', tenant] as const]),
      ...(smtp === undefined ? [] : serverFields('SMTP ', smtp.server).slice(0, 2)),
    ],
    redirectUri: `${SITE}/front/smtp_oauth2_callback.php`,
  };
}

function groupOffice(providerLabel: string): ApplicationForm {
  return {
    title: 'System settings > OAuth2 client',
    fields: ({ clientId, clientSecret, input }) => [
      ['Name', input.provider.title],
      ['Provider', providerLabel],
      ['Client Id', clientId],
      ['Client Secret', clientSecret],
      [
        'API Project Id',
        ownField(input.client, 'tenant') ?? ownField(input.client, 'project') ?? 'the id of the Google Cloud project',
      ],
    ],
    redirectUri: `${SITE}/go/modules/community/oauth2client/gauth.php/callback`,
    notes: () => (providerLabel === 'Azure' ? ['API Project Id is the tenant id here.'] : []),
  };
}

function serverFields(prefix: string, server: MailServer): readonly Field[] {
  return [
    [`${prefix}server`, server.host],
    [`${prefix}port`, String(server.port)],
    [`${prefix}encryption`, securityLabel(server)],
  ];
}

function securityLabel(server: MailServer): string {
  return server.security === 'starttls' ? 'STARTTLS' : 'SSL/TLS';
}

function clientSecret({ client, secrets }: ExportInput): string {
  if (client.secretCredential === undefined) return 'none: this registration is a public client';
  return secrets?.clientSecret?.reveal() ?? HIDDEN;
}

/** Whether the application's own redirect URI can be, and is, registered. */
function redirectNotes({ account, client, provider }: ExportInput, registered: string | undefined): readonly string[] {
  const name = shellWord(account.name);
  if (!provider.client.sharesRedirects[client.clientType]) {
    return [
      'This registration is for a program on a desktop, and takes no redirect URI of an application. Make one that does:',
      `  mailauth setup ${name} --client-type web --app-redirect-uri URL`,
    ];
  }
  if (registered !== undefined) {
    return [
      'This redirect URI was registered in the steps; it must equal the one the application shows, to the letter.',
    ];
  }
  return [
    'The application shows its own redirect URI. Register that one too, to the letter; the steps tell where:',
    `  mailauth setup ${name} --app-redirect-uri URL`,
  ];
}

function document(
  { account, provider, client, secrets }: ExportInput,
  program: string,
  sections: readonly Section[],
): string {
  const hidden = client.secretCredential !== undefined && secrets?.clientSecret === undefined;
  const lines = [
    `Values to type into the forms of ${program}, for ${account.address} (${provider.title}).`,
    'It signs in to the mailbox by itself, with the same registration; mailauth hands it no token.',
    ...(hidden
      ? ['The client secret is hidden; --show-secret shows it.']
      : ['The client secret is shown: mind who reads this.']),
  ];
  if (client.secretCredential === undefined) lines.pop();
  for (const { title, fields, notes } of sections) {
    lines.push('', title, ...fieldLines(fields));
    lines.push(...(notes ?? []).map((note) => `  ${note}`));
  }
  return `${lines.map(oneLine).join('\n')}\n`;
}
