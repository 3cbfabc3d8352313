import type { StoreChoice } from '../account/account.js';
import type { SecretStore } from '../store/store.js';
import type { Secret } from '../words/secret.js';
import type { Interviewer } from './interviewer.js';

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
  readonly interviewer: Interviewer;
  /** Given by environment variable, read once. */
  readonly secrets: {
    readonly clientSecret?: Secret;
    readonly refreshToken?: Secret;
    readonly passphrase?: Secret;
  };
  /** The stores opened so far: a passphrase is asked for, and stretched, once for all accounts (see `openStore`). */
  readonly stores: Map<StoreChoice['kind'], Promise<SecretStore>>;
  /** `--store`, where given. */
  readonly store?: 'keychain' | 'file';
  /** `--no-browser`: print the address, open nothing. */
  readonly openBrowser: boolean;
  /** Seconds to wait for the browser, or for one account's check; undefined: the command's default. */
  readonly timeout?: number;
  /** `--verbose`: takes a line about a stage, a host or a time, never a value that could be secret. */
  readonly trace?: (text: string) => void;
  /** Called when the keychain froze in the middle of a call: from then on only a signal ends the process. */
  readonly onFrozen?: () => void;
}
