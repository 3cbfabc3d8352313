import type { MailServer } from '../../account/account.js';
import { type Finding, issuerIn, objectAt, type Places } from './finding.js';

/** What an issuer says of itself. */
interface IssuerMetadata {
  readonly source: string;
  readonly issuer: string;
  /** Where programs register themselves (RFC 7591). */
  readonly registration?: string;
}

/**
 * Where the metadata of an issuer stand: RFC 8414 section 3.1 puts the well-known part between host and path, OpenID
 * Connect Discovery section 4 behind the path.
 */
function metadataAddresses(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
}

/** The metadata, where they speak for this very issuer (RFC 8414 section 3.3). */
export async function metadataOf(issuer: string, places: Places): Promise<IssuerMetadata | undefined> {
  const sources = metadataAddresses(issuer);
  const documents = await Promise.all(sources.map((source) => objectAt(source, places)));
  const index = documents.findIndex((document) => document?.['issuer'] === issuer);
  const source = sources[index];
  if (source === undefined) return undefined;
  const registration = issuerIn(documents[index]?.['registration_endpoint']);
  return { source, issuer, ...(registration !== undefined && { registration }) };
}

/** The domain itself may be an issuer, or have a page that names one (RFC 8414, RFC 9728). */
export async function issuersAt(host: string, places: Places): Promise<readonly Finding[]> {
  const [own, resource] = await Promise.all([
    metadataOf(`https://${host}`, places),
    objectAt(`https://${host}/.well-known/oauth-protected-resource`, places),
  ]);
  const named = resource?.['authorization_servers'];
  const issuer = Array.isArray(named) ? issuerIn(named[0]) : undefined;
  return [
    ...(own === undefined ? [] : [{ source: own.source, issuer: own.issuer }]),
    ...(issuer === undefined ? [] : [{ source: `https://${host}/.well-known/oauth-protected-resource`, issuer }]),
  ];
}

/** The issuer that the mail server itself names when it refuses (RFC 7628 section 3.2.2). */
export async function issuerOfServer(server: MailServer, places: Places): Promise<readonly Finding[]> {
  const address = await places.challenge(server);
  if (address === undefined || issuerIn(address) === undefined) return [];
  const issuer = issuerIn((await objectAt(address, places))?.['issuer']);
  return issuer === undefined ? [] : [{ source: `the IMAP server ${server.host}: ${address}`, issuer }];
}
