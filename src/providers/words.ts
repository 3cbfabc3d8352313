// Made by npm run docs from directory.ts: name a provider there.
import type { ProviderWords } from '../explain/context.js';
import { elsewhere } from './elsewhere.js';
import { fastmailWords } from './fastmail/words.js';
import { gmailWords } from './gmail/words.js';
import { mailRuWords } from './mail-ru/words.js';
import { outlookWords } from './outlook/words.js';
import { seznamWords } from './seznam/words.js';
import { yandexWords } from './yandex/words.js';

/** Whose words `explain` knows in a paste. It needs nothing of how mailboxes are set up there. */
export const pasteProviders: readonly ProviderWords[] = [
  gmailWords,
  outlookWords,
  fastmailWords,
  yandexWords,
  mailRuWords,
  seznamWords,
  ...elsewhere,
];
