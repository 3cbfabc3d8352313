import type { Grant } from '../../account/grant.js';
import { adviseMissingRoles } from '../../explain/advice.js';
import { explain } from '../../explain/explain.js';
import { MailauthError } from '../../explain/problem.js';
import { missingRoles } from '../../oauth/roles.js';
import { mint } from '../../oauth/tokens.js';
import { contextOfAnswers } from '../explain-context.js';
import type { World } from '../world.js';
import type { SignInRequest } from './browser.js';
import type { AcceptedGrant } from './judge-grant.js';

/**
 * The first token of an app, in the place of a sign-in. Nobody is named in it: whether it opens the mailbox is for the
 * mail servers to say, and may take them a while, so that it is no reason not to store the account.
 */
export async function letIn(world: World, request: SignInRequest): Promise<AcceptedGrant> {
  const { issuer, client, provider, scopes, address, authUser, answers } = request;
  const context = contextOfAnswers(provider, answers);
  const wish = { scopes, subject: authUser ?? address };
  const outcome = await world.interviewer.waitFor(
    { what: `the answer of ${provider.title}`, seconds: 30 },
    mint(issuer.endpoints, client, wish, { network: issuer.network, signal: world.signal }),
  );
  if (!outcome.ok) throw MailauthError.of(await explain(outcome.evidence, context));
  const grant: Grant = outcome.value;
  const missing = missingRoles(grant.accessToken, request.roles ?? []);
  if (missing.length > 0) throw MailauthError.of(adviseMissingRoles(missing, context));
  return { grant, address, identified: true, ...(authUser && { authUser }) };
}
