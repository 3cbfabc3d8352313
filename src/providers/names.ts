/** The ids of the directory, without what it takes to load it: `--help` and a token need no provider's record. */
export const PROVIDER_NAMES = ['gmail', 'outlook', 'custom'] as const;

/** All of them in words: `one, other or third`. */
export function providerChoice(): string {
  return `${PROVIDER_NAMES.slice(0, -1).join(', ')} or ${PROVIDER_NAMES.at(-1)}`;
}
