import type { Account } from '../../account/account.js';
import { MailauthError } from '../../explain/problem.js';
import type { Subject } from '../workbench.js';
import type { World } from '../world.js';

/** A way to sign in again to an account that is set up. */
export interface SignInWay {
  /** The option of `authorize` that chooses it; undefined for the usual one. */
  readonly option?: string;
  /** Of the accounts, the only ones that it is for; absent: all that a person signs in to. */
  readonly isFor?: (subject: Subject) => boolean;
  /** @param given the address the browser ended on, where it was handed in and not pasted */
  sign(world: World, subject: Subject, given: () => Promise<string | undefined>): Promise<Account>;
}

/**
 * The ways to sign in, a row each; the first that fits counts. All but the first end in `replaceSignIn`, which judges the
 * grant and stores it without knowing how it was reached. `authorize --begin` is the first half of the row `finish`.
 */
export const SIGN_INS: readonly SignInWay[] = [
  {
    isFor: ({ client }) => client.signIn === 'app',
    sign: (_world, subject) => Promise.reject(nobodySignsIn(subject)),
  },
  {
    option: 'finish',
    sign: async (world, subject, given) => (await import('./finish.js')).finishSignIn(world, subject, await given()),
  },
  {
    option: 'begin',
    sign: () => Promise.reject(new Error('a sign-in that is only begun ends with an address')),
  },
  {
    option: 'device',
    sign: async (world, subject) => (await import('./device.js')).authorizeByDevice(world, subject),
  },
  // A browser on this computer, or the address that another one ended on, pasted: whichever comes first.
  { sign: async (world, subject) => (await import('./authorize.js')).authorize(world, subject) },
];

/** The row for this account and the option that was given. */
export function signInFor(subject: Subject, option: string): SignInWay {
  const fits = ({ isFor, option: own }: SignInWay): boolean =>
    isFor?.(subject) ?? (own === undefined || own === option);
  return SIGN_INS.find(fits) as SignInWay;
}

/** An app has its token by its own credential, and whoever wants a new one renews that. */
function nobodySignsIn({ account: { name }, provider }: Subject): MailauthError {
  return new MailauthError('usage', `nobody signs in to ${name}: it is an app that an administrator has let in`, {
    fix: [
      { text: 'see whether it still works', command: `mailauth check ${name}` },
      { text: 'renew its credential', command: `mailauth setup ${name} --from-step ${provider.secretStep}` },
    ],
  });
}
