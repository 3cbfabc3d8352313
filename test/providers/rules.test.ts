import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COMMON_ADVICE } from '../../src/explain/advice.js';
import { EXIT_OF } from '../../src/explain/codes.js';
import type { ProviderWords } from '../../src/explain/context.js';
import type { Evidence } from '../../src/explain/evidence.js';
import { explain } from '../../src/explain/explain.js';
import { matches, type Rule, recognise } from '../../src/explain/rule.js';
import { commonRules } from '../../src/explain/rules/order.js';
import { providers } from '../../src/providers/directory.js';
import { pasteProviders } from '../../src/providers/words.js';
import { sampleOf, samples, samplesOf } from '../explain/samples.js';
import { pasteRulesOf, rulesOf } from './own-rules.js';

const everyRule = [...new Set([...providers.flatMap(rulesOf), ...commonRules])];
const pasted = pasteProviders.flatMap((provider) => [...rulesOf(provider), ...pasteRulesOf(provider)]);

/** What a provider has its own words for. */
function causesOf(
  rules: readonly Rule[],
  advice: NonNullable<ProviderWords['advice']> = {},
): Pick<Rule, 'id' | 'diagnosis'>[] {
  return [...rules, ...Object.values(advice).map(({ rule, ...diagnosis }) => ({ id: rule, diagnosis }))];
}

/** All that can be told: the rules, and what is known without a failure. */
const everyCause = [
  ...providers.flatMap((provider) => causesOf(rulesOf(provider), provider.advice)),
  ...causesOf(commonRules, COMMON_ADVICE),
];

/** Every rule in the company in which it is tried: with its provider's rules in front, or with none. */
const inCompany = [
  ...providers.flatMap((provider) =>
    rulesOf(provider).map((rule) => ({ rule, company: [...rulesOf(provider), ...commonRules] })),
  ),
  ...commonRules.map((rule) => ({ rule, company: [...commonRules] })),
];

