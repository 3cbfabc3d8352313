import type { Account } from '../../account/account.js';
import type { Subject } from '../workbench.js';
import type { World } from '../world.js';

/** A way to sign in again to an account that is set up. */
export interface SignInWay {
  /** The option of `authorize` that chooses it; undefined for the usual one. */
  readonly option?: string;
  /** @param given the address the browser ended on, where it was handed in and not pasted */
  sign(world: World, subject: Subject, given: () => Promise<string | undefined>): Promise<Account>;
}

/**
 * The ways to sign in, a row each; the first that is chosen counts. All end in `replaceSignIn`, which judges the grant and
 * stores it without knowing how it was reached, so a further one (a client’s certificate, a service account) is its file
 * and a row. `authorize --begin` is the first half of the row `finish`.
 */
export const SIGN_INS: readonly SignInWay[] = [
  {
    option: 'finish',
    sign: async (world, subject, given) => (await import('./finish.js')).finishSignIn(world, subject, await given()),
  },
  {
    option: 'device',
    sign: async (world, subject) => (await import('./device.js')).authorizeByDevice(world, subject),
  },
  // A browser on this computer, or the address that another one ended on, pasted: whichever comes first.
  { sign: async (world, subject) => (await import('./authorize.js')).authorize(world, subject) },
];
