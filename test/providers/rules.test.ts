import { describe, expect, it } from 'vitest';
import { EXIT_OF } from '../../src/core/codes.js';
import { type Evidence, matches, type Rule, recognise } from '../../src/core/diagnosis.js';
import { explain } from '../../src/core/explain.js';
import { commonRules } from '../../src/core/rules.js';
import { custom } from '../../src/providers/custom.js';
import { gmail } from '../../src/providers/gmail.js';
import { outlook } from '../../src/providers/outlook.js';

const providers = [gmail, outlook, custom];
const everyRule = [...new Set([...providers.flatMap((provider) => provider.rules), ...commonRules])];

/** Every rule in the company in which it is tried: with its provider's rules in front, or with none. */
const inCompany = [
  ...providers.flatMap((provider) =>
    provider.rules.map((rule) => ({ rule, company: [...provider.rules, ...commonRules] })),
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
      .map(({ rule, company }) => ({ rule: rule.id, recognisedAs: recognise(rule.sample, company)?.id }))
      .filter(({ rule, recognisedAs }) => rule !== recognisedAs);
    expect(mistaken).toEqual([]);
  });

  it('has a condition on the answer itself in each rule, never on the place alone', () => {
    const vague = everyRule.filter(
      ({ id, when }) => id !== 'proxy-unreachable' && !when.error && !when.status && !when.enhanced && !when.text,
    );
    expect(vague.map((rule) => rule.id)).toEqual([]);
  });

  it.each(['gsmtp', 'outlook.office365.com Microsoft ESMTP', 'Dovecot ready.', ''])(
    'leaves words it does not know unknown: %j',
    (text) => {
      const evidence: Evidence = { where: 'smtp', stage: 'auth', status: 599, text };
      expect(everyRule.filter((rule) => matches(rule, evidence)).map((rule) => rule.id)).toEqual([]);
      expect(explain(evidence, { answers: {} })).toMatchObject({ code: 'unknown', exit: 76 });
    },
  );
});

describe('the words', () => {
  const texts = (rule: Rule) => [rule.diagnosis.message, ...rule.diagnosis.fix.map((fix) => fix.text)];

  it('begin small, end without a full stop and fit two lines of a terminal', () => {
    const proper = /^(?:[^A-Z]|(?:Google|Gmail|Microsoft|Exchange|POP|IMAP)\b)/;
    const wrong = everyRule.flatMap(({ id, diagnosis: { message } }) =>
      proper.test(message) && !/[.!?]$/.test(message) && message.length <= 160 ? [] : [`${id}: ${message}`],
    );
    expect(wrong).toEqual([]);
  });

  it('blame nobody and never guess', () => {
    const bad = /\b(?:you failed|your fault|wrongly|stupid|illegal|forgot|check your internet|please|oops|sorry)\b/i;
    expect(everyRule.flatMap(texts).filter((text) => bad.test(text))).toEqual([]);
  });

  it('offer one next action first and few others', () => {
    const wrong = everyRule.filter(({ diagnosis: { fix } }) => fix.length < 1 || fix.length > 3);
    expect(wrong.map((rule) => rule.id)).toEqual([]);
  });

  it('point to steps that exist in the guide of the provider', () => {
    const dead = providers.flatMap((provider) =>
      provider.rules.flatMap((rule) =>
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
      provider.rules.flatMap((rule) =>
        rule.diagnosis.fix.flatMap(({ command = '' }) => {
          const from = /--from-step (\S+)/.exec(command)?.[1];
          return from === undefined || provider.steps.some((step) => step.number === from)
            ? []
            : [`${rule.id}: ${from}`];
        }),
      ),
    );
    expect(dead).toEqual([]);
  });

  it('send nobody to a common step, since providers number them differently', () => {
    const numbered = commonRules.filter((rule) => rule.diagnosis.fix.some((fix) => fix.step !== undefined));
    expect(numbered.map((rule) => rule.id)).toEqual([]);
  });

  it('give only addresses with https', () => {
    const urls = everyRule.flatMap((rule) => rule.diagnosis.fix.flatMap((fix) => fix.url ?? []));
    expect(urls.filter((url) => !url.startsWith('https://') && url !== '{admin-consent-url}')).toEqual([]);
  });
});

/** Codes that no answer of a server stands behind, and who raises them. */
const RAISED_BY: Readonly<Record<string, string>> = {
  bug: 'cli/main.ts: anything that is no MailauthError',
  usage: 'cli: the command line',
  missing_input: 'core/plan.ts: what a script did not give',
  file_not_found: 'cli: a file named by a flag or a variable',
  no_such_account: 'store/accounts.ts: a name or an address that is not set up',
  cannot_write: 'store/files.ts: a folder or a disk that takes nothing',
  keychain_unavailable: 'store/keychain.ts',
  keychain_locked: 'store/keychain.ts',
  store_damaged: 'store/file.ts, store/credential.ts',
  store_busy: 'store/lock.ts',
  passphrase_wrong: 'store/file.ts',
  key_missing: 'store/key.ts',
  port_busy: 'oauth/loopback.ts: the port of the redirect URI',
  client_secret_is_id: 'core/guards.ts: a Secret ID pasted for the secret',
  interrupted: 'cli/main.ts: SIGINT',
  terminated: 'cli/main.ts: SIGTERM',
};

describe('the codes', () => {
  const reached = new Set<string>(everyRule.map((rule) => rule.diagnosis.code));

  it('are each reached by a rule, or raised by a part of the program that is named here', () => {
    const orphans = Object.keys(EXIT_OF).filter((code) => !reached.has(code) && RAISED_BY[code] === undefined);
    expect(orphans).toEqual([]);
  });

  it('are not both', () => {
    const both = Object.keys(RAISED_BY).filter((code) => reached.has(code));
    expect(both).toEqual([]);
  });
});
