/** The upper storey of the program in one file. */
export { main } from '../src/cli/main.js';
export { isDoubleClicked, keepWindow } from './double-click.js';

/** The opener of the platform with this address; its exit code becomes that of this process (src/system/browser.ts). */
export async function openAddress(address: string): Promise<void> {
  const { default: open } = await import('open');
  const opener = await open(address);
  if (opener.exitCode === null) opener.once('exit', (code) => process.exit(code ?? 1));
  else process.exit(opener.exitCode);
  opener.ref();
}
