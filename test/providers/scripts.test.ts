/** Scripts that an administrator runs: their options are the documented ones, and no value can end its quotes. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { complete } from '../../src/guide/plan.js';
import type { Provider } from '../../src/guide/provider.js';
import type { Answers } from '../../src/guide/step.js';
import { gmail } from '../../src/providers/gmail/provider.js';
import { outlook } from '../../src/providers/outlook/provider.js';
import { powershellWord, shellWord } from '../../src/words/shell.js';

const HOSTILE = `o'br‘ien$(touch pwned)\`"; ~*-x`;
const folder = mkdtempSync(join(tmpdir(), 'mailauth-scripts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function script(provider: Provider, format: string, answers: Answers): string {
  return provider.scripts?.[format]?.render(complete(provider, answers)) ?? '';
}

const KNOWN: Answers = { tenant: 'contoso.example', account: 'scanner@contoso.example', project: 'clinic-4711' };
const APP: Answers = { ...KNOWN, 'sign-in': 'app' };

/**
 * Options by command, from the reference of the Azure command line (learn.microsoft.com/cli/azure, 2026-06) and from the
 * help of Google's (SDK 528).
 */
const DOCUMENTED: Readonly<Record<string, readonly string[]>> = {
  'az account show': ['--query', '--output'],
  'az login': ['--tenant', '--allow-no-subscriptions', '--output'],
  'az ad app list': ['--filter', '--query', '--output'],
  'az ad app create': [
    '--display-name',
    '--sign-in-audience',
    '--web-redirect-uris',
    '--public-client-redirect-uris',
    '--is-fallback-public-client',
    '--query',
    '--output',
  ],
  'az ad app permission add': ['--id', '--api', '--api-permissions'],
  'az ad app permission admin-consent': ['--id'],
  'az ad app credential reset': ['--id', '--append', '--cert', '--display-name', '--years', '--query', '--output'],
  'az ad sp show': ['--id', '--query', '--output'],
  'az ad sp create': ['--id', '--output'],
  'gcloud projects describe': ['--format'],
  'gcloud projects create': ['--name'],
  'gcloud services enable': ['--project'],
  'gcloud iam service-accounts describe': ['--project', '--format'],
  'gcloud iam service-accounts create': ['--display-name', '--project'],
  'gcloud iam service-accounts keys create': ['--iam-account', '--project'],
};

