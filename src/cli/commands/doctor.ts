import { release } from 'node:os';
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

function aboutWindows({ shell, console, desktop, addedAuthorities }: WindowsFacts): readonly string[] {
  const names = { cmd: 'Command Prompt', powershell: 'PowerShell', posix: 'Git Bash' };
  return [
    `windows: ${names[shell]}, ${desktop ? 'at a desktop' : 'without a desktop'}, ${addedAuthorities} certificate authorities added by the store of Windows`,
    ...(console
      ? []
      : ['WARN  Git Bash lets no program ask: use the Command Prompt or PowerShell, or begin with winpty']),
    ...(desktop
      ? []
      : [
          'WARN  without a desktop the Credential Manager may refuse (error 1312): let the scheduled task store the password of its user, or keep the secrets in an encrypted file (--store file)',
        ]),
  ];
}
