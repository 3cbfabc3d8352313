import { app } from '../../guide/app-questions.js';
import type { Question, When } from '../../guide/step.js';
import { NATIONAL } from './clouds.js';
import { entraObjectId, entraTenant, SHARED_TENANTS } from './paste.js';

/** The questions that only Microsoft's directories raise. */

export const mailboxKind = {
  id: 'mailbox-kind',
  kind: 'choice',
  label: 'What kind of mailbox is it?',
  help: 'Work or school: an organisation pays for it, with Microsoft 365, and an administrator manages it. Personal: an outlook.com, hotmail.com, live.com or msn.com address that somebody made for themselves.',
  choices: [
    { value: 'work', label: 'Work or school (Microsoft 365)' },
    { value: 'personal', label: 'Personal (outlook.com, hotmail.com, live.com)' },
  ],
  defaults: [
    { when: { question: 'tenant', is: ['consumers'] }, value: 'personal' },
    { when: { question: 'mailbox-domain', is: ['provider'] }, value: 'personal' },
  ],
  default: 'work',
  // Microsoft gives personal mailboxes in its global cloud alone.
  notWith: [{ is: ['personal'], when: { question: 'cloud', is: NATIONAL } }],
  placeholder: 'work|personal',
} satisfies Question;

export const work = { question: 'mailbox-kind', is: ['work'] } as const satisfies When;
export const personal = { question: 'mailbox-kind', is: ['personal'] } as const satisfies When;

export const accountTypes = {
  id: 'account-types',
  kind: 'choice',
  label: 'Whose mailboxes will use this registration?',
  help: 'Choose the narrowest that fits. It decides which accounts may sign in, and which tenant mailauth talks to.',
  choices: [
    {
      value: 'single',
      label: 'Only my organisation (recommended)',
      when: work,
    },
    { value: 'multiple', label: 'Several organisations', when: work },
    {
      value: 'personal',
      label: 'Only personal accounts (recommended)',
      when: personal,
    },
    { value: 'any', label: 'Any organisation, and personal accounts' },
  ],
  defaults: [
    { when: { question: 'tenant', is: ['common'] }, value: 'any' },
    { when: { question: 'tenant', is: ['organizations'] }, value: 'multiple' },
    { when: personal, value: 'personal' },
  ],
  default: 'single',
  wizardOnly: true,
  suppliedBy: ['tenant'],
} satisfies Question;

export const objectId = {
  id: 'object-id',
  kind: 'text',
  label: 'Object ID of the enterprise application',
  help: 'Under this number Exchange knows the app. mailauth reads it in the first token of the app, so it has to be given only for a script that is printed before. It stands under Enterprise apps, on the Overview page of the app; the Object ID of the registration is another one. Not secret.',
  guard: entraObjectId,
  when: app,
  placeholder: 'ID',
} satisfies Question;

export const tenant = {
  id: 'tenant',
  kind: 'text',
  label: 'Directory (tenant) ID',
  help: 'The number of your organisation at Microsoft: 32 digits and letters with four hyphens, on the Overview page of the registration. Your domain works too, and so do common, organizations and consumers. Not secret. The Object ID is something else.',
  required: true,
  defaults: [
    { when: { question: 'account-types', is: ['personal'] }, value: 'consumers' },
    { when: { question: 'account-types', is: ['multiple'] }, value: 'organizations' },
    { when: { question: 'account-types', is: ['any'] }, value: 'common' },
  ],
  notWith: [
    { is: SHARED_TENANTS, when: app },
    { is: ['consumers'], when: work },
    { is: ['organizations'], when: personal },
  ],
  askedWhen: { question: 'account-types', is: ['single'] },
  suppliedBy: ['client-from'],
  guard: entraTenant,
  placeholder: 'ID',
} satisfies Question;
