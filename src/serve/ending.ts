/** How a connection ended, in one word for the log. */
export type Outcome =
  /** Logged in, and both sides let go. */
  | 'ok'
  /** Left without a login. */
  | 'no_login'
  /** The same, where no login is taken without TLS, and it spoke none. */
  | 'needs_tls'
  | 'wrong_password'
  /** Too many wrong passwords came from this address. */
  | 'closed_door'
  | 'too_many_connections'
  /** What came was too long, too much, or no line of the protocol. */
  | 'malformed'
  /** Plain text behind STARTTLS. */
  | 'starttls_injection'
  | 'tls_failed'
  | 'timeout'
  | 'stopped'
  /** The password is no longer there. */
  | 'password_deleted'
  /** After the login: which side broke off. */
  | 'client_lost'
  | 'server_lost'
  /** A mistake of ours, which ends this connection alone. */
  | 'bug';

/** Ends the part before the login, with the last words where there are any. */
export class Ending extends Error {
  readonly outcome: Outcome;
  readonly lastWords: string;

  constructor(outcome: Outcome, lastWords = '') {
    super(outcome);
    this.outcome = outcome;
    this.lastWords = lastWords;
  }
}
