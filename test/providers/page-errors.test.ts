import { describe, expect, it } from 'vitest';
import { explainPaste } from '../../src/explain/paste/paste.js';
import { contextOfAnswers } from '../../src/flows/explain-context.js';
import { complete, fill, pageErrorsOf } from '../../src/guide/plan.js';
import { providers } from '../../src/providers/directory.js';
import { gmail } from '../../src/providers/gmail/provider.js';
import { outlook } from '../../src/providers/outlook/provider.js';

const TENANT = '99999999-2222-3333-4444-555555555555';
const CLIENT = '11111111-2222-3333-4444-555555555555';

/** What stays in the browser when the sign-in never comes back, by what a person reads there. */
const STAYS: readonly (readonly [provider: (typeof providers)[number], shows: RegExp, step: string])[] = [
  [gmail, /403: access_denied.*verification process/, '6'],
  [gmail, /redirect_uri_mismatch/, '7'],
  [gmail, /org_internal/, '5'],
  [gmail, /admin_policy_enforced/, '8'],
  [gmail, /invalid_client/, '7'],
  [gmail, /deleted_client/, '7'],
  [gmail, /invalid_scope/, '5'],
  [outlook, /AADSTS50011/, '5'],
  [outlook, /Need admin approval/, '12'],
  [outlook, /AADSTS700016/, '6'],
  [outlook, /AADSTS50020/, '13'],
  ...providers.map((provider) => [provider, /cannot be reached/, signInStep(provider)] as const),
  ...providers.map((provider) => [provider, /Nothing at all/, signInStep(provider)] as const),
];

function signInStep({ steps }: (typeof providers)[number]): string {
  return steps.find((step) => step.verify?.includes('signin'))?.number ?? '';
}

describe('what the browser may show', () => {
  const cases = STAYS.map(([provider, shows, step]) => ({ provider, id: provider.id, shows, step }));
  it.each(cases)('has its fix and its step: $id $shows', ({ provider, shows, step }) => {
    const { steps } = provider;
    const [error, ...others] = pageErrorsOf(provider, {}).filter((one) => shows.test(one.shows));
    expect(others).toEqual([]);
    expect(error?.step).toBe(step);
    expect(steps.some(({ number }) => number === error?.step)).toBe(true);
    expect(error?.fix).toMatch(/\w+.*\.$/);
    expect(error?.explanation).toMatch(/\w+.*[^.]$/);
  });

  it('names a browser that insists on https, which the address bar alone can end', () => {
    for (const { pageErrors } of providers) {
      const error = pageErrors.find(({ shows }) => /cannot be reached/.test(shows));
      expect(error?.explanation).toMatch(/insists on https/);
      expect(error?.fix).toMatch(/Copy the whole address of that page and paste it where mailauth asks/);
    }
  });

  it('is known when it is pasted instead of picked', async () => {
    const named = providers.flatMap(({ id, pageErrors }) =>
      pageErrors.filter(({ shows }) => /AADSTS|Error 4|Need admin/.test(shows)).map(({ shows }) => ({ id, shows })),
    );
    expect(named.length).toBeGreaterThan(15);
    for (const { id, shows } of named) {
      expect([undefined, id], shows).toContain((await explainPaste(shows, providers)).provider);
      expect((await explainPaste(shows, providers)).code, shows).not.toBe('unknown');
    }
  });

  const waiting = providers.flatMap((provider) =>
    provider.pageErrors.filter(({ needsAdmin }) => needsAdmin).map((error) => ({ provider, error })),
  );
  it.each(waiting)(
    'is an administrator’s matter with a link and a text to send: $error.shows',
    ({ provider, error }) => {
      const answers = {
        account: 'a@example.com',
        tenant: 'example.com',
        'client-id': 'the-client',
        'app-name': 'OpenVPMS',
        'redirect-uri': 'http://localhost:8765/callback',
      };
      const text = fill(provider.adminRequest ?? '', answers, provider);
      expect(text).toMatch(/the-client.*a@example\.com/);
      expect(text).not.toMatch(/[{<]/);
      expect(fill(error.url ?? '', answers, provider)).toMatch(/^https:\/\/[^{<]+$/);
    },
  );

  it('is an administrator’s matter at both providers', () => {
    expect(new Set(waiting.map(({ provider }) => provider.id))).toEqual(new Set(['gmail', 'outlook']));
  });
});

it('words of the page that are pasted into the wizard lead on with what is known there', async () => {
  const known = { account: 'ann@clinic.example', tenant: TENANT, 'client-id': CLIENT, 'stored-account': 'no' };
  const context = contextOfAnswers(outlook, complete(outlook, known));
  const { fix } = await explainPaste('AADSTS65001: The user or administrator has not consented', providers, context);
  expect(JSON.stringify(fix)).not.toContain('<');
  expect(fix.find(({ url }) => url?.includes('adminconsent'))?.url).toContain(
    `${TENANT}/v2.0/adminconsent?client_id=${CLIENT}`,
  );
});
