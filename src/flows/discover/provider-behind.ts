import { findProvider, providerOfExchangers } from '../../providers/directory.js';
import { type Finding, issuerIn, objectAt, type Places } from './finding.js';

/**
 * The provider that takes the mail of an organisation's own domain, and the organisation's tenant there.
 *
 * @param mx the servers that take the domain's mail, the preferred one first
 */
export async function providerBehind(
  domain: string,
  mx: readonly string[],
  places: Places,
): Promise<readonly Finding[]> {
  const provider = providerOfExchangers(mx);
  if (provider === undefined) return [];
  const found: Finding = { source: `MX record of ${domain}: ${mx[0]}`, provider: provider.id };
  return [found, ...(await tenantOf(provider.id, domain, places))];
}

/** From the document that the provider keeps for each domain. */
async function tenantOf(id: string, domain: string, places: Places): Promise<readonly Finding[]> {
  const directory = findProvider(id)?.tenantDirectory;
  if (directory === undefined) return [];
  const source = directory.url.replace('{domain}', domain);
  const document = (await objectAt(source, places)) ?? {};
  const tenant = directory.tenant.exec(issuerIn(document['issuer']) ?? '')?.[1];
  const other = directory.clouds?.find(({ field, is }) => is.test(String(document[field] ?? '')));
  return tenant === undefined ? [] : [{ source, tenant, ...(other && { cloud: other.cloud }) }];
}
