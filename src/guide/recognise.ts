import type { Code } from '../explain/codes.js';
import type { Answers } from './step.js';

/** What a recogniser makes of a tidied value. */
export type Recognition = Acceptance | Refusal;

export interface Acceptance {
  readonly ok: true;
  readonly value: string;
  readonly notes?: readonly string[];
  readonly warnings?: readonly string[];
  readonly learnt?: Readonly<Record<string, string>>;
}

export interface Refusal {
  readonly ok: false;
  readonly reason: string;
  readonly learnt?: Readonly<Record<string, string>>;
  /** Where the mistake has a name of its own among the codes. */
  readonly code?: Code;
}

export type Recogniser = (text: string, answers: Answers) => Recognition;

export function accept(value: string, ...warnings: readonly string[]): Acceptance {
  return { ok: true, value, warnings };
}

export function refuse(reason: string, learnt: Readonly<Record<string, string>> = {}): Refusal {
  return { ok: false, reason, learnt };
}

/** The answer as one string; `''` where there is none. */
export function answered(answers: Answers, id: string): string {
  const answer = answers[id];
  return typeof answer === 'string' ? answer : (answer?.[0] ?? '');
}

/**
 * Whether another authorization server stands in for the provider's own (`--issuer`): then nothing is known about
 * the shape of its IDs and secrets.
 */
export function hasForeignIssuer(answers: Answers): boolean {
  return answered(answers, 'issuer') !== '';
}

export const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
export const GOOGLE_CLIENT_ID = /^\d{6,}-[0-9a-z_]{20,}\.apps\.googleusercontent\.com$/;
export const ENTRA_SECRET = /^[\w~.]{3}\dQ~[\w~.-]{31,34}$/;
const ADDRESS_LIKE = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** Things that are no client ID, no tenant and no secret anywhere. */
const STRANGERS: readonly { readonly shape: RegExp; readonly reason: string }[] = [
  { shape: /^AIza[\w-]{30,}$/, reason: 'that is an API key. An OAuth client has a client ID and a client secret' },
  { shape: /^ya29\./, reason: 'that is an access token. It is made anew at each sign-in and not needed here' },
  { shape: /^1\/\/0[\w-]{10,}/, reason: 'that is a refresh token. It is not needed here' },
  { shape: /^4\/0A|^4%2F0A/i, reason: 'that is an authorization code. It is not needed here' },
  { shape: /^eyJ[\w-]+\./, reason: 'that is a token. It is not needed here' },
  { shape: /^-----BEGIN/, reason: 'that is a key or a certificate. It is not needed here' },
  { shape: ADDRESS_LIKE, reason: 'that is an e-mail address' },
];

/** Why the text cannot be an ID or a secret, in words that do not repeat it; undefined where it may be one. */
export function strangerIn(text: string): string | undefined {
  return STRANGERS.find(({ shape }) => shape.test(text))?.reason;
}

/** A secret that the page shows as asterisks or dots, perhaps with its last characters. */
export function isMasked(text: string): boolean {
  return /[*\u2022\u25cf\u00b7\u2026]{3,}/.test(text) || /^\.{3,}/.test(text);
}
