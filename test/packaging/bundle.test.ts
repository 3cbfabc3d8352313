import { expect, it } from 'vitest';
import { bundle } from '../../packaging/bundle.js';

it('the quick way in the program in one file loads no module of Node before it is used', async () => {
  const { entry } = await bundle('hash');
  expect(entry).toContain('value:require("node:crypto")');
  // A TLS library or a keychain's program takes longer to load than a stored token to be read.
  expect(entry.match(/(?:let|const|var) \w+=require\("node:[^"]+"\)/g) ?? []).toEqual([]);
}, 60_000);
