import type { StoreChoice } from '../core/account.js';
import type { Code } from '../core/codes.js';
import { MailauthError } from '../core/errors.js';
import { explain } from '../core/explain.js';
import { back, itemsOf, SECRET_GIVEN } from '../core/plan.js';
import type { AnswerValue, Verification } from '../core/step.js';
import { contextOfAnswers, explanationOf, failureOf } from './failure.js';
import { proveMailbox } from './prove-mailbox.js';
import { proveSignIn } from './prove-signin.js';
import {
  clientOf,
  discoverIssuer,
  issuerOf,
  keepSecret,
  networkOf,
  redirectOf,
  storeOf,
  tenantInIssuer,
} from './resources.js';
import {
  answer,
  answersOf,
  CLIENT_SECRET,
  forget,
  rewind,
  type Session,
  saveSession,
  text,
  without,
} from './session.js';
import { openStore } from './vault.js';

/** The proofs a step can name. Each ends quietly when it holds; `again` asks the same proof anew, after something changed. */
export const PROOFS: Readonly<Record<Verification, Proof>> = {
  store: proveStore,
  redirect: proveRedirect,
  tenant: proveTenant,
  client: (session) => withSecret(session, proveClient),
  signin: (session) => withSecret(session, proveSignIn),
  mailbox: proveMailbox,
};

type Proof = (session: Session) => Promise<'proven' | 'again'>;

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
  try {
    await issuerOf(session);
  } catch (error) {
    if (!(error instanceof MailauthError) || error.code !== 'tenant_wrong' || !(await areSwapped(session))) throw error;
    return offerSwap(session, error);
  }
  const tenant = tenantInIssuer(session);
  session.world.interviewer.tell('ok', tenant === undefined ? 'the issuer answers' : `the directory ${tenant} exists`);
  return 'proven';
}

/** Client ID and tenant ID look alike. Swapped, the one is no directory, and the other is. */
async function areSwapped(session: Session): Promise<boolean> {
  const { 'client-id': client, tenant } = session.progress.answers;
  if (shapeOf(client) === '' || shapeOf(client) !== shapeOf(tenant)) return false;
  return (await discoverIssuer(session, swapped(session).answers)).ok;
}

function shapeOf(id: AnswerValue | undefined): string {
  return String(id ?? '').replace(/[0-9a-f]/gi, 'x');
}

function swapped({ progress }: Session): Session['progress'] {
  const { 'client-id': client = '', tenant = '' } = progress.answers;
  return { ...progress, answers: { ...progress.answers, 'client-id': tenant, tenant: client } };
}

async function offerSwap(session: Session, error: MailauthError): Promise<'again'> {
  const message = 'the client ID and the tenant ID are swapped: the one given as the client ID is a directory';
  const choice = await session.world.interviewer.choose(
    `${message}.`,
    [
      { value: 'swap', label: 'swap them' },
      { value: 'correct', label: 'enter both again' },
    ],
    new MailauthError(error.code, message, { fix: [{ text: 'swap them, then run the same command again' }] }),
  );
  if (choice === 'swap') session.progress = swapped(session);
  else for (const question of ['client-id', 'tenant']) forget(session, question);
  return 'again';
}

/** A secret that has gone from the store since it was entered is asked for once more. */
async function withSecret(session: Session, prove: Proof): Promise<'proven' | 'again'> {
  if (await holdsSecret(session)) return prove(session);
  const store = await storeOf(session);
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
  return id !== undefined && (await (await storeOf(session)).get(id)) !== undefined;
}

