import { keyOfPair, ownCertificate } from './app-credential.js';
import type { Question, When } from './step.js';

/**
 * What an app is asked besides the questions of every set-up: who signs in, and with what the app proves itself. A
 * provider picks the kinds of credential that it takes.
 */

export const person = { question: 'sign-in', is: ['app'], not: true } as const satisfies When;
export const app = { question: 'sign-in', is: ['app'] } as const satisfies When;

const given = (id: string) => ({ question: id, is: [''], not: true }) as const satisfies When;

export const signIn = {
  id: 'sign-in',
  kind: 'choice',
  label: 'Who signs in?',
  help: 'A person signs in once, in a browser, and the sign-in lasts until a password is changed, a policy ends it, or nobody has used it for months: then that person has to sign in again. An app is let in by an administrator: nobody ever signs in, and nothing ends but its own credential, whose date is known. In return its key opens every mailbox that the administrator gives it, so that it has to be guarded like a master key.',
  choices: [
    {
      value: 'person',
      label: 'A person, once: opens one mailbox, and has to be repeated when the sign-in ends',
      heading: 'A person signs in',
    },
    {
      value: 'app',
      label:
        'Nobody: an administrator lets this program in; never ends, needs that administrator, and its key opens every mailbox it is given',
      heading: 'An app is let in',
    },
  ],
  // Whoever gives what only an app has means one.
  defaults: ['client-certificate-file', 'certificate-out', 'federated-token-file', 'service-account-file'].map(
    (id) => ({
      when: given(id),
      value: 'app',
    }),
  ),
  default: 'person',
  suppliedBy: ['client-from'],
  placeholder: 'person|app',
} as const satisfies Question;

/** Whoever gives what only an app has means one: these questions. */
export function impliedBy(...ids: readonly string[]): NonNullable<Question['defaults']> {
  return ids.map((id) => ({ when: given(id), value: 'app' }));
}

const certificate = [app, { question: 'credential', is: ['certificate'] }] as const satisfies When;

export const credential = {
  id: 'credential',
  kind: 'choice',
  label: 'With what does the app prove itself?',
  help: 'A certificate: mailauth makes a key that never leaves this computer, and you upload its public half; nothing secret is copied, and its end is known. A client secret is copied from the page, and ends after 24 months at most. A federated token is for a machine that has an identity of its own already, in Kubernetes or at a cloud provider: nothing is stored at all.',
  choices: [
    {
      value: 'certificate',
      label: 'A certificate that mailauth makes (recommended): the key never leaves this computer',
    },
    { value: 'own', label: 'A certificate and a key of our own' },
    { value: 'secret', label: 'A client secret, copied from the page' },
    { value: 'federated', label: 'The token of another issuer (Kubernetes, GitHub, another cloud), in a file' },
  ],
  defaults: [
    { when: given('federated-token-file'), value: 'federated' },
    { when: given('client-certificate-file'), value: 'certificate' },
    { when: given('client-secret-file'), value: 'secret' },
  ],
  default: 'certificate',
  wizardOnly: true,
  when: app,
  askedWhen: { question: 'client-from', is: [''] },
  suppliedBy: ['client-from', 'client-certificate-file', 'client-secret-file', 'federated-token-file'],
} as const satisfies Question;

export const certificateOut = {
  id: 'certificate-out',
  kind: 'text',
  label: 'File to write the certificate to',
  help: 'A file for the public half of the new key, to be uploaded at the next step. Not secret: the key itself goes into the store of secrets at once, and exists nowhere else.',
  default: 'mailauth-certificate.pem',
  guard: 'path',
  when: certificate,
  suppliedBy: ['client-from', 'client-certificate-file'],
  placeholder: 'FILE',
} as const satisfies Question;

export const clientCertificate = {
  id: 'client-certificate-file',
  kind: 'file',
  label: 'Certificate of the app',
  help: 'The certificate that was uploaded to the registration, in PEM (the text that begins with BEGIN CERTIFICATE). Not secret. Its key is asked for next.',
  required: true,
  guard: ownCertificate,
  when: [app, { question: 'credential', is: ['certificate', 'own'] }],
  askedWhen: { question: 'credential', is: ['own'] },
  suppliedBy: ['client-from', 'certificate-out', 'client-secret-file', 'federated-token-file'],
  placeholder: 'PEM',
} as const satisfies Question;

export const clientKey = {
  id: 'client-key-file',
  kind: 'secret-file',
  label: 'Private key of the certificate',
  help: 'The key that belongs to the certificate, in PEM, without a passphrase. It is secret: mailauth reads it once and puts it into the store of secrets.',
  required: true,
  guard: keyOfPair,
  when: [app, { question: 'credential', is: ['certificate', 'own'] }],
  askedWhen: { question: 'credential', is: ['own'] },
  suppliedBy: ['client-from', 'certificate-out', 'client-secret-file', 'federated-token-file'],
  placeholder: 'PEM|-',
} as const satisfies Question;

export const federatedTokenFile = {
  id: 'federated-token-file',
  kind: 'file',
  label: 'File with the token of the other issuer',
  help: 'The file in which this machine keeps the token of its own identity, which somebody else renews. Its path is kept, and it is read again for each token. mailauth stores nothing of it.',
  required: true,
  guard: 'path',
  when: [app, { question: 'credential', is: ['federated'] }],
  suppliedBy: ['client-from'],
  placeholder: 'FILE',
} as const satisfies Question;
