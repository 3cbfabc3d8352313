import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { type BegunPlace, begunAt, keepBegun, readBegun, useBegun } from '../../../src/flows/signin/begun.js';
import type { World } from '../../../src/flows/world.js';
import type { RequestedAuthorization } from '../../../src/oauth/authorization.js';
import { openFileStore } from '../../../src/store/file/file-store.js';
import type { SecretStore } from '../../../src/store/store.js';
import { Secret } from '../../../src/words/secret.js';
import { type Stage, setStage } from '../stage.js';

const requested = {
  redirectUri: 'http://localhost:8765/callback',
  issuer: 'https://login.example',
  issInResponse: true,
  state: new Secret('the-state'),
  nonce: new Secret('the-nonce'),
  codeVerifier: new Secret('the-verifier'),
};

/** Reads what was kept, once. */
async function takeBegun(world: World, store: SecretStore, place: BegunPlace): Promise<RequestedAuthorization> {
  const requested = await readBegun(world, store, place);
  await useBegun(world, store, place);
  return requested;
}

async function begun(): Promise<{ stage: Stage; world: World; store: SecretStore }> {
  const stage = await setStage('gmail');
  const key = { kind: 'key-file', path: join(stage.home, 'key') } as const;
  const store = await openFileStore({ directory: stage.configDir, key });
  const world = { configDir: stage.configDir, now: () => new Date() } as World;
  await keepBegun(world, store, begunAt(world, stage.account()), requested);
  return { stage, world, store };
}

it('what is taken is what was kept, and is gone', async () => {
  const { stage, world, store } = await begun();
  const account = stage.account();
  const place = begunAt(world, account);
  const taken = await takeBegun(world, store, place);
  const revealed = [taken.state, taken.nonce, taken.codeVerifier].map((secret) => secret?.reveal());
  expect(revealed).toEqual(['the-state', 'the-nonce', 'the-verifier']);
  expect(taken).toMatchObject({ redirectUri: requested.redirectUri, issuer: requested.issuer, issInResponse: true });
  expect(stage.account().begun).toBeUndefined();
  await expect(takeBegun(world, store, place)).rejects.toMatchObject({ code: 'signin_required' });
  await stage.clear();
});

it('of two readers that have both read, one gets it', async () => {
  const { stage, world, store } = await begun();
  let arrived = 0;
  let open: () => void = () => undefined;
  const bothHaveRead = new Promise<void>((resolve) => {
    open = resolve;
  });
  const slow: SecretStore = {
    ...store,
    get: async (id) => {
      const value = await store.get(id);
      arrived += 1;
      if (arrived === 2) open();
      await bothHaveRead;
      return value;
    },
  };
  const account = stage.account();
  const place = begunAt(world, account);
  const both = await Promise.allSettled([takeBegun(world, slow, place), takeBegun(world, slow, place)]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  await stage.clear();
});

it.each(['', 'null', '[]', '{"v":2}', '{"v":1,"state":"canary-state"}', '{"v":1,"state":"canary-state'])(
  'an entry that reads %j is damaged, and is not quoted',
  async (text) => {
    const { stage, world, store } = await begun();
    const account = stage.account();
    const place = begunAt(world, account);
    await store.put(account.begun?.credential as string, new Secret(`${text} `));
    const failure: unknown = await takeBegun(world, store, place).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'store_damaged' });
    expect(inspect(failure, { depth: 9 })).not.toContain('canary');
    await stage.clear();
  },
);
