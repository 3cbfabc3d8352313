import type { Rule } from '../rule.js';
import { worded } from './worded.js';

/**
 * What a line says in plain words: what it is about, and what became of it. In a paste they are only looked for where
 * nothing else is known, and those about a login only where it speaks of mail.
 */
export const plainWordRules: readonly Rule[] = [
  ...worded(
    { ending: '-plainly-in-words', stage: 'auth', weight: 'hint' },
    {
      'imap-login-failed':
        /\b(?:log-?ins?|log-?on|logging (?:in|on)|authentication|auth|credentials|passwords?|user ?names?|SASL)['"]?(?:[ :-]{1,3}| (?:[\w'’-]{1,20} ){1,4}?)(?:denied|fail(?:ed|ure|s)?|refused|rejected|incorrect|invalid|wrong|bad|unsuccessful|not (?:accepted|valid|correct|allowed|permitted|authori[sz]ed|successful)|unauthori[sz]ed)\b(?!;)|\b(?:denied|refused|rejected|incorrect|invalid|wrong|bad) (?:[\w'’-]{1,20} ){0,2}?(?:log-?ins?|credentials?|passwords?|user ?names?)\b|\b(?:unable to|could not|can(?:not|['’]t)|fail(?:ed|ure) to) (?:log-?in|log in|log-?on)\b|\b(?:auth|login)_(?:failed|failure|denied)\b|_ERROR_LOGIN\b/i,
    },
  ),
  ...worded(
    { ending: '-plainly-in-words', stage: 'capability', weight: 'hint' },
    {
      'mechanism-not-offered':
        /\b(?:mechanisms?|auth\w{0,11} (?:methods?|types?))\b\W{1,4}(?:[\w'’-]{1,20}\W{1,3}){0,4}?(?:not (?:supported|available|offered|allowed)|unsupported|unavailable)\b|\bno (?:supported|suitable|compatible|common|usable|matching) (?:SASL |auth\w{0,11} )?(?:mechanisms?|methods?)\b/i,
      'starttls-missing':
        /\b(?:requires?|needs?|must (?:use|issue|have)|insists on)\W{1,3}(?:[\w'’-]{1,20}\W{1,3}){0,3}?(?:STARTTLS|encryption|TLS|SSL)\b|\b(?:STARTTLS|encryption|TLS)\b\W{1,3}(?:[\w'’-]{1,20}\W{1,3}){0,3}?(?:required|needed|mandatory)\b/i,
    },
  ),
  ...worded(
    { ending: '-plainly-in-words', stage: 'tls', weight: 'hint' },
    {
      'tls-certificate-expired':
        /\bcert(?:ificate)?s?\b[^.]{0,60}\bexpired?\b|\bexpired\b[^.]{0,30}\bcert(?:ificate)?s?\b/i,
      'tls-name-mismatch':
        /\b(?:certificate|cert|host ?name|common name|CN|subject)\b[^.]{0,80}(?:not match|n['’]t match|mismatch)|mismatch[^.]{0,40}\b(?:certificate|host ?name)\b/i,
      'tls-issuer-unknown':
        /\b(?:issuer|certificate|cert|CA)\b[^.]{0,80}\b(?:not (?:be )?(?:found|trusted|verified|known|recogni[sz]ed|validated)|untrusted|unknown|invalid)\b|\b(?:untrusted|unverified|invalid|unknown)\W{1,3}(?:[\w'’-]{1,20}\W{1,3}){0,2}?(?:certificate|issuer)\b/i,
      'tls-other':
        /\b(?:TLS|SSL)\b[^.]{0,40}\b(?:fail(?:ed|ure)?(?! to\b)|could not be|aborted)\b|\b(?:fail(?:ed|ure)?|could not|unable) to (?:start|establish|negotiate|set up|create)\b[^.]{0,40}\b(?:TLS|SSL)\b/i,
    },
  ),
  ...worded(
    { ending: '-plainly-in-words', stage: 'dns', weight: 'hint' },
    {
      'dns-no-such-name':
        /\b(?:DNS|MX)\b[^.]{0,40}\b(?:fail(?:ed|ure)?|errors?|not found|no (?:answer|records?))\b|\bno (?:MX|DNS|A|AAAA) (?:records? )?found\b|\bname (?:lookup|resolution) (?:failed|error)\b|\b(?:fail(?:ed|ure)?|errors?|unable|cannot|could not)\b[^.]{0,30}\bresolv(?:e|ing) (?:the )?(?:host|name|address|domain|MX|server)/i,
    },
  ),
  ...worded(
    { ending: '-plainly-in-words', stage: 'connect', weight: 'hint' },
    {
      'connect-timeout-mail':
        /\btimed[- ]?out\b|\btime-?out (?:error|occurred|expired|reached|exceeded)\b|\b(?:does|did|is|was) ?(?:not|n['’]t) respond(?:ing)?\b|\bno (?:answer|response|reply) from (?:the )?(?:mail |smtp |imap |pop3? )?(?:server|host)\b/i,
    },
  ),
  ...worded(
    { ending: '-plainly-in-words', stage: 'response', weight: 'hint' },
    {
      'imap-too-many-connections': /\btoo many\W{1,3}(?:[\w'’-]{1,20}\W{1,3}){0,3}?(?:connections|sessions)\b/i,
      'http-server-error': /\b(?:bad gateway|service (?:is )?(?:temporarily )?unavailable|gateway time-?out)\b/i,
      'oauth-refresh-invalid-grant':
        /\brefresh[ _]?token\b\W{1,4}(?:[\w'’-]{1,20}\W{1,3}){0,4}?(?:invalid|expired|revoked|fail(?:ed|ure)?|not (?:valid|found))\b|\b(?:invalid|expired|revoked|bad|failed to \S{1,20})\W{1,3}(?:[\w'’-]{1,20}\W{1,3}){0,2}?refresh[ _]?token\b|\b(?:fail(?:ed|ure)? to|could not|cannot|unable to) refresh\b[^.]{0,40}\btoken\b|\bre-?connect (?:to )?(?:your|the|this)\W(?:[\w'’-]{1,20}\W){0,2}?(?:account|mailbox)\b|\bre-?(?:authori[sz]e|authenticate) (?:your|the|this)\b/i,
      'oauth-client-secret-wrong':
        /\b(?:invalid|incorrect|wrong|bad|expired)\W{1,3}(?:[\w'’-]{1,20}\W{1,3}){0,2}?client[_ ]secret\b|\bclient[_ ]secret\b\W{1,3}(?:[\w'’-]{1,20}\W{1,3}){0,3}?(?:invalid|incorrect|wrong|expired)\b/i,
      'oauth-invalid-scope':
        /\bscopes?\b\W{1,3}(?:[\w'’-]{1,20}\W{1,3}){0,4}?(?:missing|insufficient|invalid|not (?:granted|allowed|registered|valid))\b|\b(?:insufficient|missing|invalid|unknown|unregistered|registered)\W{1,3}(?:[\w'’-]{1,20}\W{1,3}){0,2}?scopes?\b/i,
      'oauth-access-denied':
        /\b(?:consent|sign-?in|log-?in|authori[sz]ation)\b\W{1,3}(?:[\w'’-]{1,20}\W{1,3}){0,4}?(?:cancell?ed|aborted|declined)\b|\b(?:cancell?ed|aborted|declined) by (?:the )?user\b/i,
    },
  ),
];
