import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { complete, holds } from '../../src/guide/plan.js';
import type { Answers } from '../../src/guide/step.js';
import { custom } from '../../src/providers/custom.js';
import { providers } from '../../src/providers/directory.js';
import { gmail } from '../../src/providers/gmail/provider.js';
import { outlook } from '../../src/providers/outlook/provider.js';
import { type GuideFormat, renderGuide } from '../../src/render/guide.js';
import { guideDocument, roman } from '../../src/render/guide-document.js';
import { wrap } from '../../src/render/wrap.js';

const FORMATS: readonly GuideFormat[] = ['text', 'md', 'json'];

const ANSWERS: readonly Answers[] = [
  {},
  { account: 'reception@happypaws.example' },
  { account: 'pat@outlook.com', 'mailbox-kind': 'personal' },
  { account: 'reception@happypaws.example', audience: 'internal', 'client-type': 'web', project: 'paws-471208' },
  { 'client-type': 'desktop' },
  { 'app-redirect-uri': ['https://a.example/cb', 'https://b.example/cb'], 'client-id': 'x', tenant: 'paws.example' },
  { 'client-from': 'first', 'stored-client': 'yes', lifetime: 'trying', today: '2026-11-23' },
  { 'no-smtp': 'yes' },
  { 'no-imap': 'yes', 'redirect-port': '9000' },
];

test('home page and privacy link fall away where nothing is published', () => {
  const text = renderGuide(gmail, { account: 'reception@happypaws.example', audience: 'internal' }, 'text');
  expect(text).toMatch(/^ {2}v\. {4}SKIP: an Internal app is not published$/m);
});

