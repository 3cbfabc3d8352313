import type { Client } from '../account/client.js';
import { ownField } from '../account/record.js';
import type { GuardOptions } from '../guide/guard.js';
import type { Provider } from '../guide/provider.js';
import type { Answers } from '../guide/step.js';
import { nearest } from '../words/nearest.js';
import { custom } from './custom.js';
import { type ElsewhereWords, elsewhere } from './elsewhere.js';
import { fastmail } from './fastmail/provider.js';
import { gmail } from './gmail/provider.js';
import { mailRu } from './mail-ru/provider.js';
import { outlook } from './outlook/provider.js';
import { seznam } from './seznam/provider.js';
import { yandex } from './yandex/provider.js';

/** Every provider, in the order in which they are offered. */
export const providers: readonly Provider[] = [gmail, outlook, fastmail, yandex, mailRu, seznam, custom];

/** The provider with this id; undefined where there is none. */
export function findProvider(id: string): Provider | undefined {
  return providers.find((provider) => provider.id === id);
}

/** The provider that a person means by a word: its id, or another name that people use for it, in any case. */
export function providerNamed(word: string): Provider | undefined {
  const name = word.toLowerCase().replace(/[\s_]+/g, '');
  return providers.find(({ id, aliases }) => id === name || aliases.includes(name));
}

/** The id of the provider that is most likely meant by a mistyped word; undefined where nobody can tell. */
export function providerMeant(word: string): string | undefined {
  const name = nearest(
    word,
    providers.flatMap(({ id, aliases }) => [id, ...aliases]),
  );
  return name === undefined ? undefined : providerNamed(name)?.id;
}

/** Made once: whoever compares two records by identity sees one. */
const variants = new Map<string, Provider>();

/** The record that fits these answers: the provider's own, or the same at other addresses. */
export function recordFor(provider: Provider, answers: Answers): Provider {
  const answer = answers[provider.variants?.question ?? ''];
  if (typeof answer !== 'string') return provider;
  const key = `${provider.id} ${answer}`;
  const base = findProvider(provider.id) ?? provider;
  const record = variants.get(key) ?? base.variants?.of(base, answer) ?? base;
  variants.set(key, record);
  return record;
}

/** The record of a stored account, by what its client keeps. */
export function recordOf(id: string, client: Client): Provider | undefined {
  const provider = findProvider(id);
  const field = provider?.ownFields.find(({ question }) => question === provider.variants?.question);
  if (provider === undefined || field === undefined) return provider;
  return recordFor(provider, { [field.question]: ownField(client, field.key) ?? '' });
}

/** The provider whose public mail domain the address belongs to; undefined for an organisation's own domain. */
export function proposeProvider(address: string): Provider | undefined {
  const domain = domainOf(address);
  return providers.find((provider) => provider.domains.includes(domain));
}

/** The provider that mailauth has no steps for and whose public mail domain the address belongs to. */
export function elsewhereOf(address: string): ElsewhereWords | undefined {
  const domain = domainOf(address);
  return elsewhere.find(({ domains }) => domains.includes(domain));
}

/** The provider whose servers take the mail of a domain, by the names of those servers; undefined for others. */
export function providerOfExchangers(exchangers: readonly string[]): Provider | undefined {
  return ofExchangers(providers, exchangers);
}

/** The same, of those that mailauth has no steps for. */
export function elsewhereOfExchangers(exchangers: readonly string[]): ElsewhereWords | undefined {
  return ofExchangers(elsewhere, exchangers);
}

function ofExchangers<T extends { readonly mailExchangers: readonly string[] }>(
  records: readonly T[],
  exchangers: readonly string[],
): T | undefined {
  return records.find(({ mailExchangers }) =>
    exchangers.some((name) => mailExchangers.some((own) => name === own || name.endsWith(`.${own}`))),
  );
}

/** What the providers give out, as the guard of a set-up of `provider` needs it, or of one that is not known yet. */
export function issuedValuesFor(provider?: Provider): GuardOptions {
  const others = providers.filter(({ id }) => id !== provider?.id);
  return {
    own: provider?.issuedValues ?? [],
    others: others.flatMap(({ issuedValues }) => issuedValues),
    domains: providers.flatMap(({ domains }) => domains),
  };
}

/** Whether two addresses are one mailbox: compared without case, and by the rule of the provider whose domain it is. */
export function sameAddress(one: string, other: string): boolean {
  return usualAddress(one) === usualAddress(other);
}

function usualAddress(address: string): string {
  const usual = address.trim().toLowerCase();
  const domain = domainOf(usual);
  const rule = providers.find(({ sameMailbox }) => sameMailbox?.domains.includes(domain))?.sameMailbox;
  if (rule === undefined) return usual;
  const local = usual.slice(0, usual.lastIndexOf('@'));
  return `${rule.ignoresDots ? local.replaceAll('.', '') : local}@${rule.domains[0]}`;
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}

/** A scope as it is compared: without case and without a final slash, since providers are inconsistent about both. */
export function usualScope(scope: string): string {
  const lower = scope.toLowerCase();
  const [alias, usual] =
    providers
      .flatMap(({ scopeAliases = {} }) => Object.entries(scopeAliases))
      .find(([beginning]) => lower.startsWith(beginning)) ?? [];
  return (alias === undefined ? lower : `${usual}${lower.slice(alias.length)}`).replace(/\/+$/, '');
}

/** Whether a discovery document for `asked` may name `claimed` as its issuer, by the rule of the provider at that origin. */
export function isTenantIssuer(claimed: string, asked: string): boolean {
  return providers.some(
    ({ tenantIssuer }) => tenantIssuer?.test(claimed) === true && new URL(claimed).origin === new URL(asked).origin,
  );
}
