import { type Cause, cause, rulesOf } from '../explain/cause.js';
import type { ProviderWords } from '../explain/context.js';
import type { Diagnosis } from '../explain/rule.js';

/**
 * Providers whose refusals people paste, and for which mailauth has no steps of its own (`custom` fits where they offer
 * OAuth 2.0). Nearly all take app passwords only, and want IMAP or POP switched on first.
 */

interface Elsewhere {
  readonly id: string;
  readonly title: string;
  readonly shows: RegExp;
  /** Domains of its mailboxes, and of the servers that take mail for others here. */
  readonly domains: readonly string[];
  readonly mailExchangers?: readonly string[];
  /** Why mailauth sets nothing up there, where not for the usual reason, and what works instead: two sentences. */
  readonly programs?: string;
  /** Where app passwords are made, or what else has to be done before programs are let in. */
  readonly way: string;
  readonly url?: string;
  readonly causes?: readonly Cause[];
}

/** A provider without steps of its own, as an address or the servers of a domain show it. */
export interface ElsewhereWords extends ProviderWords {
  readonly domains: readonly string[];
  readonly mailExchangers: readonly string[];
  readonly programs: string;
}

function elsewhereAt(given: Elsewhere): ElsewhereWords {
  const { id, title, shows, way, url, causes = [], domains, mailExchangers = [] } = given;
  const { programs = `${title} has no OAuth sign-in for mail programs. Instead, ${way}.` } = given;
  const fix = [{ text: way, ...(url !== undefined && { url }) }];
  const password: Diagnosis = {
    code: 'token_refused',
    who: 'you',
    message: `${title} refused the password; it takes an app password, not the account’s own, from programs`,
    fix,
  };
  const refusal: Diagnosis = { ...password, message: `${title} refused the login; usually it wants an app password` };
  const rules = rulesOf(...causes);
  const words = { elsewhere: true, whenShown: true, password, refusal, rules: async () => rules } as const;
  return { id, title, shows, domains, mailExchangers, programs, ...words };
}

