import type { StoreChoice } from '../../account/account.js';
import { text } from '../../account/answers.js';
import { explain } from '../../explain/explain.js';
import { MailauthError } from '../../explain/problem.js';
import { isStored } from '../../guide/answer-record.js';
import { complete, itemsOf } from '../../guide/plan.js';
import type { LookAlikes } from '../../guide/provider.js';
import type { AnswerValue, Verification } from '../../guide/step.js';
import { contextOfAnswers } from '../explain-context.js';
import { openStore } from '../open.js';
import { forget, swap } from './answers.js';
import { isIssuer, issuerOf, storeSecrets, tenantInIssuer } from './bench.js';
import { isBrought } from './brought-token.js';
import { commandOf } from './command.js';
import { proveMailbox } from './prove-mailbox.js';
import { proveSignIn } from './prove-signin.js';
import { proveRegistration } from './registration.js';
import { withPauses } from './settling.js';
import { answersOf, CLIENT_SECRET, givenAnswers, type Setup, signInFor } from './state.js';

/** The proofs a step can name. Each ends quietly when it holds; `again` asks the same proof anew, after something changed. */
export const PROOFS: Readonly<Record<Verification, Proof>> = {
  store: proveStore,
  redirect: proveRedirect,
  tenant: proveTenant,
  registration: proveRegistration,
  client: (setup) => withSecret(setup, (held) => withPauses(held, () => proveClient(held))),
  signin: (setup) => withSecret(setup, proveSignIn),
  mailbox: proveMailbox,
};

type Proof = (setup: Setup) => Promise<'proven' | 'again'>;

/** Nothing secret exists yet when this runs: a store that cannot be written is found out at step 2, not at the end. */
async function proveStore(setup: Setup): Promise<'proven' | 'again'> {
  const { world } = setup;
  const choice: StoreChoice = setup.storeChoice ?? world.store ?? { kind: 'keychain' };
  try {
    const store = await openStore(world, choice);
    const { rotates } = signInFor(setup);
    // A keychain may open a window of its own and wait for its password.
    await world.interviewer.waitFor({ what: store.describe(), seconds: 60 }, store.prove(rotates));
    setup.storeChoice = store.choice;
    world.interviewer.tell('ok', `secrets will be kept in ${store.describe()}`);
    tellReach(setup);
  } catch (error) {
    if (!(error instanceof MailauthError) || choice.kind === 'file') throw error;
    world.interviewer.explain(error.problem);
    const next = await world.interviewer.choose(
      'Where shall the secrets be kept?',
      [
        { value: 'again', label: choice.kind === 'keychain' ? 'try the keychain again' : 'try the same store again' },
        { value: 'file', label: 'in an encrypted file, locked with a passphrase or a key file' },
      ],
      error,
    );
    if (next === 'file') setup.storeChoice = { kind: 'file' };
    return 'again';
  }
  await storeSecrets(setup);
  return 'proven';
}

/** A person reads it in the step; a script's reader hears it before anything is stored. */
function tellReach(setup: Setup): void {
  const { provider, world, account } = setup;
  // It was said when the account was new.
  if (account !== undefined) return;
  const { reach } = signInFor(setup).access(provider);
  if (reach !== undefined && !world.interviewer.attended) world.interviewer.tell('info', reach);
}

/** A person is told before the registration names the port. Whoever needs none, or is a script, is not kept by it. */
async function proveRedirect(setup: Setup): Promise<'proven' | 'again'> {
  const redirect = setup.bench.redirect();
  const { attended } = setup.world.interviewer;
  if (redirect.port === 0 || !attended || setup.way.kind !== 'browser' || isBrought(setup)) return 'proven';
  const { listen } = await import('../../oauth/callback/listener.js');
  const listener = await listen(redirect, { signal: setup.world.signal });
  await listener.close();
  setup.world.interviewer.tell(
    'ok',
    listener.port === redirect.port
      ? `port ${redirect.port} is free`
      : `port ${redirect.port} is busy; port ${listener.port} will do`,
  );
  return 'proven';
}