describe.each(providers)('the guide of $id', (provider) => {
  test.each(FORMATS)('no placeholder reaches the %s', (format) => {
    for (const answers of ANSWERS) {
      const rendered = renderGuide(provider, answers, format);
      expect(rendered.replace(/^\{.*\}\n$/s, (json) => JSON.stringify(textsIn(JSON.parse(json))))).not.toMatch(
        /\{[a-z-]+\??\}/,
      );
      expect(rendered).not.toMatch(/undefined|\[object|\bNaN\b/);
      expect(rendered.endsWith('\n')).toBe(true);
    }
  });

  test('every step is there with its number, skipped ones with their reason', () => {
    for (const answers of ANSWERS) {
      const rendered = renderGuide(provider, answers, 'text');
      const headings = [...rendered.matchAll(/^STEP (\d+) of (\d+) {2}/gm)].map(([, number, total]) => [number, total]);
      expect(headings).toEqual(provider.steps.map((step) => [step.number, String(provider.steps.length)]));
      for (const step of guideDocument(provider, answers).steps.filter((one) => one.skipped !== undefined)) {
        expect(rendered).toContain(`  SKIP  ${step.skipped?.slice(0, 20)}`);
      }
    }
  });

  test('a sub-step that falls away says why, as in the wizard', () => {
    for (const answers of ANSWERS) {
      const known = complete(provider, answers);
      for (const { number, instructions, skipped } of guideDocument(provider, answers).steps) {
        if (skipped !== undefined) continue;
        const step = provider.steps.find((one) => one.number === number);
        const away = (step?.instructions ?? []).filter(({ when, skip }) => skip !== undefined && !holds(when, known));
        for (const one of away) expect(instructions.map((shown) => shown.number)).toContain(one.number);
      }
    }
  });

  test('sub-steps keep the numbers of the guide, in order, whatever falls away', () => {
    const order = Array.from({ length: 12 }, (_, index) => roman(index + 1));
    for (const answers of ANSWERS) {
      for (const step of guideDocument(provider, answers).steps) {
        const numbers = step.instructions.map((one) => order.indexOf(one.number));
        expect(numbers, `step ${step.number}`).toEqual([...numbers].sort((one, other) => one - other));
        expect(numbers).not.toContain(-1);
      }
    }
  });

  test.each([20, 40, 80, 200])('links stay whole, and text keeps to %i columns', (width) => {
    for (const answers of ANSWERS) {
      const rendered = renderGuide(provider, answers, 'text', { width });
      const { pageErrors, ...document } = guideDocument(provider, answers);
      const steps = document.steps.filter((step) => step.skipped === undefined);
      const links = [
        ...steps.flatMap((step) => [step.url, ...step.instructions.map((one) => one.url)]),
        ...pageErrors.map((one) => one.url),
      ];
      const lines = rendered.split('\n');
      for (const link of links.filter((one) => one !== undefined)) {
        expect(
          lines.some((line) => line.endsWith(` ${link}`)),
          link,
        ).toBe(true);
      }
      for (const value of steps.flatMap((step) => step.values)) {
        expect(
          lines.some((line) => line.endsWith(` ${value.value}`)),
          value.value,
        ).toBe(true);
      }
      if (width < 40) continue;
      // A line may only be longer where it holds one word that cannot be broken, a value or a command.
      const tooLong = lines.filter((line) => line.length > width && !/https?:|^ {8}\S|^ {2}mailauth guide/.test(line));
      expect(tooLong).toEqual([]);
    }
  });

  test('Markdown shows what is unknown as text, not as a tag', () => {
    const rendered = renderGuide(provider, {}, 'md');
    const outside = rendered.replace(/`[^`\n]*`/g, '').replace(/<https:[^<>\s]*>/g, '');
    expect(outside).not.toMatch(/(?<!\\)<[a-z]/);
  });

  test('JSON is one document of the contract', () => {
    const json = renderGuide(provider, { account: 'a@b.example' }, 'json');
    expect(json.trimEnd()).not.toContain('\n');
    const document = JSON.parse(json);
    expect(document).toMatchObject({
      schema: 'mailauth.guide/1',
      provider: provider.id,
      lastChecked: provider.lastChecked,
    });
    for (const step of document.steps) {
      expect(step).toMatchObject({ number: expect.any(String), title: expect.any(String) });
      for (const one of step.instructions)
        expect(one).toMatchObject({ number: expect.any(String), text: expect.any(String) });
      for (const value of step.values) expect(Object.keys(value)).toEqual(['label', 'value']);
      expect(step.asks).toEqual(expect.any(Array));
    }
  });
});

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

describe('what the guide is filled with', () => {
  test('the answers', () => {
    const rendered = renderGuide(
      gmail,
      { account: 'reception@gmail.com', project: 'paws-471208', 'app-name': 'OpenVPMS' },
      'text',
    );
    expect(rendered).toContain('User support email: reception@gmail.com');
    expect(rendered).toContain('https://console.cloud.google.com/auth/clients?project=paws-471208');
    expect(rendered).toContain('App name: OpenVPMS');
    expect(rendered).toContain('Redirect URI: http://127.0.0.1:PORT/callback');
  });

  test("another program's redirect URIs, each on its line, in a web client", () => {
    const rendered = renderGuide(
      gmail,
      { 'app-redirect-uri': ['https://a.example/cb', 'https://b.example/cb'] },
      'text',
    );
    expect(rendered).toContain('Application type: Web application');
    expect(rendered).toContain(
      '        Authorised redirect URI: https://a.example/cb\n        Authorised redirect URI: https://b.example/cb\n',
    );
  });

  test('a public client of Microsoft has no secret', () => {
    const document = guideDocument(outlook, { 'client-type': 'desktop' });
    expect(document.steps.flatMap((step) => step.asks)).not.toContain('client-secret-file');
    expect(document.steps.filter((step) => step.skipped !== undefined).map((step) => step.number)).toEqual([
      '7',
      '8',
      '9',
    ]);
    expect(renderGuide(outlook, { 'client-type': 'desktop' }, 'text')).toContain(
      'Platform: Public client/native (mobile & desktop)',
    );
  });

  test('what only the wizard asks is shown both ways', () => {
    const step = guideDocument(gmail, {}).steps[5];
    expect(step?.instructions.map((one) => [one.number, one.choice])).toEqual([
      ...['i', 'ii', 'iii', 'iv'].map((number) => [number, 'Just trying: 7 days, with test users']),
      ...['v', 'vi', 'vii'].map((number) => [number, 'For good: publish the app (recommended)']),
    ]);
    const types = guideDocument(outlook, {}).steps[4]?.values.filter(
      (value) => value.label === 'Supported account types',
    );
    expect(types?.map((value) => value.value)).toEqual([
      'Single tenant only',
      'Multiple Entra ID tenants',
      'Any Entra ID Tenant + Personal Microsoft accounts',
    ]);
    expect(guideDocument(outlook, { tenant: 'common' }).steps[4]?.instructions.map((one) => one.number)).toEqual([
      'i',
      'ii',
      'iii',
    ]);
  });

  test('what to do on the sign-in page stands in the step that signs in', () => {
    const hints = (provider: typeof gmail, index: number) =>
      guideDocument(provider, { account: 'a@b.example' }).steps[index]?.instructions;
    expect(hints(gmail, 7)?.[1]).toEqual({ number: 'ii', text: 'Pick a@b.example, not your own account.' });
    expect(hints(outlook, 12)?.[1]).toEqual({
      number: 'ii',
      text: 'Sign in as a@b.example, not as the administrator.',
    });
    expect(hints(outlook, 12)?.map((one) => one.number)).toEqual(['i', 'ii', 'iii', 'iv', 'v', 'vi', 'vii']);
    expect(hints(custom, 3)?.map((one) => one.number)).toEqual(['i', 'ii', 'iii']);
  });

  test('other ways are named by their flag', () => {
    expect(guideDocument(gmail, {}).ways.flatMap((way) => way.others)).toEqual([
      'mailauth guide gmail --sign-in app',
      'mailauth guide gmail --client-type web',
      'mailauth guide gmail --audience internal',
      'mailauth guide gmail --app-redirect-uri URL',
    ]);
    expect(guideDocument(gmail, { account: 'a@gmail.com' }).ways.flatMap((way) => way.others)).toEqual([
      'mailauth guide gmail --account a@gmail.com --client-type web',
      'mailauth guide gmail --account a@gmail.com --app-redirect-uri URL',
    ]);
    const known = { 'app-redirect-uri': ['https://server.example/cb'] };
    expect(guideDocument(gmail, known).ways.flatMap((way) => way.others)).not.toContain(
      'mailauth guide gmail --app-redirect-uri URL',
    );
  });

  test.each(['gmail', 'outlook'] as const)(
    'both ways are printed while nobody has said who will use the mailbox: %s',
    (id) => {
      const { steps } = guideDocument(id === 'gmail' ? gmail : outlook, {});
      const choices = steps.flatMap(({ instructions }) => instructions.map(({ choice }) => choice));
      expect(choices).toContain('For a program with its own Authorise button, and for both');
      const window = steps.flatMap(({ instructions }) =>
        instructions.filter(({ text }) => /New OAuth2 Client/.test(text)),
      );
      expect(window).toHaveLength(1);
    },
  );

  test('a personal mailbox reads nothing that only an organisation can do', () => {
    const text = renderGuide(outlook, { 'mailbox-kind': 'personal' }, 'text');
    for (const word of ['Conditional Access', 'admin approval', 'Manage email apps', 'Assignment required', '12.iv'])
      expect(text).not.toContain(word);
    expect(text).toContain('not enabled for');
    expect(renderGuide(outlook, {}, 'text')).not.toContain('not enabled for');
  });
});

describe('wrapping', () => {
  test('loses no word and breaks none', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,30}$/), { minLength: 1 }),
        fc.integer({ min: 5, max: 60 }),
        (words, width) => {
          const lines = wrap(words.join(' '), width, '- ', '  ');
          expect(lines.flatMap((line) => line.slice(2).split(' '))).toEqual(words);
          for (const line of lines) expect(line.length <= width || !line.slice(2).includes(' ')).toBe(true);
        },
      ),
    );
  });
});
