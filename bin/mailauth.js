#!/usr/bin/env node
// The only file in JavaScript: it must still run, and say something useful, on a Node that is too old for the rest.
'use strict';
const other = process.versions.bun !== undefined ? 'Bun' : process.versions.deno !== undefined ? 'Deno' : undefined;
if (other !== undefined) {
  process.stderr.write(
    `mailauth: ${other} is not supported\n  do: run it with Node 20.19, 22.13 or 24, or newer ones of these\n`,
  );
  process.exit(64);
}
const [major, minor] = process.versions.node.split('.').map(Number);
if (!(major >= 24 || (major === 22 && minor >= 13) || (major === 20 && minor >= 19))) {
  process.stderr.write(
    `mailauth: Node ${process.versions.node} is not supported\n  do: install Node 24, the newest 22 (22.13 at least) or the newest 20 (20.19 at least)\n`,
  );
  process.exit(64);
}
const argv = process.argv.slice(2);

answerQuickly().then((answered) => {
  if (answered) return undefined;
  return require('../dist/compiled.cjs').loadKeeping(require.resolve('../dist/program.cjs')).main(argv);
});

/** Help, and a stored token that is still good, take one small file. Where that was not built, the program does it too. */
async function answerQuickly() {
  if (!['token', 'help', '--help', '-h', '--version', '-V'].includes(argv[0])) return false;
  try {
    return await require('../dist/quick.cjs').answerQuickly(argv);
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return false;
    throw error;
  }
}
