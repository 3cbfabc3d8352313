import type { RuleFix } from './rule.js';

/** Next actions that causes of every kind share. */

export const SIGN_IN: RuleFix = { text: 'sign in again', run: 'authorize' };
export const AGAIN: RuleFix = { text: 'wait {wait}, then check again', run: 'check' };
export const SET_CLOCK: RuleFix = { text: 'switch on automatic time on this machine, then check again', run: 'check' };
export const REPORT: RuleFix = { text: 'report this with the server’s words to the authors of {program}' };
