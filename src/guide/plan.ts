import { firstIn, isGiven, valuesIn } from '../account/answers.js';
import type { ClientType, SignInKind } from '../account/client.js';
import type { Missing } from '../explain/problem.js';
import { hostPort } from '../words/host.js';
import { fillLink, PLACEHOLDER } from '../words/link.js';
import { type Protocol, protocols, serverQuestions, whenUsed } from '../words/protocol.js';
import { powershellWord } from '../words/shell.js';
import type { PageError, Provider } from './provider.js';
import type {
  Answers,
  AnswerValue,
  Condition,
  Instruction,
  Question,
  Remark,
  Step,
  Value,
  Verification,
  When,
} from './step.js';

/**
 * The wizard as pure functions over a provider's record and the answers so far. Position, resume, back and skip all
 * derive from `Progress`; nothing else remembers where a person stands.
 *
 * Answers of `confirm` questions are `yes` and `no`. An answer of `''` means asked and left empty. The answer of a
 * `secret` question is never the secret: it is the file's name, or says only that there is one.
 */
export interface Progress {
  readonly answers: Answers;
  /** `5.vi` (an instruction), `7` (a step with nothing in it), `verify:8:client`. */
  readonly done: readonly string[];
}

export type Item =
  | {
      readonly kind: 'instruction';
      readonly id: string;
      readonly step: Step;
      readonly instruction: Instruction;
      /** What is done on the same page, shown and finished together with it. */
      readonly together: readonly Instruction[];
    }
  | { readonly kind: 'question'; readonly id: string; readonly step: Step; readonly question: Question }
  | { readonly kind: 'verification'; readonly id: string; readonly step: Step; readonly verification: Verification }
  | { readonly kind: 'step'; readonly id: string; readonly step: Step };

/**
 * Facts that only the caller can know; it adds them to the answers. `today` is an ISO date, `stored-client` is `yes`
 * where a client of this provider can be reused, `redirect-uri` is the address that really listens.
 */
export const CONTEXT_IDS = ['today', 'stored-client', 'redirect-uri'] as const;

/**
 * What came of a registration that mailauth made itself: the issuer, where it keeps the registration, and the loopback
 * host of its redirect URI where that is not the usual one.
 */
export const REGISTERED_IDS = ['registered', 'registration-uri', 'redirect-host'] as const;

/** What `complete` works out from the answers; texts and conditions may name these like questions. */
export const DERIVED_IDS = [
  'redirect-uri',
  'mailbox-domain',
  'directory',
  'shared-client',
  'signs-in',
  'consent-tenant',
  'consent-scope',
  'form-name',
  ...protocols.map(securityLabelId),
  'scopes',
  'testing-ends',
  'account-in-powershell',
  'app-name-in-powershell',
] as const;

function securityLabelId<P extends Protocol>(protocol: P) {
  return `${protocol}-security-label` as const;
}

const SECURITY_LABELS: Readonly<Record<string, string>> = { starttls: 'STARTTLS', tls: 'SSL/TLS' };

/** Who signs in. */
export function signInKind(provider: Provider, answers: Answers): SignInKind {
  return isApp(provider, answers) ? 'app' : 'person';
}

/** Whether nobody signs in: an administrator lets the registration in. */
export function isApp(provider: Provider, answers: Answers): boolean {
  return provider.app !== undefined && firstIn(complete(provider, answers)['sign-in']) === 'app';
}

/** Steps, needs and time of the guide that fits who signs in. */
export function guideFor(provider: Provider, answers: Answers): Pick<Provider, 'steps' | 'needs' | 'minutes'> {
  return isApp(provider, answers) && provider.app ? provider.app : provider;
}

/** Everything there is to do, in the guide's order. A skipped step keeps its verifications: what they prove is needed all the same. */
export function itemsOf(provider: Provider, answers: Answers): readonly Item[] {
  return guideFor(provider, answers).steps.flatMap((step) => itemsOfStep(provider, step, answers));
}

