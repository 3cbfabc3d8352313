import type { MailServers } from '../account/account.js';
import { ownClient, REUSED, shared } from './conditions.js';
import type { Provider, Redirect } from './provider.js';
import * as ask from './questions.js';
import type { Instruction, Question, Step } from './step.js';

/**
 * What records have in common whose provider knows one kind of client: registered in a console, with a secret that
 * stays valid, and sent back to one address to the last character.
 */

const redirect: Redirect = { host: '127.0.0.1', port: 8765, anyPort: false, path: '/callback' };

export const webClient: Provider['client'] = {
  defaultType: 'web',
  secret: { desktop: true, web: true },
  redirect: { desktop: redirect, web: redirect },
  sharesRedirects: { desktop: true, web: true },
};

interface Differing {
  readonly name: string;
  readonly title: string;
  readonly clientId?: Partial<Question>;
  readonly clientSecret?: Partial<Question>;
}

export function webClientQuestions(
  servers: MailServers,
  { name, title, clientId, clientSecret }: Differing,
): readonly Question[] {
  return [
    ask.publicAccount,
    { ...ask.name, default: name },
    { ...ask.description, default: `Account settings for ${title}` },
    ask.serverSettings,
    ask.appName,
    ask.mailTimeout,
    ...ask.aboutServers(servers),
    ask.clientFrom,
    ask.usedBy,
    ask.appRedirectUri,
    { ...ask.clientType, choices: [{ value: 'web', label: 'Web: with a client secret' }], default: 'web' },
    ask.redirectPort,
    { ...ask.clientId, ...clientId },
    { ...ask.clientSecret, ...clientSecret },
    ask.authUser,
    ask.issuer,
    ask.endpointHost,
    ask.scope,
    ask.ca,
    ask.refreshToken,
  ];
}

/** Registers the app; `instructions` are those of the console, with `redirectInstruction` among them. */
export function registerStep(step: Pick<Step, 'number' | 'title' | 'url' | 'help' | 'instructions'>): Step {
  return {
    ...step,
    asksFirst: ['used-by', 'app-redirect-uri'],
    verify: ['store', 'redirect'],
    when: ownClient,
    skip: REUSED,
  };
}

export function redirectInstruction(number: string, text: string): Instruction {
  return {
    number,
    text,
    values: [
      { label: 'Redirect URI', value: '{redirect-uri}' },
      { label: 'Redirect URI', value: '{app-redirect-uri}', when: shared },
    ],
    with: 'link',
  };
}

export function enterClientStep(number: string, help: string): Step {
  return {
    number,
    title: 'Enter the Client ID and the secret',
    instructions: [],
    asks: ['client-id', 'client-secret-file'],
    verify: ['client'],
    when: ownClient,
    skip: REUSED,
    help,
  };
}

export function signInStep(number: string): Step {
  return {
    number,
    title: 'Sign in',
    intro: 'Whoever has the mailbox signs in, not whoever made the registration.',
    instructions: [
      {
        number: 'i',
        text: 'Enter the Client ID and the secret in your own program too, and authorise there.',
        values: [{ label: 'Client ID', value: '{client-id}' }],
        when: shared,
      },
    ],
    verify: ['signin'],
    help: 'The browser opens by itself. If it does not, copy the address into one; any computer will do.',
  };
}

export function checkStep(number: string, help: string): Step {
  return {
    number,
    title: 'Check authorisation',
    intro: 'mailauth logs in to the mail servers. It sends no message and changes nothing.',
    instructions: [],
    verify: ['mailbox'],
    help,
  };
}