/** The question is asked again; Enter keeps the answer, unless it is a secret. */
function reopen(session: Session, question: string): void {
  forget(session, question);
  if (question === CLIENT_SECRET) session.proposed = without(session.proposed, question);
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

/** The answers that a code blames: forgetting them sends the wizard back to where they are asked. */
const ANSWERS_AT_FAULT: Partial<Record<Code, readonly string[]>> = {
  client_not_found: ['client-id', 'tenant'],
  client_secret_wrong: [CLIENT_SECRET],
  client_secret_is_id: [CLIENT_SECRET],
  client_secret_expired: [CLIENT_SECRET, 'secret-expires'],
  client_type_mismatch: ['client-type'],
  tenant_wrong: ['tenant'],
  dns_failed: ['issuer'],
  connect_refused: ['issuer'],
  connect_timeout: ['issuer'],
};

/** How long a new client or secret usually needs before every server of the provider knows it (seconds). */
const SETTLING_SECONDS = 30;

/**
 * A proof that failed at a terminal: says why, and offers to correct the answers at fault, to try again (new clients
 * and secrets may take minutes to work), or to stop with everything saved. A script gets the error itself.
 */
export async function recover(session: Session, failure: MailauthError): Promise<void> {
  const { interviewer } = session.world;
  const { questions, step } = atFault(session, failure.code);
  const error = step === undefined ? failure : atStep(failure, step);
  interviewer.explain(explanationOf(error));
  const settles = error.exit === 78 && error.code !== 'tenant_wrong';
  const choice = await interviewer.choose(
    'What next?',
    [
      ...(step === undefined
        ? []
        : [{ value: 'correct' as const, label: `go back to step ${step} and enter ${them(questions)} again` }]),
      ...(error.code === 'port_busy' ? [{ value: 'port' as const, label: 'use another port' }] : []),
      ...(settles
        ? [
            {
              value: 'wait' as const,
              label: `wait ${SETTLING_SECONDS} seconds and try again: new values may take a few minutes to work`,
            },
          ]
        : []),
      { value: 'again' as const, label: 'try again now' },
      { value: 'back' as const, label: 'go back to the last question' },
      { value: 'stop' as const, label: 'save and stop here' },
    ],
    error,
  );
  if (choice === 'stop') throw error;
  if (choice === 'correct') {
    for (const question of questions) reopen(session, question);
    if (questions.length === 1) session.proposed = without(session.proposed, questions[0] as string);
    session.issuer = undefined;
  }
  if (choice === 'back') rewind(session, back(session.provider, session.progress));
  if (choice === 'port') await moveListener(session);
  if (choice === 'wait') await interviewer.countdown(SETTLING_SECONDS, session.world.signal);
}

/** The next action names the step that asks for what was wrong, where the diagnosis could not know it. */
function atStep(error: MailauthError, step: string): MailauthError {
  const [first, ...others] = error.fix;
  if (first === undefined || error.who !== 'you' || error.fix.some((fix) => fix.step !== undefined)) return error;
  return failureOf({ ...explanationOf(error), fix: [{ ...first, step }, ...others] }, error.evidence);
}

function them(questions: readonly string[]): string {
  return questions.length === 1 ? 'it' : 'both';
}

/** Of the answers a code blames, those that the same step asks this person for. */
function atFault({ provider, progress }: Session, code: Code): { questions: readonly string[]; step?: string } {
  const blamed = ANSWERS_AT_FAULT[code] ?? [];
  const [first, ...others] = itemsOf(provider, progress.answers).filter((item) => blamed.includes(item.id));
  if (first === undefined) return { questions: [] };
  const neighbours = others.filter((item) => item.step === first.step);
  return { questions: [first, ...neighbours].map((item) => item.id), step: first.step.number };
}

/** A free port instead of the busy one. The steps that show the redirect URI are gone through once more. */
async function moveListener(session: Session): Promise<void> {
  const { listen } = await import('../oauth/loopback.js');
  const listener = await listen({ ...redirectOf(session), anyPort: true }, { signal: session.world.signal });
  await listener.close();
  answer(session, { 'redirect-port': String(listener.port) });
  const shows = itemsOf(session.provider, session.progress.answers).filter(
    (item) => item.kind === 'instruction' && JSON.stringify(item.instruction).includes('{redirect-uri}'),
  );
  const done = session.progress.done.filter((id) => !shows.some((item) => item.id === id));
  session.progress = { ...session.progress, done };
}
