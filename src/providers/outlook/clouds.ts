import type { Provider } from '../../guide/provider.js';
import type { Question } from '../../guide/step.js';

/**
 * Microsoft's clouds of governments and of China: the same steps, at other addresses. Microsoft documents the mail
 * exchangers, the portals and the directories; the scopes and mail servers of DoD and of China are those of other
 * programs. Nobody has tried them with this one, so the question says "usually".
 */

export const cloud = {
  id: 'cloud',
  kind: 'choice',
  label: 'Cloud of Microsoft that the mailbox is in',
  help: 'Nearly all are in the global one, GCC too. US GCC High is us-gov, US DoD is us-dod, and 21Vianet in China is china. Their addresses here come from documents and are usually right; --scope, --imap-host and --smtp-host replace one that is not. Not secret.',
  choices: [
    { value: 'global', label: 'Global, and US GCC' },
    { value: 'us-gov', label: 'US government: GCC High' },
    { value: 'us-dod', label: 'US government: DoD' },
    { value: 'china', label: 'China: 21Vianet' },
  ],
  suppliedBy: ['client-from'],
  placeholder: 'global|us-gov|us-dod|china',
} satisfies Question;

/** The line of the script for az before which the cloud has to be chosen. */
const LOGGED_IN = '# Logged in, and in this directory?';

type Moves = Readonly<Record<string, string>>;

const US: Moves = {
  'login.microsoftonline.com': 'login.microsoftonline.us',
  'entra.microsoft.com': 'portal.azure.us',
  'portal.azure.com': 'portal.azure.us',
  'outlook.office.com': 'outlook.office365.us',
};

/** What stands in each cloud in the place of what the global one has. */
const CLOUDS: Readonly<Record<string, Moves>> = {
  'us-gov': {
    ...US,
    'graph.microsoft.com': 'graph.microsoft.us',
    'outlook.office365.com': 'outlook.office365.us',
    'smtp.office365.com': 'smtp.office365.us',
    'https://admin.microsoft.com/': 'https://portal.office365.us/adminportal/',
    'Connect-ExchangeOnline': 'Connect-ExchangeOnline -ExchangeEnvironmentName O365USGovGCCHigh',
    [LOGGED_IN]: `az cloud set --name AzureUSGovernment --output none\n${LOGGED_IN}`,
  },
  'us-dod': {
    ...US,
    'graph.microsoft.com': 'dod-graph.microsoft.us',
    'outlook.office365.com': 'outlook-dod.office365.us',
    'smtp.office365.com': 'outlook-dod.office365.us',
    'https://admin.microsoft.com/': 'https://portal.apps.mil/adminportal/',
    // The resource of the tokens of an app, which is no host here.
    'https://outlook.office365.com/': 'https://outlook.office365.us/',
    'Connect-ExchangeOnline': 'Connect-ExchangeOnline -ExchangeEnvironmentName O365USGovDoD',
    [LOGGED_IN]: `az cloud set --name AzureUSGovernment --output none\n${LOGGED_IN}`,
  },
  china: {
    'login.microsoftonline.com': 'login.partner.microsoftonline.cn',
    'entra.microsoft.com': 'portal.azure.cn',
    'portal.azure.com': 'portal.azure.cn',
    'graph.microsoft.com': 'microsoftgraph.chinacloudapi.cn',
    'outlook.office365.com': 'partner.outlook.cn',
    'smtp.office365.com': 'smtp.partner.outlook.cn',
    'https://admin.microsoft.com/': 'https://portal.partner.microsoftonline.cn/adminportal/',
    'outlook.office.com': 'partner.outlook.cn',
    'Connect-ExchangeOnline': 'Connect-ExchangeOnline -ExchangeEnvironmentName O365China',
    [LOGGED_IN]: `az cloud set --name AzureChinaCloud --output none\n${LOGGED_IN}`,
  },
};

export const NATIONAL: readonly string[] = Object.keys(CLOUDS);

/** How the discovery document of a tenant, as the global cloud gives it, tells of another cloud. GCC stays in the global one. */
export const tellingClouds = [
  { field: 'tenant_region_sub_scope', is: /^DOD$/, cloud: 'us-dod' },
  { field: 'issuer', is: /^https:\/\/login\.microsoftonline\.us\//, cloud: 'us-gov' },
  { field: 'issuer', is: /^https:\/\/login\.partner\.microsoftonline\.cn\//, cloud: 'china' },
] as const;

/** The record as it is in that cloud; undefined for the global one. */
export function inCloud(record: Provider, name: string): Provider | undefined {
  const moves = CLOUDS[name];
  if (moves === undefined) return undefined;
  // The longest first: an address stands before the host in it.
  const places = Object.keys(moves).sort((one, other) => other.length - one.length);
  const place = new RegExp(places.map((one) => one.replace(/[.?]/g, '\\$&')).join('|'), 'g');
  const move = (text: string): string => text.replace(place, (found) => moves[found] ?? found);
  const { rules, pasteRules, scripts = {} } = record;
  return {
    ...moved(record, move),
    rules: async () => moved(await rules(), move),
    ...(pasteRules && { pasteRules: async () => moved(await pasteRules(), move) }),
    scripts: Object.fromEntries(
      Object.entries(scripts).map(([format, script]) => [
        format,
        { ...script, render: (answers) => move(script.render(answers)) },
      ]),
    ),
  };
}

/** Every text in a record, names of fields included; functions and patterns stay what they are. */
function moved<T>(value: T, move: (text: string) => string): T {
  const inside = (one: unknown): unknown => {
    if (typeof one === 'string') return move(one);
    if (Array.isArray(one)) return one.map(inside);
    if (typeof one !== 'object' || one === null || Object.getPrototypeOf(one) !== Object.prototype) return one;
    return Object.fromEntries(Object.entries(one).map(([name, part]) => [move(name), inside(part)]));
  };
  return inside(value) as T;
}
