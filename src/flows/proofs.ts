import type { StoreChoice } from '../core/account.js';
import type { Code } from '../core/codes.js';
import { MailauthError } from '../core/errors.js';
import { type Explanation, explain } from '../core/explain.js';
import type { Verification } from '../core/step.js';
import { contextOfAnswers, explanationOf, failureOf } from './failure.js';
import { proveMailbox } from './prove-mailbox.js';
import { proveSignIn } from './prove-signin.js';
import { clientOf, issuerOf, keepSecret, networkOf, redirectOf } from './resources.js';
import { answersOf, forget, type Session, saveSession, text } from './session.js';
import { openStore } from './vault.js';

/** The proofs a step can name. Each ends quietly when it holds; `again` asks the same proof anew, after something changed. */
export const PROOFS: Readonly<Record<Verification, (session: Session) => Promise<'proven' | 'again'>>> = {
  store: proveStore,
  redirect: proveRedirect,
  tenant: proveTenant,
  client: proveClient,
  signin: proveSignIn,
  mailbox: proveMailbox,
};

/** Nothing secret exists yet when this runs: a store that cannot be written is found out at step 2, not at the end. */
async function proveStore(session: Session): Promise<'proven' | 'again'> {
  const { world } = session;
  const choice: StoreChoice = session.storeChoice ?? { kind: world.store ?? 'keychain' };
  try {
    const store = await openStore(world, choice);
    await store.prove();
    session.store = store;
    session.storeChoice = store.choice;
    world.interviewer.tell('ok', `secrets will be kept in ${store.describe()}`);
  } catch (error) {
    if (!(error instanceof MailauthError) || choice.kind === 'file') throw error;
    world.interviewer.explain(explanationOf(error));
    const next = await world.interviewer.choose(
      'Where shall the secrets be kept?',
      [
        { value: 'again', label: 'try the keychain again' },
        { value: 'file', label: 'in an encrypted file, locked with a passphrase or a key file' },
      ],
      error,
    );
    if (next === 'file') session.storeChoice = { kind: 'file' };
    return 'again';
  }
  await saveSession(session);
  const { waiting } = session;
  session.waiting = {};
  for (const [question, secret] of Object.entries(waiting)) await keepSecret(session, question, secret);
  return 'proven';
}

async function proveRedirect(session: Session): Promise<'proven' | 'again'> {
  const redirect = redirectOf(session);
  if (redirect.port === 0) return 'proven';
  const { listen } = await import('../oauth/loopback.js');
  const listener = await listen(redirect, { signal: session.world.signal });
  await listener.close();
  session.world.interviewer.tell(
    'ok',
    listener.port === redirect.port
      ? `port ${redirect.port} is free`
      : `port ${redirect.port} is busy; port ${listener.port} will do`,
  );
  return 'proven';
}

async function proveTenant(session: Session): Promise<'proven' | 'again'> {
  await issuerOf(session);
  const tenant = text(answersOf(session), 'tenant');
  session.world.interviewer.tell('ok', tenant === undefined ? 'the issuer answers' : `the directory ${tenant} exists`);
  return 'proven';
}

/** Asks the token endpoint about the client before any person signs in, and says only what that proved. */
async function proveClient(session: Session): Promise<'proven' | 'again'> {
  const { world, provider } = session;
  const answers = answersOf(session);
  const issuer = await issuerOf(session);
  const { preflight } = await import('../oauth/preflight.js');
  const result = await preflight(issuer, await clientOf(session), provider.preflight, {
    network: await networkOf(session),
    redirectUri: text(answers, 'redirect-uri') ?? '',
    sharedTenant: provider.sharedTenants?.includes(text(answers, 'tenant') ?? '') ?? false,
    signal: world.signal,
  });
  if (result.result === 'proven') world.interviewer.tell('ok', `${provider.title} knows this client`);
  else if (result.result === 'unproven') world.interviewer.tell('info', 'not proven yet, the sign-in will show it');
  else throw failureOf(explain(result.evidence, contextOfAnswers(provider, answers)), result.evidence);
  return 'proven';
}

/** The answer that a code blames: forgetting it sends the wizard back to where it is asked. */
const ANSWER_AT_FAULT: Partial<Record<Code, string>> = {
  client_not_found: 'client-id',
  client_secret_wrong: 'client-secret-file',
  client_secret_is_id: 'client-secret-file',
  client_secret_expired: 'client-secret-file',
  client_type_mismatch: 'client-type',
  tenant_wrong: 'tenant',
};

/** How long a new client or secret usually needs before every server of the provider knows it (seconds). */
const SETTLING_SECONDS = 30;

/**
 * A proof that failed at a terminal: says why, and offers to correct the answer at fault, to try again (new clients
 * and secrets may take minutes to work), or to stop with everything saved. A script gets the error itself.
 */
export async function recover(session: Session, error: MailauthError): Promise<void> {
  const { interviewer } = session.world;
  const explanation: Explanation = explanationOf(error);
  interviewer.explain(explanation);
  const question = ANSWER_AT_FAULT[error.code];
  const step = question && session.provider.steps.find((candidate) => candidate.asks?.includes(question))?.number;
  const settles = error.exit === 78;
  const choice = await interviewer.choose(
    'What next?',
    [
      ...(step === undefined
        ? []
        : [{ value: 'correct' as const, label: `go back to step ${step} and enter it again` }]),
      ...(settles
        ? [
            {
              value: 'wait' as const,
              label: `wait ${SETTLING_SECONDS} seconds and try again: new values may take a few minutes to work`,
            },
          ]
        : []),
      { value: 'again' as const, label: 'try again now' },
      { value: 'stop' as const, label: 'save and stop here' },
    ],
    error,
  );
  if (choice === 'stop') throw error;
  if (choice === 'correct' && question !== undefined) {
    forget(session, question);
    session.secrets = without(session.secrets, question);
    if (question === 'tenant') session.issuer = undefined;
  }
  if (choice === 'wait') await interviewer.countdown(SETTLING_SECONDS, session.world.signal);
}

function without(secrets: Session['secrets'], question: string): Session['secrets'] {
  const { [question]: _, ...rest } = secrets;
  return rest;
}
