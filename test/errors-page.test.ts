import { describe, expect, it } from 'vitest';
import { COMMON_ADVICE } from '../src/explain/advice.js';
import { EXIT_OF } from '../src/explain/codes.js';
import { commonRules } from '../src/explain/rules/order.js';
import { providers } from '../src/providers/directory.js';
import { renderErrors } from './errors-page.js';
import { pasteRulesOf, rulesOf } from './providers/own-rules.js';

const page = await renderErrors(providers);
const lines = page.split('\n');
const prose = page.replace(/^```text\n[\s\S]*?\n```$/gm, '').replace(/`[^`]*`/g, '');

describe('docs/errors.md', () => {
  it.each(Object.keys(EXIT_OF))('has a section for %s, and a link to it', (code) => {
    expect(lines.filter((line) => line === `## ${code}`)).toHaveLength(1);
    expect(page).toContain(`[\`${code}\`](#${code})`);
  });

  it('has one anchor for each rule', () => {
    const anchors = [...page.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id);
    const own = providers.flatMap((provider) => [...rulesOf(provider), ...pasteRulesOf(provider)]);
    const rules = [...own, ...commonRules].map((rule) => rule.id);
    const advice = [
      ...providers.flatMap((provider) => Object.values(provider.advice ?? {})),
      ...Object.values(COMMON_ADVICE),
    ];
    const known = [...rules, ...new Set(advice.map(({ rule }) => rule))];
    expect(anchors.toSorted()).toEqual(known.toSorted());
  });

  it('leaves no placeholder and no tag of its own making in the prose', () => {
    expect(prose.match(/\{[\w-]+\}/g)).toBeNull();
    expect(prose.match(/<(?!a id=|\/a>|\/?details>|\/?summary>|!--|https:)[^>]*>/g)).toBeNull();
  });

  it('shows each sample on one line, free of control characters', () => {
    expect(page).not.toMatch(/[^\P{Cc}\n]/u);
    for (const [, block] of page.matchAll(/^```text\n([\s\S]*?)\n```$/gm)) {
      for (const line of (block ?? '').split('\n')) expect(line).not.toBe('');
    }
  });
});