async function proveTenant(setup: Setup): Promise<'proven' | 'again'> {
  try {
    await issuerOf(setup);
  } catch (error) {
    const pair = setup.provider.lookAlikes;
    if (!(error instanceof MailauthError) || error.code !== 'tenant_wrong' || pair === undefined) throw error;
    if (!(await areSwapped(setup, pair))) throw error;
    return offerSwap(setup, pair, error);
  }
  const tenant = tenantInIssuer(setup);
  setup.world.interviewer.tell('ok', tenant === undefined ? 'the issuer answers' : `the directory ${tenant} exists`);
  return 'proven';
}

/** Two answers that look alike. Swapped, the one leads to no issuer, and the other does. */
async function areSwapped(setup: Setup, { questions: [one, other] }: LookAlikes): Promise<boolean> {
  const answers = givenAnswers(setup);
  const { [one]: first, [other]: second } = answers;
  if (first === undefined || second === undefined || shapeOf(first) !== shapeOf(second)) return false;
  return isIssuer(setup, complete(setup.provider, { ...answers, [one]: second, [other]: first }));
}

function shapeOf(id: AnswerValue): string {
  return String(id).replace(/[0-9a-f]/gi, 'x');
}

async function offerSwap(setup: Setup, { questions, message }: LookAlikes, error: MailauthError): Promise<'again'> {
  const choice = await setup.world.interviewer.choose(
    `${message}.`,
    [
      { value: 'swap', label: 'swap them' },
      { value: 'correct', label: 'enter both again' },
    ],
    new MailauthError(error.code, message, { fix: [{ text: 'swap them, then run the same command again' }] }),
  );
  if (choice === 'swap') swap(setup, ...questions);
  else for (const question of questions) forget(setup, question);
  return 'again';
}

/** A secret that has gone from the store since it was entered is asked for once more. */
async function withSecret(setup: Setup, prove: Proof): Promise<'proven' | 'again'> {
  if (await holdsSecret(setup)) return prove(setup);
  const { world, provider } = setup;
  const store = await setup.bench.store();
  const { [CLIENT_SECRET]: _, ...others } = givenAnswers(setup);
  const isAsked = itemsOf(provider, others).some((item) => item.id === CLIENT_SECRET);
  if (!world.interviewer.attended || !isAsked) {
    throw new MailauthError('client_secret_wrong', `${store.describe()} no longer holds the client secret`, {
      fix: [{ text: 'give the secret again', command: `${commandOf(setup)} --client-secret-file FILE` }],
    });
  }
  world.interviewer.tell('warn', `the client secret is no longer in ${store.describe()}; enter it once more`);
  forget(setup, CLIENT_SECRET);
  return 'again';
}

async function holdsSecret(setup: Setup): Promise<boolean> {
  const value = setup.records[CLIENT_SECRET]?.value;
  return !isStored(value) || (await (await setup.bench.store()).get(value.entry)) !== undefined;
}

/** Asks the token endpoint about the client before any person signs in, and says only what that proved. */
async function proveClient(setup: Setup): Promise<'proven' | 'again'> {
  const { world, provider } = setup;
  const answers = answersOf(setup);
  const issuer = await issuerOf(setup);
  const { preflight } = await import('../../oauth/preflight.js');
  const asking = preflight(issuer, await setup.bench.client(), provider.preflight, {
    network: await setup.bench.network(),
    redirectUri: text(answers, 'redirect-uri') ?? '',
    sharedTenant: provider.sharedTenants?.includes(text(answers, 'tenant') ?? '') ?? false,
    signal: world.signal,
  });
  const result = await world.interviewer.waitFor({ what: `the answer of ${provider.title}`, seconds: 30 }, asking);
  if (result.result === 'proven') world.interviewer.tell('ok', `${provider.title} knows this client`);
  else if (result.result === 'unproven')
    world.interviewer.tell('info', 'the client is not proven yet, the sign-in will show it');
  else throw MailauthError.of(await explain(result.evidence, contextOfAnswers(provider, answers)));
  return 'proven';
}
