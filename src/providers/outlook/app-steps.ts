import type { AppAccess } from '../../guide/provider.js';
import type { Step } from '../../guide/step.js';
import { outlookSteps } from './steps.js';

const step = (number: string): Step => outlookSteps.find((one) => one.number === number) as Step;

export const outlookApp: AppAccess = {
  scopes: ['https://outlook.office365.com/.default'],
  roles: { imap: 'IMAP.AccessAsApp', smtp: 'SMTP.SendAsApp' },
  minutes: 25,
  needs: [],
  steps: [
    { ...step('1'), asksFirst: ['account', 'mailbox-kind', 'sign-in'] },
    { number: '2', title: 'Store', instructions: [], asksFirst: ['client-from'], verify: ['store'] },
    ...['3', '4', '5'].map(step),
    { ...step('6') },
    { number: '7', title: 'Credential', instructions: [], asksFirst: ['credential', 'certificate-out'] },
    { number: '8', title: 'Credential', instructions: [] },
    {
      number: '9',
      title: 'Credential',
      instructions: [],
      asks: [
        'client-certificate-file',
        'client-key-file',
        'client-secret-file',
        'secret-expires',
        'federated-token-file',
      ],
      verify: ['client'],
    },
    ...['10', '11'].map(step),
    { number: '12', title: 'Consent', instructions: [], verify: ['signin'] },
    { number: '13', title: 'Exchange', instructions: [] },
    { ...step('14'), instructions: [] },
  ],
};
