import { describe, expect, test } from 'vitest';
import { GUARDS, guard } from '../../src/guide/guard.js';
import {
  asksOf,
  CONTEXT_IDS,
  complete,
  DERIVED_IDS,
  fill,
  holds,
  itemsOf,
  missing,
  pageErrorsOf,
  questionOf,
  REGISTERED_IDS,
  remarksOf,
  stepsOf,
} from '../../src/guide/plan.js';
import type { Provider } from '../../src/guide/provider.js';
import type { Answers, Condition, Question, Step, When } from '../../src/guide/step.js';
import { findProvider, proposeProvider, providers } from '../../src/providers/directory.js';
import { protocols } from '../../src/words/protocol.js';
import { rulesOf } from './own-rules.js';

/** The contract that every provider's record honours. */

const PLACEHOLDER = /\{([^}]*)\}/g;
const NAME = /^[a-z][a-z-]*\??$/;

/** Every text of a record that a person may read, with where it stands. */
/** The steps for a person, and those for an app. */
function allSteps({ steps, app }: Provider): readonly Step[] {
  return [...steps, ...(app?.steps ?? [])];
}

function textsOf(provider: Provider): readonly (readonly [string, string])[] {
  const valuesOf = (where: string, values: Step['values'] = []) =>
    values.map(({ label, value }) => [`${where} ${label}`, value] as const);
  return [
    ...[...provider.needs, ...(provider.app?.needs ?? [])].map(({ text }, index) => [`need ${index}`, text] as const),
    ...provider.signInHints.map(({ text }, index) => [`hint ${index}`, text] as const),
    ...provider.pageErrors.flatMap((error) => [
      [`error ${error.shows}`, error.shows] as const,
      [`error ${error.shows} explanation`, error.explanation] as const,
      [`error ${error.shows} fix`, error.fix] as const,
    ]),
    ...allSteps(provider).flatMap((step) => [
      [`${step.number} title`, step.title] as const,
      ...(step.intro === undefined ? [] : [[`${step.number} intro`, step.intro] as const]),
      ...(step.help === undefined ? [] : [[`${step.number} help`, step.help] as const]),
      ...(step.skip === undefined ? [] : [[`${step.number} skip`, step.skip] as const]),
      ...valuesOf(step.number, step.values),
      ...step.instructions.flatMap((one) => [
        [`${step.number}.${one.number}`, one.text] as const,
        ...valuesOf(`${step.number}.${one.number}`, one.values),
      ]),
    ]),
    ...provider.questions.flatMap((question) => [
      [`${question.id} label`, question.label] as const,
      [`${question.id} help`, question.help] as const,
      ...(question.choices ?? []).map((choice) => [`${question.id} ${choice.value}`, choice.label] as const),
    ]),
  ];
}

function urlsOf(provider: Provider): readonly string[] {
  return [
    ...allSteps(provider).flatMap((step) => [step.url, ...step.instructions.map((one) => one.url)]),
    ...provider.pageErrors.map((error) => error.url),
    provider.issuer,
    /https:\S+/.exec(provider.revocationPlace)?.[0],
    provider.adminConsentUrl,
  ].filter((url) => url !== undefined);
}

/** The guide for an app, as an administrator reads it. */
function guideOfApp(provider: Provider) {
  const known = complete(provider, { account: 'office@contoso.example', 'sign-in': 'app' });
  const steps = provider.app?.steps ?? [];
  const shown = steps.filter((step) => holds(step.when, known));
  const texts = shown.flatMap((step) => [step.intro, step.help, ...step.instructions.map(({ text }) => text)]);
  return {
    fallenAway: steps.filter((step) => !shown.includes(step)),
    texts: texts.filter((text) => text !== undefined),
  };
}

function conditionsOf(when: When | undefined): readonly Condition[] {
  return when === undefined ? [] : 'question' in when ? [when] : when;
}

