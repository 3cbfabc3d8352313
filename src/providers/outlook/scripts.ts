/**
 * What an administrator runs instead of clicking: registration with az, and the Exchange side, for which there is no
 * page, in PowerShell. Every value that is put in is quoted for the shell that reads it, whatever it holds.
 */
import { type Answers, text } from '../../account/answers.js';
import { collects, receives, sends } from '../../guide/conditions.js';
import { holds } from '../../guide/plan.js';
import type { When } from '../../guide/step.js';
import { powershellWord, shellWord } from '../../words/shell.js';

interface ExchangeCommand {
  readonly command: string;
  /** For the whole organisation; the others are for each mailbox. */
  readonly once?: true;
  readonly when?: When;
}

/** The commands with the places of their values; `{account-in-powershell}` is the quoted address. */
export const EXCHANGE_COMMANDS: readonly ExchangeCommand[] = [
  { once: true, command: 'Install-Module ExchangeOnlineManagement -Scope CurrentUser' },
  { once: true, command: 'Connect-ExchangeOnline' },
  {
    once: true,
    command: "New-ServicePrincipal -AppId '{client-id}' -ObjectId '{object-id}' -DisplayName {app-name-in-powershell}",
  },
  {
    command:
      "Add-MailboxPermission -Identity {account-in-powershell} -User '{object-id}' -AccessRights FullAccess -AutoMapping $false",
  },
  { command: 'Set-CASMailbox -Identity {account-in-powershell} -ImapEnabled $true', when: receives },
  { command: 'Set-CASMailbox -Identity {account-in-powershell} -PopEnabled $true', when: collects },
  {
    command: 'Set-CASMailbox -Identity {account-in-powershell} -SmtpClientAuthenticationDisabled $false',
    when: sends,
  },
];

/** A text of OData, as the filters of the directory want it: an apostrophe is doubled. */
function odataWord(word: string): string {
  return `'${word.replaceAll("'", "''")}'`;
}

const UNKNOWN = (name: string): string => `<${name}>`;

function value(answers: Answers, id: string): string {
  return text(answers, id) ?? UNKNOWN(id);
}

/** The Exchange side as one script, which may be run again: what is there already stays. */
export function exchangeScript(answers: Answers): string {
  const word = (id: string): string => powershellWord(value(answers, id));
  return [
    '# Lets an app into one mailbox of Exchange Online. It can be run again: what is there already stays as it is.',
    '# Needed: an Exchange administrator. The Object ID is that of the enterprise application (its service principal),',
    '# and not that of the app registration.',
    '#Requires -Version 5.1',
    "$ErrorActionPreference = 'Stop'",
    '',
    `$tenant   = ${word('tenant')}`,
    `$appId    = ${word('client-id')}`,
    `$objectId = ${word('object-id')}`,
    `$name     = ${word('app-name')}`,
    `$mailbox  = ${word('account')}`,
    '',
    'foreach ($value in $tenant, $appId, $objectId, $mailbox) {',
    '  if ($value -like \'<*\') { throw "Put the value of $value in at the top first." }',
    '}',
    'if (-not (Get-Module -ListAvailable -Name ExchangeOnlineManagement)) {',
    '  Install-Module ExchangeOnlineManagement -Scope CurrentUser',
    '}',
    'Connect-ExchangeOnline -ShowBanner:$false',
    '$here = (Get-ConnectionInformation | Select-Object -First 1).TenantID',
    "if ($tenant -match '^[0-9a-f-]{36}$' -and $here -and $here -ne $tenant) {",
    '  throw "You are connected to the organisation $here, and the app belongs to $tenant."',
    '}',
    '',
    '# Once in an organisation: Exchange learns of the app.',
    '$known = Get-ServicePrincipal | Where-Object { $_.AppId -eq $appId }',
    'if ($known -and $known.ObjectId -ne $objectId) {',
    '  throw "Exchange knows the app with another Object ID, $($known.ObjectId). Remove it first: Remove-ServicePrincipal -Identity $($known.ObjectId)"',
    '}',
    'if (-not $known) { New-ServicePrincipal -AppId $appId -ObjectId $objectId -DisplayName $name | Out-Null }',
    '',
    '# For each mailbox. This is the limit of what the app can open.',
    '$access = Get-MailboxPermission -Identity $mailbox -User $objectId -ErrorAction SilentlyContinue |',
    "  Where-Object { $_.AccessRights -contains 'FullAccess' -and -not $_.Deny }",
    'if (-not $access) {',
    '  Add-MailboxPermission -Identity $mailbox -User $objectId -AccessRights FullAccess -AutoMapping $false | Out-Null',
    '}',
    ...(holds(receives, answers) ? ['Set-CASMailbox -Identity $mailbox -ImapEnabled $true'] : []),
    ...(holds(collects, answers) ? ['Set-CASMailbox -Identity $mailbox -PopEnabled $true'] : []),
    ...(holds(sends, answers) ? ['Set-CASMailbox -Identity $mailbox -SmtpClientAuthenticationDisabled $false'] : []),
    '',
    '# What stands now. FullAccess can take from a few minutes to two hours to work.',
    'Get-ServicePrincipal | Where-Object { $_.AppId -eq $appId } | Format-List DisplayName,AppId,ObjectId',
    'Get-MailboxPermission -Identity $mailbox -User $objectId | Format-List Identity,User,AccessRights,Deny',
    '',
    '# Other ways to limit what an app can reach:',
    '#   Remove-MailboxPermission -Identity $mailbox -User $objectId -AccessRights FullAccess   takes this mailbox away',
    '#   New-ApplicationAccessPolicy -AppId $appId -PolicyScopeGroupId GROUP -AccessRight RestrictAccess   only members of GROUP',
    '',
  ].join('\n');
}

