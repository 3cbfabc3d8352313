import { whenUsed } from '../words/protocol.js';
import type { When } from './step.js';

/** Conditions that the records of several providers ask for. */

/** No registration that is stored already is used again. */
export const ownClient = { question: 'client-from', is: [''] } as const satisfies When;
/** Why a step falls away where one is. */
export const REUSED = 'the registration of {client-from} is used again';
/** Nor has mailauth registered itself. */
export const notRegistered = { question: 'registered', is: [''] } as const satisfies When;
export const desktop = { question: 'client-type', is: ['desktop'] } as const satisfies When;
export const web = { question: 'client-type', is: ['web'] } as const satisfies When;
/** Another program signs in with the client too. */
export const shared = { question: 'shared-client', is: ['yes'] } as const satisfies When;
/** The address is at one of the provider's public domains. */
export const publicDomain = { question: 'mailbox-domain', is: ['provider'] } as const satisfies When;
export const sends = whenUsed('smtp');
export const receives = whenUsed('imap');
export const collects = whenUsed('pop');
