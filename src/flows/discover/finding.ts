import type { MailServer, MailServers } from '../../account/account.js';
import type { MailNames } from '../../system/mail-names.js';
import type { Network } from '../../system/network.js';
import { isHostName } from '../../words/host.js';
import { faultOfIssuer } from '../../words/issuer.js';
import { recordIn } from '../../words/json.js';

/** What one place says about the mail of a domain. Nothing of it is trusted before a person has confirmed it. */
export interface Finding {
  /** The place: an https address, or a record of the name service. */
  readonly source: string;
  /** Id of a provider that mailauth has steps for. */
  readonly provider?: string;
  /** The organisation's tenant at that provider. */
  readonly tenant?: string;
  /** Which of the provider's clouds that is in, where it is not the usual one. */
  readonly cloud?: string;
  readonly servers?: MailServers;
  /** Issuer identifier of the authorization server. */
  readonly issuer?: string;
}

/** Where the questions go, so that a test can stand a domain of its own behind them. */
export interface Places {
  /** https only, and no redirect is followed (`Network.fetch`). */
  readonly fetch: Network['fetch'];
  readonly names: MailNames;
  /** Asks a mail server for the discovery document of its issuer, see `mail/issuer-challenge.ts`. */
  readonly challenge: (server: MailServer) => Promise<string | undefined>;
  readonly signal: AbortSignal;
}

/** One way to learn about a domain. Silence, a failure and nonsense are all an empty list. */
export type Way = (domain: string, places: Places) => Promise<readonly Finding[]>;

/** Milliseconds for one question of one way. */
const ANSWER_MS = 6_000;
/** Characters of a document that are looked at. */
const LONGEST = 65_536;

/** The text behind an https address; undefined where there is none, or not in time. */
export async function documentAt(url: string, { fetch, signal }: Places): Promise<string | undefined> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]) });
    return answer.status === 200 ? (await answer.text()).slice(0, LONGEST) : undefined;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

/** The JSON object behind an https address; undefined where there is none. */
export async function objectAt(url: string, places: Places): Promise<Readonly<Record<string, unknown>> | undefined> {
  const text = await documentAt(url, places);
  return text === undefined ? undefined : recordIn(text);
}

/** An issuer identifier as a document wrote it. A bare host name gets its scheme. */
export function issuerIn(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = isHostName(value) ? `https://${value}` : value;
  return faultOfIssuer(text) === undefined ? text : undefined;
}
