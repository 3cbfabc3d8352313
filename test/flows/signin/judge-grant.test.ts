/** A grant that names nobody although `openid` was asked for: said in one line, and left to the mail login. */
import { expect, it } from 'vitest';
import type { Grant, Identity } from '../../../src/account/grant.js';
import { decide, type GrantWish, judgeGrant } from '../../../src/flows/signin/judge-grant.js';
import type { World } from '../../../src/flows/world.js';
import { custom } from '../../../src/providers/custom.js';
import { Secret } from '../../../src/words/secret.js';

const WISH: GrantWish = { provider: custom, scopes: ['openid', 'mail'], address: 'jo@example.com', answers: {} };

async function toldOf(identity: Identity | undefined, wish: GrantWish = WISH) {
  const told: string[] = [];
  const interviewer = { tell: (status: string, text: string) => told.push(`${status}: ${text}`) };
  const world = { interviewer } as unknown as World;
  const grant: Grant = {
    accessToken: new Secret('an-access-token'),
    refreshToken: new Secret('a-refresh-token'),
    ...(identity && { identity }),
  };
  const accepted = await decide(world, wish, await judgeGrant({ ok: true, value: grant }, wish));
  return { told, identified: accepted?.identified };
}

it('says that there is no ID token, or no address in it', async () => {
  const issuer = 'https://login.example.com';
  expect(await toldOf(undefined)).toEqual({
    told: [
      'warn: the answer has no ID token, so it does not say who signed in; the mail login shows whether it opens jo@example.com',
    ],
    identified: false,
  });
  const nameless = await toldOf({ issuer });
  expect(nameless.told).toEqual([expect.stringContaining('the ID token holds no e-mail address')]);
});

it('says nothing where somebody is named, or nobody asked', async () => {
  const issuer = 'https://login.example.com';
  expect(await toldOf({ issuer, email: 'jo@example.com' })).toEqual({ told: [], identified: true });
  expect((await toldOf(undefined, { ...WISH, scopes: ['mail'] })).told).toEqual([]);
});
