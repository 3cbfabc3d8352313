import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contradictions } from '../../src/guide/contradictions.js';
import {
  back,
  complete,
  defaultOf,
  envOf,
  fill,
  fillList,
  flagOf,
  holds,
  type Item,
  isDone,
  itemsOf,
  missing,
  next,
  type Progress,
  questionBelow,
  questionOf,
  stepsOf,
} from '../../src/guide/plan.js';
import type { Provider } from '../../src/guide/provider.js';
import type { Answers, Question } from '../../src/guide/step.js';
import { custom } from '../../src/providers/custom.js';
import { gmail } from '../../src/providers/gmail/provider.js';
import { outlook } from '../../src/providers/outlook/provider.js';

const GUID = '6f0c2b1e-58a4-4d0e-9c55-0f8b2f7d1a11';
const TENANT = '0b7e9d42-1c3f-4f6a-8a77-5d2e4c6b9f30';

function mark(progress: Progress, item: Item, answer = ''): Progress {
  return item.kind === 'question'
    ? { ...progress, answers: { ...progress.answers, [item.id]: answer } }
    : { ...progress, done: [...progress.done, item.id] };
}

/** Walks to the end, taking every default and answering the rest with what is given. */
function walk(provider: Provider, answers: Answers): readonly Item[] {
  const walked: Item[] = [];
  let progress: Progress = { answers: {}, done: [] };
  for (let item = next(provider, progress); item !== undefined; item = next(provider, progress)) {
    walked.push(item);
    expect(walked.length).toBeLessThan(200);
    const question = item.kind === 'question' ? item.question : undefined;
    const answer =
      question === undefined ? '' : (answers[item.id] ?? defaultOf(question, progress.answers, provider) ?? '');
    progress = mark(progress, item, String(answer));
  }
  return walked;
}

const idsOf = (items: readonly Item[]) => items.map((item) => item.id);

function question(provider: Provider, id: string): Question {
  const found = questionOf(provider, id);
  if (found === undefined) throw new Error(`no question ${id}`);
  return found;
}

