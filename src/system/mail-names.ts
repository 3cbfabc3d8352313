import { Resolver } from 'node:dns/promises';

/** An answer that is only there to propose something is not worth waiting for. */
const WAIT_MS = 3_000;

/** A server that a domain names for a service (RFC 2782). */
interface ServiceRecord {
  readonly host: string;
  readonly port: number;
}

/** What the name service says about the mail of a domain. Names are in lower case and have no final full stop. */
export interface MailNames {
  /**
   * The servers that take mail for a domain (RFC 5321 section 5.1), the preferred one first. Empty where there are none,
   * or where the question cannot be answered here and now: nothing depends on it but a proposal.
   */
  exchangers(domain: string): Promise<readonly string[]>;
  /** The servers for a service such as `_imaps._tcp.example.org`, the preferred one first; empty likewise. */
  services(name: string): Promise<readonly ServiceRecord[]>;
}

/** @param servers name servers to ask, as `address:port`; undefined: those of this machine */
export function mailNames(signal: AbortSignal, servers?: readonly string[]): MailNames {
  const ask = async <T>(question: (resolver: Resolver) => Promise<readonly T[]>): Promise<readonly T[]> => {
    const resolver = new Resolver({ timeout: WAIT_MS, tries: 1 });
    if (servers !== undefined) resolver.setServers(servers);
    const cancel = (): void => resolver.cancel();
    const timer = setTimeout(cancel, WAIT_MS);
    signal.addEventListener('abort', cancel, { once: true });
    try {
      return await question(resolver);
    } catch {
      return [];
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
    }
  };
  return {
    exchangers: async (domain) => {
      const records = await ask((resolver) => resolver.resolveMx(domain));
      return [...records].sort((a, b) => a.priority - b.priority).map(({ exchange }) => plain(exchange));
    },
    services: async (name) => {
      const records = await ask((resolver) => resolver.resolveSrv(name));
      // A target of "." says that the service is decidedly not offered (RFC 2782).
      return [...records]
        .sort((a, b) => a.priority - b.priority || b.weight - a.weight)
        .map((record) => ({ host: plain(record.name), port: record.port }))
        .filter(({ host }) => host !== '');
    },
  };
}

function plain(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