export function itemsOfStep(provider: Provider, step: Step, answers: Answers): readonly Item[] {
  const known = complete(provider, answers);
  const verifications = (step.verify ?? []).map(
    (verification): Item => ({
      kind: 'verification',
      id: `verify:${step.number}:${verification}`,
      step,
      verification,
    }),
  );
  if (!holds(step.when, known)) return verifications;
  const questions = (ids: readonly string[] = []) =>
    ids
      .map((id) => questionOf(provider, id))
      .filter((question) => question !== undefined)
      .filter((question) => isAsked(question, answers, known))
      .map((question): Item => ({ kind: 'question', id: question.id, step, question }));
  const instructions = groupsOf(step.instructions.filter(({ when }) => holds(when, known))).map(
    ([instruction, ...together]): Item => ({
      kind: 'instruction',
      id: `${step.number}.${instruction.number}`,
      step,
      instruction,
      together,
    }),
  );
  const items = [...questions(step.asksFirst), ...instructions, ...questions(step.asks), ...verifications];
  return items.length > 0 ? items : [{ kind: 'step', id: step.number, step }];
}

type Group = [Instruction, ...Instruction[]];

/** Instructions that are done on one page make one item. */
function groupsOf(instructions: readonly Instruction[]): readonly Group[] {
  const groups: Group[] = [];
  for (const instruction of instructions) {
    const group = groups.at(-1);
    if (instruction.with === undefined || group === undefined) groups.push([instruction]);
    else group.push(instruction);
  }
  return groups;
}

function isAsked(question: Question, answers: Answers, known: Answers): boolean {
  if (!holds(question.when, known)) return false;
  if (answers[question.id] !== undefined) return true;
  return holds(question.askedWhen, known) && !isSupplied(question, answers);
}

function isSupplied(question: Question, answers: Answers): boolean {
  return (question.suppliedBy ?? []).some((id) => isGiven(answers[id]));
}

/** The first item that is neither done nor answered; undefined at the end. */
export function next(provider: Provider, progress: Progress): Item | undefined {
  return itemsOf(provider, progress.answers).find((item) => !isDone(item, progress));
}

/**
 * The open question for a value that stands right below an instruction of its step: whoever has the value has done what
 * stands above it, and need not say so as well. Below a choice nobody has to have done anything.
 */
export function questionBelow(
  provider: Provider,
  progress: Progress,
  item: Item & { kind: 'instruction' },
): (Item & { kind: 'question' }) | undefined {
  const open = itemsOf(provider, progress.answers).filter((one) => !isDone(one, progress));
  const below = open[open.findIndex(({ id }) => id === item.id) + 1];
  if (below?.kind !== 'question' || below.step !== item.step) return undefined;
  return below.question.choices === undefined && below.question.kind !== 'confirm' ? below : undefined;
}

/** Whether the item is behind the person; a question also where it was passed over, and so has no answer. */
export function isDone(item: Item, progress: Progress): boolean {
  return progress.done.includes(item.id) || (item.kind === 'question' && progress.answers[item.id] !== undefined);
}

/**
 * One item back. Verifications run by themselves, so they are passed over, and forgotten with every mark that
 * came after the item. So are answers that nobody would be asked for: those of flags, which forgetting would lose.
 * At the first item the progress stays as it is.
 */
export function back(provider: Provider, progress: Progress): Progress {
  const items = itemsOf(provider, progress.answers);
  const current = items.findIndex((item) => !isDone(item, progress));
  for (let index = (current === -1 ? items.length : current) - 1; index >= 0; index--) {
    const item = items[index];
    // Nobody stops at a heading alone either.
    if (item === undefined || item.kind === 'verification' || item.kind === 'step') continue;
    const earlier = forgetFrom(items, index, progress, item.kind === 'question' ? [item.id] : []);
    if (next(provider, earlier)?.id === item.id) return earlier;
  }
  return progress;
}

