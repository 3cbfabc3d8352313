/**
 * The refresh of two hosts that share an entry, in every order in which their steps can come, with every single fault at
 * every step: a host that dies before or after it, an answer that is lost, a store that one of them cannot reach for a
 * while, a provider that takes its time. What runs is the program's own algorithm; the store, the provider and the time
 * are the model's. Time passes only when nobody has anything else to do.
 */
import { setMaxListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Credential } from '../../src/account/credential.js';
import { MailauthError } from '../../src/explain/problem.js';
import { watchFlights } from '../../src/flows/token/in-flight.js';
import { transact } from '../../src/flows/token/refresh.js';
// Loaded by the first refresh, which would take its time.
import '../../src/oauth/tokens.js';
import type { World } from '../../src/flows/world.js';
import { decodeCredential, encodeCredential } from '../../src/store/credential.js';
import { type Engine, type Kept, LOST_RACE } from '../../src/store/shared/engine.js';
import { decodeEntry } from '../../src/store/shared/entry.js';
import { sharedStore } from '../../src/store/shared/shared-store.js';
import { connectionFailure } from '../../src/system/connection-failure.js';
import type { Network } from '../../src/system/network.js';
import { Secret } from '../../src/words/secret.js';

const MINUTE = 60_000;
const START = Date.parse('2026-11-26T02:00:00Z');
const FAULTS = ['dies before', 'dies after', 'answer lost', 'cut off for 10 s', 'cut off for 5 min', 'slow'] as const;
type Fault = (typeof FAULTS)[number];

/** Something a host wants to do and waits for. */
interface Step {
  readonly host: string;
  readonly name: string;
  /** For a pause: when it is over. */
  readonly wakes?: number;
  perform(fault: Fault | undefined): void;
}

class Scene {
  time = 0;
  readonly steps: Step[] = [];
  readonly dead = new Set<string>();
  /** Host -> until when it cannot reach the store. */
  readonly cut = new Map<string, number>();
  /** Branches of hosts that are on their way to their next step. */
  busy = 0;
  kept: Kept | undefined;
  /** The refresh token that the provider takes; undefined: it has seen a spent one, and the sign-in is over. */
  current: string | undefined = 'refresh-1';
  count = 1;
  inFlight = 0;
  readonly wrong: string[] = [];
  /** An answer of the provider that can never be stored is no fault of the algorithm. */
  isLost = false;

  constructor() {
    this.kept = { text: new Secret(JSON.stringify({ v: 1, value: encodeCredential(FIRST).reveal() })), version: '1' };
  }

  /** Waits for its turn, and then does `effect`, or what the fault makes of it. */
  gate<T>(host: string, name: string, effect: (fault: Fault | undefined) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.busy -= 1;
      this.steps.push({
        ...{ host, name },
        perform: (fault) => {
          if (fault === 'dies before') return void this.dead.add(host);
          try {
            const result = effect(fault);
            if (fault === 'dies after') return void this.dead.add(host);
            if (fault === 'answer lost') throw unreachable();
            resolve(result);
          } catch (error) {
            reject(error as Error);
          }
          this.busy += 1;
        },
      });
    });
  }

  pause(host: string, ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      // The renewal of a lease is a branch of its own, which begins with its first pause.
      const isRenewal = signal !== undefined && ms === RENEWAL;
      if (!isRenewal) this.busy -= 1;
      const step: Step = {
        ...{ host, name: 'pause', wakes: this.time + ms },
        perform: () => {
          if (!isRenewal) this.busy += 1;
          resolve();
        },
      };
      this.steps.push(step);
      if (signal !== undefined) setMaxListeners(0, signal);
      signal?.addEventListener('abort', () => {
        const at = this.steps.indexOf(step);
        if (at >= 0) this.steps.splice(at, 1);
        reject(signal.reason as Error);
      });
    });
  }

  /** Until every host waits for a step, or is done. */
  async settled(): Promise<void> {
    for (let idle = 0; this.busy > 0 && idle < 20_000; idle += 1) await new Promise(setImmediate);
    await new Promise(setImmediate);
  }
}

const RENEWAL = 10_000;
const FIRST: Credential = {
  refreshToken: new Secret('refresh-1'),
  accessToken: new Secret('over'),
  accessTokenIssued: 0,
  accessTokenExpires: 1,
  generation: 1,
};

function unreachable(): MailauthError {
  return new MailauthError('store_unavailable', 'the store gave no answer');
}