export const elsewhere: readonly ElsewhereWords[] = [
  elsewhereAt({
    id: 'yahoo',
    title: 'Yahoo',
    shows: /yahoo|\baol\.|\batt\.net|\bXYMCOOKIE|verizon\.net/i,
    domains: [
      ...['yahoo.com', 'yahoo.co.uk', 'yahoo.de', 'yahoo.fr', 'yahoo.it', 'yahoo.es', 'yahoo.ca', 'yahoo.co.in'],
      ...['yahoo.com.au', 'yahoo.com.br', 'ymail.com', 'rocketmail.com', 'myyahoo.com', 'aol.com', 'aol.de'],
      ...['att.net', 'sbcglobal.net', 'bellsouth.net', 'verizon.net'],
    ],
    mailExchangers: ['yahoodns.net'],
    programs:
      'Yahoo and AOL let only programs sign in with OAuth whose makers have a contract with them, so an ordinary person cannot register one. Make an app password under Account security and give it to the mail program.',
    way: 'make an app password under Account security and give it to the program, or let it use OAuth2',
    url: 'https://login.yahoo.com/account/security',
    causes: [
      cause('policy_blocked', 'Yahoo has closed this login for a while after too many failures')
        .asSent()
        .fix('correct the password first, wait some hours, then try again')
        .when('yahoo-too-many-failures', {
          text: /AUTHENTICATE (?:rate limit|failed too many)|\[IN-USE\]|#MBR1240|too many (?:bad|failed) auth/i,
        }),
    ],
  }),
  elsewhereAt({
    id: 'zoho',
    title: 'Zoho',
    shows: /zoho/i,
    domains: ['zoho.com', 'zohomail.com', 'zoho.eu', 'zohomail.eu'],
    mailExchangers: ['zoho.com', 'zoho.eu', 'zoho.in', 'zoho.com.au'],
    programs:
      'The OAuth of Zoho is for its own interface and usually not for SMTP, IMAP or POP. Switch IMAP on in the mail settings and use an application-specific password.',
    way: 'switch IMAP (or POP) on in the mail settings, use the server of your region, and make an application-specific password where two-factor sign-in is on',
    url: 'https://accounts.zoho.com/home#security/app_password',
    causes: [
      cause('imap_disabled', 'IMAP is switched off in the settings of this mailbox')
        .fix('switch IMAP on in Zoho Mail: Settings > Mail Accounts > IMAP Access')
        .when('zoho-imap-disabled', {
          text: /enable IMAP access|yet to enable (?:IMAP|POP)|IMAP (?:access )?(?:is )?(?:disabled|not enabled)|You are yet to enable/i,
        }),
    ],
  }),
  elsewhereAt({
    id: 'gmx',
    title: 'GMX or WEB.DE',
    shows: /(?<![a-z\d])gmx(?![a-z\d])|\bweb\.de\b|kundenserver|(?<![a-z\d-])mail\.com\b|1and1|ionos/i,
    domains: ['gmx.de', 'gmx.net', 'gmx.at', 'gmx.ch', 'gmx.com', 'gmx.co.uk', 'web.de', 'mail.com'],
    mailExchangers: ['gmx.net', 'web.de', 'kundenserver.de', 'ionos.com', 'ionos.de'],
    programs:
      'GMX, WEB.DE, mail.com and IONOS have no OAuth sign-in for mail programs. Instead, allow access by POP3 and IMAP in the settings of the mailbox; with two-factor sign-in, make an app password.',
    way: 'allow access by POP3 and IMAP in the settings of the mailbox; with two-factor sign-in, make an app password',
  }),
  elsewhereAt({
    id: 'icloud',
    title: 'iCloud',
    shows: /icloud|mail\.me\.com|\bmac\.com|apple id/i,
    domains: ['icloud.com', 'me.com', 'mac.com'],
    mailExchangers: ['mail.icloud.com'],
    way: 'make an app-specific password at Apple and give it to the program; the user name is the name before @icloud.com',
    url: 'https://account.apple.com/account/manage',
  }),
  elsewhereAt({
    id: 'tencent',
    title: 'QQ or 163 Mail',
    shows: /\bqq\.com|(?<!\d)(?:163|126|188)\.com|netease|exmail/i,
    domains: ['qq.com', 'foxmail.com', '163.com', '126.com', 'yeah.net', '188.com'],
    mailExchangers: ['qq.com', '163.com', '126.com', 'netease.com'],
    way: 'switch IMAP/SMTP on in the settings of the mailbox, and use the authorisation code it gives in place of the password',
    causes: [
      cause('policy_blocked', '163 Mail does not open the mailbox to a program that does not name itself (IMAP ID)')
        .asSent()
        .fix('let the program send the IMAP command ID after the login, or use another program')
        .when('netease-unsafe-login', { text: /Unsafe Login/i }),
    ],
  }),
  elsewhereAt({
    id: 't-online',
    title: 'T-Online',
    shows: /t-online|telekom\.de|magenta\.de/i,
    domains: ['t-online.de', 'magenta.de'],
    mailExchangers: ['t-online.de'],
    way: 'make a password for mail programs (an e-mail password) in the account settings at Telekom, and give it to the program',
  }),
  elsewhereAt({
    id: 'proton',
    title: 'Proton Mail',
    shows: /proton(?:mail)?\.(?:me|ch|com)|protonmail|proton bridge/i,
    domains: ['proton.me', 'protonmail.com', 'protonmail.ch', 'pm.me'],
    mailExchangers: ['protonmail.ch'],
    way: 'use the user name and the password that Proton Mail Bridge shows, with its servers on your own computer',
    programs:
      'Proton Mail lets mail programs in only through Proton Mail Bridge, which runs on your own computer. Use the user name and the password that it shows.',
  }),
  elsewhereAt({
    id: 'comcast',
    title: 'Comcast',
    shows: /comcast|xfinity/i,
    domains: ['comcast.net', 'xfinity.com'],
    mailExchangers: ['comcast.net'],
    way: 'allow access of other programs in the security settings of the mailbox, and use its password',
    programs:
      'Comcast offers nobody but a few makers of programs an OAuth client, so an ordinary person cannot register one. Allow access of other programs in the security settings of the mailbox, and use its password.',
  }),
];
