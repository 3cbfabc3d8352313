import type { Code } from './codes.js';
import { problemFrom } from './fill.js';
import { AGAIN, SIGN_IN } from './fixes.js';
import type { Problem, Who } from './problem.js';
import type { Diagnosis, RuleFix } from './rule.js';

type Meaning = Omit<Diagnosis, 'code'>;

/** `fix`: the one next action, in words alone or with its command. */
function means(message: string, who: Who, fix: string | RuleFix): Meaning {
  return { message, who, fix: [typeof fix === 'string' ? { text: fix } : fix] };
}

const ASK_ADMIN: RuleFix = { text: 'show this to the administrator of the mailbox' };
const SET_UP_AGAIN: RuleFix = { text: 'go through the set-up again; it keeps what was right', run: 'setup' };

/** What each code means by itself, before anything is known about the case: `mailauth explain CODE` and docs/errors.md. */
export const CODE_MEANINGS: Readonly<Record<Code, Meaning>> = {
  bug: means(
    'mailauth met something it should have handled; this is a fault in mailauth',
    'mailauth',
    'report the command and the message to the authors of mailauth',
  ),
  usage: means(
    'the command line does not make sense: a flag is unknown, contradicts another, or lacks its value',
    'you',
    { text: 'look up the command', command: 'mailauth --help' },
  ),
  missing_input: means(
    'something the set-up needs was not given, and there is no terminal to ask at',
    'you',
    'give every flag the message names, or run the same command at a terminal',
  ),
  not_set_up: means(
    'a program wants what the account is set up without: to send, to read, or to collect by POP',
    'you',
    { text: 'add it to the account', run: 'setup' },
  ),
  bad_input: means(
    'a value was given that cannot be right, such as a Secret ID in place of the secret',
    'you',
    'give the value the message describes',
  ),
  file_not_found: means(
    'a file named on the command line or in a variable does not exist or cannot be read',
    'you',
    'correct the path, or the permissions of the file',
  ),
  no_such_account: means('no account has this name or address, or none is set up yet', 'you', {
    text: 'see which accounts there are',
    command: 'mailauth list',
  }),
  smtp_auth_disabled: means(
    'signing in to send mail (SMTP AUTH) is switched off for the mailbox or the whole organisation',
    'admin',
    'ask the administrator to switch SMTP AUTH on for the mailbox',
  ),
  imap_disabled: means(
    'reading mail through IMAP is switched off for the mailbox or the whole organisation',
    'admin',
    'ask the administrator to switch IMAP on for the mailbox',
  ),
  pop_disabled: means(
    'collecting mail by POP is switched off for the mailbox or the whole organisation',
    'admin',
    'ask the administrator to switch POP on for the mailbox, or let the program use IMAP',
  ),
  policy_blocked: means(
    'the provider or the administrator forbids this sign-in or this use by a rule',
    'admin',
    ASK_ADMIN,
  ),
  admin_consent_required: means('the organisation lets only an administrator approve this registration', 'admin', {
    text: 'ask an administrator to grant admin consent, then sign in again',
    run: 'authorize',
  }),
  cannot_write: means(
    'a file or a folder could not be written, so nothing was changed',
    'you',
    'make room on the disk, or correct the permissions of the folder the message names',
  ),
  keychain_unavailable: means(
    'there is no keychain service that this program can reach, as on many servers and in cron jobs',
    'you',
    { text: 'keep the secrets in the encrypted file instead', run: 'setup --store file' },
  ),
  keychain_locked: means(
    'the keychain is locked, or nobody answered its request to unlock it',
    'you',
    'unlock the keychain, then run the command again',
  ),
  store_damaged: means(
    'what the store holds for this account was changed or cut off, so it is not used and not overwritten',
    'you',
    { text: 'restore it from a backup, or sign in again', run: 'authorize' },
  ),
  passphrase_wrong: means(
    'the passphrase or key file does not open the encrypted file',
    'you',
    'give the passphrase or key file the account was set up with',
  ),
  key_missing: means(
    'the account is kept in an encrypted file, and neither its key file nor its passphrase was given',
    'you',
    'set MAILAUTH_KEY_FILE or MAILAUTH_PASSPHRASE_FILE where the command runs',
  ),
  store_denied: means(
    'the store let this host in, and does not allow what was asked: a host that may only read cannot refresh',
    'admin',
    'let a host that may write keep the token fresh, or give this one the right to write',
  ),
  store_login_failed: means(
    'the store does not know this host: its token or password is missing, wrong or over',
    'you',
    'give this host a valid one, as docs/fleet.md says for each store',
  ),
  store_unfit: means(
    'the store cannot do what was asked of it, such as to refuse a write over a newer value',
    'you',
    'keep the account in another store; docs/fleet.md says which one when',
  ),
  store_unavailable: means(
    'the store outside this machine gave no answer, or cannot answer now',
    'admin',
    'see whether the store runs and can be reached from this host, then run the command again',
  ),
  store_sealed: means(
    'the store is sealed: it runs, and holds its secrets back until somebody unseals it',
    'admin',
    'ask whoever runs the store to unseal it',
  ),
  store_busy: means(
    'another mailauth process holds the store of this account',
    'you',
    'wait {wait}, then run the command again',
  ),
  too_many_connections: means('the mail server allows no further connection for this mailbox at the moment', 'you', {
    text: 'close other mail programs of this mailbox, then check again',
    run: 'check',
  }),
  rate_limited: means('the provider has had too many requests or messages and asks to wait', 'provider', AGAIN),
  server_unavailable: means('the server answered that it cannot serve right now', 'provider', AGAIN),
  dns_failed: means(
    'the name of the server could not be turned into an address',
    'network',
    'look the name up on this machine; if it fails, the name server of this network is at fault',
  ),
  connect_refused: means(
    'the machine was reached and refused the connection',
    'network',
    'compare host and port with the provider’s; if they are right, a firewall refuses them',
  ),
  connect_timeout: means(
    'the server did not answer in time; usually a firewall drops the connection',
    'network',
    'ask the network’s administrator to allow outgoing connections to the host and port',
  ),
  intercepted: means(
    'something between here and the provider answered in its place, such as the login page of a network',
    'network',
    'open any web page in a browser and sign in to the network, then try again',
  ),
  proxy_failed: means(
    'the proxy named by HTTPS_PROXY did not let the request through',
    'network',
    'correct HTTPS_PROXY, or name the host in NO_PROXY',
  ),
  port_busy: means(
    'another program already listens on the port that the browser is sent back to, or that serve is to answer at',
    'you',
    'end that program, or choose another port with --redirect-port; for serve with --smtp, --imap and --pop',
  ),
  closed_door: means(
    'ten wrong passwords came to mailauth serve from one address within a minute, so it takes none from there now',
    'you',
    'put the password in the program right, wait a minute, then let it try again',
  ),
  mechanism_not_offered: means(
    'the mail server does not offer the OAuth login (XOAUTH2), or no login at all',
    'provider',
    'compare host, port and security with the provider’s own values',
  ),
  starttls_missing: means(
    'the mail server offers no encryption on this port, so no token was sent',
    'network',
    'use the port with TLS from the start (SMTP 465, IMAP 993, POP 995), if the provider has one',
  ),
  starttls_injection: means(
    'text arrived between the request for encryption and its start, as when someone tampers with the connection',
    'network',
    'try from another network, and tell the administrator of this one',
  ),
  tls_untrusted: means(
    'nobody this machine trusts has signed the server’s certificate',
    'network',
    'if your organisation inspects TLS, give its CA certificate with --ca FILE',
  ),
  tls_name_mismatch: means(
    'the certificate belongs to another name than the server that was asked for',
    'network',
    'correct the host name',
  ),
  tls_expired: means(
    'the server’s certificate is past its last day',
    'provider',
    'look at this machine’s date; if it is right, the owner of the server must renew the certificate',
  ),
  tls_failed: means(
    'no encrypted connection could be agreed upon',
    'network',
    'check that the port matches the security: 465, 993 and 995 are TLS, 587, 143 and 110 are STARTTLS',
  ),
  clock_skew: means(
    'the clock of this machine is wrong by more than five minutes, so certificates and tokens look invalid',
    'you',
    'switch on automatic time on this machine, then try again',
  ),
  unknown: means(
    'the answer is none that mailauth knows; the server’s own words are all there is',
    'provider',
    'send the words of the answer, as they stand, to whoever runs the server',
  ),
  wrong_password: means('mailauth serve knows no such user name, or its password is another one', 'you', {
    text: 'give the program the address of the mailbox and a password of mailauth, not the provider’s; this makes a new one',
    run: 'password',
  }),
  signin_required: means('a person has to sign in before this can work', 'you', SIGN_IN),
  signin_expired: means('the provider no longer takes the stored sign-in', 'you', SIGN_IN),
  signin_ends_soon: means('the provider has announced the day on which this sign-in ends', 'you', {
    text: 'sign in again before that day',
    run: 'authorize',
  }),
  signin_cancelled: means('the sign-in was cancelled in the browser', 'you', {
    text: 'sign in again and allow the access',
    run: 'authorize',
  }),
  signin_timeout: means('the browser did not come back in time', 'you', {
    text: 'sign in again; paste the browser’s address if it cannot come back',
    run: 'authorize',
  }),
  consent_missing_scope: means('the sign-in succeeded, and the access to mail was left out or not allowed', 'you', {
    text: 'sign in again and tick every box',
    run: 'authorize',
  }),
  wrong_account: means('the browser signed in with another account than the mailbox that was asked for', 'you', {
    text: 'sign in again and choose the right account',
    run: 'authorize',
  }),
  mailbox_mismatch: means(
    'the login was accepted, and the mailbox does not open for it',
    'admin',
    'check that the mailbox exists and that this account may open it',
  ),
  token_refused: means('the mail server refused a token the provider had just issued', 'you', {
    text: 'sign in again with the account that owns the mailbox',
    run: 'authorize',
  }),
  client_not_found: means(
    'the provider knows no registration with this Client ID, or it was deleted or disabled',
    'you',
    SET_UP_AGAIN,
  ),
  client_secret_wrong: means(
    'the client secret does not belong to this Client ID, or it is missing',
    'you',
    SET_UP_AGAIN,
  ),
  client_secret_is_id: means(
    'what was pasted is the Secret ID; the client secret is the Value beside it',
    'you',
    SET_UP_AGAIN,
  ),
  client_secret_expired: means('the client secret is past its last day', 'you', {
    text: 'make a new client secret and give it to mailauth',
    run: 'setup',
  }),
  client_secret_expires_soon: means('the client secret will stop working soon', 'you', {
    text: 'make a new client secret before that day',
    run: 'setup',
  }),
  client_type_mismatch: means(
    'the registration is of another kind than the request: web against desktop, personal against work accounts',
    'you',
    SET_UP_AGAIN,
  ),
  tenant_wrong: means(
    'the directory (tenant) does not exist, or the account or the registration is not in it',
    'you',
    SET_UP_AGAIN,
  ),
  redirect_uri_mismatch: means(
    'the redirect URI that was sent is not one of those registered, character for character',
    'you',
    { text: 'register exactly the redirect URI that mailauth shows', run: 'setup' },
  ),
  interrupted: means(
    'you stopped the program; what was finished is saved',
    'you',
    'run the same command again to go on',
  ),
  terminated: means(
    'the system stopped the program; what was finished is saved',
    'you',
    'run the same command again to go on',
  ),
};

/** What a code of the closed list means by itself, before anything is known about the case. */
export function describeCode(code: Code): Problem {
  const values = { peer: 'the server', provider: 'the provider' };
  return problemFrom({ code, ...CODE_MEANINGS[code] }, { answers: {} }, values);
}
