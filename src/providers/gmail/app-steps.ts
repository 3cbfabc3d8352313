import type { AppAccess } from '../../guide/provider.js';
import type { Step } from '../../guide/step.js';
import { gmailSteps, MAIL_SCOPE } from './steps.js';

const step = (number: string): Step => gmailSteps.find((one) => one.number === number) as Step;

export const gmailApp: AppAccess = {
  scopes: [MAIL_SCOPE],
  minutes: 15,
  needs: [],
  steps: [
    { ...step('1'), asksFirst: ['account', 'sign-in'] },
    { number: '2', title: 'Store', instructions: [], asksFirst: ['client-from'], verify: ['store'] },
    ...['3', '4', '5', '6'].map(step),
    { number: '7', title: 'Key', instructions: [], asks: ['service-account-file'] },
    { number: '8', title: 'Delegation', instructions: [], verify: ['signin'] },
    { ...step('9'), instructions: [] },
  ],
};
