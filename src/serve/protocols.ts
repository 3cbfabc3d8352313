import { type Protocol, protocols } from '../words/protocol.js';
import type { Greeter } from './greeter.js';
import { imap } from './imap.js';
import { pop } from './pop.js';
import { smtp } from './smtp.js';

/** A row for each protocol that is answered: its greeter, and the port it is answered at where nobody says another. */
export const SERVED = {
  smtp: { greeter: smtp, port: 1587 },
  imap: { greeter: imap, port: 1143 },
  pop: { greeter: pop, port: 1110 },
} as const satisfies Readonly<Record<Protocol, { readonly greeter: Greeter; readonly port: number }>>;

export type Served = Protocol;

export const served = protocols;
