import type { Provider } from '../guide/provider.js';
import { custom } from './custom.js';
import { gmail } from './gmail/provider.js';
import { outlook } from './outlook/provider.js';

/** Every provider, in the order in which they are offered. */
export const providers: readonly Provider[] = [gmail, outlook, custom];

/** The provider with this id; undefined where there is none. */
export function findProvider(id: string): Provider | undefined {
  return providers.find((provider) => provider.id === id);
}

/** The provider whose public mail domain the address belongs to; undefined for an organisation's own domain. */
export function proposeProvider(address: string): Provider | undefined {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  return providers.find((provider) => provider.domains.includes(domain));
}

/** The provider whose servers take the mail of a domain, by the names of those servers; undefined for others. */
export function providerOfExchangers(exchangers: readonly string[]): Provider | undefined {
  return providers.find((provider) =>
    exchangers.some((name) => provider.mailExchangers.some((own) => name === own || name.endsWith(`.${own}`))),
  );
}
