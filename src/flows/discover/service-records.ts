import type { Protocol } from '../../words/protocol.js';
import type { Finding, Way } from './finding.js';
import { serverFrom } from './servers.js';

/** Services of RFC 8314 section 5.1 (TLS from the first byte) and, after them, of RFC 6186 (STARTTLS). */
const SERVICES: readonly { readonly name: string; readonly protocol: Protocol; readonly security: string }[] = [
  { name: '_submissions._tcp', protocol: 'smtp', security: 'tls' },
  { name: '_submission._tcp', protocol: 'smtp', security: 'starttls' },
  { name: '_imaps._tcp', protocol: 'imap', security: 'tls' },
  { name: '_imap._tcp', protocol: 'imap', security: 'starttls' },
  { name: '_pop3s._tcp', protocol: 'pop', security: 'tls' },
  { name: '_pop3._tcp', protocol: 'pop', security: 'starttls' },
];

export const serviceRecords: Way = async (domain, { names }) => {
  const answers = await Promise.all(
    SERVICES.map(async ({ name, protocol, security }): Promise<Finding | undefined> => {
      const [record] = await names.services(`${name}.${domain}`);
      return record && { source: `SRV ${name}.${domain}`, servers: serverFrom(protocol, { ...record, security }) };
    }),
  );
  return answers.filter((finding) => finding !== undefined);
};
