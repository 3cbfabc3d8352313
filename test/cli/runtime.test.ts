import { expect, it } from 'vitest';
import { exposingOption } from '../../src/cli/runtime.js';

it.each([
  ['', undefined],
  ['--max-old-space-size=200 --use-openssl-ca', undefined],
  ['--require ./agent.js --no-warnings', undefined],
  ['--disable_warning=ExperimentalWarning', undefined],
  ['--tls_keylog=keys', '--tls-keylog'],
  ['"--tls-keylog=keys"', '--tls-keylog'],
  ['"--tls\\-keylog=keys"', '--tls-keylog'],
  ['--tls-"keylog"=keys', '--tls-keylog'],
  ['--no-warnings  --inspect_brk=0.0.0.0:1', '--inspect-brk'],
  ['--inspect-port=1', '--inspect-port'],
  ['--inspect', '--inspect'],
  ['--heapsnapshot_signal=SIGUSR2', '--heapsnapshot-signal'],
  ['--cpu-prof', '--cpu-prof'],
  ['--made-tomorrow', '--made-tomorrow'],
])('NODE_OPTIONS=%j: %s is refused', (text, refused) => {
  expect(exposingOption(text)).toBe(refused);
});
