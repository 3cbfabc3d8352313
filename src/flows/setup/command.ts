import type { Setup } from './state.js';

/** The command that leads on with this set-up: an account is called by its name only once it is stored under it. */
export function commandOf({ account, provider }: Pick<Setup, 'account' | 'provider'>): string {
  return `mailauth setup ${account?.name ?? provider.id}`;
}

/** The guide that this set-up follows: another cloud, and who signs in, make another one. */
export function guideOf({ provider, records }: Pick<Setup, 'provider' | 'records'>): string {
  const flags = [provider.variants?.question ?? '', 'sign-in', 'mailbox-kind'].flatMap((question) => {
    const answer = records[question]?.value;
    return typeof answer === 'string' && answer !== '' ? [` --${question} ${answer}`] : [];
  });
  return `mailauth guide ${provider.id}${flags.join('')}`;
}
