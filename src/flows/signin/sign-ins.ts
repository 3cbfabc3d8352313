import type { Account } from '../../account/account.js';
import type { Client, SignInKind } from '../../account/client.js';
import { MailauthError } from '../../explain/problem.js';
import type { AppAccess, Provider } from '../../guide/provider.js';
import type { Subject } from '../workbench.js';
import type { World } from '../world.js';

/** A way to sign in again to an account that is set up. */
export interface SignInWay {
  /** The option of `authorize` that chooses it; undefined for the usual one. */
  readonly option?: string;
  /** @param given the address the browser ended on, where it was handed in and not pasted */
  sign(world: World, subject: Subject, given: () => Promise<string | undefined>): Promise<Account>;
}

/** What follows from who signs in. */
export interface SignIn {
  /** The ways to sign in again; the one without an option is for whoever names none. */
  readonly ways: readonly SignInWay[];
  /** Whether a person gave a grant: it can be revoked, given anew, and carried into another program. */
  readonly hasGrant: boolean;
  /** Whether getting a token may use up what it was asked for with, so that the successor must not be lost. */
  readonly rotates: boolean;
  /** The only way of a set-up to its first grant; absent where a person chooses among several. */
  readonly onlyWay?: 'app';
  /** What an administrator lets in here, in the place of a person. */
  access(provider: Provider): Partial<AppAccess>;
}

/**
 * Who signs in, a row each: whatever differs between them stands here, and no flow asks which it is. The ways of a person
 * all end in `replaceSignIn`, which judges the grant and stores it without knowing how it was reached.
 */
export const SIGN_INS: Readonly<Record<SignInKind, SignIn>> = {
  person: {
    hasGrant: true,
    rotates: true,
    access: () => ({}),
    ways: [
      {
        option: 'finish',
        sign: async (world, subject, given) =>
          (await import('./finish.js')).finishSignIn(world, subject, await given()),
      },
      // The first half of the row above.
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
    ],
  },
  app: {
    hasGrant: false,
    rotates: false,
    onlyWay: 'app',
    access: ({ app = {} }) => app,
    ways: [{ sign: (_world, subject) => Promise.reject(nobodySignsIn(subject)) }],
  },
};

/** What holds for the accounts of this client. */
export function signInOf({ signIn = 'person' }: Pick<Client, 'signIn'>): SignIn {
  return SIGN_INS[signIn];
}

/** The way that the option chooses, or the usual one. */
export function wayAgain({ client }: Subject, option: string): SignInWay {
  const { ways } = signInOf(client);
  return ways.find((way) => way.option === option) ?? (ways.find((way) => way.option === undefined) as SignInWay);
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
