/** How an account's credential is written inside the store: JSON, versioned, read strictly. */

import type { Credential } from '../account/credential.js';
import { MailauthError } from '../explain/problem.js';
import { recordIn } from '../words/json.js';
import { Secret } from '../words/secret.js';

const VERSION = 1;

export function encodeCredential(credential: Credential): Secret {
  const { refreshToken, accessToken, ...rest } = credential;
  return new Secret(
    JSON.stringify({
      v: VERSION,
      ...(refreshToken && { refreshToken: refreshToken.reveal() }),
      ...(accessToken && { accessToken: accessToken.reveal() }),
      ...rest,
    }),
  );
}

/** Throws `store_damaged` for anything `encodeCredential` does not write, and says so when a newer version wrote it. */
export function decodeCredential(stored: Secret): Credential {
  const fields = parseObject(stored.reveal());
  const { v, refreshToken, accessToken, accessTokenIssued, accessTokenExpires, scopes, broughtAs, generation } = fields;
  if (typeof v === 'number' && v > VERSION) throw damaged('it was written by a newer version of mailauth');
  if (v !== VERSION) throw damaged('its version is missing');
  // An app has none, and is stored with its first access token.
  const isApp = refreshToken === undefined && accessToken !== undefined;
  if (!isApp && !isText(refreshToken)) throw damaged('its refresh token is missing');
  if (accessToken !== undefined && !isText(accessToken)) throw damaged('its access token is not a text');
  if (accessTokenIssued !== undefined && !isTime(accessTokenIssued)) throw damaged('a date in it is not a number');
  if (accessTokenExpires !== undefined && !isTime(accessTokenExpires)) throw damaged('a date in it is not a number');
  if (scopes !== undefined && !(Array.isArray(scopes) && scopes.every(isText))) throw damaged('its scopes are no list');
  if (broughtAs !== undefined && !isText(broughtAs)) throw damaged('what it says of its origin is no text');
  if (!isCount(generation)) throw damaged('its generation is not a number');
  return {
    ...(isText(refreshToken) && { refreshToken: new Secret(refreshToken) }),
    ...(accessToken !== undefined && { accessToken: new Secret(accessToken) }),
    ...(accessTokenIssued !== undefined && { accessTokenIssued }),
    ...(accessTokenExpires !== undefined && { accessTokenExpires }),
    ...(scopes !== undefined && { scopes }),
    ...(broughtAs !== undefined && { broughtAs }),
    generation,
  };
}

function parseObject(text: string): Record<string, unknown> {
  const record = recordIn(text);
  if (record === undefined) throw damaged('it is not what mailauth writes');
  return record;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Epoch seconds; a server may announce a lifetime with a fraction. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function damaged(why: string): MailauthError {
  return new MailauthError('store_damaged', `the stored sign-in cannot be used: ${why}`, {
    fix: [{ text: 'sign in again; the old entry is left as it is until then' }],
  });
}
