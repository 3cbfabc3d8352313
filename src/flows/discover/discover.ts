import type { MailServers } from '../../account/account.js';
import type { Provider } from '../../guide/provider.js';
import {
  elsewhereOf,
  elsewhereOfExchangers,
  findProvider,
  proposeProvider,
  recordFor,
} from '../../providers/directory.js';
import { protocols } from '../../words/protocol.js';
import { agentConfiguration } from './agent-configuration.js';
import { autoconfig } from './autoconfig.js';
import type { Finding, Places, Way } from './finding.js';
import { issuerOfServer, issuersAt, metadataOf } from './issuer-metadata.js';
import { providerBehind } from './provider-behind.js';
import { serviceRecords } from './service-records.js';

/** Seconds that all of it takes at most: two rounds of questions, each with deadlines of its own. */
export const DISCOVERY_SECONDS = 20;

/** What is known about a mailbox before anybody has said more than its address. `null`: nothing was found. */
export interface Discovery {
  readonly address: string;
  /** Id of a provider that mailauth has steps for. */
  readonly provider: string | null;
  readonly servers: MailServers;
  readonly tenant: string | null;
  /** Which of the provider's clouds the tenant is in; `null` too for the usual one. */
  readonly cloud: string | null;
  readonly issuer: string | null;
  /** Where a program can register itself. */
  readonly registration: string | null;
  /** Why mailauth can set nothing up there, and what works instead. */
  readonly advice: string | null;
  /** Where each value stands. */
  readonly sources: readonly { readonly value: string; readonly source: string }[];
}

/** Asked side by side; where two differ, the earlier counts. */
const WAYS: readonly Way[] = [
  agentConfiguration,
  autoconfig,
  serviceRecords,
  (domain, places) => issuersAt(domain, places),
];

/**
 * The provider table, the servers that take the domain's mail, then what the domain says of itself. Nobody is asked for a
 * secret, and nothing that is found is used before a person has confirmed it.
 */
export async function discover(address: string, places: Places): Promise<Discovery> {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  const known = proposeProvider(address);
  if (known !== undefined) return inOne(address, [{ source: 'the provider table of mailauth', provider: known.id }]);
  const other = elsewhereOf(address);
  if (other !== undefined) return { ...inOne(address, []), advice: other.programs };
  const mx = await places.names.exchangers(domain);
  const behind = await providerBehind(domain, mx, places);
  if (behind.length > 0) return inOne(address, behind);
  const found = (await Promise.all(WAYS.map((way) => way(domain, places)))).flat();
  const imap = found.find(({ servers }) => servers?.imap !== undefined)?.servers?.imap;
  const asked = found.some(({ issuer }) => issuer !== undefined) || imap === undefined;
  const told = asked ? [] : [...(await issuersAt(imap.host, places)), ...(await issuerOfServer(imap, places))];
  const all = [...found, ...told];
  const advice = all.length === 0 ? (elsewhereOfExchangers(mx)?.programs ?? null) : null;
  return withRegistration({ ...inOne(address, all), advice }, places);
}

async function withRegistration(discovery: Discovery, places: Places): Promise<Discovery> {
  if (discovery.issuer === null) return discovery;
  const metadata = await metadataOf(discovery.issuer, places);
  if (metadata?.registration === undefined) return discovery;
  const { registration, source } = metadata;
  return { ...discovery, registration, sources: [...discovery.sources, { value: 'registration', source }] };
}

/** The first that says something counts, value by value. */
function inOne(address: string, findings: readonly Finding[]): Discovery {
  const sources: { value: string; source: string }[] = [];
  const first = <T>(value: string, of: (finding: Finding) => T | undefined): T | null => {
    const finding = findings.find((one) => of(one) !== undefined);
    if (finding === undefined) return null;
    sources.push({ value, source: finding.source });
    return of(finding) ?? null;
  };
  const provider = first('provider', (finding) => finding.provider);
  const cloud = first('cloud', (finding) => finding.cloud);
  const record = provider === null ? undefined : recordIn(findProvider(provider), cloud);
  findings = [...(record === undefined ? [] : [findingOf(record)]), ...findings];
  const servers = Object.fromEntries(
    protocols.flatMap((protocol) => {
      const server = first(protocol, (finding) => finding.servers?.[protocol]);
      return server === null ? [] : [[protocol, server]];
    }),
  ) as MailServers;
  const tenant = first('tenant', (finding) => finding.tenant);
  const issuer = first('issuer', (finding) => finding.issuer);
  return { address, provider, servers, tenant, cloud, issuer, registration: null, advice: null, sources };
}

function recordIn(provider: Provider | undefined, cloud: string | null): Provider | undefined {
  return provider && cloud !== null ? recordFor(provider, { cloud }) : provider;
}

/** An issuer with a place for the tenant is none until that is known. */
function findingOf(record: Provider): Finding {
  const servers: MailServers = Object.fromEntries(
    protocols.flatMap((protocol) => (record[protocol] ? [[protocol, record[protocol]]] : [])),
  );
  const { title, issuer } = record;
  return { source: `the record of ${title}`, servers, ...(issuer?.includes('{') === false && { issuer }) };
}