/** The calls of a program in a script, each with the options that follow it up to the end of its command. */
function callsIn(text: string): readonly (readonly [command: string, options: readonly string[]])[] {
  const lines = text.split('\n').filter((line) => !/^\s*(#|echo )/.test(line));
  return lines.flatMap((line) =>
    [...line.matchAll(/\b((?:az|gcloud)(?: [a-z][a-z-]*(?![\w.-]))+)((?:(?!\|\||;| \$\(| >).)*)/g)].map(
      ([, command = '', rest = '']) =>
        [command.trim(), [...rest.matchAll(/(?:^|\s)(--[a-z-]+)/g)].map(([, option = '']) => option)] as const,
    ),
  );
}

describe.each([
  ['az, for a person', outlook, 'az', KNOWN],
  ['az, for a public client', outlook, 'az', { ...KNOWN, 'client-type': 'desktop' }],
  ['az, for an app', outlook, 'az', APP],
  ['az, for an app with a secret', outlook, 'az', { ...APP, credential: 'secret' }],
  ['gcloud', gmail, 'gcloud', APP],
] as const)('%s', (_name, provider, format, answers) => {
  const text = script(provider, format, answers);

  it('calls only what is documented', () => {
    const calls = callsIn(text);
    expect(calls.length).toBeGreaterThan(4);
    for (const [command, options] of calls) {
      expect(Object.keys(DOCUMENTED), command).toContain(command);
      expect(DOCUMENTED[command], command).toEqual(expect.arrayContaining([...options]));
    }
  });

  it('is a script that a shell reads to its end', () => {
    const read = spawnSync('sh', ['-n'], { input: text });
    expect(read.stderr.toString()).toBe('');
    expect(text).not.toMatch(/\{[a-z-]+\}|undefined|\t/);
  });

  it('stops where a value is still to be put in', () => {
    const empty = script(provider, format, { ...answers, tenant: '', project: '' });
    const ran = spawnSync('sh', ['-s'], { input: empty, env: { PATH: '/usr/bin:/bin' }, cwd: folder });
    expect(ran.status).toBe(64);
    expect(ran.stderr.toString()).toContain('Put the value of');
  });
});

describe('the registration with az', () => {
  /** Plays az: notes what it is called with, and answers as for a directory that knows nothing yet. */
  function run(text: string, ...args: readonly string[]): readonly (readonly string[])[] {
    const log = join(folder, 'log');
    writeFileSync(log, '');
    const az = `#!/bin/sh
for word in "$@"; do printf '%s\\037' "$word" >>'${log}'; done; printf '\\n' >>'${log}'
case "$*" in
  'ad app list'*) ;;
  'ad app create'*) echo 11111111-2222-3333-4444-555555555555 ;;
  'ad sp show'*appRoles*) echo 7146a1f0-8703-45b3-9eae-527a64c00995 ;;
  'account show'*) echo contoso.example ;;
  *) echo ok ;;
esac
`;
    writeFileSync(join(folder, 'az'), az, { mode: 0o755 });
    const ran = spawnSync('sh', ['-s', ...args], {
      input: text,
      env: { PATH: `${folder}:/usr/bin:/bin` },
      cwd: folder,
    });
    expect(ran.status, ran.stderr.toString()).toBe(0);
    expect(ran.stdout.toString()).toContain('Client ID:  11111111-2222-3333-4444-555555555555');
    return readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\u001f').slice(0, -1));
  }

  it('hands over every value as it is, whatever it holds', () => {
    const calls = run(script(outlook, 'az', { ...APP, tenant: 'contoso.example', 'app-name': HOSTILE }));
    const created = calls.find(([, , , verb]) => verb === undefined || verb === 'create' || verb === '--display-name');
    expect(calls.flat()).toContain(HOSTILE);
    expect(created).toBeDefined();
    expect(calls.find((call) => call.includes('list'))).toContain(`displayName eq '${HOSTILE.replaceAll("'", "''")}'`);
    expect(spawnSync('ls', [folder]).stdout.toString()).not.toContain('pwned');
  });

  it('asks for the ids of application permissions by name, and for no secret where there is a certificate', () => {
    const calls = run(script(outlook, 'az', APP)).map((call) => call.join(' '));
    expect(calls.filter((call) => call.includes('permission add'))).toHaveLength(2);
    expect(calls.join('\n')).toContain("appRoles[?value=='SMTP.SendAsApp'].id");
    expect(calls.join('\n')).not.toContain('credential reset');
    expect(run(script(outlook, 'az', KNOWN), 'keep').flat()).not.toContain('reset');
    expect(run(script(outlook, 'az', KNOWN)).flat()).toContain('reset');
  });
});

describe('the script for Exchange', () => {
  const text = script(outlook, 'powershell', {
    ...KNOWN,
    account: `o'brien\u2019s@contoso.example`,
    'client-id': '11111111-2222-3333-4444-555555555555',
    'object-id': '5d2e4c6b-1c3f-4f6a-8a77-0b7e9d429f30',
  });

  it('has the values in quotes that none of them can end', () => {
    expect(text).toContain(`$mailbox  = 'o''brien\u2019\u2019s@contoso.example'`);
    expect(text).toContain(`$objectId = '5d2e4c6b-1c3f-4f6a-8a77-0b7e9d429f30'`);
  });

  it('names the commands and parameters that Exchange has', () => {
    for (const command of [
      'New-ServicePrincipal -AppId $appId -ObjectId $objectId -DisplayName $name',
      'Add-MailboxPermission -Identity $mailbox -User $objectId -AccessRights FullAccess -AutoMapping $false',
      'Set-CASMailbox -Identity $mailbox -ImapEnabled $true',
      'Set-CASMailbox -Identity $mailbox -SmtpClientAuthenticationDisabled $false',
    ]) {
      expect(text).toContain(command);
    }
    expect(text).not.toContain('PopEnabled');
    expect(script(outlook, 'powershell', { ...APP, pop: 'yes', 'no-smtp': 'yes' })).toMatch(
      /PopEnabled \$true(?![\s\S]*SmtpClientAuthenticationDisabled)/,
    );
  });
});

it('quotes for a POSIX shell and for PowerShell, which takes typographic quotation marks for its own', () => {
  const printed = spawnSync('sh', ['-c', `printf %s ${shellWord(HOSTILE)}`]).stdout.toString();
  expect(printed).toBe(HOSTILE);
  expect(powershellWord(`a'b\u2018c\u201ad`)).toBe(`'a''b\u2018\u2018c\u201a\u201ad'`);
});
