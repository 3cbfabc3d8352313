/** Where stores are found that other hosts may share, as a person spells it. */
import { MailauthError } from '../../explain/problem.js';
import { fullPath } from '../places.js';

/** The full path of the program that `--store command:PATH` names. Throws `usage`. */
export function readCommandPlace(path: string, given: string): string {
  if (path !== '') return fullPath(path, given);
  throw new MailauthError(
    'usage',
    `${given} command: needs the program that reaches the store, as in command:/path/to/it`,
  );
}

/**
 * The address of a store on the network: https, a host, and a path of `least` parts or more that are plain words.
 * Throws `usage`; a name or a password in it would end up in the configuration.
 */
function readWebPlace(kind: string, example: string, least: number): (text: string, given: string) => string {
  return (text, given) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const parts = url?.pathname.split('/').filter((part) => part !== '') ?? [];
    const isPlain = parts.every((part) => /^[\w.~-]+$/.test(part) && !/^\.+$/.test(part));
    const isBare = url !== undefined && url.search + url.hash + url.username + url.password === '';
    if (url?.protocol === 'https:' && isBare && isPlain && parts.length >= least) {
      return `${url.origin}${parts.map((part) => `/${part}`).join('')}`;
    }
    throw new MailauthError(
      'usage',
      `${given} ${kind}: needs an https address without a password, as in ${kind}:${example}`,
    );
  };
}

export const readEtcdPlace = readWebPlace('etcd', 'https://etcd.example.org:2379/mailauth', 0);
export const readVaultPlace = readWebPlace('vault', 'https://vault.example.org:8200/secret/mailauth', 1);
