#!/usr/bin/env node
// The only file in JavaScript: it must still run, and say something useful, on a Node that is too old for the rest.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `mailauth: Node ${process.versions.node} is too old\n  do: install Node 20.19 or later, best the newest LTS\n`,
  );
  process.exit(64);
}
const { default: module } = await import('node:module');
module.enableCompileCache?.();
const argv = process.argv.slice(2);
const { main } = await import('../dist/cli/main.js');
await main(argv);
