import { issuerChallenge } from '../../mail/issuer-challenge.js';
import { mailNames } from '../../system/mail-names.js';
import { openNetwork } from '../../system/network.js';
import type { World } from '../world.js';
import { DISCOVERY_SECONDS, type Discovery, discover } from './discover.js';

/** Milliseconds: what no server answers soon is not published, and the person waits. */
const DEADLINES = { dns: 3_000, connect: 4_000, answer: 6_000 };

/** Asks the internet about an address, with a sign of life. `names`: name servers other than this machine's. */
export async function discoverFrom(world: World, address: string, nameServers?: readonly string[]): Promise<Discovery> {
  const { env, signal, interviewer, trace } = world;
  const network = await openNetwork({ env, signal, deadlines: DEADLINES, ...(trace && { trace }) });
  try {
    const asking = discover(address, {
      fetch: network.fetch,
      names: mailNames(signal, nameServers),
      challenge: (server) => issuerChallenge(server, { trust: network.trust, signal, deadline: DEADLINES.answer }),
      signal,
    });
    const domain = address.slice(address.lastIndexOf('@') + 1);
    return await interviewer.waitFor({ what: `what ${domain} says of its mail`, seconds: DISCOVERY_SECONDS }, asking);
  } finally {
    await network.close();
  }
}
