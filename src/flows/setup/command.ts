import type { Setup } from './state.js';

/** The command that leads on with this set-up: an account is called by its name only once it is stored under it. */
export function commandOf({ account, provider }: Pick<Setup, 'account' | 'provider'>): string {
  return `mailauth setup ${account?.name ?? provider.id}`;
}
