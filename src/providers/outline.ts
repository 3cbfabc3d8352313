// Made by npm run docs from directory.ts: name a provider there.
import { ownFields as gmailFields } from './gmail/own-fields.js';
import { ownFields as outlookFields } from './outlook/own-fields.js';

/** The ids of the directory, in its order. */
export const PROVIDER_NAMES = ['gmail', 'outlook', 'fastmail', 'yandex', 'mail-ru', 'seznam', 'custom'] as const;

/** All of them in words. */
export const PROVIDER_CHOICE = 'gmail, outlook, fastmail, yandex, mail-ru, seznam or custom';

/** Further formats of `guide`. */
export const GUIDE_SCRIPTS = ['gcloud', 'az', 'powershell'] as const;

/** Of every provider: a script finds the same keys in every account. */
export const OWN_FIELDS = [...gmailFields, ...outlookFields];