function allConditions(provider: Provider): readonly Condition[] {
  return [
    ...allSteps(provider).flatMap((step) => [
      step.when,
      ...(step.values ?? []).map((value) => value.when),
      ...step.instructions.flatMap((one) => [one.when, ...(one.values ?? []).map((value) => value.when)]),
    ]),
    ...provider.questions.flatMap((question) => [
      question.when,
      question.askedWhen,
      ...(question.defaults ?? []).map((one) => one.when),
      ...(question.notWith ?? []).map((one) => one.when),
      ...(question.choices ?? []).map((choice) => choice.when),
    ]),
  ].flatMap(conditionsOf);
}

/** Every combination of the answers that decide which steps there are. */
function combinations(provider: Provider): readonly Answers[] {
  const deciding = provider.questions.filter((question) =>
    ['client-type', 'used-by', 'audience', 'lifetime', 'mailbox-kind', 'account-types', 'no-smtp', 'no-imap'].includes(
      question.id,
    ),
  );
  const valuesOf = (question: Question) => question.choices?.map((choice) => choice.value) ?? ['yes', 'no'];
  const all = deciding.reduce<readonly Answers[]>(
    (some, question) =>
      some.flatMap((answers) => valuesOf(question).map((value) => ({ ...answers, [question.id]: value }))),
    [{}],
  );
  return all.flatMap((answers) => [
    answers,
    { ...answers, 'client-from': 'first', 'stored-client': 'yes', 'server-settings': 'edit' },
  ]);
}

