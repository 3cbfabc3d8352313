/**
 * The browser that is played by a script, as a program to be named in BROWSER. Its settings stand in a file beside it,
 * since a browser is started with a scrubbed environment.
 */
import { chmodSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'rolldown/utils';
import type { BrowserSettings } from './scripted-browser.js';

const SOURCE = fileURLToPath(new URL('scripted-browser.ts', import.meta.url));

/** Writes an executable into `directory` that signs in at the address it is given, and notes its visit as JSON in `record`. */
export function writeBrowser(directory: string, settings: BrowserSettings & { readonly record: string }): string {
  const settingsFile = join(directory, 'browser.json');
  const script = join(realpathSync(directory), 'browser.mjs');
  const program = join(directory, 'browser');
  writeFileSync(settingsFile, JSON.stringify(settings));
  writeFileSync(script, withoutTypes());
  const words = [process.execPath, script, settingsFile];
  writeFileSync(program, `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(' ')} "$1"\n`);
  chmodSync(program, 0o755);
  return program;
}

/** The browser as Node runs it at once, and finds its library wherever it stands. */
function withoutTypes(): string {
  const { code } = transformSync(SOURCE, readFileSync(SOURCE, 'utf8'));
  return code.replace('"undici"', JSON.stringify(import.meta.resolve('undici')));
}
