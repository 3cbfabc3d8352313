import { createRequire } from 'node:module';

/** Of the package this file is in, wherever it was built to. */
export function version(): string {
  return (createRequire(import.meta.url)('#manifest') as { readonly version: string }).version;
}
