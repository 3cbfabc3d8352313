#!/usr/bin/env node
// The only file in JavaScript: it must still run, and say something useful, on a Node that is too old for the rest.
'use strict';
const [major, minor] = process.versions.node.split('.').map(Number);
if (!(major >= 24 || (major === 22 && minor >= 13) || (major === 20 && minor >= 19))) {
  process.stderr.write(
    `mailauth: Node ${process.versions.node} is not supported\n  do: install Node 24, the newest 22 (22.13 at least) or the newest 20 (20.19 at least)\n`,
  );
  process.exit(64);
}
const argv = process.argv.slice(2);

printStoredToken().then((printed) => {
  if (!printed) return require('../dist/program.cjs').main(argv);
});

/** A stored token that is still good takes one small file. Where that was not built, the whole program prints it too. */
async function printStoredToken() {
  if (argv[0] !== 'token') return false;
  try {
    return await require('../dist/token.cjs').printStoredToken(argv);
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return false;
    throw error;
  }
}
