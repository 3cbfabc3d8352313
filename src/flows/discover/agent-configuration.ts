import type { MailServers } from '../../account/account.js';
import { isRecord } from '../../words/json.js';
import type { Protocol } from '../../words/protocol.js';
import { type Finding, issuerIn, objectAt, type Way } from './finding.js';
import { firstOfEach, serverFrom } from './servers.js';

/**
 * The document of draft-ietf-mailmaint-pacc: servers with implicit TLS on their usual ports, and the issuer where
 * programs may register by themselves. Its versions differ about the place.
 */
export const agentConfiguration: Way = async (domain, places) => {
  const sources = [
    `https://ua-auto-config.${domain}/.well-known/user-agent-configuration.json`,
    `https://${domain}/.well-known/user-agent-configuration`,
  ];
  const documents = await Promise.all(sources.map((source) => objectAt(source, places)));
  return documents.flatMap((document, index) =>
    document === undefined ? [] : findingIn(document, sources[index] as string),
  );
};

const NAMES = { smtp: 'smtp', imap: 'imap', pop: 'pop3' } as const satisfies Readonly<Record<Protocol, string>>;

function recordAt(document: Readonly<Record<string, unknown>>, key: string): Readonly<Record<string, unknown>> {
  const value = document[key];
  return isRecord(value) ? value : {};
}

function findingIn(document: Readonly<Record<string, unknown>>, source: string): readonly Finding[] {
  const protocols = recordAt(document, 'protocols');
  const servers = firstOfEach(
    (Object.keys(NAMES) as Protocol[]).map(
      (protocol): MailServers => serverFrom(protocol, { host: recordAt(protocols, NAMES[protocol])['host'] }),
    ),
  );
  const issuer = issuerIn(recordAt(recordAt(document, 'authentication'), 'oauth-public')['issuer']);
  if (Object.keys(servers).length === 0 && issuer === undefined) return [];
  return [{ source, servers, ...(issuer !== undefined && { issuer }) }];
}
