import { expect, test } from 'vitest';
import { contradictions } from '../../src/guide/contradictions.js';
import type { Provider } from '../../src/guide/provider.js';
import type { Answers } from '../../src/guide/step.js';
import { answersOfGuide, decisionsOf } from '../../src/guide/ways.js';
import { providers } from '../../src/providers/directory.js';
import { gmail } from '../../src/providers/gmail/provider.js';
import { outlook } from '../../src/providers/outlook/provider.js';
import { guideDocument } from '../../src/render/guide-document.js';

function textsOf(provider: Provider, answers: Answers): readonly string[] {
  const { steps } = guideDocument(provider, answers);
  return steps.flatMap(({ skipped, instructions }) => [skipped ?? '', ...instructions.map(({ text }) => text)]);
}

test('only what makes another guide than the usual one is named', () => {
  const account = { account: 'a@b.example', name: 'office', 'smtp-port': '2525' };
  expect(answersOfGuide(gmail, { ...account, 'sign-in': 'person', 'client-type': 'desktop' })).toEqual({});
  expect(answersOfGuide(gmail, { ...account, 'client-type': 'web' })).toEqual({ 'client-type': 'web' });
  expect(answersOfGuide(outlook, { 'mailbox-kind': 'work', 'sign-in': 'person' })).toEqual({});
  expect(answersOfGuide(outlook, { 'mailbox-kind': 'personal' })).toEqual({ 'mailbox-kind': 'personal' });
  expect(answersOfGuide(outlook, { 'mailbox-kind': 'work', 'sign-in': 'app', cloud: 'us-gov' })).toEqual({
    cloud: 'us-gov',
    'sign-in': 'app',
  });
});

test.each(providers.map((provider) => [provider.id, provider] as const))(
  'what is named shows all that the answers lead to: %s',
  (_, provider) => {
    for (const { id, choices = [] } of decisionsOf(provider, {})) {
      for (const { value } of choices) {
        const answers = { [id]: value };
        if (contradictions(provider, answers).length > 0) continue;
        expect(textsOf(provider, answersOfGuide(provider, answers))).toEqual(
          expect.arrayContaining([...textsOf(provider, answers)]),
        );
      }
    }
  },
);
