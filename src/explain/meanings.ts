import type { Code } from './codes.js';
import { problemFrom } from './fill.js';
import type { Problem, Who } from './problem.js';
import type { RuleFix } from './rule.js';

interface CodeMeaning {
  readonly meaning: string;
  readonly who: Who;
  readonly fix: readonly RuleFix[];
}

const SIGN_IN_AGAIN: RuleFix = { text: 'sign in again', run: { verb: 'authorize' } };
const CHECK_AGAIN: RuleFix = { text: 'wait {wait}, then check again', run: { verb: 'check' } };
const ASK_ADMIN: RuleFix = { text: 'show this to the administrator of the mailbox' };
const SET_UP_AGAIN: RuleFix = {
  text: 'go through the set-up again; it keeps what was right',
  run: { verb: 'setup' },
};

/** What each code means by itself, before anything is known about the case: `mailauth explain CODE` and docs/errors.md. */
export const CODE_MEANINGS: Readonly<Record<Code, CodeMeaning>> = {
  bug: {
    meaning: 'mailauth met something it should have handled; this is a fault in mailauth',
    who: 'mailauth',
    fix: [{ text: 'report the command and the message to the authors of mailauth' }],
  },
  usage: {
    meaning: 'the command line does not make sense: a flag is unknown, contradicts another, or lacks its value',
    who: 'you',
    fix: [{ text: 'look up the command', command: 'mailauth --help' }],
  },
  missing_input: {
    meaning: 'something the set-up needs was not given, and there is no terminal to ask at',
    who: 'you',
    fix: [{ text: 'give every flag the message names, or run the same command at a terminal' }],
  },
  bad_input: {
    meaning: 'a value was given that cannot be right, such as a Secret ID in place of the secret',
    who: 'you',
    fix: [{ text: 'give the value the message describes' }],
  },
  file_not_found: {
    meaning: 'a file named on the command line or in a variable does not exist or cannot be read',
    who: 'you',
    fix: [{ text: 'correct the path, or the permissions of the file' }],
  },
  no_such_account: {
    meaning: 'no account has this name or address, or none is set up yet',
    who: 'you',
    fix: [{ text: 'see which accounts there are', command: 'mailauth list' }],
  },
  smtp_auth_disabled: {
    meaning: 'signing in to send mail (SMTP AUTH) is switched off for the mailbox or the whole organisation',
    who: 'admin',
    fix: [{ text: 'ask the administrator to switch SMTP AUTH on for the mailbox' }],
  },
  imap_disabled: {
    meaning: 'reading mail through IMAP is switched off for the mailbox or the whole organisation',
    who: 'admin',
    fix: [{ text: 'ask the administrator to switch IMAP on for the mailbox' }],
  },
  policy_blocked: {
    meaning: 'the provider or the administrator forbids this sign-in or this use by a rule',
    who: 'admin',
    fix: [ASK_ADMIN],
  },
  admin_consent_required: {
    meaning: 'the organisation lets only an administrator approve this registration',
    who: 'admin',
    fix: [{ text: 'ask an administrator to grant admin consent, then sign in again', run: { verb: 'authorize' } }],
  },
  cannot_write: {
    meaning: 'a file or a folder could not be written, so nothing was changed',
    who: 'you',
    fix: [{ text: 'make room on the disk, or correct the permissions of the folder the message names' }],
  },
  keychain_unavailable: {
    meaning: 'there is no keychain service that this program can reach, as on many servers and in cron jobs',
    who: 'you',
    fix: [{ text: 'keep the secrets in the encrypted file instead', run: { verb: 'setup', flags: '--store file' } }],
  },
  keychain_locked: {
    meaning: 'the keychain is locked, or nobody answered its request to unlock it',
    who: 'you',
    fix: [{ text: 'unlock the keychain, then run the command again' }],
  },
  store_damaged: {
    meaning: 'what the store holds for this account was changed or cut off, so it is not used and not overwritten',
    who: 'you',
    fix: [{ text: 'restore it from a backup, or sign in again', run: { verb: 'authorize' } }],
  },
  passphrase_wrong: {
    meaning: 'the passphrase or key file does not open the encrypted file',
    who: 'you',
    fix: [{ text: 'give the passphrase or key file the account was set up with' }],
  },
  key_missing: {
    meaning: 'the account is kept in an encrypted file, and neither its key file nor its passphrase was given',
    who: 'you',
    fix: [{ text: 'set MAILAUTH_KEY_FILE or MAILAUTH_PASSPHRASE_FILE where the command runs' }],
  },
  store_busy: {
    meaning: 'another mailauth process holds the store of this account',
    who: 'you',
    fix: [{ text: 'wait {wait}, then run the command again' }],
  },
  too_many_connections: {
    meaning: 'the mail server allows no further connection for this mailbox at the moment',
    who: 'you',
    fix: [{ text: 'close other mail programs of this mailbox, then check again', run: { verb: 'check' } }],
  },
  rate_limited: {
    meaning: 'the provider has had too many requests or messages and asks to wait',
    who: 'provider',
    fix: [CHECK_AGAIN],
  },
  server_unavailable: {
    meaning: 'the server answered that it cannot serve right now',
    who: 'provider',
    fix: [CHECK_AGAIN],
  },
  dns_failed: {
    meaning: 'the name of the server could not be turned into an address',
    who: 'network',
    fix: [{ text: 'look the name up on this machine; if it fails, the name server of this network is at fault' }],
  },
  connect_refused: {
    meaning: 'the machine was reached and refused the connection',
    who: 'network',
    fix: [{ text: 'compare host and port with the provider’s; if they are right, a firewall refuses them' }],
  },
  connect_timeout: {
    meaning: 'the server did not answer in time; usually a firewall drops the connection',
    who: 'network',
    fix: [{ text: 'ask the network’s administrator to allow outgoing connections to the host and port' }],
  },
  intercepted: {
    meaning: 'something between here and the provider answered in its place, such as the login page of a network',
    who: 'network',
    fix: [{ text: 'open any web page in a browser and sign in to the network, then try again' }],
  },
  proxy_failed: {
    meaning: 'the proxy named by HTTPS_PROXY did not let the request through',
    who: 'network',
    fix: [{ text: 'correct HTTPS_PROXY, or name the host in NO_PROXY' }],
  },
  port_busy: {
    meaning: 'another program already listens on the port the browser is sent back to',
    who: 'you',
    fix: [{ text: 'end that program, or choose another port with --redirect-port' }],
  },
  mechanism_not_offered: {
    meaning: 'the mail server does not offer the OAuth login (XOAUTH2), or no login at all',
    who: 'provider',
    fix: [{ text: 'compare host, port and security with the provider’s own values' }],
  },
  starttls_missing: {
    meaning: 'the mail server offers no encryption on this port, so no token was sent',
    who: 'network',
    fix: [{ text: 'use the port with TLS from the start (SMTP 465, IMAP 993), if the provider has one' }],
  },
  starttls_injection: {
    meaning:
      'text arrived between the request for encryption and its start, as when someone tampers with the connection',
    who: 'network',
    fix: [{ text: 'try from another network, and tell the administrator of this one' }],
  },
  tls_untrusted: {
    meaning: 'nobody this machine trusts has signed the server’s certificate',
    who: 'network',
    fix: [{ text: 'if your organisation inspects TLS, give its CA certificate with --ca FILE' }],
  },
  tls_name_mismatch: {
    meaning: 'the certificate belongs to another name than the server that was asked for',
    who: 'network',
    fix: [{ text: 'correct the host name' }],
  },
  tls_expired: {
    meaning: 'the server’s certificate is past its last day',
    who: 'provider',
    fix: [{ text: 'look at this machine’s date; if it is right, the owner of the server must renew the certificate' }],
  },
  tls_failed: {
    meaning: 'no encrypted connection could be agreed upon',
    who: 'network',
    fix: [{ text: 'check that the port matches the security: 465 and 993 are TLS, 587 and 143 are STARTTLS' }],
  },
  clock_skew: {
    meaning: 'the clock of this machine is wrong by more than five minutes, so certificates and tokens look invalid',
    who: 'you',
    fix: [{ text: 'switch on automatic time on this machine, then try again' }],
  },
  unknown: {
    meaning: 'the answer is none that mailauth knows; the server’s own words are all there is',
    who: 'provider',
    fix: [{ text: 'send the words of the answer, as they stand, to whoever runs the server' }],
  },
  signin_required: { meaning: 'a person has to sign in before this can work', who: 'you', fix: [SIGN_IN_AGAIN] },
  signin_expired: {
    meaning: 'the provider no longer takes the stored sign-in',
    who: 'you',
    fix: [SIGN_IN_AGAIN],
  },
  signin_ends_soon: {
    meaning: 'the provider has announced the day on which this sign-in ends',
    who: 'you',
    fix: [{ text: 'sign in again before that day', run: { verb: 'authorize' } }],
  },
  signin_cancelled: {
    meaning: 'the sign-in was cancelled in the browser',
    who: 'you',
    fix: [{ text: 'sign in again and allow the access', run: { verb: 'authorize' } }],
  },
  signin_timeout: {
    meaning: 'the browser did not come back in time',
    who: 'you',
    fix: [
      {
        text: 'sign in again; paste the browser’s address if it cannot come back',
        run: { verb: 'authorize' },
      },
    ],
  },
  consent_missing_scope: {
    meaning: 'the sign-in succeeded, and the access to mail was left out or not allowed',
    who: 'you',
    fix: [{ text: 'sign in again and tick every box', run: { verb: 'authorize' } }],
  },
  wrong_account: {
    meaning: 'the browser signed in with another account than the mailbox that was asked for',
    who: 'you',
    fix: [{ text: 'sign in again and choose the right account', run: { verb: 'authorize' } }],
  },
  mailbox_mismatch: {
    meaning: 'the login was accepted, and the mailbox does not open for it',
    who: 'admin',
    fix: [{ text: 'check that the mailbox exists and that this account may open it' }],
  },
  token_refused: {
    meaning: 'the mail server refused a token the provider had just issued',
    who: 'you',
    fix: [{ text: 'sign in again with the account that owns the mailbox', run: { verb: 'authorize' } }],
  },
  client_not_found: {
    meaning: 'the provider knows no registration with this Client ID, or it was deleted or disabled',
    who: 'you',
    fix: [SET_UP_AGAIN],
  },
  client_secret_wrong: {
    meaning: 'the client secret does not belong to this Client ID, or it is missing',
    who: 'you',
    fix: [SET_UP_AGAIN],
  },
  client_secret_is_id: {
    meaning: 'what was pasted is the Secret ID; the client secret is the Value beside it',
    who: 'you',
    fix: [SET_UP_AGAIN],
  },
  client_secret_expired: {
    meaning: 'the client secret is past its last day',
    who: 'you',
    fix: [{ text: 'make a new client secret and give it to mailauth', run: { verb: 'setup' } }],
  },
  client_secret_expires_soon: {
    meaning: 'the client secret will stop working soon',
    who: 'you',
    fix: [{ text: 'make a new client secret before that day', run: { verb: 'setup' } }],
  },
  client_type_mismatch: {
    meaning:
      'the registration is of another kind than the request: web against desktop, personal against work accounts',
    who: 'you',
    fix: [SET_UP_AGAIN],
  },
  tenant_wrong: {
    meaning: 'the directory (tenant) does not exist, or the account or the registration is not in it',
    who: 'you',
    fix: [SET_UP_AGAIN],
  },
  redirect_uri_mismatch: {
    meaning: 'the redirect URI that was sent is not one of those registered, character for character',
    who: 'you',
    fix: [{ text: 'register exactly the redirect URI that mailauth shows', run: { verb: 'setup' } }],
  },
  interrupted: {
    meaning: 'you stopped the program; what was finished is saved',
    who: 'you',
    fix: [{ text: 'run the same command again to go on' }],
  },
  terminated: {
    meaning: 'the system stopped the program; what was finished is saved',
    who: 'you',
    fix: [{ text: 'run the same command again to go on' }],
  },
};

/** What a code of the closed list means by itself, before anything is known about the case. */
export function describeCode(code: Code): Problem {
  const { meaning, ...known } = CODE_MEANINGS[code];
  const values = { peer: 'the server', provider: 'the provider' };
  return problemFrom({ code, message: meaning, ...known }, { answers: {} }, values);
}
