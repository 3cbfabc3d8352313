/** Where keytar comes from. A build whose program is one file brings another file in place of this one. */
import { createRequire } from 'node:module';

/** The part of keytar that is used. */
export interface Keytar {
  getPassword(service: string, account: string): Promise<string | null>;
  setPassword(service: string, account: string, password: string): Promise<void>;
  deletePassword(service: string, account: string): Promise<boolean>;
}

/** Throws what the loader says, where the library cannot be loaded. */
export async function loadKeytar(): Promise<Keytar> {
  return (await import('keytar')).default;
}

/** keytar says only that it could not load; loading the same file again tells which library is missing. */
export function whyNotLoaded(): unknown {
  try {
    createRequire(import.meta.url)(`keytar/prebuilds/${process.platform}-${process.arch}/keytar.node`);
    return undefined;
  } catch (error) {
    return error;
  }
}
