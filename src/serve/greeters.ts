import type { Protocol } from '../words/protocol.js';
import type { Greeter } from './greeter.js';
import { imap } from './imap.js';
import { pop } from './pop.js';
import { smtp } from './smtp.js';

/** A row for each protocol of words/protocol.ts: how it is answered. */
export const GREETERS: Readonly<Record<Protocol, Greeter>> = { smtp, imap, pop };
