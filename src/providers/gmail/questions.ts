import type { Question } from '../../guide/step.js';
import { googleClientFile, googleProject } from './paste.js';

/** The questions that only Google's console raises. */

export const project = {
  id: 'project',
  kind: 'text',
  label: 'Optional: Project ID',
  help: 'The short name that Google gave to your project, such as mailauth-471208. You find it in the address of the page, after "project=", and at the top of the console. Not secret. mailauth puts it into every link, so that each page opens in the right project. Leave it empty, and you choose the project yourself on each page.',
  guard: googleProject,
  suppliedBy: ['client-file', 'client-from'],
  placeholder: 'ID',
} satisfies Question;

/** In a Workspace, Internal is the better choice: nothing expires. */
export const audience = {
  id: 'audience',
  kind: 'choice',
  label: 'Who will sign in?',
  help: 'Internal: every mailbox belongs to your own Google Workspace organisation, and so does the project. Nothing expires, and no warning is shown. External: gmail.com addresses, or mailboxes of several organisations.',
  choices: [
    { value: 'external', label: 'External: gmail.com addresses, or not only our organisation' },
    {
      value: 'internal',
      label: 'Internal: only mailboxes of our Google Workspace organisation',
      when: { question: 'mailbox-domain', is: ['', 'own'] },
    },
  ],
  defaults: [
    {
      when: [
        { question: 'mailbox-domain', is: ['own'] },
        { question: 'client-from', is: [''] },
      ],
      value: 'internal',
    },
  ],
  default: 'external',
  askedWhen: { question: 'mailbox-domain', is: ['own'] },
  suppliedBy: ['client-from'],
  placeholder: 'internal|external',
} satisfies Question;

export const lifetime = {
  id: 'lifetime',
  kind: 'choice',
  label: 'How long should the sign-in last?',
  help: 'A new app is "in Testing": Google then ends every sign-in after 7 days. Publishing ends that rule. It does not make anything public, and you need not apply for verification. A sign-in made in Testing keeps its 7 days, so publish first and sign in afterwards.',
  choices: [
    { value: 'lasting', label: 'For good: publish the app (recommended)' },
    { value: 'trying', label: 'Just trying: 7 days, with test users' },
  ],
  default: 'lasting',
  wizardOnly: true,
  when: { question: 'audience', is: ['external'] },
} satisfies Question;

export const clientFile = {
  id: 'client-file',
  kind: 'file',
  label: 'Client file from Google',
  help: 'The file that Download JSON saves, named client_secret_...json. It holds the client ID and the client secret, so treat it as a secret. mailauth reads it once and keeps no copy; delete it afterwards.',
  guard: googleClientFile,
  placeholder: 'FILE',
} satisfies Question;