describe.each(providers)('$id', (provider) => {
  test('is found by its id, and its domains lead to it', () => {
    expect(findProvider(provider.id)).toBe(provider);
    for (const domain of provider.domains) expect(proposeProvider(`a@${domain.toUpperCase()}`)).toBe(provider);
  });

  test('steps and sub-steps are numbered without a gap', () => {
    const numbers = provider.steps.map((_, index) => String(index + 1));
    expect(provider.steps.map((step) => step.number)).toEqual(numbers);
    // A reader of the published guide finds each step where it was.
    if (provider.app !== undefined) expect(provider.app.steps.map((step) => step.number)).toEqual(numbers);
    const roman = ['i', 'ii', 'iii', 'iv', 'v', 'vi', 'vii', 'viii', 'ix', 'x'];
    for (const step of provider.steps) {
      const numbers = step.instructions.map((one) => one.number);
      const distinct = numbers.filter((number, index) => number !== numbers[index - 1]);
      expect(distinct, `step ${step.number}`).toEqual(roman.slice(0, distinct.length));
    }
  });

  test('every label in quotation marks has the day on which it was last seen', () => {
    const texts = [
      ...allSteps(provider).flatMap(({ intro = '', instructions }) => [intro, ...instructions.map(({ text }) => text)]),
      ...provider.signInHints.map(({ text }) => text),
    ];
    const named = new Set(texts.flatMap((text) => [...text.matchAll(/"([^"]+)"/g)].map(([, label = '']) => label)));
    // The name of the app in the letter to the administrator is no label.
    named.delete('{app-name}');
    expect([...named].filter((label) => !(label in provider.labels))).toEqual([]);
    for (const [label, day] of Object.entries(provider.labels)) {
      expect(day, label).toMatch(/^20\d\d-\d\d-\d\d$/);
      expect(day <= provider.lastChecked, label).toBe(true);
    }
  });

  test('whatever is chosen, every item has an id of its own and no step is lost', () => {
    for (const answers of combinations(provider)) {
      const ids = itemsOf(provider, answers).map((item) => item.id);
      expect(new Set(ids).size, JSON.stringify(answers)).toBe(ids.length);
      const steps = new Set(itemsOf(provider, answers).map((item) => item.step.number));
      for (const { step, skipped } of stepsOf(provider, answers)) {
        expect(skipped !== undefined || steps.has(step.number), `${step.number} ${JSON.stringify(answers)}`).toBe(true);
      }
    }
  });

  test('whatever is chosen, the same things are proved, in the same order', () => {
    for (const answers of combinations(provider)) {
      const proved = itemsOf(provider, answers).flatMap((item) =>
        item.kind === 'verification' ? [item.verification] : [],
      );
      expect(proved).toEqual(provider.steps.flatMap((step) => step.verify ?? []));
      expect([...proved].sort()).toEqual(expect.arrayContaining(['client', 'mailbox', 'redirect', 'signin', 'store']));
      expect(proved.indexOf('store')).toBeLessThan(proved.indexOf('client'));
      expect(proved.indexOf('client')).toBeLessThan(proved.indexOf('signin'));
    }
  });

  test('the store is proved before anything secret is asked for', () => {
    const ids = itemsOf(provider, {}).map((item) => item.id);
    const secret = ids.indexOf('client-secret-file');
    expect(secret !== -1).toBe(Object.values(provider.client.secret).includes(true));
    // The token of a registration goes into the store that is proven next.
    const registration = ids.findIndex((id) => id.endsWith(':registration'));
    const store = ids.findIndex((id) => id.endsWith(':store'));
    if (secret !== -1) expect(store).toBeLessThan(secret);
    if (registration !== -1) expect(registration).toBeLessThan(store);
  });

  test('every placeholder is an answer or follows from one, and none is a secret', () => {
    const known = new Set<string>([
      ...provider.questions.map((question) => question.id),
      ...CONTEXT_IDS,
      ...DERIVED_IDS,
      ...REGISTERED_IDS,
    ]);
    for (const [where, text] of [...textsOf(provider), ...urlsOf(provider).map((url) => [url, url] as const)]) {
      for (const [whole, name = ''] of text.matchAll(PLACEHOLDER)) {
        expect(name, `${where}: ${whole}`).toMatch(NAME);
        const id = name.replace('?', '');
        expect(known.has(id), `${where}: ${whole}`).toBe(true);
        expect(questionOf(provider, id)?.kind, `${where}: ${whole}`).not.toBe('secret');
      }
    }
    for (const question of provider.questions) {
      for (const [, name = ''] of (question.default ?? '').matchAll(PLACEHOLDER)) expect(known.has(name)).toBe(true);
    }
  });

  test('every question that a step asks exists, and is asked once', () => {
    const asked = provider.steps.flatMap(asksOf);
    expect(new Set(asked).size).toBe(asked.length);
    for (const id of asked) expect(questionOf(provider, id), id).toBeDefined();
    expect(new Set(provider.questions.map((question) => question.id)).size).toBe(provider.questions.length);
  });

  test('every question that a set-up needs is asked by a step', () => {
    const asked = new Set(allSteps(provider).flatMap(asksOf));
    for (const question of provider.questions.filter((one) => one.required === true)) {
      expect(asked.has(question.id), question.id).toBe(true);
    }
    for (const { flag, step, url } of missing(provider, {})) {
      expect(step, flag).toBeDefined();
      expect(url ?? 'https://', flag).toMatch(/^https:\/\/[^<]*$/);
    }
  });

  test('every condition names a question or something derived, and values that it can have', () => {
    const derived = new Set<string>([...CONTEXT_IDS, ...DERIVED_IDS, ...REGISTERED_IDS]);
    for (const { question: id, is } of allConditions(provider)) {
      const question = questionOf(provider, id);
      expect(question !== undefined || derived.has(id), id).toBe(true);
      if (question?.kind === 'confirm') expect(['yes', 'no']).toEqual(expect.arrayContaining([...is]));
      if (question?.kind === 'choice') {
        const values = (question.choices ?? []).map((choice) => choice.value);
        expect(values, id).toEqual(expect.arrayContaining([...is]));
      }
    }
  });

  test('what a question leans on stands before it, so that one pass completes all', () => {
    const order = provider.questions.map((question) => question.id);
    const leaning = (question: Question) => [
      ...conditionsOf(question.when).map((one) => one.question),
      ...(question.defaults ?? []).flatMap((one) => conditionsOf(one.when)).map((one) => one.question),
    ];
    for (const question of provider.questions) {
      // The kind of mailbox and the tenant each follow from the other; only a given tenant counts here. What nothing is
      // assumed of is given or not, wherever it stands.
      const isAssumed = (id: string): boolean => {
        const one = questionOf(provider, id);
        return one?.default !== undefined || one?.defaults !== undefined;
      };
      for (const id of leaning(question).filter((one) => isAssumed(one) && one !== 'tenant')) {
        expect(order.indexOf(id), `${question.id} leans on ${id}`).toBeLessThan(order.indexOf(question.id));
      }
    }
  });

  test('every default is one of the choices and passes its own guard without a word', () => {
    const known = complete(provider, { account: 'a@b.example' });
    for (const question of provider.questions) {
      const texts = [question.default, ...(question.defaults ?? []).map((one) => one.value)].filter(
        (one) => one !== undefined,
      );
      for (const text of texts.map((one) => one.replace('{account}', 'a@b.example'))) {
        expect(guard(question, text, known), `${question.id} ${text}`).toEqual({
          ok: true,
          guarded: { value: text, notes: [], warnings: [], learnt: {} },
        });
      }
    }
  });

  test('every guard exists', () => {
    for (const question of provider.questions) {
      const name = question.guard ?? question.kind;
      expect(typeof name === 'object' || question.kind === 'choice' || name in GUARDS, `${question.id}: ${name}`).toBe(
        true,
      );
    }
  });

  test('every step that can be skipped says why, and no other', () => {
    for (const step of provider.steps) {
      expect(step.skip === undefined, step.number).toBe(step.when === undefined);
      if (step.skip !== undefined) expect(step.skip).toMatch(/^[a-z].*[^.]$/);
    }
  });

  test('every link is https and a whole address', () => {
    for (const url of urlsOf(provider)) {
      expect(url).toMatch(/^https:\/\/[^\s"<>]+$/);
      expect(() => new URL(url.replace(PLACEHOLDER, 'x'))).not.toThrow();
    }
  });

  test('the labels were compared on a real day', () => {
    expect(provider.lastChecked).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    expect(new Date(`${provider.lastChecked}T00:00:00Z`).toISOString().slice(0, 10)).toBe(provider.lastChecked);
  });

  test('errors of the page and fixes of the rules point at steps that exist', () => {
    const places = new Set(
      allSteps(provider).flatMap((step) => [
        step.number,
        ...step.instructions.map((one) => `${step.number}.${one.number}`),
      ]),
    );
    const referred = [
      ...provider.pageErrors.map((error) => error.step),
      ...rulesOf(provider).flatMap((rule) =>
        rule.diagnosis.fix.flatMap((fix) => (fix.step === undefined ? [] : [fix.step])),
      ),
      provider.secretStep,
    ];
    for (const place of referred) expect(places.has(place), place).toBe(true);
    // What is shown has one explanation for each mailbox.
    const [domain = 'own.example'] = provider.domains;
    const mailboxes = [{}, { account: `a@${domain}` }, { account: 'a@own.example' }, { 'mailbox-kind': 'personal' }];
    for (const answers of mailboxes) {
      const shows = pageErrorsOf(provider, answers).map((error) => error.shows);
      expect(new Set(shows).size).toBe(shows.length);
    }
    for (const { explanation, fix } of provider.pageErrors) {
      expect(explanation).toMatch(/^(Google |[a-z]).*[^.]$/);
      expect(fix).toMatch(/^[A-Z].*\.$/);
    }
  });

  test('a client has a redirect for each of its types, on the loopback only', () => {
    for (const type of ['desktop', 'web'] as const) {
      const { host, path, port } = provider.client.redirect[type];
      expect(['127.0.0.1', 'localhost']).toContain(host);
      expect(path).toBe('/callback');
      expect(port === 0 || port === 8765).toBe(true);
    }
    const isWeb = questionOf(provider, 'client-type')?.choices?.some(({ value }) => value === 'web') === true;
    expect(provider.client.sharesRedirects.web).toBe(isWeb);
    expect(provider.client.secret.web).toBe(isWeb);
  });

  test('whether a secret is asked for is what the record says of the type', () => {
    for (const type of ['desktop', 'web'] as const) {
      const asked = itemsOf(provider, { 'client-type': type }).some((item) => item.id === 'client-secret-file');
      expect(asked, type).toBe(provider.client.secret[type]);
    }
  });

  test("default servers are the provider's own", () => {
    const known = complete(provider, { account: 'a@b.example', pop: 'yes' });
    for (const protocol of protocols) {
      const server = provider[protocol];
      expect(known[`${protocol}-host`]).toBe(server?.host);
      if (server === undefined) continue;
      expect(known[`${protocol}-port`]).toBe(String(server.port));
      expect(known[`${protocol}-security`]).toBe(server.security);
      const question = questionOf(provider, `${protocol}-host`);
      for (const { value } of question?.defaults ?? []) expect(provider.mailHosts).toContain(value);
      expect(provider.mailHosts).toContain(server.host);
    }
  });

  test('texts are clean, and their sentences short enough to read aloud', () => {
    for (const [where, text] of textsOf(provider)) {
      expect(text, where).toMatch(/^\P{Cc}+$/u);
      expect(text, where).not.toMatch(/ {2}|^ | $|[\u2013\u2014]/);
      expect(text, where).not.toMatch(
        /permantly|GMail|Client API permissions|accessed? by OpenVPMS|API & Services from the/,
      );
      expect(text, where).not.toMatch(/https:\/\/mail\.google\.com(?!\/)/);
      const isValue = /^(\S+|Set-.*)$/.test(text);
      for (const sentence of isValue ? [] : text.split(/(?<=[.?!:])\s/)) {
        expect(sentence.split(' ').length, `${where}: ${sentence}`).toBeLessThanOrEqual(34);
      }
    }
  });

  test('help is a sentence, and says whether a secret is one', () => {
    for (const question of provider.questions) {
      expect(question.help, question.id).toMatch(/^(mailauth |[A-Z]).*\.$/);
      if (question.kind === 'secret') expect(question.help, question.id).toMatch(/secret/);
      expect(question.label, question.id).toMatch(/^[A-Z]/);
    }
    for (const step of allSteps(provider)) expect(step.help, step.number).toMatch(/^(mailauth |[A-Z]).*\.$/s);
  });
});

describe('the guide that the set-up follows', () => {
  /** Sub-steps of the guide, by step. */
  const GMAIL = { '4': 5, '5': 8, '6': 4, '7': 5 } as const;

  test('Gmail has its nine steps and every roman sub-step', () => {
    const gmail = findProvider('gmail');
    expect(gmail?.steps.map((step) => step.title)).toEqual([
      'Create or edit the mail server',
      'Click Authorise, and note the redirect URI',
      'Log in to https://console.cloud.google.com and create a project',
      'Enable the Gmail API',
      'App registration',
      'Test users, or publishing',
      'Credentials',
      'Enter the Client ID and the secret, then sign in',
      'Check authorisation',
    ]);
    const roman = ['i', 'ii', 'iii', 'iv', 'v', 'vi', 'vii', 'viii'];
    for (const [number, count] of Object.entries(GMAIL)) {
      const numbers = gmail?.steps.find((step) => step.number === number)?.instructions.map((one) => one.number);
      expect(numbers).toEqual(expect.arrayContaining(roman.slice(0, count)));
    }
  });

  test.each([
    ['4.i', /APIs & Services/],
    ['4.ii', /Enabled APIs & services/],
    ['4.iii', /ENABLE APIS AND SERVICES/i],
    ['4.iv', /Gmail API/],
    ['4.v', /ENABLE/i],
    ['5.i', /OAuth consent screen.*App Information/],
    ['5.ii', /Audience.*Internal.*every mailbox.*External/],
    ['5.iii', /Developer contact information.*CREATE/],
    ['5.iv', /App Information, Audience and Contact Information/],
    ['5.v', /SAVE AND CONTINUE/],
    ['5.vi', /ADD OR REMOVE SCOPES/i],
    ['5.vii', /Manually add scopes.*ADD TO TABLE/i],
    ['5.viii', /UPDATE.*SAVE/i],
    ['6.i', /ADD USERS/i],
    ['6.ii', /mailbox/],
    ['6.iii', /ADD/],
    ['6.iv', /SAVE AND CONTINUE/],
    ['7.i', /Credentials/],
    ['7.ii', /CREATE CREDENTIALS/],
    ['7.iii', /OAuth client ID/],
    ['7.iv', /Enter/],
    ['7.v', /CREATE/i],
    ['8.i', /New OAuth2 Client Registration.*click OK.*starts by itself/],
    ['9.ii', /Check Authorisation.*Username.*Click OK/],
  ])('Gmail %s does what the guide does there', (place, words) => {
    const [number, roman] = place.split('.');
    const step = findProvider('gmail')?.steps.find((one) => one.number === number);
    expect(step?.instructions.find((one) => one.number === roman)?.text).toMatch(words);
  });

  test('Outlook has its fourteen steps', () => {
    expect(findProvider('outlook')?.steps.map((step) => step.title)).toEqual([
      'Create or edit the mail server',
      'Click Authorise, and note the redirect URI',
      'Log in to https://entra.microsoft.com',
      'Click App registrations',
      'Click New registration',
      'Click Register',
      'Click Certificates & secrets',
      'Click New client secret',
      'Click Add',
      'Click API permissions',
      'Click Add a permission',
      'Select Delegated permissions',
      'Microsoft is now ready to accept authorisation',
      'Check authorisation',
    ]);
  });

  test.each([
    ['12.iii', /administrator.*Granted for/],
    ['12.v', /Assignment required/],
    ['12.vi', /Authenticated SMTP.*IMAP/],
    ['13.i', /New OAuth2 Client Registration.*Tenant Id.*click OK.*starts by itself/],
    ['14.ii', /Check Authorisation.*Username.*Click OK/],
  ])('Outlook %s does what the guide does there', (place, words) => {
    const [number, roman] = place.split('.');
    const step = findProvider('outlook')?.steps.find((one) => one.number === number);
    expect(step?.instructions.find((one) => one.number === roman)?.text).toMatch(words);
  });

  test('the link for administrators asks for exactly what the sign-in asks for, and never for any tenant', () => {
    const outlook = findProvider('outlook') as Provider;
    const link = (answers: Answers) =>
      new URL(fill(outlook.adminConsentUrl ?? '', { account: 'a@b.example', 'client-id': 'x', ...answers }, outlook));
    for (const answers of [{ tenant: 't.example' }, { tenant: 't.example', 'no-imap': 'yes' }] as Answers[]) {
      expect(link(answers).searchParams.get('scope')).toBe(
        (complete(outlook, answers)['scopes'] as string[]).join(' '),
      );
      expect(link(answers).pathname).toBe('/t.example/v2.0/adminconsent');
    }
    expect(link({ tenant: 'common' }).pathname).toBe('/organizations/v2.0/adminconsent');
  });

  test('a Workspace domain proposes Internal; a stored registration, and gmail.com, do not', () => {
    const gmail = findProvider('gmail') as Provider;
    expect(complete(gmail, { account: 'a@own.example' })['audience']).toBe('internal');
    expect(complete(gmail, { account: 'a@own.example', 'client-from': 'first' })['audience']).toBe('external');
    expect(complete(gmail, { account: 'a@gmail.com' })['audience']).toBe('external');
  });

  test('whoever signs in is named wherever somebody signs in', () => {
    for (const id of ['gmail', 'outlook']) {
      const provider = findProvider(id) as Provider;
      const answers = { account: 'shared@b.example', 'auth-user': 'ann@b.example' };
      expect(remarksOf(provider.signInHints, answers, provider).join(' ')).toContain('ann@b.example');
      expect(remarksOf(provider.signInHints, answers, provider).join(' ')).not.toContain('shared@b.example');
    }
  });

  test.each([
    [
      'gmail',
      {
        Host: 'smtp.gmail.com',
        Name: 'Gmail',
        Description: 'Account settings for Gmail',
        'Authentication Method': 'OAuth2 - Gmail',
      },
    ],
    [
      'outlook',
      {
        Host: 'smtp.office365.com',
        Name: 'Microsoft Outlook',
        Description: 'Account settings for Microsoft Outlook',
        'Authentication Method': 'OAuth2 - Outlook',
      },
    ],
  ])('step 1 of %s holds the mail server form', (id, form) => {
    const provider = findProvider(id) as Provider;
    const known = complete(provider, { account: 'a@b.example' });
    const filled = (provider.steps[0]?.instructions[0]?.values ?? []).map(({ label, value }) => [
      label,
      value.replace(PLACEHOLDER, (_, name: string) => String(known[name])),
    ]);
    expect(Object.fromEntries(filled)).toEqual({
      ...form,
      Port: '587',
      Timeout: '120',
      'Connection Security': 'STARTTLS',
    });
    expect(provider.authenticationMethod).toBe(form['Authentication Method']);
  });

  test('Outlook ticks the permissions of the guide, under Microsoft Graph, and asks for those of the mail servers', () => {
    const outlook = findProvider('outlook') as Provider;
    const ticked = outlook.steps[11]?.instructions[0]?.values?.map((value) => value.value);
    expect(ticked).toEqual([
      'email',
      'offline_access',
      'openid',
      'profile',
      'IMAP.AccessAsUser.All',
      'POP.AccessAsUser.All',
      'SMTP.Send',
    ]);
    expect(outlook.steps[10]?.instructions[0]?.text).toContain('Microsoft Graph');
    expect([...outlook.scopes.imap, ...outlook.scopes.pop, ...outlook.scopes.smtp]).toEqual([
      'https://outlook.office.com/IMAP.AccessAsUser.All',
      'https://outlook.office.com/POP.AccessAsUser.All',
      'https://outlook.office.com/SMTP.Send',
    ]);
  });

  test('links into the console of Google carry the project, once there is one', () => {
    const gmail = findProvider('gmail') as Provider;
    const without = urlsOf(gmail).filter(
      (url) => url.startsWith('https://console.cloud.google.com') && !url.includes('{project?}'),
    );
    expect(new Set(without)).toEqual(new Set(['https://console.cloud.google.com/projectcreate']));
  });

  test('links into a registration carry its client ID and the directory', () => {
    const outlook = findProvider('outlook') as Provider;
    for (const url of urlsOf(outlook).filter((one) => one.includes('ApplicationMenuBlade'))) {
      expect(url).toContain('/appId/{client-id}');
      expect(url).toContain('https://entra.microsoft.com/{directory?}#');
    }
  });
});

describe.each(providers.filter(({ app }) => app !== undefined))('the guide of $id for an app', (provider) => {
  test('sends nobody to a step that falls away', () => {
    const { fallenAway, texts } = guideOfApp(provider);
    for (const { number } of fallenAway) {
      for (const text of texts) expect(text).not.toMatch(new RegExp(`\\bstep ${number}\\b`));
    }
  });

  test('takes no mailbox of elsewhere, as a person’s registration may', () => {
    expect(guideOfApp(provider).texts.join('\n')).not.toContain('need not belong to it');
  });
});
