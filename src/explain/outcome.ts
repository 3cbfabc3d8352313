import type { Evidence } from './evidence.js';

/** What an adapter brings back from the outside world: a value, or evidence of what went wrong. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly evidence: Evidence };
