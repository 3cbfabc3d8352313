/**
 * Loaded into the program before it starts (--import): lets file operations fail as Windows lets them fail for a moment,
 * because a scanner, an indexer or another reader has the file. REFUSALS is a JSON list of
 * [operation, pattern of the path, code, how many times]; `p.` before an operation is that of node:fs/promises.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const refusals = JSON.parse(process.env.REFUSALS ?? '[]').map(([operation, pattern, code, times]) => ({
  operation,
  pattern: new RegExp(pattern),
  code,
  times,
}));

function refuse(owner, name, operation) {
  const mine = refusals.filter((one) => one.operation === operation);
  if (mine.length === 0) return;
  const usual = owner[name];
  const at = /^(?:link|rename)/.test(name) ? 1 : 0;
  owner[name] = function refused(...args) {
    const path = String(args[at]);
    const found = mine.find(({ times, pattern }) => times > 0 && pattern.test(path));
    if (found === undefined) return usual.apply(this, args);
    found.times -= 1;
    fs.appendFileSync(process.env.REFUSED, `${operation} ${found.code}\n`);
    const error = Object.assign(new Error(`${found.code}: refused for a moment, ${name} '${path}'`), {
      code: found.code,
      syscall: name,
      path,
    });
    if (operation.startsWith('p.')) return Promise.reject(error);
    throw error;
  };
}

for (const name of Object.keys(fs.promises)) refuse(fs.promises, name, `p.${name}`);
for (const name of Object.keys(fs)) if (name.endsWith('Sync')) refuse(fs, name, name);
syncBuiltinESMExports();