function engineOf(scene: Scene, host: string): Engine {
  const reached = <T>(fault: Fault | undefined, effect: () => T): T => {
    if (fault === 'cut off for 10 s') scene.cut.set(host, scene.time + 10_000);
    if (fault === 'cut off for 5 min') scene.cut.set(host, scene.time + 300_000);
    if ((scene.cut.get(host) ?? 0) > scene.time) throw unreachable();
    return effect();
  };
  return {
    choice: { kind: 'etcd', at: 'https://model' },
    describe: () => 'the model',
    get: () => scene.gate(host, 'get', (fault) => reached(fault, () => scene.kept)),
    put: (_, text, replaces) =>
      scene.gate(host, 'put', (fault) =>
        reached(fault, () => {
          if (scene.kept?.version !== replaces) return LOST_RACE;
          const version = String(Number(replaces) + 1);
          scene.kept = { text, version };
          return version;
        }),
      ),
    delete: async () => false,
  };
}

function networkOf(scene: Scene, host: string): Network {
  const answer = (token: string): Response => {
    if (scene.current !== token) {
      if (scene.current !== undefined) scene.wrong.push(`${host} sent ${token}`);
      scene.current = undefined;
      return Response.json({ error: 'invalid_grant' }, { status: 400 });
    }
    scene.count += 1;
    scene.current = `refresh-${scene.count}`;
    return Response.json({
      access_token: `access-${scene.count}`,
      refresh_token: scene.current,
      token_type: 'Bearer',
      expires_in: 3600,
    });
  };
  const fetch = async (_: unknown, init?: RequestInit): Promise<Response> => {
    const token = new URLSearchParams(String(init?.body)).get('refresh_token') ?? '';
    let isSlow = false;
    const asked = scene.gate(host, 'ask', (fault) => {
      isSlow = fault === 'slow';
      scene.inFlight += 1;
      if (scene.inFlight > 1) scene.wrong.push('two requests at once');
      const reply = answer(token);
      if (!isSlow) scene.inFlight -= 1;
      if (fault === 'dies after' || fault === 'answer lost') scene.isLost ||= reply.status === 200;
      return reply;
    });
    const response = await asked.catch(() => {
      throw connectionFailure('ECONNRESET', 'the connection was closed', { stage: 'response' });
    });
    if (isSlow) {
      await scene.pause(host, 29_000);
      scene.inFlight -= 1;
    }
    return response;
  };
  return { fetch, hasProxy: false } as unknown as Network;
}

interface Outcome {
  token?: string;
  error?: string;
}

/** One host, from its first look at the entry to its token. */
function begin(scene: Scene, host: string, skew: number): Outcome {
  const outcome: Outcome = {};
  const clock = {
    now: () => START + scene.time + skew,
    steady: () => scene.time,
    sleep: (ms: number, signal?: AbortSignal) => scene.pause(host, ms, signal),
  };
  const store = sharedStore(engineOf(scene, host), { home: host, host, clock });
  const never = new AbortController().signal;
  const world = {
    now: () => new Date(clock.now()),
    configDir: '/nowhere',
    signal: never,
    inFlight: watchFlights(never),
  } as unknown as World;
  const endpoints = {
    issuer: 'https://model',
    authorization: 'https://model/a',
    token: 'https://model/t',
    issInResponse: false,
  };
  const account = {
    ...{ name: 'model', address: 'a@model', credential: 'one', store: store.choice },
    endpoints,
    scopes: [],
  };
  const open = {
    account,
    client: { provider: 'custom', clientId: 'c' },
    store,
    network: async () => networkOf(scene, host),
  };
  const held = { assertHeld: async () => undefined };
  scene.busy += 1;
  transact(world, open, {
    before: FIRST,
    held,
    wish: { minTtl: 60, want: 'lasting' },
    until: performance.now() + 90_000,
  })
    .then((found) => {
      if (found.ok) outcome.token = found.value.accessToken.reveal();
      else outcome.error = `${found.evidence.error}${found.evidence.unanswered === undefined ? '' : ' unanswered'}`;
    })
    .catch((error: unknown) => {
      if (!(error instanceof MailauthError)) scene.wrong.push(String(error));
      outcome.error = error instanceof MailauthError ? error.code : String(error);
    })
    .finally(() => {
      scene.busy -= 1;
    });
  return outcome;
}

/** What can come next: a host's step as it is, or with a fault where one is left. */
function choices(scene: Scene, faults: number): readonly (readonly [Step, Fault | undefined])[] {
  const alive = scene.steps.filter(({ host, wakes }) => wakes === undefined && !scene.dead.has(host));
  const without = alive.map((step) => [step, undefined] as const);
  if (faults === 0) return without;
  const fits = ({ name }: Step, fault: Fault) => (name === 'ask' ? !fault.startsWith('cut') : fault !== 'slow');
  return [
    ...without,
    ...alive.flatMap((step) => FAULTS.filter((fault) => fits(step, fault)).map((fault) => [step, fault] as const)),
  ];
}

