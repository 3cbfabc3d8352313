import { text } from '../../account/answers.js';
import { MailauthError } from '../../explain/problem.js';
import { objectIdIn } from '../../oauth/roles.js';
import { localDay } from '../../words/time.js';
import { signInEndOf } from '../dates.js';
import type { BegunAddress } from '../signin/begin.js';
import type { BegunPlace } from '../signin/begun.js';
import type { SignedIn, SignInRequest } from '../signin/browser.js';
import { signIn } from '../signin/browser.js';
import { learn } from './answers.js';
import { isBrought, takeBrought } from './brought-token.js';
import { commandOf } from './command.js';
import { saveSetup } from './draft.js';
import { answersOf, type Setup, type SignInWay, wayOf } from './state.js';

/** One way to a grant that may be stored, and what is told of it. */
interface Way {
  reach(setup: Setup, request: SignInRequest): Promise<SignedIn>;
  lines(setup: Setup, signedIn: SignedIn): readonly StatusLine[];
}
type StatusLine = readonly ['ok' | 'info' | 'warn', string];

const asPerson = (reach: Way['reach']): Way => ({ reach, lines: linesForPerson });

/** The ways of a set-up, a row each. */
const WAYS: Readonly<Record<SignInWay['kind'] | 'brought', Way>> = {
  brought: asPerson(takeBrought),
  none: asPerson(async ({ provider }, { address }) => {
    throw new MailauthError('signin_required', `${address} has to sign in`, {
      fix: [
        { text: 'give its refresh token' },
        { text: 'or sign in with a browser', command: `mailauth setup ${provider.id} --account ${address} --yes` },
      ],
    });
  }),
  finish: asPerson(async (setup, request) => {
    const { finish } = await import('../signin/finish.js');
    const callback = setup.way.kind === 'finish' ? setup.way.callback : undefined;
    return finish(setup.world, request, { store: await setup.bench.store(), place: begunIn(setup), callback });
  }),
  device: asPerson(async (setup, request) => {
    const { refuseWithoutDevice, signInByDevice } = await import('../signin/device.js');
    const again = commandOf(setup);
    refuseWithoutDevice(setup.provider, again);
    const accepted = await signInByDevice(setup.world, request, { hosts: verificationHosts(setup, request), again });
    return { ...accepted, redirectUri: String(answersOf(setup)['redirect-uri'] ?? '') };
  }),
  browser: asPerson(({ world }, request) => signIn(world, request)),
  // The first half alone never gets here.
  begin: asPerson(({ world }, request) => signIn(world, request)),
  app: {
    async reach(setup, request) {
      const { letIn } = await import('../signin/app.js');
      const accepted = await letIn(setup.world, request);
      const id = objectIdIn(accepted.grant.accessToken);
      if (id !== undefined) learn(setup, { 'object-id': id });
      return { ...accepted, redirectUri: String(answersOf(setup)['redirect-uri'] ?? '') };
    },
    lines: ({ provider }) => [['ok', `${provider.title} lets the app in: nobody has to sign in`]],
  },
};

/** A grant that may be stored, in the way that was chosen or follows from what was given. */
export function reachGrant(setup: Setup, request: SignInRequest): Promise<SignedIn> {
  return wayTaken(setup).reach(setup, request);
}

/** What is told of it once it is stored. */
export function linesOf(setup: Setup, signedIn: SignedIn): readonly StatusLine[] {
  return wayTaken(setup).lines(setup, signedIn);
}

function wayTaken(setup: Setup): Way {
  return WAYS[isBrought(setup) ? 'brought' : wayOf(setup).kind];
}

function linesForPerson({ provider, world }: Setup, { grant, authUser, address }: SignedIn): readonly StatusLine[] {
  const ends = signInEndOf(grant, world.now());
  return [
    ['ok', `signed in as ${authUser ?? address}`],
    [
      'info',
      ends === undefined
        ? `${provider.title} names no day on which this sign-in ends`
        : `this sign-in ends on ${localDay(ends)}`,
    ],
  ];
}

/** The first half of a sign-in that another run of this set-up finishes. */
export async function beginGrant(setup: Setup, request: SignInRequest): Promise<BegunAddress> {
  const { begin } = await import('../signin/begin.js');
  return begin(setup.world, request, { store: await setup.bench.store(), place: begunIn(setup) });
}

function begunIn(setup: Setup): BegunPlace {
  return {
    title: setup.account?.name ?? String(answersOf(setup)['account'] ?? setup.provider.title),
    again: commandOf(setup),
    begun: setup.begun,
    alone: (work) => work(),
    async note(begun, only) {
      const before = setup.begun;
      if (only !== undefined && before?.credential !== only) return before;
      setup.begun = begun;
      await saveSetup(setup);
      return before;
    },
  };
}

/** A provider's own pages only; an issuer that the person named may send them where it likes, over https. */
function verificationHosts(setup: Setup, { issuer }: SignInRequest): readonly string[] | undefined {
  if (text(answersOf(setup), 'issuer') !== undefined) return undefined;
  return [new URL(issuer.endpoints.token).hostname, ...(setup.provider.verificationHosts ?? [])];
}
