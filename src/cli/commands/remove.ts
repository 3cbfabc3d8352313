import { storeWord } from '../../account/account.js';
import { EXIT_OF } from '../../explain/codes.js';
import { MailauthError } from '../../explain/problem.js';
import { openConfiguration } from '../../flows/configuration.js';
import { type Removed, removeAccount } from '../../flows/remove.js';
import { discardDraftsOf } from '../../flows/setup/draft.js';
import { sweepStores } from '../../flows/sweep.js';
import type { Subject } from '../../flows/workbench.js';
import { STORES } from '../../store/stores.js';
import type { Context } from '../context.js';
import { json } from '../output.js';
import { subjectOf } from '../subject.js';

const REVOCATION: Readonly<Record<Removed['revocation'], { status: 'ok' | 'info' | 'warn'; text: string }>> = {
  revoked: { status: 'ok', text: 'the provider has ended the sign-in' },
  'already-gone': { status: 'ok', text: 'the provider had ended the sign-in already' },
  'no-endpoint': { status: 'info', text: 'the provider has no way for a program to end the sign-in' },
  shared: {
    status: 'info',
    text: 'another account or program shares the sign-in, so it was left alone at the provider; --revoke ends it there too',
  },
  declined: { status: 'info', text: 'the sign-in was left alone at the provider, as you asked' },
  nobody: {
    status: 'info',
    text: 'nobody had signed in; the administrator can take away what the app may do, or delete its registration',
  },
  failed: { status: 'warn', text: 'the provider could not be told to end the sign-in' },
};

const REGISTRATION: Readonly<Record<'deleted' | 'left', { status: 'ok' | 'warn'; text: string }>> = {
  deleted: { status: 'ok', text: 'the issuer has deleted the registration that mailauth had made there' },
  left: {
    status: 'warn',
    text: 'the issuer could not be told to delete the registration that mailauth had made there',
  },
};

/** What a person should know who only wants this machine to be done with it. */
function lossElsewhere({ account: { store } }: Subject): string {
  if (STORES[store.kind].place === undefined) return '';
  return ` They are kept in ${storeWord(store)}: every other host that shares them loses them too.`;
}

/** Then there is nothing left that a person could end. */
const ENDED: readonly Removed['revocation'][] = ['revoked', 'already-gone', 'nobody'];

export async function run({ world, output, args, options, attended }: Context): Promise<number> {
  const subject = subjectOf(await openConfiguration(world), args[0] as string);
  const { name } = subject.account;
  if (!attended && options['yes'] !== true) {
    throw new MailauthError('usage', 'remove deletes an account, and nobody is here to confirm it', {
      fix: [{ text: 'add --yes', command: `mailauth remove ${name} --yes` }],
    });
  }
  if (options['yes'] !== true) {
    const keep = await world.interviewer.choose(
      `Delete ${name} (${subject.account.address}) and its secrets?${lossElsewhere(subject)}`,
      [
        { value: 'no', label: 'no, keep it' },
        { value: 'yes', label: 'yes, delete it' },
      ],
      'no',
    );
    if (keep === 'no') return 0;
  }
  const wish = options['revoke'] === true ? 'revoke' : options['revoke'] === false ? 'keep' : undefined;
  const removed = await removeAccount(world, subject, wish);
  await discardDraftsOf(world, subject.account);
  await sweepStores(world);
  const { status, text } = REVOCATION[removed.revocation];
  world.interviewer.tell(status, text);
  if (removed.registration !== undefined) {
    const { status, text } = REGISTRATION[removed.registration];
    world.interviewer.tell(status, text);
  }
  if (!ENDED.includes(removed.revocation)) {
    world.interviewer.tell('info', `you can end it by hand ${subject.provider.revocationPlace}`);
  }
  for (const sentence of removed.left) world.interviewer.tell('fail', sentence);
  if (removed.left.length === 0) world.interviewer.tell('ok', `${name} is deleted here`);
  if (output.json) output.result(json({ schema: 'mailauth.remove/1', name, ...removed }));
  return removed.code === undefined ? 0 : EXIT_OF[removed.code];
}
