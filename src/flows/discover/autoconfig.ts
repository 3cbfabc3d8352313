import type { MailServers } from '../../account/account.js';
import type { Protocol } from '../../words/protocol.js';
import { documentAt, type Finding, issuerIn, type Way } from './finding.js';
import { firstOfEach, serverFrom } from './servers.js';

/**
 * The configuration file that a domain keeps for mail programs (draft-ietf-mailmaint-autoconfig). It is asked for at the
 * domain alone: the public collection of such files would learn whose mailbox is being set up.
 */
export const autoconfig: Way = async (domain, places) => {
  const sources = [
    `https://autoconfig.${domain}/mail/config-v1.1.xml`,
    `https://${domain}/.well-known/autoconfig/mail/config-v1.1.xml`,
  ];
  const documents = await Promise.all(sources.map((source) => documentAt(source, places)));
  return documents.flatMap((xml, index) => (xml === undefined ? [] : findingIn(xml, sources[index] as string)));
};

const SECURITY: Readonly<Record<string, string>> = { SSL: 'tls', STARTTLS: 'starttls' };
const TYPES: Readonly<Record<string, Protocol>> = { smtp: 'smtp', imap: 'imap', pop3: 'pop' };

function findingIn(xml: string, source: string): readonly Finding[] {
  const text = withoutComments(xml);
  const entries = [...elements(text, 'incomingServer'), ...elements(text, 'outgoingServer')];
  const servers = firstOfEach(entries.map(serverIn));
  const issuer = issuerIn(elements(text, 'oAuth2').map((entry) => wordIn(entry.inside, 'issuer'))[0]);
  if (Object.keys(servers).length === 0 && issuer === undefined) return [];
  return [{ source, servers, ...(issuer !== undefined && { issuer }) }];
}

function serverIn({ attributes, inside }: Element): MailServers {
  const protocol = TYPES[/\btype\s*=\s*["']([a-z0-9]+)["']/i.exec(attributes)?.[1]?.toLowerCase() ?? ''];
  if (protocol === undefined) return {};
  return serverFrom(protocol, {
    host: wordIn(inside, 'hostname'),
    port: wordIn(inside, 'port'),
    // Without encryption, or with a word that is not known, it is passed over.
    security: SECURITY[wordIn(inside, 'socketType')?.toUpperCase() ?? ''] ?? 'none',
  });
}

interface Element {
  readonly attributes: string;
  readonly inside: string;
}

/** The elements of this name, none inside another. Their ends are looked for from left to right, once. */
function elements(xml: string, name: string): readonly Element[] {
  const found: Element[] = [];
  for (let at = xml.indexOf(`<${name}`); at >= 0; at = xml.indexOf(`<${name}`, at)) {
    const open = xml.indexOf('>', at);
    const close = xml.indexOf(`</${name}`, at);
    if (open < 0 || close < open) return found;
    found.push({ attributes: xml.slice(at + name.length + 1, open), inside: xml.slice(open + 1, close) });
    at = close;
  }
  return found;
}

function wordIn(xml: string, name: string): string | undefined {
  return elements(xml, name)[0]?.inside.trim();
}

function withoutComments(xml: string): string {
  const [first = '', ...rest] = xml.split('<!--');
  return [first, ...rest.map((part) => part.split('-->').slice(1).join('-->'))].join('');
}
