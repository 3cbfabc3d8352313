import { release } from 'node:os';
import { isSea } from 'node:sea';
import { type Examination, examine, type WindowsFacts } from '../../flows/doctor.js';
import type { Context } from '../context.js';
import { json } from '../output.js';
import { version } from '../version.js';

/** Proves nothing and judges nothing: it gathers what a report of a fault needs. */
export async function run({ world, output }: Context): Promise<number> {
  const { versions, platform, arch } = process;
  const examined = await examine(world, {
    versions: { mailauth: version(), node: versions.node, openssl: versions.openssl },
    system: { platform, release: release(), arch },
  });
  output.result(output.json ? json({ schema: 'mailauth.doctor/1', ...examined }) : inWords(examined));
  if (!output.json) output.progress('do: put these lines into your report; no address and no secret is in them');
  return 0;
}

function inWords({ versions, system, configuration, proxies, variables, reachability, windows }: Examination): string {
  const { folder, trouble, accounts } = configuration;
  return [
    `mailauth ${versions.mailauth}, Node ${versions.node}, OpenSSL ${versions.openssl}`,
    `system: ${Object.values(system).filter(Boolean).join(', ')}`,
    `configuration: ${folder === 'usual' ? 'the usual folder' : 'the folder of MAILAUTH_CONFIG_DIR'}${trouble === null ? '' : `, which cannot be read (${trouble})`}`,
    ...accounts.map(
      ({ provider, store, lastFailures }) =>
        `account: ${provider}, kept in the ${store} store${lastFailures.length === 0 ? '' : `, last check: ${lastFailures.join(', ')}`}`,
    ),
    `proxies: ${proxies ?? 'none'}`,
    `variables that are set: ${variables.join(', ') || 'none'}`,
    ...(windows === null ? [] : aboutWindows(windows)),
    ...reachability.map(({ host, port, ok, milliseconds, trouble }) =>
      ok ? `OK    ${host}:${port}, ${milliseconds} ms` : `FAIL  ${host}:${port}, ${trouble}`,
    ),
  ].join('\n');
}

function aboutWindows(facts: WindowsFacts): readonly string[] {
  const { shell, desktop, readsAuthorities, addedAuthorities } = facts;
  const names = { cmd: 'Command Prompt', powershell: 'PowerShell', posix: 'Git Bash' };
  const authorities = readsAuthorities
    ? `${addedAuthorities} certificate authorities added by the store of Windows`
    : 'the authorities in the store of Windows are not read';
  const warnings = WARNINGS.filter(([fits]) => fits(facts)).map(([, words]) => `WARN  ${words(facts)}`);
  return [`windows: ${names[shell]}, ${desktop ? 'at a desktop' : 'without a desktop'}, ${authorities}`, ...warnings];
}

/** What is likely to be in the way, and what is done about it. */
const WARNINGS: readonly (readonly [(facts: WindowsFacts) => boolean, (facts: WindowsFacts) => string])[] = [
  [
    ({ console }) => !console,
    () => 'Git Bash lets no program ask: use the Command Prompt or PowerShell, or begin with winpty',
  ],
  [
    ({ shell }) => shell === 'powershell' && !isSea(),
    () =>
      'PowerShell’s usual policy forbids the script that npm leaves: where mailauth is refused, type mailauth.cmd, or use the Command Prompt',
  ],
  [
    ({ desktop }) => !desktop,
    () =>
      'without a desktop the Credential Manager may refuse (error 1312): let the scheduled task store the password of its user, or keep the secrets in an encrypted file with a key file (--store file)',
  ],
  [
    ({ inThisWindowAlone }) => inThisWindowAlone.length > 0,
    ({ inThisWindowAlone }) =>
      `set in this window alone, so a scheduled task will not have it: ${inThisWindowAlone.join(', ')}. setx NAME "VALUE" sets it for good`,
  ],
  [
    ({ readsAuthorities }) => !readsAuthorities,
    () =>
      'where an antivirus program looks into encrypted connections, this Node refuses its certificate: install Node 22.15 or newer, or give --ca FILE',
  ],
];