describe('the order of a set-up', () => {
  test('a gmail.com mailbox: no question about the audience, one about the lifetime, publishing only', () => {
    expect(
      idsOf(walk(gmail, { account: 'reception@gmail.com', 'client-id': 'x', 'client-secret-file': '(hidden)' })),
    ).toEqual([
      ...['account', '1.i', 'server-settings'],
      ...['used-by', '2.i', 'verify:2:store', 'verify:2:redirect'],
      ...['3.i', 'project'],
      '4.i',
      ...['5.i', '5.v', '5.vi'],
      ...['lifetime', '6.v'],
      '7.i',
      ...['client-id', 'client-secret-file', 'verify:8:client', 'verify:8:signin'],
      'verify:9:mailbox',
    ]);
  });

  test('just trying adds test users and leaves publishing out', () => {
    const items = walk(gmail, { account: 'reception@gmail.com', lifetime: 'trying' });
    const [sixth, ...more] = items.filter((item) => item.kind === 'instruction' && item.step.number === '6');
    expect(more).toEqual([]);
    if (sixth?.kind !== 'instruction') throw new Error('no instruction');
    expect([sixth.instruction, ...sixth.together].map(({ number }) => number)).toEqual(['i', 'ii', 'iii', 'iv']);
  });

  test('a Workspace mailbox may be internal, and step 6 then says SKIP', () => {
    const ids = idsOf(walk(gmail, { account: 'reception@happypaws.example', audience: 'internal' }));
    expect(ids).toContain('audience');
    expect(ids).not.toContain('lifetime');
    expect(ids.filter((id) => id.startsWith('6.'))).toEqual([]);
    const skipped = stepsOf(gmail, { audience: 'internal' }).filter((one) => one.skipped !== undefined);
    expect(skipped.map((one) => [one.step.number, one.skipped])).toEqual([
      ['6', 'the app is Internal, so there are no test users, and nothing expires'],
    ]);
  });

  test('a work mailbox at Microsoft: all fourteen steps', () => {
    const ids = idsOf(walk(outlook, { account: 'reception@happypaws.example', 'client-id': GUID, tenant: TENANT }));
    expect(ids).toEqual([
      ...['account', 'mailbox-kind', '1.i', 'server-settings', 'sign-in'],
      ...['used-by', 'client-type', '2.i', 'verify:2:store', 'verify:2:redirect'],
      ...['3.i', '4', 'account-types', '5.i'],
      ...['6.i', 'client-id', 'tenant', 'verify:6:tenant'],
      ...['7', '8.i', '9.i', 'client-secret-file', 'secret-expires', 'verify:9:client'],
      ...['10', '11.i', '12.i', '12.iii', '12.v', '12.vi', 'verify:13:signin', 'verify:14:mailbox'],
    ]);
  });

  test('a public client skips steps 7 to 9, and is proved all the same', () => {
    const answers = { account: 'reception@happypaws.example', 'client-type': 'desktop' };
    const ids = idsOf(walk(outlook, answers));
    expect(ids).not.toContain('client-secret-file');
    expect(ids).not.toContain('secret-expires');
    expect(ids).toContain('verify:9:client');
    expect(
      stepsOf(outlook, answers)
        .filter((one) => one.skipped !== undefined)
        .map((one) => one.step.number),
    ).toEqual(['7', '8', '9']);
  });

  test.each(['outlook.fr', 'hotmail.co.uk', 'live.nl', 'msn.com'])('a mailbox at %s is a personal one', (domain) => {
    expect(complete(outlook, { account: `pat@${domain}` })).toMatchObject({
      'mailbox-kind': 'personal',
      tenant: 'consumers',
    });
  });

  test('a personal mailbox is not asked for a tenant and needs no administrator', () => {
    const ids = idsOf(walk(outlook, { account: 'pat@outlook.com' }));
    expect(ids).not.toContain('tenant');
    expect(ids).not.toContain('12.iii');
    expect(complete(outlook, { account: 'pat@outlook.com' })).toMatchObject({
      'mailbox-kind': 'personal',
      tenant: 'consumers',
      'smtp-host': 'smtp-mail.outlook.com',
      'imap-host': 'outlook.office365.com',
    });
  });

  test('servers of one\u2019s own need no more than their names', () => {
    const host = 'mail.corp.example';
    const answers = {
      account: 'ann@corp.example',
      issuer: 'https://sso.corp.example',
      'smtp-host': host,
      'imap-host': host,
    };
    expect(complete(custom, answers)).toMatchObject({
      'smtp-port': '587',
      'smtp-security': 'starttls',
      'imap-port': '993',
      'imap-security': 'tls',
    });
    expect(contradictions(custom, answers)).toEqual([]);
  });

  test.each([
    [gmail, ['3', '4', '5', '7']],
    [outlook, ['3', '4', '5', '6', '7', '8', '9', '10', '11', '12']],
    [custom, ['2', '3']],
  ])('a stored client skips the steps that make one: $id', (provider, numbers) => {
    const answers = { account: 'second@happypaws.example', 'client-from': 'first', 'stored-client': 'yes' };
    expect(
      stepsOf(provider, answers)
        .filter((one) => one.skipped !== undefined)
        .map((one) => one.step.number),
    ).toEqual(numbers);
    const items = itemsOf(provider, answers);
    expect(items.filter((item) => item.kind === 'verification').map((item) => item.verification)).toEqual(
      provider.steps.flatMap((step) => step.verify ?? []),
    );
    expect(idsOf(items)).not.toContain('client-id');
  });

  test('the stored client is offered at step 2 only where there is one', () => {
    expect(idsOf(itemsOf(gmail, {}))).not.toContain('client-from');
    expect(idsOf(itemsOf(gmail, { 'stored-client': 'yes' }))).toContain('client-from');
  });

  test('the details of the servers are asked for behind "edit" only', () => {
    expect(idsOf(itemsOf(gmail, {}))).not.toContain('smtp-host');
    const edited = idsOf(itemsOf(gmail, { 'server-settings': 'edit' }));
    expect(edited).toEqual(expect.arrayContaining(['name', 'description', 'mail-timeout', 'smtp-host', 'imap-port']));
    const sendOnly = idsOf(itemsOf(gmail, { 'server-settings': 'edit', 'no-imap': 'yes' }));
    expect(sendOnly).not.toContain('imap-host');
    expect(sendOnly).not.toContain('1.ii');
  });

  test("Google's client file answers for both values", () => {
    const ids = idsOf(itemsOf(gmail, { 'client-file': 'client_secret_1.json' }));
    expect(ids).not.toContain('client-id');
    expect(ids).not.toContain('client-secret-file');
  });
});

