/**
 * What can be known of all providers without loading their records, which hold every sentence of the guides: `--help`,
 * a token and a list of accounts need no more.
 */
import { ownFields as gmailFields } from './gmail/own-fields.js';
import { ownFields as outlookFields } from './outlook/own-fields.js';

/** The ids of the directory, in its order. */
export const PROVIDER_NAMES = ['gmail', 'outlook', 'fastmail', 'yandex', 'mail-ru', 'seznam', 'custom'] as const;

/** All of them in words: `one, other or third`. */
export function providerChoice(): string {
  return `${PROVIDER_NAMES.slice(0, -1).join(', ')} or ${PROVIDER_NAMES.at(-1)}`;
}

/** Of every provider: a script finds the same keys in every account. */
export const OWN_FIELDS = [...gmailFields, ...outlookFields];