function forgetFrom(items: readonly Item[], index: number, progress: Progress, answered: readonly string[]): Progress {
  const kept = new Set(items.slice(0, index).map((item) => item.id));
  return {
    answers: Object.fromEntries(Object.entries(progress.answers).filter(([id]) => !answered.includes(id))),
    done: progress.done.filter((id) => kept.has(id)),
  };
}

/** Every step with its number; `skipped` says why nothing is to be done there. */
export function stepsOf(
  provider: Provider,
  answers: Answers,
): readonly { readonly step: Step; readonly skipped?: string }[] {
  const known = complete(provider, answers);
  return guideFor(provider, answers).steps.map((step) =>
    holds(step.when, known) ? { step } : { step, skipped: fill(step.skip ?? '', answers, provider) },
  );
}

/** Whether the condition holds. An unanswered question counts as `''`; a repeatable one as its first value. */
export function holds(when: When | undefined, answers: Answers): boolean {
  return conditionsOf(when).every(
    ({ question, is, not }) => is.includes(firstIn(answers[question])) !== (not === true),
  );
}

export function conditionsOf(when: When | undefined): readonly Condition[] {
  if (when === undefined) return [];
  return 'question' in when ? [when] : when;
}

/** What stands for a question that nobody answered; undefined where there is nothing to assume. */
export function defaultOf(question: Question, answers: Answers, provider: Provider): AnswerValue | undefined {
  return defaultFrom(question, complete(provider, answers));
}

function defaultFrom(question: Question, known: Answers): string | undefined {
  const text = question.defaults?.find(({ when }) => holds(when, known))?.value ?? question.default;
  return text === undefined ? undefined : replacePlaceholders(text, known, (id) => `<${id}>`);
}

/**
 * The answers with every default and derived value. Defaults are worked out in the order of `provider.questions`, so
 * a question may lean on those before it. A question whose `when` fails gets no default: with `--no-smtp` there is no
 * `smtp-host`. The result is for reading, not for saving: saved, a default would look like an answer.
 */
export function complete(provider: Provider, answers: Answers): Answers {
  const before = completions.get(answers);
  if (before?.provider === provider) return before.completed;
  const made = { provider, completed: completed(provider, answers) };
  completions.set(answers, made);
  return made.completed;
}

/** Every sentence of a guide asks for the same, and a guide that shows two ways asks for both in turn. */
const completions = new WeakMap<Answers, { readonly provider: Provider; readonly completed: Answers }>();

function completed(provider: Provider, answers: Answers): Answers {
  const { directory: _, ...given } = answers;
  const known: Record<string, AnswerValue> = { ...given };
  known['mailbox-domain'] = mailboxDomain(provider, firstIn(answers['account']));
  known['shared-client'] ??= isSharedClient(answers) ? 'yes' : 'no';
  known['signs-in'] = firstIn(answers['auth-user']) || firstIn(answers['account']);
  for (const question of provider.questions) {
    // Left empty, a question that has a default takes it.
    if (firstIn(known[question.id]) !== '' || !holds(question.when, known)) continue;
    const value = defaultFrom(question, known);
    if (value !== undefined) known[question.id] = value;
  }
  const tenant = firstIn(known['tenant']);
  const scopes = scopesOf(provider, known);
  const inPowerShell = (id: string): string => (isGiven(known[id]) ? powershellWord(firstIn(known[id])) : '');
  return {
    ...known,
    'redirect-uri': isGiven(known['redirect-uri']) ? (known['redirect-uri'] ?? '') : redirectUri(provider, known),
    ...(tenant === '' || provider.sharedTenants?.includes(tenant) ? {} : { directory: tenant }),
    'form-name': formName(provider, firstIn(known['name'])),
    ...Object.fromEntries(
      protocols.map((protocol) => [
        securityLabelId(protocol),
        SECURITY_LABELS[firstIn(known[serverQuestions(protocol).security])] ?? '',
      ]),
    ),
    'account-in-powershell': inPowerShell('account'),
    'app-name-in-powershell': inPowerShell('app-name'),
    'consent-tenant': consentTenant(provider, tenant),
    'consent-scope': scopes.join(' '),
    scopes,
    'testing-ends': testingEnds(provider.trialDays ?? 0, firstIn(answers['today'])),
  };
}

