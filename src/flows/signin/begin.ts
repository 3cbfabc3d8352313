import type { World } from '../world.js';
import { discoverAgain, type Subject, storedRedirect, withOpened } from './authorize.js';
import { keepBegun } from './begun.js';

export interface BegunAddress {
  readonly url: string;
  /** ISO date-time. */
  readonly expires: string;
}

/**
 * The first half of a sign-in, for a place without a browser and without anybody to wait: the address to open on any
 * computer. Nothing listens for its answer, so the browser ends on a page that does not load, whose address is handed
 * to `finishSignIn` by another process.
 */
export function beginSignIn(world: World, subject: Subject): Promise<BegunAddress> {
  return withOpened(world, subject, async ({ store, network }) => {
    const { provider, account, client } = subject;
    const issuer = await discoverAgain(world, subject, network);
    const { beginAuthorization } = await import('../../oauth/authorization.js');
    const pending = await beginAuthorization(issuer, {
      client: { clientId: client.clientId },
      redirectUri: await redirectUriFor(world, subject),
      scopes: account.scopes,
      loginHint: account.authUser ?? account.address,
      parameters: provider.authorizationParameters,
    });
    const { expires } = await keepBegun(world, store, account, pending);
    return { url: pending.url, expires };
  });
}

/** The registered one; where every port will do, one that nothing on this computer listens on. */
async function redirectUriFor(world: World, { provider, client }: Subject): Promise<string> {
  const redirect = storedRedirect(provider, client);
  if (redirect.port !== 0) return client.redirectUri;
  const { listen } = await import('../../oauth/callback/listener.js');
  const listener = await listen(redirect, { signal: world.signal });
  await listener.close();
  return listener.redirectUri;
}
