import type { LoggedIn } from '../mail/logged-in.js';
import type { Client } from './client.js';

/** What one protocol says up to the login, and not a word more. */
export interface Greeter {
  /** Speaks until a login is taken, which it has then told the client; whatever else ends it throws an Ending. */
  greet(client: Client, at: Entrance): Promise<Login>;
  /** One line for a client that cannot be served now, and why. */
  turnAway(why: string): string;
}

/** What a greeter may ask of the server it stands in front of. */
export interface Entrance {
  /** The client may go over to TLS. */
  readonly offersTls: boolean;
  /** A login is taken only under TLS. */
  readonly needsTls: boolean;
  startTls(): Promise<void>;
  /** What the servers behind offer to everybody who logs in, as far as it is known. */
  readonly offers: readonly string[];
  /** Takes its time over what is wrong. */
  logIn(user: string, password: string): Promise<Login | Refusal>;
}

/** A login that the provider's server has taken. */
export interface Login extends LoggedIn {
  readonly taken: true;
}

/** Why a login is not taken, in words for the protocol to frame. */
export interface Refusal {
  readonly taken: false;
  /** The password; what passes by itself; what a person has to do. */
  readonly kind: 'password' | 'later' | 'person';
  /** One line of ASCII. */
  readonly text: string;
  /** For the log. */
  readonly code: string;
}

/** Commands before the login; nobody needs more. */
export const COMMANDS_LIMIT = 30;
