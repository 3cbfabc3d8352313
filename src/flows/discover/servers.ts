import type { MailServer, MailServers } from '../../account/account.js';
import { isHostName } from '../../words/host.js';
import { PROTOCOLS, type Protocol } from '../../words/protocol.js';

/** A server as a document or a record names it. Undefined where it can be no server, or one without encryption. */
export function serverFrom(
  protocol: Protocol,
  { host, port, security }: { readonly host: unknown; readonly port?: unknown; readonly security?: unknown },
): MailServers {
  if (typeof host !== 'string' || !isHostName(host)) return {};
  const way = security ?? 'tls';
  if (way !== 'tls' && way !== 'starttls') return {};
  const number = port === undefined ? PROTOCOLS[protocol].ports[way] : Number(port);
  if (!Number.isInteger(number) || number < 1 || number > 65_535) return {};
  const server: MailServer = { host: host.toLowerCase(), port: number, security: way };
  return { [protocol]: server };
}

/** The first server of each protocol. */
export function firstOfEach(servers: readonly MailServers[]): MailServers {
  return Object.assign({}, ...[...servers].reverse());
}
