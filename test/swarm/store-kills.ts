/**
 * Kills the program of one host at a request to the store that it shares with another host, and looks at what the other
 * host makes of it: the account is well, or the answer was lost for good, and that is said.
 */
import { expect } from 'vitest';
import type { Gate } from '../servers/gate.js';
import type { Host, Hosts } from './hosts.js';

const TOKEN = ['token', 'outlook'];

export interface SharedStore extends Hosts {
  /** What both hosts reach the store through. */
  readonly gate: Gate;
  /** The environment of a host whose clock says that every lease of now is over. */
  readonly later: NodeJS.ProcessEnv;
}

/** One kill: at request number `at`, before the store has seen it or after it has answered. */
interface Kill {
  readonly at: number;
  readonly when: 'before' | 'after';
}

/** After each reading request, or before and after each writing one, which are all that another host can see. */
export type KillPoints = 'reads' | 'writes';

/** Kills each host in turn at these points of a refresh. */
export async function survivesKills(store: SharedStore, points: KillPoints): Promise<void> {
  const requests = await requestsOfARefresh(store);
  const writes = requests.flatMap((request, index) => (isWrite(request) ? [index + 1] : []));
  // One takes the lease, one stores the answer: whatever else is written would be one more point to be killed at.
  expect(writes.length, requests.join(', ')).toBe(2);
  const [, stores = 0] = writes;
  const kills = requests.flatMap((_, index): Kill[] => {
    const at = index + 1;
    if (writes.includes(at) !== (points === 'writes')) return [];
    // Before a read is where the one before it has ended.
    return points === 'writes'
      ? [
          { at, when: 'before' },
          { at, when: 'after' },
        ]
      : [{ at, when: 'after' }];
  });
  const lost: Kill[] = [];
  for (const [index, kill] of kills.entries()) {
    if (!(await survives(store, kill, index))) lost.push(kill);
  }
  // The provider has answered, and the answer has not reached the store: the one moment when it can be lost.
  expect(lost).toEqual(points === 'writes' ? [{ at: stores, when: 'before' }] : []);
}

async function requestsOfARefresh({ gate, hosts, renew, endpoint }: SharedStore): Promise<readonly string[]> {
  await renew();
  const before = endpoint.refreshes();
  gate.arm(0, 'before', async () => undefined);
  const [host] = hosts as [Host];
  expect(await host.run(TOKEN)).toMatchObject({ code: 0, stderr: '' });
  expect(endpoint.refreshes()).toBe(before + 1);
  return [...gate.passed];
}

function isWrite(request: string): boolean {
  return /^(?:POST|PUT) .*(?:\/data\/|\/kv\/txn)/.test(request);
}

/** Whether the other host has a token; where it has none, it must say why. */
async function survives(store: SharedStore, kill: Kill, index: number): Promise<boolean> {
  const { gate, hosts, renew, endpoint, later } = store;
  const [victim, other] = index % 2 === 0 ? hosts : [...hosts].reverse();
  const what = `killed ${kill.when} request ${kill.at}`;
  await renew();
  const [refreshes, wrong] = [endpoint.refreshes(), endpoint.wrong.length];
  const running = (victim as Host).start(TOKEN);
  gate.arm(kill.at, kill.when, async () => {
    running.child.kill('SIGKILL');
    await running.ended;
  });
  expect(await running.ended, what).toEqual({ code: null, signal: 'SIGKILL', stdout: '', stderr: '' });
  gate.arm(0, 'before', async () => undefined);
  const next = await (other as Host).run(TOKEN, later);
  expect(endpoint.refreshes() - refreshes, what).toBe(1);
  if (next.code === 0) {
    expect([next.stdout, next.stderr, endpoint.wrong.length], what).toEqual([
      expect.stringMatching(/^access-\d+-2\n$/),
      '',
      wrong,
    ]);
    return true;
  }
  expect(next, what).toMatchObject({
    code: 77,
    stdout: '',
    stderr: expect.stringContaining('was cut off before its answer could be stored'),
  });
  return false;
}
