import { answersIn } from '../../guide/answer-record.js';
import { answersOfGuide } from '../../guide/ways.js';
import type { Setup } from './state.js';

/** The command that leads on with this set-up: an account is called by its name only once it is stored under it. */
export function commandOf({ account, provider }: Pick<Setup, 'account' | 'provider'>): string {
  return `mailauth setup ${account?.name ?? provider.id}`;
}

/** The guide that this set-up follows: what was chosen may make another one than the usual. */
export function guideOf({ provider, records }: Pick<Setup, 'provider' | 'records'>): string {
  const flags = Object.entries(answersOfGuide(provider, answersIn(records))).map(
    ([id, answer]) => ` --${id} ${answer}`,
  );
  return `mailauth guide ${provider.id}${flags.join('')}`;
}
