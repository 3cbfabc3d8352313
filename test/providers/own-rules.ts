/** The rules of each provider, which the program loads only where there is something to explain. */
import type { ProviderWords } from '../../src/explain/context.js';
import type { Rule } from '../../src/explain/rule.js';
import { providers } from '../../src/providers/directory.js';
import { pasteProviders } from '../../src/providers/words.js';

const loaded = new Map<string, { readonly rules: readonly Rule[]; readonly pasteRules: readonly Rule[] }>();
for (const { id, rules, pasteRules } of [...providers, ...pasteProviders]) {
  loaded.set(id, { rules: await rules(), pasteRules: (await pasteRules?.()) ?? [] });
}

export function rulesOf({ id }: Pick<ProviderWords, 'id'>): readonly Rule[] {
  return loaded.get(id)?.rules ?? [];
}

export function pasteRulesOf({ id }: Pick<ProviderWords, 'id'>): readonly Rule[] {
  return loaded.get(id)?.pasteRules ?? [];
}
