import type { MailServer } from '../account/account.js';
import { PROTOCOLS, type Protocol, protocols, serverQuestions, whenUsed } from '../words/protocol.js';
import type { Question } from './step.js';

/**
 * Every question of a set-up, once: prompt, flag, variable, JSON key and docs line all come from here. A provider
 * picks the ones it needs and adds its own defaults (`{ ...questions.name, default: 'example' }`).
 */

/** Behind "edit" at step 1: these only change defaults. */
const whenEditing = { question: 'server-settings', is: ['edit'] } as const;

export const account = {
  id: 'account',
  kind: 'address',
  label: 'Mailbox to connect',
  help: 'The e-mail address of the mailbox, such as reception@example.com. Not secret. It is the address that will send and receive, not the address of the administrator.',
  required: true,
  guard: 'address',
  placeholder: 'ADDRESS',
} as const satisfies Question;

/** Of a provider on the internet, where every mail domain has a full stop in it. */
export const publicAccount = { ...account, guard: 'public-address' } as const satisfies Question;

export const name = {
  id: 'name',
  kind: 'text',
  label: 'Name of the account in mailauth',
  help: 'A short name for this mailbox, used in commands such as "mailauth check NAME". Not secret. Leave it as it is unless you set up several mailboxes.',
  guard: 'name',
  askedWhen: whenEditing,
  placeholder: 'NAME',
} as const satisfies Question;

export const description = {
  id: 'description',
  kind: 'text',
  label: 'Description',
  help: 'A line of text for people, shown in lists. Not secret. Nothing depends on it.',
  guard: 'text',
  askedWhen: whenEditing,
  placeholder: 'TEXT',
} as const satisfies Question;

export const serverSettings = {
  id: 'server-settings',
  kind: 'choice',
  label: 'Keep these details?',
  help: 'The values above are the ones that the provider publishes for its mail servers. Choose edit only if you were told to use others.',
  choices: [
    { value: 'keep', label: 'Yes, keep them' },
    { value: 'edit', label: 'Edit them' },
  ],
  default: 'keep',
  wizardOnly: true,
} as const satisfies Question;

export const mailTimeout = {
  id: 'mail-timeout',
  kind: 'number',
  label: 'Timeout in seconds',
  help: 'How long a mail server may take before mailauth gives up, and what to type into the Timeout field of a mail server form. Not secret.',
  default: '120',
  guard: 'seconds',
  askedWhen: whenEditing,
  placeholder: 'SECONDS',
} as const satisfies Question;

type Security = MailServer['security'];

const SECURITIES: Readonly<Record<Security, { readonly name: string; readonly label: string; readonly does: string }>> =
  {
    starttls: { name: 'STARTTLS', label: 'STARTTLS', does: 'STARTTLS begins in plain text and then encrypts' },
    tls: { name: 'TLS', label: 'TLS (also called SSL/TLS)', does: 'TLS encrypts from the first byte' },
  };

/** By protocol: the provider's own server, or undefined where the user names it. */
type Servers = { readonly [P in Protocol]?: MailServer | undefined };

/**
 * The questions about the mail servers, four for each protocol that `servers` has a word about. `hosts`: what else is
 * to be said of the question for a host.
 */
export function aboutServers(
  servers: Servers,
  hosts: { readonly [P in Protocol]?: Pick<Question, 'defaults'> } = {},
): readonly Question[] {
  return protocols
    .filter((protocol) => protocol in servers)
    .flatMap((protocol) => aboutServer(protocol, servers[protocol], hosts[protocol]));
}