describe('position', () => {
  test('next is where the last mark ends, whatever the process', () => {
    const start: Progress = { answers: { account: 'a@gmail.com', 'server-settings': 'keep' }, done: ['1.i'] };
    expect(next(gmail, start)?.id).toBe('used-by');
    expect(next(gmail, JSON.parse(JSON.stringify(start)))?.id).toBe('used-by');
  });

  test('back forgets the item before, passing over what runs by itself', () => {
    const progress: Progress = {
      answers: { account: 'a@gmail.com', 'server-settings': 'keep', 'used-by': 'mailauth', project: '' },
      done: ['1.i', '2.i', 'verify:2:store', 'verify:2:redirect', '3.i', '4.i'],
    };
    expect(next(gmail, progress)?.id).toBe('5.i');
    const earlier = back(gmail, progress);
    expect(earlier.done).toEqual(['1.i', '2.i', 'verify:2:store', 'verify:2:redirect', '3.i']);
    expect(next(gmail, earlier)?.id).toBe('4.i');
    const earlierStill = back(gmail, back(gmail, back(gmail, back(gmail, earlier))));
    expect(earlierStill.answers['used-by']).toBeUndefined();
    expect(next(gmail, earlierStill)?.id).toBe('used-by');
  });

  test('at the beginning there is nothing to go back to', () => {
    const nothing: Progress = { answers: {}, done: [] };
    expect(back(gmail, nothing)).toBe(nothing);
  });

  test('back works from the very end', () => {
    let progress: Progress = { answers: {}, done: [] };
    for (const item of walk(outlook, { account: 'a@b.example', 'client-id': GUID, tenant: TENANT })) {
      progress = mark(progress, item, item.kind === 'question' ? 'x' : '');
    }
    expect(next(outlook, back(outlook, progress))).toBeDefined();
  });

  test('any walk of forward and back ends at the end, and going back never moves forward', () => {
    const moves = fc.array(fc.boolean(), { maxLength: 120 });
    const provider = fc.constantFrom(gmail, outlook, custom);
    const accounts = fc.constantFrom('a@gmail.com', 'a@outlook.com', 'a@b.example');
    fc.assert(
      fc.property(provider, accounts, moves, (one, account, forward) => {
        let progress: Progress = { answers: { account }, done: [] };
        for (const isForward of forward) {
          const item = next(one, progress);
          const before = idsOf(itemsOf(one, progress.answers).filter((each) => isDone(each, progress))).length;
          if (!isForward || item === undefined) {
            progress = back(one, progress);
            const after = idsOf(itemsOf(one, progress.answers).filter((each) => isDone(each, progress))).length;
            expect(after).toBeLessThanOrEqual(before);
          } else {
            progress = mark(
              progress,
              item,
              String(item.kind === 'question' ? (defaultOf(item.question, progress.answers, one) ?? '') : ''),
            );
          }
        }
        for (let steps = 0; next(one, progress) !== undefined; steps++) {
          expect(steps).toBeLessThan(200);
          const item = next(one, progress) as Item;
          progress = mark(
            progress,
            item,
            String(item.kind === 'question' ? (defaultOf(item.question, progress.answers, one) ?? '') : ''),
          );
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('conditions', () => {
  test('an unanswered question is the empty string, several conditions must all hold', () => {
    expect(holds(undefined, {})).toBe(true);
    expect(holds({ question: 'a', is: [''] }, {})).toBe(true);
    expect(holds({ question: 'a', is: ['x'] }, { a: 'x' })).toBe(true);
    expect(
      holds(
        [
          { question: 'a', is: ['x'] },
          { question: 'b', is: ['y'] },
        ],
        { a: 'x', b: 'z' },
      ),
    ).toBe(false);
    expect(holds({ question: 'a', is: ['x'] }, { a: ['x', 'z'] })).toBe(true);
    expect(holds({ question: 'a', is: [''] }, { a: [] })).toBe(true);
  });
});

describe('what follows from the answers', () => {
  test.each([
    [gmail, {}, 'http://127.0.0.1:PORT/callback'],
    [gmail, { 'redirect-port': '9000' }, 'http://127.0.0.1:9000/callback'],
    [gmail, { 'client-type': 'web' }, 'http://127.0.0.1:8765/callback'],
    [gmail, { 'app-redirect-uri': ['https://a.example/cb'] }, 'http://127.0.0.1:8765/callback'],
    [custom, {}, 'http://127.0.0.1:8765/callback'],
    [outlook, {}, 'http://localhost:8765/callback'],
    [outlook, { 'redirect-port': '8770' }, 'http://localhost:8770/callback'],
    [outlook, { 'redirect-uri': 'http://localhost:8766/callback' }, 'http://localhost:8766/callback'],
  ])('the redirect URI: %#', (provider, answers: Answers, expected) => {
    expect(complete(provider, answers)['redirect-uri']).toBe(expected);
  });

  test("another program's redirect URI makes the client a web client", () => {
    expect(complete(gmail, {})['client-type']).toBe('desktop');
    expect(complete(gmail, { 'app-redirect-uri': ['https://a.example/cb'] })['client-type']).toBe('web');
    expect(complete(gmail, { 'shared-client': 'yes' })['client-type']).toBe('web');
    expect(complete(gmail, { 'used-by': 'application' })['client-type']).toBe('web');
    expect(complete(gmail, { 'used-by': 'both' })['client-type']).toBe('web');
    expect(complete(gmail, { 'used-by': 'mailauth' })['client-type']).toBe('desktop');
    expect(complete(outlook, {})['client-type']).toBe('web');
  });

  test('scopes are asked for each protocol in use, and --scope replaces them', () => {
    expect(complete(outlook, { 'no-smtp': 'yes' })['scopes']).toEqual([
      'openid',
      'email',
      'profile',
      'offline_access',
      'https://outlook.office.com/IMAP.AccessAsUser.All',
    ]);
    expect(complete(gmail, {})['scopes']).toEqual(['openid', 'email', 'https://mail.google.com/']);
    expect(complete(gmail, { scope: ['openid', 'mail read'] })['scopes']).toEqual(['openid', 'mail', 'read']);
  });

  test('POP is used, and its scope asked for, only where somebody says so', () => {
    const scope = 'https://outlook.office.com/POP.AccessAsUser.All';
    expect(complete(outlook, {})['scopes']).not.toContain(scope);
    expect(complete(outlook, {})['pop-host']).toBeUndefined();
    const known = complete(outlook, { pop: 'yes' });
    expect(known['scopes']).toContain(scope);
    expect(known).toMatchObject({ 'pop-host': 'outlook.office365.com', 'pop-port': '995', 'pop-security': 'tls' });
    expect(complete(gmail, { pop: 'yes' })['scopes']).toEqual(complete(gmail, {})['scopes']);
    // It may also be all that is used.
    expect(contradictions(gmail, { pop: 'yes', 'no-smtp': 'yes', 'no-imap': 'yes' })).toEqual([]);
  });

  test('without a protocol its server has no default', () => {
    const known = complete(gmail, { 'no-smtp': 'yes' });
    expect(known['smtp-host']).toBeUndefined();
    expect(known['imap-host']).toBe('imap.gmail.com');
  });

  test('the security follows the port', () => {
    expect(complete(gmail, { 'smtp-port': '465' })).toMatchObject({
      'smtp-security': 'tls',
      'smtp-security-label': 'SSL/TLS',
    });
    expect(complete(gmail, {})).toMatchObject({ 'smtp-security': 'starttls', 'smtp-security-label': 'STARTTLS' });
    expect(complete(gmail, { 'imap-port': '143' })['imap-security']).toBe('starttls');
  });

  test('the tenant follows from whose mailboxes they are, and the other way round', () => {
    expect(complete(outlook, { 'account-types': 'any' })['tenant']).toBe('common');
    expect(complete(outlook, { 'account-types': 'multiple' })['tenant']).toBe('organizations');
    expect(complete(outlook, { tenant: 'common' })['account-types']).toBe('any');
    expect(complete(outlook, { tenant: 'consumers' })['mailbox-kind']).toBe('personal');
    expect(complete(outlook, { account: 'a@b.example' })['tenant']).toBeUndefined();
  });

  test('the day on which a sign-in in Testing ends', () => {
    expect(complete(gmail, { today: '2026-11-23' })['testing-ends']).toBe('on 2026-11-30 (after 7 days)');
    expect(complete(gmail, {})['testing-ends']).toBe('7 days after you sign in');
  });

  test('completing twice changes nothing', () => {
    for (const provider of [gmail, outlook, custom]) {
      const once = complete(provider, { account: 'a@b.example' });
      expect(complete(provider, once)).toEqual(once);
    }
  });
});

describe('what a script forgot', () => {
  test('everything at once, each with its step and a link that opens', () => {
    expect(missing(outlook, {})).toEqual([
      { flag: '--account', env: 'MAILAUTH_ACCOUNT', meaning: 'Mailbox to connect', step: '1' },
      {
        flag: '--client-id',
        env: 'MAILAUTH_CLIENT_ID',
        meaning: 'Application (client) ID, unless --client-from is given',
        step: '6',
        url: 'https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade',
      },
      {
        flag: '--tenant',
        env: 'MAILAUTH_TENANT',
        meaning: 'Directory (tenant) ID, unless --client-from is given',
        step: '6',
        url: 'https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade',
      },
      {
        flag: '--client-secret-file',
        env: 'MAILAUTH_CLIENT_SECRET_FILE',
        meaning: 'Client secret Value, unless --client-from is given',
        step: '9',
        url: 'https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade',
      },
    ]);
  });

  test('the link carries what is known', () => {
    const [secret] = missing(outlook, { account: 'a@b.example', 'client-id': GUID, tenant: TENANT });
    expect(secret?.url).toBe(
      `https://entra.microsoft.com/${TENANT}#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Credentials/appId/${GUID}`,
    );
    const [client] = missing(gmail, { account: 'a@b.example', project: 'paws-1' });
    expect(client).toMatchObject({
      flag: '--client-id',
      step: '7',
      url: 'https://console.cloud.google.com/auth/clients?project=paws-1',
    });
  });

  test.each([
    [gmail, { account: 'a@b.example', 'client-file': 'x.json' }],
    [gmail, { account: 'a@b.example', 'client-id': 'x', 'client-secret-file': '-' }],
    [gmail, { account: 'a@b.example', 'client-from': 'gmail' }],
    [outlook, { account: 'a@b.example', tenant: TENANT, 'client-id': GUID, 'client-secret-file': '-' }],
    [outlook, { account: 'a@b.example', tenant: TENANT, 'client-id': GUID, 'client-type': 'desktop' }],
    [
      custom,
      {
        account: 'a@b.example',
        issuer: 'https://i.example',
        'client-id': 'x',
        'client-secret-file': '-',
        'smtp-host': 's',
        'no-imap': 'yes',
      },
    ],
  ])('enough is enough: %#', (provider, answers: Answers) => {
    expect(missing(provider, answers)).toEqual([]);
  });

  test('an empty answer is no answer', () => {
    expect(missing(gmail, { account: '', 'client-file': 'x' }).map((one) => one.flag)).toEqual(['--account']);
  });
});

describe('flags and variables', () => {
  test('derive from the id', () => {
    expect(flagOf(question(gmail, 'client-secret-file'))).toBe('--client-secret-file');
    expect(envOf(question(gmail, 'client-secret-file'))).toBe('MAILAUTH_CLIENT_SECRET_FILE');
    expect(envOf(question(gmail, 'no-smtp'))).toBe('MAILAUTH_NO_SMTP');
    expect(envOf(question(gmail, 'lifetime'))).toBeUndefined();
    expect(envOf({ ...question(gmail, 'name'), flagOnly: true })).toBeUndefined();
  });
});

describe('filling in', () => {
  test('what is known, and what is not in angle brackets', () => {
    expect(fill('ask {account} about {client-id}', { account: 'a@b.example' }, gmail)).toBe(
      'ask a@b.example about <client-id>',
    );
  });

  test('a link does without what it can do without, and encodes the rest', () => {
    const link = 'https://x.example/{directory?}#view/{client-id}';
    expect(fill(link, {}, outlook)).toBe('https://x.example/#view/<client-id>');
    expect(fill(link, { tenant: 'consumers' }, outlook)).toBe('https://x.example/#view/<client-id>');
    expect(fill(link, { tenant: 'paws.example', 'client-id': 'a b' }, outlook)).toBe(
      'https://x.example/paws.example#view/a%20b',
    );
    expect(fill('https://x.example/p?a=1&project={project?}&b={project}#f', {}, gmail)).toBe(
      'https://x.example/p?a=1&b=<project>#f',
    );
    expect(fill('https://x.example/p?project={project?}', {}, gmail)).toBe('https://x.example/p');
  });

  test('an answer cannot change where a link leads', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (project) => {
        const url = new URL(fill('https://x.example/p?project={project?}', { project }, gmail));
        expect(url.host).toBe('x.example');
        expect(url.pathname).toBe('/p');
        expect(url.hash).toBe('');
        expect([...url.searchParams.keys()]).toEqual(['project']);
      }),
    );
  });

  test('a repeatable answer gives one line each', () => {
    const value = { label: 'x', value: '{app-redirect-uri}' };
    expect(fillList(value, { 'app-redirect-uri': ['https://a', 'https://b'] }, gmail)).toEqual([
      'https://a',
      'https://b',
    ]);
    expect(fillList(value, {}, gmail)).toEqual(['<app-redirect-uri>']);
    expect(fillList({ label: 'x', value: '{account}' }, { account: 'a@b.example' }, gmail)).toEqual(['a@b.example']);
  });
});

describe('where a person stops', () => {
  const standing = (provider: Provider, id: string) => {
    let progress: Progress = { answers: { account: 'a@b.example', 'used-by': 'mailauth' }, done: [] };
    for (let item = next(provider, progress); item !== undefined && item.id !== id; item = next(provider, progress)) {
      const question = item.kind === 'question' ? item.question : undefined;
      const answer = question && String(defaultOf(question, progress.answers, provider) ?? GUID);
      progress = mark(progress, item, answer);
    }
    const item = next(provider, progress);
    if (item?.kind !== 'instruction') throw new Error(`no instruction ${id}`);
    return { progress, item };
  };

  test.each([
    [gmail, '3.i', 'project'],
    [outlook, '6.i', 'client-id'],
    [outlook, '9.i', 'client-secret-file'],
  ] as const)('a value that is asked for below $1.id says that it is done', (provider, id, question) => {
    const { progress, item } = standing(provider, id);
    expect(questionBelow(provider, progress, item)?.id).toBe(question);
  });

  test.each([
    [gmail, '1.i'],
    [gmail, '4.i'],
    [outlook, '8.i'],
  ] as const)('below a choice, another instruction or nothing somebody has to say so: $1', (provider, id) => {
    const { progress, item } = standing(provider, id);
    expect(questionBelow(provider, progress, item)).toBeUndefined();
  });

  test('going back passes over a heading that has nothing below it', () => {
    const known: Progress = { answers: { account: 'a@b.example', 'used-by': 'mailauth' }, done: [] };
    const items = itemsOf(outlook, known.answers);
    const at = items.findIndex(({ id }) => id === '4');
    expect(items[at]?.kind).toBe('step');
    const passed = items.slice(0, at + 1).reduce<Progress>((progress, item) => {
      const question = item.kind === 'question' ? item.question : undefined;
      return mark(progress, item, question && String(defaultOf(question, progress.answers, outlook) ?? ''));
    }, known);
    expect(next(outlook, back(outlook, passed))?.id).toMatch(/^3\./);
  });
});