/** Permissions by service: the id of each, as the directory has it. */
const GRAPH = '00000003-0000-0000-c000-000000000000';
const EXCHANGE = '00000002-0000-0ff1-ce00-000000000000';
const DELEGATED: readonly (readonly [name: string, id: string, when?: When])[] = [
  ['openid', '37f7f235-527c-4136-accd-4a02d197296e'],
  ['email', '64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0'],
  ['profile', '14dad69e-099b-42c9-810b-d002981feec1'],
  ['offline_access', '7427e0e9-2fba-42fe-b0c0-848c9e6a8182'],
  ['IMAP.AccessAsUser.All', '652390e4-393a-48de-9484-05f9b1212954', receives],
  ['POP.AccessAsUser.All', 'd7b7f2d9-0f45-4ea1-9d42-e50810c06991', collects],
  ['SMTP.Send', '258f6531-6087-4cc4-bb90-092c5fb3ed3f', sends],
];

/** Registration with the person's own az: for somebody who signs in, or for an app. Re-runnable; it prints what `setup` asks for. */
export function azScript(answers: Answers): string {
  const isApp = text(answers, 'sign-in') === 'app';
  const word = (id: string): string => shellWord(value(answers, id));
  return [
    '#!/bin/sh',
    `# Registers ${isApp ? 'an app that nobody signs in to' : 'an app for somebody who signs in'} with the Azure command line. It can be run again.`,
    '# Needed: somebody who may register applications, and for the last step an administrator who may grant consent.',
    'set -eu',
    '',
    `tenant=${word('tenant')}`,
    `name=${word('app-name')}`,
    '',
    'case $tenant in "<"*) echo "Put the value of tenant in at the top first." >&2; exit 64 ;; esac',
    '',
    '# Logged in, and in this directory?',
    'here=$(az account show --query tenantId --output tsv 2>/dev/null || true)',
    'case $tenant in',
    '  *.*) [ -n "$here" ] ;;',
    '  *) [ "$here" = "$tenant" ] ;;',
    'esac || az login --tenant "$tenant" --allow-no-subscriptions --output none',
    '',
    '# The registration: the one of this name, or a new one.',
    `app=$(az ad app list --filter ${shellWord(`displayName eq ${odataWord(value(answers, 'app-name'))}`)} --query "[0].appId" --output tsv)`,
    'if [ -z "$app" ]; then',
    `  app=$(az ad app create --display-name "$name" --sign-in-audience AzureADMyOrg${isApp ? '' : redirects(answers)} --query appId --output tsv)`,
    'fi',
    '# Its service principal, without which the directory gives it no token.',
    'az ad sp show --id "$app" --output none 2>/dev/null || az ad sp create --id "$app" --output none',
    '',
    ...(isApp ? applicationPermissions(answers) : delegatedPermissions(answers)),
    '',
    ...credentialLines(answers, isApp),
    '',
    '# Consent for everybody. A new service principal may take a minute to be known, so it is asked more than once.',
    'tries=0',
    'until az ad app permission admin-consent --id "$app"; do',
    '  tries=$((tries + 1))',
    '  if [ "$tries" -ge 5 ]; then break; fi',
    '  sleep 15',
    'done',
    '',
    'echo "Tenant ID:  $(az account show --query tenantId --output tsv)"',
    'echo "Client ID:  $app"',
    ...(isApp
      ? [
          'echo "Object ID:  $(az ad sp show --id "$app" --query id --output tsv)   (of the enterprise application, for Exchange)"',
        ]
      : []),
    '',
  ].join('\n');
}

