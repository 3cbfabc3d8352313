import { explain } from '../../explain/explain.js';
import { MailauthError } from '../../explain/problem.js';
import type { Redirect } from '../../guide/provider.js';
import type { SecretStore } from '../../store/store.js';
import { hostPort } from '../../words/host.js';
import { contextOfAnswers } from '../explain-context.js';
import { atWorkbench, type Subject } from '../workbench.js';
import type { World } from '../world.js';
import { provenStore, requestFor } from './authorize.js';
import { type BegunPlace, begunAt, keepBegun } from './begun.js';
import type { SignInRequest } from './browser.js';

export interface BegunAddress {
  readonly url: string;
  /** ISO date-time. */
  readonly expires: string;
}

/** The first half of a sign-in to an account, for a place without a browser and without anybody to wait. */
export function beginSignIn(world: World, subject: Subject): Promise<BegunAddress> {
  return atWorkbench(world, subject, async (bench) => {
    const store = await provenStore(bench);
    const request = await requestFor(subject, bench);
    return begin(world, request, {
      store,
      place: begunAt(world, subject.account),
      registered: subject.client.redirectUri,
    });
  });
}

/**
 * The address to open on any computer. Nothing listens for its answer, so the browser ends on a page that does not load,
 * whose address is handed to `finish` by another process.
 */
export async function begin(
  world: World,
  request: SignInRequest,
  keep: { readonly store: SecretStore; readonly place: BegunPlace; readonly registered?: string },
): Promise<BegunAddress> {
  const { beginAuthorization } = await import('../../oauth/authorization.js');
  const { pushWhereDemanded } = await import('../../oauth/pushed.js');
  const requested = await beginAuthorization(request.issuer, {
    client: { clientId: request.client.clientId },
    redirectUri: await redirectUriFor(world, request.redirect, keep.registered),
    scopes: request.scopes,
    loginHint: request.authUser ?? request.address,
    parameters: request.provider.authorizationParameters,
  });
  const { signal } = world;
  const begun = await pushWhereDemanded(request.issuer, request.client, { pending: requested, signal });
  if (!begun.ok) {
    const context = contextOfAnswers(request.provider, request.answers);
    throw MailauthError.of(await explain(begun.evidence, context));
  }
  const pending = begun.value;
  const { expires } = await keepBegun(world, keep.store, keep.place, pending);
  return { url: pending.url, expires };
}

/** The registered one; where every port will do, one that nothing on this computer listens on. */
async function redirectUriFor(world: World, redirect: Redirect, registered: string | undefined): Promise<string> {
  if (redirect.port !== 0) return registered ?? `http://${hostPort(redirect.host, redirect.port)}${redirect.path}`;
  const { listen } = await import('../../oauth/callback/listener.js');
  const listener = await listen(redirect, { signal: world.signal });
  await listener.close();
  return listener.redirectUri;
}
