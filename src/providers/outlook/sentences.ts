import { cause, rulesOf } from '../../explain/cause.js';
import type { Rule, Words } from '../../explain/rule.js';

/** Microsoft's sentences as programs and pages show them when they leave the number out: each means what its number means. */
const SENTENCES: readonly (readonly [number: string, text: Words])[] = [
  [
    '500200',
    /sign in (?:here )?with a personal account|use your work or school account|personal Microsoft accounts? (?:is|are) not supported/i,
  ],
  ['50194', /not configured as a multi-?tenant application|Usage of the \/common endpoint is not supported/i],
  [
    '50011',
    /(?:reply|redirect) (?:URL|URI|address)\b.{0,200}does not match the (?:reply|redirect) (?:URL|URI|address)|input parameter ['"]?redirect_uri['"]? is not valid/i,
  ],
  ['70000', /user could not be authenticated (?:or|as) the grant/i],
  ['70019', /device_?code['"]? is not valid|device code has expired/i],
  ['500113', /No reply address (?:is )?(?:registered|provided)/i],
  ['7000215', /Invalid client secret (?:is )?provided/i],
  ['7000222', /client secret keys? .{0,80}(?:are|is|has) expired/i],
  ['7000218', /must contain the following parameter: ['"]?client_(?:assertion|secret)/i],
  ['700025', /Client is public so neither/i],
  ['700016', /Application with identifier .{0,120}was not found in the directory/i],
  ['500011', /resource principal named .{0,200}was not found/i],
  ['50020', /User account .{0,200}does not exist in tenant|Selected user account does not exist in tenant/i],
  ['90094', /can only be performed by an administrator/i],
  ['65001', /user or administrator has not consented to use the application|consent_required: .{0,80}not consented/i],
  ['50076', /must (?:use|enroll in) multi-?factor authentication/i],
  ['50173', /provided grant has expired due to it being revoked/i],
  ['700082', /refresh token has expired due to inactivity/i],
  ['70043', /sign-in frequency checks/i],
  ['53003', /blocked by Conditional Access|does not meet the criteria to access this resource/i],
  ['50105', /not assigned to a role for the application|configured the application .{0,120}to block users/i],
  ['50126', /due to invalid username or password/i],
  ['70008', /Authorization code was already redeemed|authorization code (?:has|is) expired/i],
  ['9002327', /Tokens issued for the ['"]?Single-Page Application/i],
  ['9002326', /Cross-origin token redemption is permitted only/i],
  ['90130', /not supported over the \/common or \/consumers|Application is not supported for this API version/i],
  [
    '9002331',
    /is configured for use by Microsoft Account users only|not valid for the application['’]?s ['"]?userAudience/i,
  ],
  ['9002332', /is configured for use by Azure Active Directory users only/i],
  ['700054', /response_type ['"]?\w{2,12}['"]? is not enabled for the application/i],
  [
    '70011',
    /(?:input parameter|requested) ['"]?scope['"]? .{0,60}is not valid|scopes? .{0,200}are not compatible with each other/i,
  ],
  ['50034', /user account .{0,200}does not exist in the .{0,100}directory/i],
  ['50053', /account is locked because/i],
  ['50055', /(?:^|[^a-z])(?:user )?password (?:is|has) expired/i],
  ['50057', /user account is disabled/i],
  ['50097', /device authentication is required|device is not (?:in (?:the )?required device state|compliant)/i],
  ['65004', /user declined to consent/i],
  ['90102', /value must be a valid absolute URI/i],
  ['500201', /unable to issue tokens from this API version/i],
  [
    '90002',
    /Tenant .{0,80}not found|\bUnknownTenantId\b|Unable to get authority configuration|do not recogni[sz]e this tenant|\buntrusted_authority\b|authority is not (?:a )?trusted/i,
  ],
];

/** The web interface, which mailauth does not use. */
const graph = rulesOf(
  cause(
    'policy_blocked',
    'the recipient takes mail only from chosen senders, or a rule of the organisation refuses it; the login is fine',
    'admin',
  )
    .fix('ask the owner of the group or the administrator to let this sender in')
    .when('exchange-delivery-restricted', {
      text: /RESOLVER\.RST\.|Delivery restriction check failed|TRANSPORT\.RULES\.|\b5\.7\.(?:12[49]|13[34])\b/i,
    }),
  cause('mailbox_mismatch', 'there is no mailbox of Exchange Online behind the account that was asked for')
    .fix(
      'use the address of a mailbox with a licence for Exchange Online; an app without a person has to name it, as /me is nobody then',
    )
    .when('graph-no-mailbox', {
      text: /MailboxNotEnabledForRESTAPI|ErrorMissingEmailAddress|ErrorNonExistentMailbox|account that does not have a mailbox|Default folder \w{1,20} not found|MailboxNotHostedInExchangeOnline|REST API is not yet supported for this mailbox/i,
    }),
  cause('mailbox_mismatch', 'the account that the program signs in with may not act for this mailbox', 'admin')
    .fix('ask the administrator to give it the role ApplicationImpersonation or full access to the mailbox')
    .when('exchange-impersonation-denied', { text: /ErrorImpersonat\w{4,20}|permission to impersonate/i }),
  cause('consent_missing_scope', 'Microsoft Graph refuses the token: it lacks the permission for what {program} asked')
    .fix('add the permission to the registration, let it be granted, then sign in again')
    .when('graph-access-denied', {
      text: /ErrorAccessDenied|NoPermissionsInAccessToken|token contains no permissions|Access is denied\. Check credentials|Authorization_RequestDenied|Insufficient privileges to complete/i,
    }),
  cause(
    'token_refused',
    'Microsoft Graph refuses the access token: it is past its hour, empty, or made for another service',
  )
    .fix('renew the token, and ask for it with the scopes of Microsoft Graph')
    .when('graph-token-invalid', {
      where: 'token',
      text: /InvalidAuthenticationToken|CompactToken|Lifetime validation failed|Access token validation failure/i,
    }),
);

export function sentenceRules(numbered: readonly Rule[]): readonly Rule[] {
  const known = new Map(numbered.map((rule) => [rule.id, rule.diagnosis]));
  const rules = SENTENCES.map(([number, text]) => {
    const diagnosis = known.get(`aadsts${number}`);
    if (diagnosis === undefined) throw new Error(`no rule for ${number}`);
    return { id: `aadsts${number}-in-words`, when: { text }, diagnosis };
  });
  return [...rules, ...graph];
}
