import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parse } from '../../src/cli/program.js';
import { readUsualLine } from '../../src/cli/usual-line.js';

const word = fc.constantFrom(
  ...[
    'outlook',
    'ann@happypaws.example',
    '--min-ttl',
    '300',
    '--force-refresh',
    '--format',
    'xoauth2',
    '--for',
    'imap',
  ],
  ...['--json', '-q', '--quiet', '-v', '--no-input', '--no-color', '--help', '--min-ttl=60', '-qv', '--', '-', ''],
  ...['--store', 'file', '--nonsense', 'constructor', '__proto__'],
  ...['--only', 'smtp', '--only', '--yes', '--revoke', '--no-revoke', '--write', '--account', '--strict'],
);

const command = fc.constantFrom(
  [],
  ...['token', 'check', 'list', 'remove', 'explain', 'guide', 'export', 'key', 'setup', 'authorize'].map((name) => [
    name,
  ]),
);

/** What is said of a line: the parser fills in what was not given for the options that begin with `no`. */
function parsed(argv: readonly string[]): unknown {
  const invocation = parse(argv);
  if (invocation === undefined) return undefined;
  const { command, args, options } = invocation;
  const given = Object.entries(options).filter(
    ([name, value]) => !(/^(?:input|color|browser|smtp|imap)$/.test(name) && value),
  );
  return { command, args, options: Object.fromEntries(given) };
}

it('a line that is read without the parser is read as the parser reads it', () => {
  let read = 0;
  fc.assert(
    fc.property(command, fc.array(word, { maxLength: 6 }), (before, words) => {
      const line = readUsualLine([...before, ...words]);
      if (line === undefined) return;
      read += 1;
      expect(line).toEqual(parsed([...before, ...words]));
    }),
    { numRuns: 2000 },
  );
  expect(read).toBeGreaterThan(50);
});

it.each([
  [['token']],
  [['token', 'outlook', 'gmail']],
  [['token', '--min-ttl']],
  [['token', 'outlook', '--min-ttl', '--json']],
  [['token', 'outlook', '--help']],
  [['status']],
  [['setup', '--account', 'ann@happypaws.example']],
  [['help', 'token']],
  [['list', 'outlook']],
])('%j is left to the parser', (argv) => {
  expect(readUsualLine(argv)).toBeUndefined();
});
