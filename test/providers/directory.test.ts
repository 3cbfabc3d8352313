import { describe, expect, test } from 'vitest';
import {
  issuedValuesFor,
  isTenantIssuer,
  providerNamed,
  providers,
  sameAddress,
  usualScope,
} from '../../src/providers/directory.js';
import { PROVIDER_NAMES } from '../../src/providers/outline.js';

describe('the directory of providers', () => {
  test('has the names that are known without it', () => {
    expect(providers.map(({ id }) => id)).toEqual([...PROVIDER_NAMES]);
  });

  test('an address is compared without case, and by the rule of its provider', () => {
    expect(sameAddress('Ann@Example.com ', 'ann@example.com')).toBe(true);
    expect(sameAddress('ann@googlemail.com', 'ANN@gmail.com')).toBe(true);
    expect(sameAddress('ann@example.com', 'bob@example.com')).toBe(false);
    expect(sameAddress('pat.doe@gmail.com', 'patdoe@gmail.com')).toBe(true);
    expect(sameAddress('p.a.t@googlemail.com', 'pat@gmail.com')).toBe(true);
    expect(sameAddress('pat.doe@outlook.com', 'patdoe@outlook.com')).toBe(false);
    expect(sameAddress('pat.doe@company.example', 'patdoe@company.example')).toBe(false);
  });

  test.each([
    ['google', 'gmail'],
    ['Gmail', 'gmail'],
    ['Google Workspace', undefined],
    ['googlemail', 'gmail'],
    ['Outlook', 'outlook'],
    ['office365', 'outlook'],
    ['Office 365', 'outlook'],
    ['microsoft', 'outlook'],
    ['hotmail', 'outlook'],
    ['other', 'custom'],
    ['yahoo', undefined],
  ])('%s means %s', (word, id) => {
    expect(providerNamed(word)?.id).toBe(id);
  });

  test('no two providers share a name', () => {
    const names = providers.flatMap(({ id, aliases }) => [id, ...aliases]);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z0-9-]+$/);
  });

  test('scopes of two spellings are one', () => {
    expect(usualScope('https://outlook.office365.com/IMAP.AccessAsUser.All')).toBe(
      usualScope('https://outlook.office.com/IMAP.AccessAsUser.All/'),
    );
    expect(usualScope('https://mail.google.com')).toBe(usualScope('https://mail.google.com/'));
    expect(usualScope('https://outlook.office.com/SMTP.Send')).not.toBe(usualScope('https://evil.example/SMTP.Send'));
  });

  test('only the provider at the origin that was asked may name an issuer of many tenants', () => {
    const login = 'https://login.microsoftonline.com';
    expect(isTenantIssuer(`${login}/{tenantid}/v2.0`, `${login}/common/v2.0`)).toBe(true);
    expect(isTenantIssuer(`${login}/{tenantid}/v2.0`, 'https://accounts.google.com')).toBe(false);
    expect(isTenantIssuer(`${login}/{tenantid}/v2.0`, 'https://issuer.example')).toBe(false);
    expect(isTenantIssuer('https://evil.example/{tenantid}/v2.0', `${login}/common/v2.0`)).toBe(false);
  });

  test('what a provider gives out answers questions that it asks', () => {
    for (const provider of providers) {
      for (const { answers } of issuedValuesFor(provider).own) {
        if (answers === undefined) continue;
        const id = answers === 'client-secret' ? 'client-secret-file' : answers;
        expect(provider.questions.some((question) => question.id === id)).toBe(true);
      }
    }
  });
});
