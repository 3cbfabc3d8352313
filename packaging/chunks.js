/** What a login does without, as a pipe does without colour: each is a file of its own, loaded late (late-modules.js). */
const SPARE = ['chalk', 'encoding-japanese', 'iconv-lite', 'libmime', 'mailsplit', 'pino', 'socks'];

/**
 * How the program is cut, for rolldown. A file costs a third of a millisecond at each start, and 100 kB five. So what nearly
 * every command begins with is one file; what lists accounts, what explanations know of the providers, and what a guide
 * needs are three more; and the rest is cut so that a command reads its own parts alone. What two of them need goes with
 * the first.
 */
export const CHUNKS = [
  ...SPARE.map((name) => ({
    name: `library-${name}`,
    test: new RegExp(`node_modules[\\\\/](?:@[\\w-]+[\\\\/])?${name}[\\\\/]`),
    priority: 5,
  })),
  {
    name: 'start',
    test: /rolldown\/runtime|src\/(?:cli\/(?:context|usual-line|version)|explain\/(?:explain|pattern)|account\/(?:record|client-credential)|render\/problem|system\/text-file|words\/shell)\./,
    priority: 4,
  },
  { name: 'stored', test: /src\/cli\/commands\/(?:list|status)\./, priority: 3 },
  { name: 'words', test: /src\/providers\/words\./, priority: 2 },
  { name: 'providers', test: /src\/(?:providers\/directory|guide\/plan|cli\/(?:answers|subject))\./, priority: 1 },
];
