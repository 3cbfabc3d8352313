import type { Reporter, TestModule } from 'vitest/node';

/** Rooms that only the whole run visits together. */
const WHOLE = ['/test/explain/', '/test/store/', '/test/wizard/', '/test/rehearsal/'];

/** The last line of `npm test`: what was proved here, what only the end-to-end tests prove, and what nobody has tested. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], _errors: readonly unknown[], reason: string): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const passed = tests.filter((test) => test.result().state === 'passed').length;
    // Said of the whole run alone: a part proves its part.
    const isWhole = WHOLE.every((room) => modules.some(({ moduleId }) => moduleId.includes(room)));
    if (reason !== 'passed' || !isWhole) return;
    // Printed after the summary of the reporter before this one.
    process.once('exit', () => {
      process.stdout.write(
        `proved by ${passed} tests: the steps, the wizard, sign-in, store, checks, tokens and every diagnosis, on this machine alone; ` +
          'only npm run test:e2e proves keychain, Dovecot, Postfix, Chromium and the mail programs; ' +
          'only npm run test:windows proves Windows, under wine; macOS and the live providers are untested\n',
      );
    });
  }
}