/** Whether another program signs in with the registration too, so that its redirect URI has to be registered. */
export function isSharedClient(answers: Answers): boolean {
  return isGiven(answers['app-redirect-uri']) || ['application', 'both'].includes(firstIn(answers['used-by']));
}

/** The organisation whose administrator is asked for consent; `''` where none is known. */
export function consentTenant(provider: Provider, tenant: string): string {
  return provider.sharedTenants?.includes(tenant) === true ? (provider.consentTenant ?? tenant) : tenant;
}

/** The sentences that hold, filled in. */
export function remarksOf(remarks: readonly Remark[], answers: Answers, provider: Provider): readonly string[] {
  const known = complete(provider, answers);
  return remarks.filter(({ when }) => holds(when, known)).map(({ text }) => fill(text, answers, provider));
}

/** The errors that the provider's own page can show in this set-up. */
export function pageErrorsOf(provider: Provider, answers: Answers): readonly PageError[] {
  // Nobody sees such a page where nobody signs in.
  if (isApp(provider, answers)) return [];
  const known = complete(provider, answers);
  return provider.pageErrors.filter(({ when }) => holds(when, known));
}

/** `provider` for an address at one of the provider's public domains, `own` for an organisation's own domain. */
function mailboxDomain(provider: Provider, account: string): string {
  const domain = account.slice(account.lastIndexOf('@') + 1).toLowerCase();
  if (account === '') return '';
  return provider.domains.includes(domain) ? 'provider' : 'own';
}

/** The guide's Name field: the provider's title, unless the person chose a name for the account. */
function formName(provider: Provider, name: string): string {
  return name === questionOf(provider, 'name')?.default ? provider.title : name;
}

/** Where the port is chosen by the system, and so unknown until it listens, the address says `PORT`. */
function redirectUri(provider: Provider, known: Answers): string {
  const redirect = provider.client.redirect[clientTypeOf(provider, known)];
  const port = firstIn(known['redirect-port']) || (redirect.port === 0 ? 'PORT' : String(redirect.port));
  return `http://${hostPort(firstIn(known['redirect-host']) || redirect.host, port)}${redirect.path}`;
}

function clientTypeOf(provider: Provider, known: Answers): ClientType {
  const type = firstIn(known['client-type']);
  return type === 'web' || type === 'desktop' ? type : provider.client.defaultType;
}

/** `--scope` replaces the default; otherwise identity first, then what each protocol in use needs, each once. */
function scopesOf(provider: Provider, known: Answers): readonly string[] {
  const given = valuesIn(known['scope']).flatMap((scope) => scope.split(' '));
  if (given.length > 0) return given;
  if (provider.app !== undefined && firstIn(known['sign-in']) === 'app') return provider.app.scopes;
  const used = protocolsIn(known).flatMap((protocol) => provider.scopes[protocol]);
  return [...new Set([...provider.scopes.identity, ...used])];
}

/** What the token of an app has to name for the protocols in use. */
export function rolesNeeded({ app }: Provider, answers: Answers): readonly string[] {
  return protocolsIn(answers).flatMap((protocol) => app?.roles?.[protocol] ?? []);
}

/** Reading before sending, as providers list them. */
function protocolsIn(known: Answers): readonly Protocol[] {
  return [...protocols].reverse().filter((protocol) => holds(whenUsed(protocol), known));
}

/** When the provider ends a sign-in to a client that is only being tried. */
function testingEnds(days: number, today: string): string {
  const time = Date.parse(today);
  if (Number.isNaN(time)) return `${days} days after you sign in`;
  return `on ${new Date(time + days * 86_400_000).toISOString().slice(0, 10)} (after ${days} days)`;
}

