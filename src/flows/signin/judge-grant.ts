import type { Grant } from '../../account/grant.js';
import { addressOf } from '../../account/identity.js';
import { adviseMissingScopes, adviseNoRefreshToken, adviseWrongAccount } from '../../explain/advice.js';
import { isA } from '../../explain/codes.js';
import { explain } from '../../explain/explain.js';
import type { Outcome } from '../../explain/outcome.js';
import { MailauthError, type Problem } from '../../explain/problem.js';
import type { Provider } from '../../guide/provider.js';
import type { Answers } from '../../guide/step.js';
import { missingMailScopes } from '../../oauth/scopes.js';
import { sameAddress } from '../../providers/directory.js';
import { contextOfAnswers } from '../explain-context.js';
import { GOING_BACK } from '../interviewer.js';
import type { World } from '../world.js';

/** What a sign-in is for. Every grant is held against it, whichever way it was reached. */
export interface GrantWish {
  readonly provider: Provider;
  readonly scopes: readonly string[];
  /** What the token of an app has to name. */
  readonly roles?: readonly string[];
  /** The mailbox that is wanted. */
  readonly address: string;
  /** Who may sign in for it instead: an alias's or a shared mailbox's real account. */
  readonly authUser?: string;
  readonly answers: Answers;
  /** Something was asked before the sign-in that may have to be answered otherwise. */
  readonly canGoBack?: true;
}

/** A grant that may be stored. */
export interface AcceptedGrant {
  readonly grant: Grant;
  /** The mailbox, which the person may have changed to the one they signed in with. */
  readonly address: string;
  readonly authUser?: string;
  /** False where the issuer told nobody's address: then only a mail login shows whose mailbox it is. */
  readonly identified: boolean;
}

export type JudgedGrant =
  | { readonly kind: 'good'; readonly grant: Grant; readonly signedInAs: string | undefined }
  | {
      readonly kind: 'somebody-else';
      readonly grant: Grant;
      readonly signedInAs: string;
      readonly problem: Problem;
    }
  | { readonly kind: 'refused'; readonly problem: Problem };

/** Compares what came of a sign-in with what it was for: the mail permission, a lasting sign-in, the right person. */
export async function judgeGrant(outcome: Outcome<Grant>, wish: GrantWish): Promise<JudgedGrant> {
  const context = contextOfAnswers(wish.provider, wish.answers);
  if (!outcome.ok) return { kind: 'refused', problem: await explain(outcome.evidence, context) };
  const grant = outcome.value;
  const missing = missingMailScopes(wish.scopes, grant.scopes);
  if (missing.length > 0) return { kind: 'refused', problem: adviseMissingScopes(missing, context) };
  if (grant.refreshToken === undefined) return { kind: 'refused', problem: adviseNoRefreshToken(context) };
  const signedInAs = addressOf(grant.identity);
  if (signedInAs === undefined || isWanted(signedInAs, wish)) return { kind: 'good', grant, signedInAs };
  const problem = adviseWrongAccount(signedInAs, wish.address, context);
  return { kind: 'somebody-else', grant, signedInAs, problem };
}

function isWanted(signedInAs: string, wish: GrantWish): boolean {
  return [wish.address, wish.authUser].some((wanted) => wanted !== undefined && sameAddress(signedInAs, wanted));
}

/** Accepts the grant, asks the person what to do about it, or raises its problem for a script. Undefined: once more. */
export async function decide(world: World, wish: GrantWish, judged: JudgedGrant): Promise<AcceptedGrant | undefined> {
  if (judged.kind === 'good') {
    if (judged.signedInAs === undefined && wish.scopes.includes('openid'))
      world.interviewer.tell('warn', unnamed(judged, wish));
    return accept(judged, wish.address, judged.signedInAs ?? wish.authUser);
  }
  const { problem } = judged;
  const error = MailauthError.of(problem);
  // A registration at fault is not fixed by signing in once more.
  if (!isA('signin', problem.code)) throw error;
  if (judged.kind === 'somebody-else') {
    const { signedInAs } = judged;
    const choice = await world.interviewer.choose(
      `You signed in as ${signedInAs}, and ${wish.address} was expected.`,
      [
        { value: 'again', label: `sign in again, as ${wish.address}` },
        { value: 'use', label: `set up ${signedInAs} instead` },
        { value: 'alias', label: `${wish.address} is an alias or a shared mailbox of ${signedInAs}` },
      ],
      error,
    );
    if (choice === 'use') return accept(judged, signedInAs, undefined);
    return choice === 'alias' ? accept(judged, wish.address, signedInAs) : undefined;
  }
  world.interviewer.explain(problem);
  const next = await world.interviewer.choose(
    'What next?',
    [
      { value: 'again', label: 'sign in again' },
      ...(wish.canGoBack ? [{ value: 'back' as const, label: 'go back to the last question' }] : []),
      { value: 'stop', label: 'stop here; what was entered is kept' },
    ],
    error,
  );
  if (next === 'back') throw GOING_BACK;
  if (next === 'stop') throw new MailauthError('interrupted', 'stopped');
  return undefined;
}

/** Who signed in was asked for with the scope `openid` (OpenID Connect Core section 3.1.2.1), and not told. */
function unnamed({ grant }: JudgedGrant & { kind: 'good' }, { address }: GrantWish): string {
  const missing = grant.identity === undefined ? 'the answer has no ID token' : 'the ID token holds no e-mail address';
  return `${missing}, so it does not say who signed in; the mail login shows whether it opens ${address}`;
}

function accept(
  judged: Exclude<JudgedGrant, { kind: 'refused' }>,
  address: string,
  authUser: string | undefined,
): AcceptedGrant {
  return {
    grant: judged.grant,
    address,
    identified: judged.signedInAs !== undefined,
    ...(authUser !== undefined && !sameAddress(authUser, address) && { authUser }),
  };
}
