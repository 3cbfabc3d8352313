import { text } from '../../account/answers.js';
import { MailauthError } from '../../explain/problem.js';
import type { BegunAddress } from '../signin/begin.js';
import type { BegunPlace } from '../signin/begun.js';
import type { SignedIn, SignInRequest } from '../signin/browser.js';
import { signIn } from '../signin/browser.js';
import { commandOf } from './command.js';
import { saveSetup } from './draft.js';
import { answersOf, type Setup } from './state.js';

/** The sign-in of a set-up, in the way that was chosen. */
export async function reachGrant(setup: Setup, request: SignInRequest): Promise<SignedIn> {
  const { world, way, bench, provider } = setup;
  if (way.kind === 'none') {
    throw new MailauthError('signin_required', `${request.address} has to sign in`, {
      fix: [
        { text: 'give its refresh token' },
        {
          text: 'or sign in with a browser',
          command: `mailauth setup ${provider.id} --account ${request.address} --yes`,
        },
      ],
    });
  }
  if (way.kind === 'finish') {
    const { finish } = await import('../signin/finish.js');
    return finish(world, request, { store: await bench.store(), place: begunIn(setup), callback: way.callback });
  }
  if (way.kind === 'device') {
    const { refuseWithoutDevice, signInByDevice } = await import('../signin/device.js');
    const again = commandOf(setup);
    refuseWithoutDevice(setup.provider, again);
    const accepted = await signInByDevice(world, request, { hosts: verificationHosts(setup, request), again });
    return { ...accepted, redirectUri: String(answersOf(setup)['redirect-uri'] ?? '') };
  }
  return signIn(world, request);
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
