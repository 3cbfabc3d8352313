import { expect, test } from 'vitest';
import { lettersFor } from '../../src/words/letters.js';

const TEXT = 'Google\u2019s page \u201cAllow\u201d \u2013 wait\u2026 Gr\u00fc\u00dfe';

test.each([{ LANG: 'C' }, { LANG: 'en_US.UTF-8', LC_ALL: 'POSIX' }, { LC_CTYPE: 'de_DE.ISO-8859-1' }])(
  'without Unicode (%o) quotation marks and dashes are plain, and letters stay',
  (env) => {
    expect(lettersFor(env)(TEXT)).toBe('Google\'s page "Allow" - wait... Gr\u00fc\u00dfe');
  },
);

test.each([{}, { LANG: 'C.UTF-8' }, { LANG: 'C', LC_ALL: 'en_GB.utf8' }])('with Unicode (%o) all stays', (env) => {
  expect(lettersFor(env)(TEXT)).toBe(TEXT);
});
