/**
 * The closed list of codes that name what went wrong, and the exit code each one ends the program with.
 * The exit codes are those of sysexits.h, because mail programs act on them (75 means "keep the mail and try later").
 */
export const EXIT_OF = {
  bug: 1,
  usage: 64,
  missing_input: 64,
  not_set_up: 64,
  bad_input: 65,
  file_not_found: 66,
  no_such_account: 67,
  smtp_auth_disabled: 69,
  imap_disabled: 69,
  pop_disabled: 69,
  policy_blocked: 69,
  admin_consent_required: 69,
  cannot_write: 73,
  keychain_unavailable: 74,
  keychain_locked: 74,
  store_damaged: 74,
  passphrase_wrong: 74,
  key_missing: 74,
  store_denied: 74,
  store_login_failed: 74,
  store_unfit: 74,
  too_many_connections: 75,
  rate_limited: 75,
  server_unavailable: 75,
  dns_failed: 75,
  connect_refused: 75,
  connect_timeout: 75,
  intercepted: 75,
  proxy_failed: 75,
  port_busy: 75,
  closed_door: 75,
  store_busy: 75,
  store_unavailable: 75,
  store_sealed: 75,
  mechanism_not_offered: 76,
  starttls_missing: 76,
  starttls_injection: 76,
  tls_untrusted: 76,
  tls_name_mismatch: 76,
  tls_expired: 76,
  tls_failed: 76,
  clock_skew: 76,
  unknown: 76,
  signin_required: 77,
  signin_expired: 77,
  signin_ends_soon: 77,
  signin_cancelled: 77,
  signin_timeout: 77,
  consent_missing_scope: 77,
  wrong_account: 77,
  mailbox_mismatch: 77,
  token_refused: 77,
  wrong_password: 77,
  client_not_found: 78,
  client_secret_wrong: 78,
  client_secret_is_id: 78,
  client_secret_expired: 78,
  client_secret_expires_soon: 78,
  client_type_mismatch: 78,
  tenant_wrong: 78,
  redirect_uri_mismatch: 78,
  interrupted: 130,
  terminated: 143,
} as const;

export type Code = keyof typeof EXIT_OF;

/** Which exit code speaks for several failures: the first of these that is present. */
const EXIT_PRECEDENCE = [1, 73, 74, 78, 77, 69, 76, 75] as const;

/** The exit code for a set of failure codes; 0 for none. Codes outside the precedence list keep their own number. */
export function exitOf(codes: readonly Code[]): number {
  const exits = new Set(codes.map((code): number => EXIT_OF[code]));
  return EXIT_PRECEDENCE.find((exit) => exits.has(exit)) ?? [...exits][0] ?? 0;
}

/** Kinds of failure that the program acts on. That the codes of a kind end with one number is for mail programs. */
const KINDS = {
  /** Goes away by itself: waiting and running the same command again can succeed. */
  passing: [
    'too_many_connections',
    'rate_limited',
    'server_unavailable',
    'dns_failed',
    'connect_refused',
    'connect_timeout',
    'intercepted',
    'proxy_failed',
    'port_busy',
    'closed_door',
    'store_busy',
    'store_unavailable',
    'store_sealed',
  ],
  /** A person has to sign in or consent. */
  signin: [
    'signin_required',
    'signin_expired',
    'signin_ends_soon',
    'signin_cancelled',
    'signin_timeout',
    'consent_missing_scope',
    'wrong_account',
    'mailbox_mismatch',
    'token_refused',
  ],
  /** The registration of the client is wrong. */
  registration: [
    'client_not_found',
    'client_secret_wrong',
    'client_secret_is_id',
    'client_secret_expired',
    'client_secret_expires_soon',
    'client_type_mismatch',
    'tenant_wrong',
    'redirect_uri_mismatch',
  ],
  /** Nothing can be stored. */
  store: [
    'cannot_write',
    'keychain_unavailable',
    'keychain_locked',
    'store_damaged',
    'passphrase_wrong',
    'key_missing',
    'store_denied',
    'store_login_failed',
    'store_unfit',
    'store_busy',
    'store_unavailable',
    'store_sealed',
  ],
  /** Somebody has to switch it on, to allow it, or to give what is missing. */
  setting: [
    'usage',
    'missing_input',
    'not_set_up',
    'smtp_auth_disabled',
    'imap_disabled',
    'pop_disabled',
    'policy_blocked',
    'admin_consent_required',
  ],
  /** Whoever started the command has ended it. */
  stopped: ['interrupted', 'terminated'],
} satisfies Readonly<Record<string, readonly Code[]>>;

export function isA(kind: keyof typeof KINDS, code: Code): boolean {
  const codes: readonly Code[] = KINDS[kind];
  return codes.includes(code);
}