function aboutServer(protocol: Protocol, server: MailServer | undefined, host: Partial<Question> = {}): Question[] {
  const row = PROTOCOLS[protocol];
  const ids = serverQuestions(protocol);
  const security = server?.security ?? row.security;
  const other = security === 'tls' ? 'starttls' : 'tls';
  // The usual one first, whichever the provider has.
  const both = row.security === security ? ([security, other] as const) : ([other, security] as const);
  const common = { when: whenUsed(protocol), askedWhen: whenEditing };
  const used = row.isUsual ? `Leave out ${row.activity} (${row.title})?` : `Use ${row.title} as well?`;
  return [
    { id: ids.use, kind: 'confirm', label: used, help: row.use, default: 'no', askedWhen: whenEditing },
    {
      id: ids.host,
      kind: 'host',
      label: `${row.title} host (${row.activity})`,
      help: `The name of ${row.server}. Not secret. Your access token is sent to it, so use only a server you trust.`,
      guard: 'host',
      ...common,
      placeholder: 'HOST',
      ...(server && { default: server.host }),
      ...host,
    },
    {
      id: ids.port,
      kind: 'number',
      label: `${row.title} port`,
      help: `Usually ${both.map((one) => `${row.ports[one]} with ${SECURITIES[one].name}`).join(', or ')}. Not secret.`,
      default: String(server?.port ?? row.ports[security]),
      guard: 'port',
      ...common,
      placeholder: 'PORT',
    },
    {
      id: ids.security,
      kind: 'choice',
      label: `${row.title} connection security`,
      help: `${both.map((one) => SECURITIES[one].does).join('; ')}. Port ${row.ports[both[0]]} goes with ${SECURITIES[both[0]].name}, port ${row.ports[both[1]]} with ${SECURITIES[both[1]].name}. mailauth never logs in without encryption.`,
      choices: both.map((value) => ({ value, label: SECURITIES[value].label })),
      defaults: [{ when: { question: ids.port, is: [String(row.ports[other])] }, value: other }],
      default: security,
      ...common,
      placeholder: both.join('|'),
    },
  ];
}

export const clientFrom = {
  id: 'client-from',
  kind: 'text',
  label: 'Use the stored registration again?',
  help: 'You have registered with this provider before. One registration serves as many mailboxes as you like, so you can skip the steps that make one. Give the account whose registration to use, or nothing to make a new one.',
  askedWhen: { question: 'stored-client', is: ['yes'] },
  guard: 'text',
  placeholder: 'ACCOUNT',
} as const satisfies Question;

export const usedBy = {
  id: 'used-by',
  kind: 'choice',
  label: 'Who will use this mailbox?',
  help: 'A program with its own Authorise button (it may say Connect or Sign in) opens a browser by itself and shows you a redirect URI; OpenVPMS and Zammad are such programs. Programs such as msmtp, mutt, fetchmail and scripts have no such button: they call mailauth for a token. With 1 and 3, mailauth signs in once as well, to prove the mailbox. If you are not sure, look whether your program shows a redirect URI (also called callback or reply URL).',
  choices: [
    {
      value: 'application',
      label:
        'A program with its own Authorise button (OpenVPMS, Zammad...): you need the redirect URI that it shows, and enter the Client ID and the secret there too, now and at each renewal',
      heading: 'For a program with its own Authorise button',
    },
    {
      value: 'mailauth',
      label:
        'Programs that call mailauth for a token: there is nothing more to register, but a program with its own Authorise button cannot use this registration later',
      heading: 'For programs that call mailauth',
    },
    { value: 'both', label: 'Both: what is said at 1, and programs may call mailauth besides', heading: 'for both' },
  ],
  wizardOnly: true,
  askedWhen: { question: 'client-from', is: [''] },
  // An unfinished set-up of version 0.1 holds the older answer.
  suppliedBy: ['client-type', 'app-redirect-uri', 'shared-client'],
} as const satisfies Question;

export const appRedirectUri = {
  id: 'app-redirect-uri',
  kind: 'url',
  label: 'Redirect URI of the other program',
  help: 'Copy it from the other program, where it says Redirect URI, Callback URL or Reply URL. It must be the same to the last character, final slash included. Not secret.',
  required: true,
  repeatable: true,
  guard: 'redirect-uri',
  when: { question: 'shared-client', is: ['yes'] },
  placeholder: 'URL',
} as const satisfies Question;

export const clientType = {
  id: 'client-type',
  kind: 'choice',
  label: 'Type of registration',
  help: 'A web registration has a client secret; other programs can share it. A desktop registration is for programs on your own computer.',
  choices: [
    { value: 'desktop', label: 'Desktop' },
    { value: 'web', label: 'Web' },
  ],
  defaults: [{ when: { question: 'shared-client', is: ['yes'] }, value: 'web' }],
  placeholder: 'desktop|web',
} as const satisfies Question;

