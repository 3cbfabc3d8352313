/** What printers make of plain quotation marks and dashes, and a terminal without Unicode shows as rubble. */
const PLAIN: Readonly<Record<string, string>> = {
  '\u2018': "'",
  '\u2019': "'",
  '\u201c': '"',
  '\u201d': '"',
  '\u2026': '...',
  '\u2013': '-',
  '\u2014': '-',
};
const PRINTED = new RegExp(`[${Object.keys(PLAIN).join('')}]`, 'g');

/** How texts are written where the locale (POSIX, section 8.2) knows no Unicode. Where none is set, everything is shown. */
export function lettersFor(env: Readonly<Record<string, string | undefined>>): (text: string) => string {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  if (locale === '' || /utf-?8/i.test(locale)) return (text) => text;
  return (text) => text.replace(PRINTED, (letter) => PLAIN[letter] ?? letter);
}