describe('the catalogue', () => {
  it('knows at least 150 causes', () => {
    expect(everyRule.length).toBeGreaterThanOrEqual(150);
  });

  it('names each rule once', () => {
    const ids = everyRule.map((rule) => rule.id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    expect(ids.filter((id) => !/^[a-z0-9]+(?:[.-][a-z0-9]+)*$/.test(id))).toEqual([]);
  });

  it('recognises each sample as the rule it belongs to, before every other', () => {
    const mistaken = inCompany
      .flatMap(({ rule, company }) =>
        samplesOf(rule.id).map((sample) => ({ rule: rule.id, recognisedAs: recognise(sample, company)?.id })),
      )
      .filter(({ rule, recognisedAs }) => rule !== recognisedAs);
    expect(mistaken).toEqual([]);
  });

  it('has no sample of a rule that is not there, and none twice', () => {
    const known = new Set([...everyRule, ...pasted].map(({ id }) => id));
    expect(samples.filter(({ rule }) => !known.has(rule))).toEqual([]);
    const lines = samples.map((sample) => JSON.stringify(sample));
    expect(lines.filter((line, index) => lines.indexOf(line) !== index)).toEqual([]);
  });

  it('has a condition on the answer itself in each rule, never on the place alone', () => {
    const vague = everyRule.filter(
      ({ id, when }) => id !== 'proxy-unreachable' && !when.error && !when.status && !when.enhanced && !when.text,
    );
    expect(vague.map((rule) => rule.id)).toEqual([]);
  });

  it('lets waiting fix what a new registration is refused with, and nothing that stays as it is', () => {
    const settling = everyRule.filter(({ diagnosis }) => diagnosis.settles);
    const codes = new Set(settling.map(({ diagnosis }) => diagnosis.code));
    // The last two: what an administrator has just allowed an app takes its time as well.
    expect([...codes].sort()).toEqual([
      'admin_consent_required',
      'client_not_found',
      'client_secret_wrong',
      'mailbox_mismatch',
      'redirect_uri_mismatch',
    ]);
    const final = settling.filter(({ id }) => /deleted|disabled|expired|is missing|GUID/.test(sampleOf(id).text));
    expect(final.map(({ id }) => id)).toEqual([]);
    for (const { settling: how } of providers) {
      if (how !== undefined) expect(Math.max(...how.pauses)).toBeLessThanOrEqual(120);
    }
  });

  it.each(['gsmtp', 'outlook.office365.com Microsoft ESMTP', 'Dovecot ready.', ''])(
    'leaves words it does not know unknown: %j',
    async (text) => {
      const evidence: Evidence = { where: 'smtp', stage: 'auth', status: 599, text };
      expect(everyRule.filter((rule) => matches(rule, evidence)).map((rule) => rule.id)).toEqual([]);
      expect(await explain(evidence, { answers: {} })).toMatchObject({ code: 'unknown', exit: 76 });
    },
  );
});

describe('the words', () => {
  const texts = (rule: Pick<Rule, 'diagnosis'>) => [
    rule.diagnosis.message,
    ...rule.diagnosis.fix.map((fix) => fix.text),
  ];

  it('begin small, end without a full stop and fit two lines of a terminal', () => {
    const proper = /^(?:[^A-Z]|(?:Fastmail|Mail\.ru|Seznam|Yandex|Google|Gmail|Microsoft|Exchange|POP|IMAP)\b)/;
    const wrong = everyCause.flatMap(({ id, diagnosis: { message } }) =>
      proper.test(message) && !/[.!?]$/.test(message) && message.length <= 160 ? [] : [`${id}: ${message}`],
    );
    expect(wrong).toEqual([]);
  });

  it('blame nobody and never guess', () => {
    const bad = /\b(?:you failed|your fault|wrongly|stupid|illegal|forgot|check your internet|please|oops|sorry)\b/i;
    expect(everyCause.flatMap(texts).filter((text) => bad.test(text))).toEqual([]);
  });

  it('offer one next action first and few others', () => {
    const wrong = everyCause.filter(({ diagnosis: { fix } }) => fix.length < 1 || fix.length > 3);
    expect(wrong.map((rule) => rule.id)).toEqual([]);
  });

  it('point to steps that exist in the guide of the provider', () => {
    const dead = providers.flatMap((provider) =>
      causesOf(rulesOf(provider), provider.advice).flatMap((rule) =>
        rule.diagnosis.fix.flatMap(({ step }) => {
          if (step === undefined) return [];
          const [number, part] = step.split('.');
          const found = provider.steps.find((candidate) => candidate.number === number);
          const exists =
            found !== undefined && (part === undefined || found.instructions.some((i) => i.number === part));
          return exists ? [] : [`${rule.id}: ${step}`];
        }),
      ),
    );
    expect(dead).toEqual([]);
  });

  it('name only steps to go back to that exist', () => {
    const dead = providers.flatMap((provider) =>
      causesOf(rulesOf(provider), provider.advice).flatMap((rule) =>
        rule.diagnosis.fix.flatMap(({ run = '' }) => {
          const [, from] = /--from-step (\S+)/.exec(run) ?? [];
          return from === undefined || provider.steps.some((step) => step.number === from)
            ? []
            : [`${rule.id}: ${from}`];
        }),
      ),
    );
    expect(dead).toEqual([]);
  });

  it('make no link of the very ID that is to be copied again', () => {
    const wrong = everyCause.flatMap(({ id, diagnosis: { fix } }) =>
      fix
        .filter(
          ({ text, url = '' }) =>
            /copy the (?:Application|Directory)/.test(text) && /\{(?:directory|client-id)/.test(url),
        )
        .map(({ url }) => `${id}: ${url}`),
    );
    expect(wrong).toEqual([]);
  });

  it('leave it to the explanation how a command of mailauth is written', () => {
    const fixes = everyCause.flatMap(({ id, diagnosis }) => diagnosis.fix.map((fix) => ({ id, ...fix })));
    const spelled = fixes.filter(({ command = '' }) => /^mailauth .*\{name\}/.test(command));
    expect(spelled.map(({ id }) => id)).toEqual([]);
  });

  it('send nobody to a common step, since providers number them differently', () => {
    const numbered = [...commonRules, ...causesOf([], COMMON_ADVICE)].filter((rule) =>
      rule.diagnosis.fix.some((fix) => fix.step !== undefined),
    );
    expect(numbered.map((rule) => rule.id)).toEqual([]);
  });

  it('give only addresses with https', () => {
    const urls = everyCause.flatMap((rule) => rule.diagnosis.fix.flatMap((fix) => fix.url ?? []));
    expect(urls.filter((url) => !url.startsWith('https://') && url !== '{admin-consent-url}')).toEqual([]);
  });
});

/** Codes that no answer of a server stands behind: who raises them, and the test that makes it happen. */
const RAISED_BY: Readonly<Record<string, readonly [who: string, test: string]>> = {
  bug: ['cli/main.ts: anything that is no MailauthError', 'exposure/crash.test.ts'],
  usage: ['cli: the command line', 'cli/check-exit.test.ts'],
  missing_input: ['guide/plan.ts: what a script did not give', 'cli/setup-refused.test.ts'],
  file_not_found: ['cli: a file named by a flag or a variable', 'cli/check-exit.test.ts'],
  no_such_account: ['cli/subject.ts: a name or an address that is not set up', 'cli/check-exit.test.ts'],
  cannot_write: ['store/files.ts: a folder or a disk that takes nothing', 'store/files.test.ts'],
  keychain_unavailable: ['store/keychain/keychain-store.ts', 'store/keychain/keychain-store.test.ts'],
  keychain_locked: ['store/keychain/keychain-store.ts', 'store/keychain/keychain-store.test.ts'],
  store_damaged: ['store/file/file-store.ts, store/credential.ts', 'cli/check-exit.test.ts'],
  store_busy: ['store/lock.ts', 'store/lock.test.ts'],
  passphrase_wrong: ['store/file/file-store.ts', 'store/file/file-store.test.ts'],
  key_missing: ['store/file/key.ts', 'cli/check-exit.test.ts'],
  store_denied: ['store/shared/vault.ts, store/shared/etcd.ts', 'store/shared/vault.test.ts'],
  store_login_failed: ['store/shared/vault-login.ts, store/shared/etcd.ts', 'store/shared/vault.test.ts'],
  store_sealed: ['store/shared/vault.ts', 'store/shared/vault.test.ts'],
  store_unavailable: ['store/shared/command.ts', 'store/shared/command.test.ts'],
  store_unfit: ['store/shared/shared-store.ts', 'store/shared/command.test.ts'],
  port_busy: ['oauth/callback/port.ts: the port of the redirect URI', 'oauth/callback/listener.test.ts'],
  client_secret_is_id: ['guide/guard.ts: a Secret ID pasted for the secret', 'cli/setup-refused.test.ts'],
  wrong_password: ['serve/door.ts', 'serve/greeters.test.ts'],
  closed_door: ['serve/door.ts', 'serve/door.test.ts'],
  not_set_up: ['serve/provider-login.ts: a protocol that the account has not', 'serve/serve.test.ts'],
  interrupted: ['cli/main.ts: SIGINT', 'cli/check-exit.test.ts'],
  terminated: ['cli/main.ts: SIGTERM', 'flows/token/fresh.test.ts'],
};

/** Codes that only a good answer leads to, so that no sample is said by a server (test/providers/samples.test.ts). */
const FOUND_BY: Readonly<Record<string, string>> = {
  signin_ends_soon: 'cli/check.test.ts',
  client_secret_expires_soon: 'cli/check.test.ts',
};

describe('the codes', () => {
  const reached = new Set<string>(everyCause.map((rule) => rule.diagnosis.code));

  it('are each reached by a rule, or raised by a part of the program that is named here', () => {
    const orphans = Object.keys(EXIT_OF).filter((code) => !reached.has(code) && RAISED_BY[code] === undefined);
    expect(orphans).toEqual([]);
  });

  it('are not both', () => {
    const answered = new Set<string>(
      everyRule.filter(({ id }) => !id.endsWith('-in-words')).map((rule) => rule.diagnosis.code),
    );
    const both = Object.keys(RAISED_BY).filter((code) => answered.has(code));
    expect(both).toEqual([]);
  });

  const proofs = [...Object.entries(RAISED_BY).map(([code, [, test]]) => [code, test]), ...Object.entries(FOUND_BY)];
  it.each(proofs)('%s is made to happen in %s', (code, test) => {
    const text = readFileSync(new URL(`../${test}`, import.meta.url), 'utf8');
    expect(text).toMatch(new RegExp(`['"\`\\s]${code}['"\`]`));
  });

  it('that a server’s words stand behind are each said by a server', () => {
    const samples = readFileSync(new URL('samples.test.ts', import.meta.url), 'utf8');
    const [list = ''] = /const APART[\s\S]*?\n\};/.exec(samples) ?? [];
    const isApart = (id: string) => list.includes(`'${id}'`) || id.endsWith('-in-words');
    const said = new Set<string>(everyRule.filter(({ id }) => !isApart(id)).map(({ diagnosis }) => diagnosis.code));
    const silent = Object.keys(EXIT_OF).filter((code) => !said.has(code));
    expect(silent.sort()).toEqual([...Object.keys(RAISED_BY), ...Object.keys(FOUND_BY)].sort());
  });
});