/** Runs one schedule; `path` says which choice is taken at each turn, and how many there were is noted. */
async function play(path: number[], counts: number[], skew: number, most: number) {
  const scene = new Scene();
  const outcomes = [begin(scene, 'a', 0), begin(scene, 'b', skew)];
  const story: string[] = [];
  let faults = most;
  for (let turn = 0; turn < 2_000; ) {
    await scene.settled();
    const open = choices(scene, faults);
    if (open.length === 0) {
      const sleeping = scene.steps.filter(({ host, wakes }) => wakes !== undefined && !scene.dead.has(host));
      const next = sleeping.reduce<Step | undefined>(
        (first, one) => (first === undefined || (one.wakes ?? 0) < (first.wakes ?? 0) ? one : first),
        undefined,
      );
      if (next === undefined) break;
      scene.time = Math.max(scene.time, next.wakes ?? 0);
      scene.steps.splice(scene.steps.indexOf(next), 1);
      next.perform(undefined);
      continue;
    }
    const choice = open.length === 1 ? 0 : (path[turn] ?? 0);
    if (open.length > 1) {
      counts[turn] = open.length;
      path[turn] = choice;
      turn += 1;
    }
    const [step, fault] = open[choice] as (typeof open)[number];
    if (fault !== undefined) faults -= 1;
    story.push(`${step.host} ${step.name}${fault === undefined ? '' : ` (${fault})`}`);
    scene.steps.splice(scene.steps.indexOf(step), 1);
    step.perform(fault);
  }
  return { scene, outcomes, story };
}

/** A third host comes much later: whatever happened, it has a token, or is told that an answer was lost. */
async function judge({ scene, outcomes, story }: Awaited<ReturnType<typeof play>>): Promise<void> {
  const said = story.join(', ');
  // Whoever has asked and is then gone for longer than a lease takes the answer along.
  scene.isLost ||= story.some((step, at) => {
    const [host] = step.split(' ');
    return /\(dies|5 min/.test(step) && story.slice(0, at).some((earlier) => earlier.startsWith(`${host} ask`));
  });
  if (!scene.isLost) expect(scene.wrong, said).toEqual([]);
  expect(
    scene.wrong.filter((one) => one.startsWith('two')),
    said,
  ).toEqual([]);
  for (const [index, host] of ['a', 'b'].entries()) {
    if (scene.dead.has(host)) continue;
    const { token, error } = outcomes[index] as Outcome;
    expect(token ?? error, `${host} has no end: ${said}`).toBeDefined();
    if (!/\(/.test(said)) expect(token, said).toBe('access-2');
  }
  if (!/\(/.test(said)) expect(scene.count, said).toBe(2);
  scene.time += 10 * MINUTE;
  scene.cut.clear();
  const late = await last(scene);
  if (late.token === undefined) {
    expect(scene.isLost, said).toBe(true);
    expect(late.error, said).toBe('invalid_grant unanswered');
  } else {
    const entry = decodeEntry(scene.kept?.text as Secret, 'the entry');
    expect(decodeCredential(new Secret(entry.value)).refreshToken?.reveal(), said).toBe(scene.current);
    expect(entry.lease, said).toBeUndefined();
  }
}

async function last(scene: Scene): Promise<Outcome> {
  scene.steps.length = 0;
  scene.busy = 0;
  const outcome = begin(scene, 'late', 0);
  for (;;) {
    await scene.settled();
    const step = scene.steps.find(({ host }) => host === 'late');
    if (outcome.token !== undefined || outcome.error !== undefined || step === undefined) return outcome;
    scene.steps.splice(scene.steps.indexOf(step), 1);
    scene.time = Math.max(scene.time, step.wakes ?? 0);
    step.perform(undefined);
  }
}

/** Every schedule with at most so many faults, one after the other. */
async function explore(skews: readonly number[], most: number): Promise<number> {
  const path: number[] = [];
  for (let runs = 1; ; runs += 1) {
    const counts: number[] = [];
    await judge(await play(path, counts, skews[runs % skews.length] ?? 0, most));
    path.length = counts.length;
    while (path.length > 0 && (path.at(-1) as number) + 1 >= (counts[path.length - 1] as number)) path.pop();
    if (path.length === 0) return runs;
    path[path.length - 1] = (path.at(-1) as number) + 1;
  }
}

describe('two hosts at one entry', () => {
  it('refresh once in whatever order their steps come', async () => {
    expect(await explore([0], 0)).toBeGreaterThan(20);
  }, 60_000);

  it('lose nothing by any one fault, with clocks that differ by a minute to either side', async () => {
    expect(await explore([-MINUTE, MINUTE], 1)).toBeGreaterThan(500);
  }, 120_000);
});
