import { beforeAll, expect, it } from 'vitest';
import { type Bundle, bundle } from '../../packaging/bundle.js';

let made: Bundle;
beforeAll(async () => {
  made = await bundle('hash');
}, 60_000);

it('the quick way in the program in one file loads no module of Node before it is used', () => {
  expect(made.entry).toContain('value:require("node:crypto")');
  // A TLS library or a keychain's program takes longer to load than a stored token to be read.
  expect(made.entry.match(/(?:let|const|var) \w+=require\("node:[^"]+"\)/g) ?? []).toEqual([]);
});

it('the process is never copied name by name, its title with it, which a console of Windows may not have', () => {
  const copies = [made.entry, ...Object.values(made.parts)].flatMap(
    (code) => code.match(/(\w+)=require\("(?:node:)?process"\);\1=\w+[^;]*/g) ?? [],
  );
  expect(copies).toEqual([]);
});
