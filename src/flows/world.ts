import type { StoreChoice } from '../account/account.js';
import type { SecretStore } from '../store/store.js';
import type { Secret } from '../words/secret.js';
import type { Interviewer } from './interviewer.js';
import type { InFlight } from './token/in-flight.js';

/** Everything a flow may know about the process it runs in. Adapters are called directly; the world holds no services. */
export interface World {
  /** The environment, from which mailauth's own secrets have been taken out (see `secrets`). */
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly now: () => Date;
  /** Absolute path of the folder that holds accounts.json and the unfinished set-ups. */
  readonly configDir: string;
  /** Aborted by SIGINT, SIGTERM and SIGHUP; every wait listens to it. */
  readonly signal: AbortSignal;
  /** What neither a signal nor a deadline of a command may disturb. */
  readonly inFlight: InFlight;
  readonly interviewer: Interviewer;
  /** Given by environment variable, read once. */
  readonly secrets: {
    readonly clientSecret?: Secret;
    readonly refreshToken?: Secret;
    readonly passphrase?: Secret;
  };
  /** The stores opened so far: a passphrase is asked for, and stretched, once for all accounts (see `openStore`). */
  readonly stores: Map<string, Promise<SecretStore>>;
  /** Where new accounts are to be kept: `--store`, else MAILAUTH_STORE. */
  readonly store?: StoreChoice;
  /** `--store` alone, which must not contradict where an account is. */
  readonly storeFlag?: StoreChoice;
  /** `--no-browser`: print the address, open nothing. */
  readonly openBrowser: boolean;
  /** Seconds to wait for the browser, or for one account's check; undefined: the command's default. */
  readonly timeout?: number;
  /** `--verbose`: takes a line about a stage, a host or a time, never a value that could be secret. */
  readonly trace?: (text: string) => void;
  /** Called when the keychain froze in the middle of a call, which may keep the process from ending by itself. */
  readonly onFrozen?: () => void;
}
