import { atWorkbench, type Subject, type Workbench } from '../workbench.js';
import type { World } from '../world.js';
import { provenStore } from './authorize.js';
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
  return atWorkbench(world, subject, async (bench) => {
    const { provider, account, client } = subject;
    const store = await provenStore(bench);
    const issuer = await bench.issuer();
    const { beginAuthorization } = await import('../../oauth/authorization.js');
    const pending = await beginAuthorization(issuer, {
      client: { clientId: client.clientId },
      redirectUri: await redirectUriFor(world, subject, bench),
      scopes: account.scopes,
      loginHint: account.authUser ?? account.address,
      parameters: provider.authorizationParameters,
    });
    const { expires } = await keepBegun(world, store, account, pending);
    return { url: pending.url, expires };
  });
}

/** The registered one; where every port will do, one that nothing on this computer listens on. */
async function redirectUriFor(world: World, { client }: Subject, bench: Workbench): Promise<string> {
  const redirect = bench.redirect();
  if (redirect.port !== 0) return client.redirectUri;
  const { listen } = await import('../../oauth/callback/listener.js');
  const listener = await listen(redirect, { signal: world.signal });
  await listener.close();
  return listener.redirectUri;
}