/** Beside the portal's own rule that the port of localhost does not count. */
function redirects(answers: Answers): string {
  const uri = shellWord(text(answers, 'redirect-uri') ?? 'http://localhost');
  return text(answers, 'client-type') === 'desktop'
    ? ` --is-fallback-public-client true --public-client-redirect-uris ${uri}`
    : ` --web-redirect-uris ${uri}`;
}

function delegatedPermissions(answers: Answers): readonly string[] {
  const wanted = DELEGATED.filter(([, , when]) => holds(when, answers));
  return [
    `# Permissions of Microsoft Graph for the person who signs in: ${wanted.map(([name]) => name).join(', ')}`,
    `az ad app permission add --id "$app" --api ${GRAPH} --api-permissions ${wanted.map(([, id]) => `${id}=Scope`).join(' ')}`,
  ];
}

function applicationPermissions(answers: Answers): readonly string[] {
  const wanted = [
    ...(holds(receives, answers) ? ['IMAP.AccessAsApp'] : []),
    ...(holds(collects, answers) ? ['POP.AccessAsApp'] : []),
    ...(holds(sends, answers) ? ['SMTP.SendAsApp'] : []),
  ];
  return [
    '# Permissions of Office 365 Exchange Online for the app itself. Their ids are asked for by name.',
    `for role in ${wanted.join(' ')}; do`,
    `  id=$(az ad sp show --id ${EXCHANGE} --query "appRoles[?value=='$role'].id" --output tsv)`,
    '  if [ -z "$id" ]; then echo "$role is not known here: does the organisation have Exchange Online?" >&2; exit 1; fi',
    `  az ad app permission add --id "$app" --api ${EXCHANGE} --api-permissions "$id=Role"`,
    'done',
  ];
}

function credentialLines(answers: Answers, isApp: boolean): readonly string[] {
  if (!isApp && text(answers, 'client-type') === 'desktop') return ['# A public client: it needs no secret.'];
  if (isApp && text(answers, 'credential') !== 'secret') {
    const file = text(answers, 'certificate-out') ?? 'mailauth-certificate.pem';
    return [
      '# The public half of the key that mailauth has made (setup --certificate-out FILE). Others stay.',
      `certificate=${shellWord(file)}`,
      'if [ -f "$certificate" ]; then',
      '  az ad app credential reset --id "$app" --append --cert "@$certificate" --output none',
      'else',
      '  echo "No certificate here yet: run mailauth setup, and then this script again." >&2',
      'fi',
    ];
  }
  return [
    '# A client secret for two years. It is shown this once: give it to mailauth, and close the window. Others stay.',
    '# Called with the word "keep", the script makes none.',
    'if [ "$*" != keep ]; then',
    '  az ad app credential reset --id "$app" --append --display-name mailauth --years 2 --query password --output tsv',
    'fi',
  ];
}
