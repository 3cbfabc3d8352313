import type { MailServers } from '../../account/account.js';
import { usualPageErrors } from '../../guide/browser-errors.js';
import { mailFormStep } from '../../guide/mail-form.js';
import type { Provider } from '../../guide/provider.js';
import type { Step } from '../../guide/step.js';
import * as web from '../../guide/web-client.js';
import { mailRuWords } from './words.js';

/** One scope serves every protocol. */
const MAIL_SCOPE = 'mail.imap';
const servers = {
  smtp: { host: 'smtp.mail.ru', port: 465, security: 'tls' },
  imap: { host: 'imap.mail.ru', port: 993, security: 'tls' },
  pop: { host: 'pop.mail.ru', port: 995, security: 'tls' },
} as const satisfies MailServers;

const steps: readonly Step[] = [
  mailFormStep('OAuth2', ['account', 'client-from']),
  web.registerStep({
    number: '2',
    title: 'Register an app',
    url: 'https://o2.mail.ru/app/',
    instructions: [
      {
        number: 'i',
        text: 'Log in with any Mail.ru account, make a new app, and enter its name.',
        values: [{ label: 'Name', value: '{app-name}' }],
      },
      web.redirectInstruction(
        'ii',
        'Enter the redirect URI, for the platform Web where the page asks. It must be the same to the last character. Save the app.',
      ),
    ],
    help: 'Anybody with a Mail.ru account may register an app. The port of the redirect URI is part of it.',
  }),
  web.enterClientStep(
    '3',
    'The page of the app shows both after it was made. Mail.ru wants the secret each time a token is renewed.',
  ),
  web.signInStep('4'),
  web.checkStep(
    '5',
    'The sign-in usually ends 30 days after it was last used: let "mailauth check" run each week where mail is fetched rarely. A mailbox at a domain of your own (VK WorkSpace) usually wants an app password.',
  ),
];

export const mailRu: Provider = {
  ...mailRuWords,
  authenticationMethod: 'OAuth2',
  lastChecked: '2026-11-25',
  aliases: ['mailru', 'vk-mail'],
  domains: ['mail.ru', 'bk.ru', 'inbox.ru', 'list.ru', 'internet.ru', 'xmail.ru'],
  mailExchangers: [],
  issuedValues: [],
  issuer: 'https://account.mail.ru',
  endpointHosts: ['account.mail.ru', 'o2.mail.ru', 'oauth.mail.ru'],
  // Without it a second sign-in brings no refresh token.
  authorizationParameters: { prompt: 'consent' },
  scopes: { identity: ['openid', 'offline_access'], smtp: [MAIL_SCOPE], imap: [MAIL_SCOPE], pop: [MAIL_SCOPE] },
  ...servers,
  mailHosts: Object.values(servers).map(({ host }) => host),
  client: web.webClient,
  preflight: { kind: 'probe', knownBy: ['invalid_grant'] },
  mechanisms: ['xoauth2'],
  deviceGrant: false,
  revocationPlace: 'in the settings of the Mail.ru account, usually under security',
  needs: [
    { text: 'A browser, and the mailbox at Mail.ru.' },
    { text: 'A Mail.ru account that shall own the registration; it may be that of the mailbox.' },
  ],
  minutes: 10,
  questions: web.webClientQuestions(servers, { name: 'mail-ru', title: 'Mail.ru' }),
  ownFields: [],
  steps,
  secretStep: '3',
  pageErrors: usualPageErrors({ register: '2', client: '3', scopes: '4', signIn: '4' }),
  signInHints: [{ text: 'Sign in as {signs-in}.' }, { text: 'Allow what the page asks for.' }],
  labels: {},
};