/** What a script forgot, all at once, each with the step that yields it and that step's page. */
export function missing(provider: Provider, answers: Answers): readonly Missing[] {
  const known = complete(provider, answers);
  return provider.questions
    .filter((question) => question.required === true && question.wizardOnly !== true)
    .filter((question) => holds(question.when, known) && !isSupplied(question, answers) && !isGiven(known[question.id]))
    .map((question) => missingOf(provider, question, answers));
}

function missingOf(provider: Provider, question: Question, answers: Answers): Missing {
  const env = envOf(question);
  const steps = guideFor(provider, answers).steps;
  const step = steps.findIndex((one) =>
    question.foundAt === undefined ? asksOf(one).includes(question.id) : one.number === question.foundAt,
  );
  const url = nearestLink(steps.slice(0, step + 1), answers, provider);
  const others = (question.suppliedBy ?? []).map((id) => `--${id}`);
  return {
    flag: flagOf(question),
    ...(env === undefined ? {} : { env }),
    meaning: others.length === 0 ? question.label : `${question.label}, unless ${others.join(' or ')} is given`,
    ...(step === -1 ? {} : { step: steps[step]?.number ?? '' }),
    ...(url === undefined ? {} : { url }),
  };
}

/** The last of the steps' links that can be opened as it is: one that needs an unknown answer leads nowhere. */
function nearestLink(steps: readonly Step[], answers: Answers, provider: Provider): string | undefined {
  return steps
    .flatMap((step) => [step.url, ...step.instructions.map((instruction) => instruction.url)])
    .filter((url) => url !== undefined)
    .map((url) => fill(url, answers, provider))
    .findLast((url) => !url.includes('<'));
}

/** All questions of a step, in the order in which they are asked. */
export function asksOf(step: Step): readonly string[] {
  return [...(step.asksFirst ?? []), ...(step.asks ?? [])];
}

export function flagOf(question: Question): string {
  return `--${question.id}`;
}

/** The environment variable, where the question has one. */
export function envOf(question: Question): string | undefined {
  if (question.flagOnly === true || question.wizardOnly === true) return undefined;
  return `MAILAUTH_${question.id.toUpperCase().replaceAll('-', '_')}`;
}

export function questionOf(provider: Provider, id: string): Question | undefined {
  return provider.questions.find((question) => question.id === id);
}

const LINK = /^https?:\/\/\S+$/;

/**
 * Puts the answers into a text. What is unknown reads `<client-id>`. In a link the values are percent-encoded, and
 * `{project?}` marks what the link can do without: the unknown parameter or segment is left out.
 */
export function fill(text: string, answers: Answers, provider: Provider): string {
  const known = complete(provider, answers);
  if (!LINK.test(text)) return replacePlaceholders(text, known, unknown);
  return fillLink(text, (id) => (isGiven(known[id]) ? valuesIn(known[id]).join(' ') : undefined), unknown);
}

/** Derived answers, and the questions that would settle them. */
const UNKNOWN: Readonly<Record<string, string>> = {
  'signs-in': 'account',
  'consent-tenant': 'tenant',
  'account-in-powershell': 'account',
  'app-name-in-powershell': 'app-name',
};

/** What stands for an unknown answer: the question that would settle it. */
function unknown(id: string): string {
  return `<${UNKNOWN[id] ?? id}>`;
}

/** A value's lines: one for each value of a repeatable answer it consists of. */
export function fillList(value: Value, answers: Answers, provider: Provider): readonly string[] {
  const [, id] = /^\{([a-z][a-z-]*)\??\}$/.exec(value.value) ?? [];
  const answer = id === undefined ? undefined : complete(provider, answers)[id];
  return Array.isArray(answer) && answer.length > 0 ? answer : [fill(value.value, answers, provider)];
}

function replacePlaceholders(text: string, known: Answers, unknown: (id: string) => string): string {
  return text.replace(PLACEHOLDER, (_, id: string) =>
    isGiven(known[id]) ? valuesIn(known[id]).join(' ') : unknown(id),
  );
}
