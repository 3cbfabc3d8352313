/**
 * The causes that are the same at every provider: names, connections, TLS, proxies, clocks, and what the standards say
 * about OAuth errors, SMTP replies and IMAP response codes. Tried after a provider's own rules, in this order.
 */

import type { Rule } from '../rule.js';
import { foreignRules } from './foreign.js';
import { languageRules } from './languages.js';
import { mailRules } from './mail.js';
import { networkRules } from './network.js';
import { oauthRules } from './oauth.js';
import { plainWordRules } from './plain-words.js';
import { popRules } from './pop.js';
import { wordsRules } from './words.js';

export const commonRules: readonly Rule[] = [
  ...networkRules,
  ...oauthRules,
  ...mailRules,
  ...popRules,
  ...wordsRules,
  ...foreignRules,
  ...languageRules,
  ...plainWordRules,
];
