import type { Account, MailServers } from '../../account/account.js';
import { list, text } from '../../account/answers.js';
import type { Credential } from '../../account/credential.js';
import { renewed } from '../../account/credential.js';
import { recordOf } from '../../account/record.js';
import { MailauthError } from '../../explain/problem.js';
import { rolesNeeded } from '../../guide/plan.js';
import { encodeCredential } from '../../store/credential.js';
import { newCredentialId } from '../../store/store.js';
import { signInEndOf } from '../dates.js';
import { contextOfAnswers } from '../explain-context.js';
import { withAccountLock } from '../lock.js';
import type { BegunAddress } from '../signin/begin.js';
import { otherWaysOf, type SignedIn, type SignInRequest } from '../signin/browser.js';
import { proveOwnership } from '../signin/prove-ownership.js';
import { doubt, give, learn, prove } from './answers.js';
import { issuerOf, labelOf } from './bench.js';
import { noteOldSecrets } from './change.js';
import { commandOf } from './command.js';
import { discardReplaced, saveSetup } from './draft.js';
import { beginGrant, linesOf, reachGrant } from './reach-grant.js';
import { accountRecord, clientRecord, storeRecords } from './records.js';
import { answersOf, REFRESH_TOKEN, type Setup, SIGN_IN } from './state.js';

/**
 * Signs in, or takes a refresh token that a script brought along, and stores the account once identity and scopes hold.
 * From then on the account exists, whatever the mail check says.
 */
export async function proveSignIn(setup: Setup): Promise<'proven' | 'again'> {
  const { interviewer } = setup.world;
  const request = await requestFor(setup);
  const signedIn = await reachGrant(setup, request);
  if (!signedIn.identified) {
    const { provider, bench, world } = setup;
    const answers = answersOf(setup);
    const context = contextOfAnswers(provider, answers);
    const { trust } = await bench.network();
    const servers: MailServers = recordOf('account', answers, provider.ownFields, {});
    await proveOwnership(world, signedIn, { ...servers, trust, context });
  }
  learn(setup, {
    account: signedIn.address,
    ...(signedIn.authUser !== undefined && { 'auth-user': signedIn.authUser }),
  });
  await storeSignIn(setup, signedIn);
  for (const [status, sentence] of linesOf(setup, signedIn)) interviewer.tell(status, sentence);
  return 'proven';
}

/** The first half of a sign-in that another run of this set-up finishes. */
export async function beginSetupSignIn(setup: Setup): Promise<BegunAddress> {
  const begun = await beginGrant(setup, await requestFor(setup));
  await saveSetup(setup);
  return begun;
}

/** A sign-in request for what was answered. */
async function requestFor(setup: Setup): Promise<SignInRequest> {
  const { provider, bench } = setup;
  const answers = answersOf(setup);
  const address = text(answers, 'account');
  if (address === undefined) throw new MailauthError('missing_input', 'no mailbox address was given');
  const authUser = text(answers, 'auth-user');
  const issuer = await issuerOf(setup);
  return {
    provider,
    issuer,
    client: await bench.client(),
    redirect: bench.redirect(),
    scopes: list(answers, 'scopes'),
    roles: rolesNeeded(provider, answers),
    address,
    ...(authUser && { authUser }),
    answers,
    canGoBack: true,
    afterwards: 'mailauth is now testing the mailbox in the terminal.',
    otherWays: otherWaysOf(provider, issuer, commandOf(setup)),
  };
}

/**
 * The credential first, under a name that the unfinished set-up knows, then the records: a cut between the two leaves
 * nothing that nobody knows of. All of it under the lock of the refresh, so that none is saved over the other.
 */
async function storeSignIn(setup: Setup, signedIn: SignedIn): Promise<void> {
  const { world, bench, account: before } = setup;
  const store = await bench.store();
  const issuer = await issuerOf(setup);
  const now = world.now();
  const client = await clientRecord(setup, signedIn.redirectUri);
  const account = accountRecord(setup, client, {
    address: signedIn.address,
    credential: before?.credential ?? signedIn.entry ?? (await nameSignIn(setup)),
    endpoints: { ...issuer.endpoints, issuer: signedIn.grant.identity?.issuer ?? issuer.endpoints.issuer },
    signedIn: now.toISOString(),
    signInEnds: signInEndOf(signedIn.grant, now),
  } as Pick<Account, 'address' | 'credential' | 'endpoints' | 'signedIn'>);
  await noteOldSecrets(setup, { account, client });
  await withAccountLock(world, account, async (held) => {
    await held.assertHeld();
    if (signedIn.entry !== account.credential)
      await store.put(account.credential, encodeCredential(credentialOf(signedIn, now)));
    try {
      await storeRecords(setup, { account, client });
    } catch (error) {
      const isRefused = error instanceof MailauthError && error.code === 'no_such_account';
      if (isRefused && signedIn.entry !== account.credential) await discardSignIn(setup, account.credential);
      throw error;
    }
  });
  setup.changed = true;
  give(setup, REFRESH_TOKEN, { entry: account.credential }, { from: 'learnt' });
  setup.entries = Object.fromEntries(Object.entries(setup.entries).filter(([name]) => name !== SIGN_IN));
  prove(setup, 'signin');
  doubt(setup, 'mailbox');
  await discardReplaced(setup);
}

/** The account or its client was removed meanwhile: the sign-in that was made for it goes too. */
async function discardSignIn(setup: Setup, entry: string): Promise<void> {
  await (await setup.bench.store()).delete(entry);
  setup.entries = Object.fromEntries(Object.entries(setup.entries).filter(([, other]) => other !== entry));
  await saveSetup(setup);
}

async function nameSignIn(setup: Setup): Promise<string> {
  const id = setup.entries[SIGN_IN] ?? newCredentialId(labelOf(setup));
  setup.entries = { ...setup.entries, [SIGN_IN]: id };
  await saveSetup(setup);
  return id;
}

function credentialOf({ grant, credential }: SignedIn, now: Date): Credential {
  if (credential !== undefined) return { ...credential, generation: now.getTime() };
  return renewed({ generation: now.getTime() }, grant, now);
}
