import { list, text } from '../../account/answers.js';
import { explain } from '../../explain/explain.js';
import type { Outcome } from '../../explain/outcome.js';
import { MailauthError } from '../../explain/problem.js';
import { missing } from '../../guide/plan.js';
import { LOOPBACK_HOSTS } from '../../guide/provider.js';
import type { RegisteredClient } from '../../oauth/registration.js';
import { hostPort, withoutBrackets } from '../../words/host.js';
import { contextOfAnswers } from '../explain-context.js';
import { forget, give, learn } from './answers.js';
import { issuerOf } from './bench.js';
import { guideOf } from './command.js';
import {
  answersOf,
  CLIENT_FROM,
  CLIENT_ID,
  CLIENT_SECRET,
  givenAnswers,
  REDIRECT_HOST,
  REFRESH_TOKEN,
  REGISTERED,
  REGISTRATION_TOKEN,
  REGISTRATION_URI,
  type Setup,
  stepsFor,
} from './state.js';

/** What a script need not give where mailauth may register itself. */
export const OF_CLIENT: readonly string[] = ['--client-id', '--client-secret-file'];

/** Whether the issuer is still to be asked for a registration. Who wants a client with a secret makes it by hand. */
export function mayRegister(setup: Setup): boolean {
  const answers = givenAnswers(setup);
  const isStep = stepsFor(setup).some(({ verify }) => verify?.includes('registration'));
  const isBrought = setup.records[REFRESH_TOKEN] !== undefined;
  const isIssuer = answers['issuer'] !== undefined || setup.provider.issuer !== undefined;
  return isStep && isIssuer && !isBrought && !hasClient(setup) && answers['client-type'] !== 'web';
}

function hasClient({ records }: Setup): boolean {
  return (
    [CLIENT_ID, CLIENT_SECRET].some((id) => records[id]?.state !== undefined && records[id]?.state !== 'proposed') ||
    Boolean(records[CLIENT_FROM]?.value)
  );
}

/**
 * Where the issuer takes registrations from programs (RFC 7591), mailauth makes itself a public client there: nobody
 * opens a console, and nothing expires. A person is asked first; a script that gave no client has asked for it.
 */
export async function proveRegistration(setup: Setup): Promise<'proven' | 'again'> {
  const { interviewer } = setup.world;
  const issuer = await issuerOf(setup);
  const at = issuer.endpoints.issuer;
  leaveOther(setup, at);
  if (!mayRegister(setup)) return 'proven';
  if (issuer.registration === undefined) return withoutRegistration(setup);
  const choice = await interviewer.choose(
    `${at} lets programs register themselves.`,
    [
      { value: 'register', label: 'register mailauth there now: nothing is left to do by hand, and nothing expires' },
      { value: 'own', label: 'no, there is a client already, or somebody makes one' },
    ],
    'register',
  );
  if (choice === 'own') return 'proven';
  learn(setup, { 'client-type': 'desktop' });
  const outcome = await registered(setup, issuer.registration);
  if (!outcome.ok) {
    forget(setup, 'client-type');
    const problem = await explain(outcome.evidence, contextOfAnswers(setup.provider, answersOf(setup)));
    if (!interviewer.attended) throw MailauthError.of(problem);
    interviewer.explain(problem);
    return 'proven';
  }
  keep(setup, at, outcome.value);
  interviewer.tell('ok', `mailauth has registered itself at ${at}`);
  return 'proven';
}

/** A registration at another issuer is none here. */
function leaveOther(setup: Setup, at: string): void {
  const before = text(givenAnswers(setup), REGISTERED);
  if (before === undefined || before === at) return;
  for (const id of [REGISTERED, REDIRECT_HOST, REGISTRATION_URI, REGISTRATION_TOKEN, CLIENT_ID]) forget(setup, id);
}

function withoutRegistration(setup: Setup): 'proven' {
  const lacks = missing(setup.provider, givenAnswers(setup));
  if (setup.world.interviewer.attended || lacks.length === 0) return 'proven';
  throw new MailauthError('missing_input', 'the issuer registers no program by itself, so a client has to be given', {
    missing: lacks,
    fix: [
      {
        text: 'register a client there, and give the flags above; the guide says how',
        command: guideOf(setup),
      },
    ],
  });
}

async function registered(setup: Setup, endpoint: string): Promise<Outcome<RegisteredClient>> {
  const { world, bench } = setup;
  const { register } = await import('../../oauth/registration.js');
  const network = await bench.network();
  const answers = answersOf(setup);
  const name = text(answers, 'app-name') ?? 'mailauth';
  const ask = (uri: string) =>
    register(endpoint, { name, redirectUri: uri, scopes: list(answers, 'scopes') }, { network, signal: world.signal });
  const asking = async (): Promise<Outcome<RegisteredClient>> => {
    const [usual, ...others] = redirectForms(text(answers, 'redirect-uri') ?? '');
    let asked = usual?.host ?? '';
    let outcome = await ask(usual?.uri ?? '');
    for (const { host, uri } of others) {
      if (outcome.ok || outcome.evidence.error !== 'invalid_redirect_uri') break;
      asked = host;
      outcome = await ask(uri);
    }
    const kept = outcome.ok ? hostKept(asked, outcome.value.redirectUris) : usual?.host;
    if (kept !== undefined && kept !== usual?.host) learn(setup, { [REDIRECT_HOST]: kept });
    return outcome;
  };
  return world.interviewer.waitFor({ what: `the registration at ${new URL(endpoint).host}`, seconds: 60 }, asking());
}

/**
 * The ways to name a port of this computer (RFC 8252 section 7.3), the usual one first. An issuer need not look at the
 * port, and some want it left out; some take one of the hosts alone.
 */
function redirectForms(uri: string): readonly { readonly host: string; readonly uri: string }[] {
  const { hostname, port, pathname } = new URL(uri);
  const usual = withoutBrackets(hostname);
  return [usual, ...LOOPBACK_HOSTS.filter((host) => host !== usual)].flatMap((host) => {
    const whole = hostPort(host, port);
    return [whole, whole.replace(/:\d*$/, '')].map((authority) => ({ host, uri: `http://${authority}${pathname}` }));
  });
}

/** The name of this computer that the issuer wrote down: it may replace what it was asked for (RFC 7591 section 3.2.1). */
function hostKept(asked: string, redirectUris: readonly string[]): string {
  const hosts = redirectUris.filter((uri) => URL.canParse(uri)).map((uri) => withoutBrackets(new URL(uri).hostname));
  if (hosts.includes(asked)) return asked;
  return LOOPBACK_HOSTS.find((host) => hosts.includes(host)) ?? asked;
}

function keep(setup: Setup, at: string, { clientId, management }: RegisteredClient): void {
  learn(setup, { [CLIENT_ID]: clientId, [REGISTERED]: at });
  if (management === undefined) return;
  learn(setup, { [REGISTRATION_URI]: management.uri });
  give(setup, REGISTRATION_TOKEN, management.token, { from: 'learnt' });
}
