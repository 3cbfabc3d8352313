import { firstIn } from '../account/answers.js';
import type { Acceptance, Answers, Refusal } from './step.js';

/** What the recognisers of all providers are made of. */

export function accept(value: string, ...warnings: readonly string[]): Acceptance {
  return { ok: true, value, warnings };
}

export function refuse(reason: string, learnt?: Readonly<Record<string, string>>): Refusal {
  return { ok: false, reason, ...(learnt && { learnt }) };
}

/** The answer as one string; `''` where there is none. */
export function answered(answers: Answers, id: string): string {
  return firstIn(answers[id]);
}

/**
 * Whether another authorization server stands in for the provider's own (`--issuer`): then nothing is known about
 * the shape of its IDs and secrets.
 */
export function hasForeignIssuer(answers: Answers): boolean {
  return answered(answers, 'issuer') !== '';
}

/** Something that a provider gives out, and that people paste into a box meant for something else. */
export interface IssuedValue {
  /** "a client secret of ..." */
  readonly what: string;
  readonly shape: RegExp;
  readonly secret: boolean;
  /** The question whose answer it is: `client-id`, or `client-secret` for a secret. Undefined: it answers none. */
  readonly answers?: string;
}

/** Things that are no client ID, no tenant and no secret anywhere. */
const STRANGERS: readonly { readonly shape: RegExp; readonly reason: string }[] = [
  { shape: /^eyJ[\w-]+\./, reason: 'that is a token. It is not needed here' },
  { shape: /^-----BEGIN/, reason: 'that is a key or a certificate. It is not needed here' },
  { shape: /^[^\s@]+@[^\s@.]+\.[^\s@]+$/, reason: 'that is an e-mail address' },
];

/** Why the text cannot be an ID or a secret, in words that do not repeat it; undefined where it may be one. */
export function strangerIn(text: string): string | undefined {
  return STRANGERS.find(({ shape }) => shape.test(text))?.reason;
}

/** A secret that the page shows as asterisks or dots, perhaps with its last characters. */
export function isMasked(text: string): boolean {
  return /[*\u2022\u25cf\u00b7\u2026]{3,}/.test(text) || /^\.{3,}/.test(text);
}

/** A GUID in its usual form. */
export const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