export const redirectPort = {
  id: 'redirect-port',
  kind: 'number',
  label: 'Port of the redirect URI',
  help: 'mailauth listens on this port of your own computer for a moment, to receive the answer of the sign-in page. Choose another one if a program of yours already uses it. Not secret.',
  guard: 'port',
  placeholder: 'PORT',
} as const satisfies Question;

export const appName = {
  id: 'app-name',
  kind: 'text',
  label: 'Name of the registration',
  help: 'The name that the sign-in page shows to people. Any name will do; it must not contain the name of the provider. Not secret.',
  default: 'mailauth',
  guard: 'text',
  askedWhen: whenEditing,
  placeholder: 'NAME',
} as const satisfies Question;

export const clientId = {
  id: 'client-id',
  kind: 'text',
  label: 'Client ID',
  help: 'The user name of your registration: it tells the provider which program is asking. The provider shows it when the registration is made. Not secret.',
  required: true,
  guard: 'client-id',
  suppliedBy: ['client-from'],
  placeholder: 'ID',
} as const satisfies Question;

export const clientSecret = {
  id: 'client-secret-file',
  kind: 'secret',
  label: 'Client secret',
  help: 'A long password that the provider made for your registration, not for you. It cannot read mail by itself; it works together with your sign-in. It is secret: do not e-mail it. Lost it? Make a new one, nothing breaks.',
  required: true,
  guard: 'client-secret',
  suppliedBy: ['client-from'],
  placeholder: 'FILE|-',
} as const satisfies Question;

export const secretExpires = {
  id: 'secret-expires',
  kind: 'date',
  label: 'Expiry date of the secret',
  help: 'The date in the column Expires, beside the secret you just made. Write it as 2028-11-22. Not secret. Mail stops on that day; "mailauth check" warns from 60 days before. Leave it empty, and nobody is reminded.',
  guard: 'expiry-date',
  suppliedBy: ['client-from'],
  placeholder: 'YYYY-MM-DD',
} as const satisfies Question;

export const authUser = {
  id: 'auth-user',
  kind: 'address',
  label: 'Account that signs in',
  help: 'Only where the mailbox is an alias or a shared mailbox: the address of the person who signs in and has access to it. Not secret.',
  guard: 'address',
  placeholder: 'ADDRESS',
} as const satisfies Question;

export const issuer = {
  id: 'issuer',
  kind: 'url',
  label: 'Issuer',
  help: 'The https address of the authorization server, as its administrator gives it. mailauth reads the other addresses from its discovery document, which is found below /.well-known/. Not secret.',
  guard: 'https-url',
  placeholder: 'URL',
} as const satisfies Question;

export const endpointHost = {
  id: 'endpoint-host',
  kind: 'host',
  label: 'Host of endpoints besides the issuer',
  help: 'Only where the issuer has endpoints on another host: the name of that host. Not secret. The client secret and the tokens are sent to it, so name only what belongs to the issuer.',
  repeatable: true,
  guard: 'host',
  placeholder: 'HOST',
} as const satisfies Question;

export const scope = {
  id: 'scope',
  kind: 'text',
  label: 'Scope',
  help: 'The name of a permission to ask for. Those you give replace the usual ones. Not secret.',
  repeatable: true,
  guard: 'scope',
  placeholder: 'SCOPE',
} as const satisfies Question;

export const ca = {
  id: 'ca',
  kind: 'file',
  label: 'Certificate authority of your own',
  help: 'A PEM file with certificates to trust in addition, for a company proxy or a mail server of your own. Not secret. It is used for every connection of this account.',
  guard: 'path',
  placeholder: 'FILE',
} as const satisfies Question;

export const refreshToken = {
  id: 'refresh-token-file',
  kind: 'secret',
  label: 'Refresh token',
  help: 'A refresh token that you already have for this client and this mailbox: no browser is opened then. It is secret: it opens the mailbox.',
  guard: 'refresh-token',
  placeholder: 'FILE|-',
} as const satisfies Question;
