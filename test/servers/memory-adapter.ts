import type { Adapter, AdapterPayload } from 'oidc-provider';

interface Entry {
  readonly payload: AdapterPayload;
  /** Epoch milliseconds. */
  readonly expires: number;
}

/**
 * Where the authorization server keeps clients, grants and tokens. One Map a server, so that servers share nothing,
 * and open to the test: an administrator's acts (a grant withdrawn, a client deleted) are acts on this map.
 */
export interface Storage {
  adapter(kind: string): Adapter;
  /** Forgets every grant and token of one person, as a withdrawn consent or a changed password does. Returns how many. */
  forget(accountId: string): number;
}

const withdrawn = new Set(['Grant', 'AccessToken', 'RefreshToken', 'AuthorizationCode', 'DeviceCode']);

export function makeStorage(): Storage {
  const entries = new Map<string, Entry>();

  const live = (key: string): AdapterPayload | undefined => {
    const entry = entries.get(key);
    if (entry === undefined || entry.expires <= Date.now()) return undefined;
    return entry.payload;
  };
  const where = (kind: string, holds: (payload: AdapterPayload) => boolean): AdapterPayload | undefined =>
    [...entries.keys()]
      .filter((key) => key.startsWith(`${kind}:`))
      .map(live)
      .find((payload) => payload !== undefined && holds(payload));

  return {
    adapter: (kind) => ({
      async upsert(id, payload, expiresIn) {
        const expires = expiresIn === undefined ? Number.POSITIVE_INFINITY : Date.now() + expiresIn * 1000;
        entries.set(`${kind}:${id}`, { payload, expires });
      },
      find: async (id) => live(`${kind}:${id}`),
      findByUserCode: async (userCode) => where(kind, (payload) => payload.userCode === userCode),
      findByUid: async (uid) => where(kind, (payload) => payload.uid === uid),
      async consume(id) {
        const payload = live(`${kind}:${id}`);
        if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1000);
      },
      async destroy(id) {
        entries.delete(`${kind}:${id}`);
      },
      async revokeByGrantId(grantId) {
        for (const [key, { payload }] of entries) if (payload.grantId === grantId) entries.delete(key);
      },
    }),
    forget(accountId) {
      const keys = [...entries].filter(
        ([key, { payload }]) => payload.accountId === accountId && withdrawn.has(key.split(':')[0] ?? ''),
      );
      for (const [key] of keys) entries.delete(key);
      return keys.length;
    },
  };
}
