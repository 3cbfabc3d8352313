import type { Greeter } from './greeter.js';
import { imap } from './imap.js';
import { pop } from './pop.js';
import { smtp } from './smtp.js';

/** A row for each protocol that is answered: its greeter, and the port it is answered at where nobody says another. */
export const SERVED = {
  smtp: { greeter: smtp, port: 1587 },
  imap: { greeter: imap, port: 1143 },
  pop: { greeter: pop, port: 1110 },
} as const satisfies Readonly<Record<string, { readonly greeter: Greeter; readonly port: number }>>;

export type Served = keyof typeof SERVED;

export const served = Object.keys(SERVED) as readonly Served[];
