import type { StoreChoice } from '../../account/account.js';
import { explain } from '../../explain/explain.js';
import { MailauthError } from '../../explain/problem.js';
import { itemsOf, SECRET_GIVEN } from '../../guide/plan.js';
import type { LookAlikes } from '../../guide/provider.js';
import type { AnswerValue, Verification } from '../../guide/step.js';
import { contextOfAnswers } from '../failure.js';
import { openStore } from '../open.js';
import { proveMailbox } from './prove-mailbox.js';
import { proveSignIn } from './prove-signin.js';
import { reopen } from './recover.js';
import { isIssuer, issuerOf, keepSecret, tenantInIssuer } from './resources.js';
import { answersOf, CLIENT_SECRET, forget, type Session, saveSession, text, without } from './session.js';
import { patiently } from './settling.js';

/** The proofs a step can name. Each ends quietly when it holds; `again` asks the same proof anew, after something changed. */
export const PROOFS: Readonly<Record<Verification, Proof>> = {
  store: proveStore,
  redirect: proveRedirect,
  tenant: proveTenant,
  client: (session) => withSecret(session, (held) => patiently(held, () => proveClient(held))),
  signin: (session) => withSecret(session, proveSignIn),
  mailbox: proveMailbox,
};

type Proof = (session: Session) => Promise<'proven' | 'again'>;

/** Nothing secret exists yet when this runs: a store that cannot be written is found out at step 2, not at the end. */
async function proveStore(session: Session): Promise<'proven' | 'again'> {
  const { world } = session;
  const choice: StoreChoice = session.storeChoice ?? world.store ?? { kind: 'keychain' };
  try {
    const store = await openStore(world, choice);
    // A keychain may open a window of its own and wait for its password.
    await world.interviewer.waitFor({ what: store.describe(), seconds: 60 }, store.prove());
    session.storeChoice = store.choice;
    world.interviewer.tell('ok', `secrets will be kept in ${store.describe()}`);
  } catch (error) {
    if (!(error instanceof MailauthError) || choice.kind === 'file') throw error;
    world.interviewer.explain(error.problem);
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
  const redirect = session.bench.redirect();
  if (redirect.port === 0) return 'proven';
  const { listen } = await import('../../oauth/callback/listener.js');
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
  try {
    await issuerOf(session);
  } catch (error) {
    const pair = session.provider.lookAlikes;
    if (!(error instanceof MailauthError) || error.code !== 'tenant_wrong' || pair === undefined) throw error;
    if (!(await areSwapped(session, pair))) throw error;
    return offerSwap(session, pair, error);
  }
  const tenant = tenantInIssuer(session);
  session.world.interviewer.tell('ok', tenant === undefined ? 'the issuer answers' : `the directory ${tenant} exists`);
  return 'proven';
}

/** Two answers that look alike. Swapped, the one leads to no issuer, and the other does. */
async function areSwapped(session: Session, { questions: [one, other] }: LookAlikes): Promise<boolean> {
  const { [one]: first, [other]: second } = session.progress.answers;
  if (shapeOf(first) === '' || shapeOf(first) !== shapeOf(second)) return false;
  return isIssuer(session, swapped(session, [one, other]).answers);
}

function shapeOf(id: AnswerValue | undefined): string {
  return String(id ?? '').replace(/[0-9a-f]/gi, 'x');
}

function swapped({ progress }: Session, [one, other]: LookAlikes['questions']): Session['progress'] {
  const { [one]: first = '', [other]: second = '' } = progress.answers;
  return { ...progress, answers: { ...progress.answers, [one]: second, [other]: first } };
}

async function offerSwap(session: Session, { questions, message }: LookAlikes, error: MailauthError): Promise<'again'> {
  const choice = await session.world.interviewer.choose(
    `${message}.`,
    [
      { value: 'swap', label: 'swap them' },
      { value: 'correct', label: 'enter both again' },
    ],
    new MailauthError(error.code, message, { fix: [{ text: 'swap them, then run the same command again' }] }),
  );
  if (choice === 'swap') session.progress = swapped(session, questions);
  else for (const question of questions) forget(session, question);
  return 'again';
}

/** A secret that has gone from the store since it was entered is asked for once more. */
async function withSecret(session: Session, prove: Proof): Promise<'proven' | 'again'> {
  if (await holdsSecret(session)) return prove(session);
  const store = await session.bench.store();
  const others = without(session.progress.answers, CLIENT_SECRET);
  if (!itemsOf(session.provider, others).some((item) => item.id === CLIENT_SECRET)) {
    throw new MailauthError('signin_required', `${store.describe()} no longer holds the client secret`, {
      fix: [{ text: 'make a new registration instead', command: `mailauth setup ${session.provider.id} --restart` }],
    });
  }
  session.world.interviewer.tell('warn', `the client secret is no longer in ${store.describe()}; enter it once more`);
  reopen(session, CLIENT_SECRET);
  return 'again';
}

async function holdsSecret(session: Session): Promise<boolean> {
  if (session.progress.answers[CLIENT_SECRET] !== SECRET_GIVEN) return true;
  const id = session.secrets[CLIENT_SECRET] ?? session.client?.secretCredential;
  return id !== undefined && (await (await session.bench.store()).get(id)) !== undefined;
}

/** Asks the token endpoint about the client before any person signs in, and says only what that proved. */
async function proveClient(session: Session): Promise<'proven' | 'again'> {
  const { world, provider } = session;
  const answers = answersOf(session);
  const issuer = await issuerOf(session);
  const { preflight } = await import('../../oauth/preflight.js');
  const asking = preflight(issuer, await session.bench.client(), provider.preflight, {
    network: await session.bench.network(),
    redirectUri: text(answers, 'redirect-uri') ?? '',
    sharedTenant: provider.sharedTenants?.includes(text(answers, 'tenant') ?? '') ?? false,
    signal: world.signal,
  });
  const result = await world.interviewer.waitFor({ what: `the answer of ${provider.title}`, seconds: 30 }, asking);
  if (result.result === 'proven') world.interviewer.tell('ok', `${provider.title} knows this client`);
  else if (result.result === 'unproven')
    world.interviewer.tell('info', 'the client is not proven yet, the sign-in will show it');
  else throw MailauthError.of(explain(result.evidence, contextOfAnswers(provider, answers)));
  return 'proven';
}
