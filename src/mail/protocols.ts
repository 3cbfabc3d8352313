import type { Outcome } from '../explain/outcome.js';
import type { Protocol } from '../words/protocol.js';
import type { MailLogin } from './login.js';

/** How a login over one protocol is proven. */
interface MailProof {
  /** Logs in, once, and changes nothing. `messages`: how many are in the inbox, where the protocol tells. */
  prove(login: MailLogin): Promise<Outcome<{ readonly messages?: number }>>;
  /** Sends one small message, where the protocol is one for sending. */
  sendTest?(login: MailLogin, to: string): Promise<Outcome<unknown>>;
}

/** A row for each protocol of words/protocol.ts. The mail libraries take long to load, so each is loaded when it is needed. */
const PROOFS: Readonly<Record<Protocol, () => Promise<MailProof>>> = {
  smtp: async () => {
    const { proveSmtp, sendTest } = await import('./smtp.js');
    return { prove: async (login) => withoutReply(await proveSmtp(login)), sendTest };
  },
  imap: async () => ({ prove: (await import('./imap.js')).proveImap }),
  pop: async () => ({ prove: (await import('./pop.js')).provePop }),
};

export function proofOf(protocol: Protocol): Promise<MailProof> {
  return PROOFS[protocol]();
}

function withoutReply(outcome: Outcome<unknown>): Outcome<{ readonly messages?: number }> {
  return outcome.ok ? { ok: true, value: {} } : outcome;
}
