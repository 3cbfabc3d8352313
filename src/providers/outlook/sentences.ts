import type { Rule } from '../../explain/rule.js';

/** Microsoft's sentences as programs and pages show them when they leave the number out: each means what its number means. */
const SENTENCES: readonly (readonly [number: string, text: RegExp, sample: string])[] = [
  [
    '50194',
    /not configured as a multi-?tenant application|Usage of the \/common endpoint is not supported/i,
    'Application is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such applications.',
  ],
  [
    '50011',
    /(?:reply|redirect) (?:URL|URI|address)\b.{0,200}does not match the (?:reply|redirect) (?:URL|URI|address)|input parameter ['"]?redirect_uri['"]? is not valid/i,
    'The redirect URI specified in the request does not match the redirect URIs configured for the application',
  ],
  [
    '70000',
    /user could not be authenticated (?:or|as) the grant/i,
    'The user could not be authenticated or the grant is expired (login.live.com)',
  ],
  ['500113', /No reply address (?:is )?(?:registered|provided)/i, 'No reply address is registered for the application'],
  ['7000215', /Invalid client secret (?:is )?provided/i, 'Invalid client secret provided'],
  [
    '7000222',
    /client secret keys? .{0,80}(?:are|is|has) expired/i,
    'The provided client secret keys for app are expired',
  ],
  [
    '7000218',
    /must contain the following parameter: ['"]?client_(?:assertion|secret)/i,
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'",
  ],
  [
    '700025',
    /Client is public so neither/i,
    "Client is public so neither 'client_assertion' nor 'client_secret' should be presented",
  ],
  [
    '700016',
    /Application with identifier .{0,120}was not found in the directory/i,
    "Application with identifier 'x' was not found in the directory 'Example'",
  ],
  [
    '500011',
    /resource principal named .{0,200}was not found/i,
    'The resource principal named api://x was not found in the tenant',
  ],
  [
    '50020',
    /User account .{0,200}does not exist in tenant|Selected user account does not exist in tenant/i,
    'Selected user account does not exist in tenant',
  ],
  [
    '65001',
    /user or administrator has not consented to use the application|consent_required: .{0,80}not consented/i,
    'The user or administrator has not consented to use the application',
  ],
  [
    '50076',
    /must (?:use|enroll in) multi-?factor authentication/i,
    'you must use multi-factor authentication to access',
  ],
  [
    '50173',
    /provided grant has expired due to it being revoked/i,
    'The provided grant has expired due to it being revoked',
  ],
  ['700082', /refresh token has expired due to inactivity/i, 'The refresh token has expired due to inactivity'],
  ['70043', /sign-in frequency checks/i, 'The refresh token is invalid due to sign-in frequency checks'],
  [
    '53003',
    /blocked by Conditional Access|does not meet the criteria to access this resource/i,
    'Access has been blocked by Conditional Access policies',
  ],
  [
    '50105',
    /not assigned to a role for the application|configured the application .{0,120}to block users/i,
    'The signed in user is not assigned to a role for the application',
  ],
  ['50126', /invalid username or password/i, 'Error validating credentials due to invalid username or password'],
  [
    '70008',
    /Authorization code was already redeemed|authorization code (?:has|is) expired/i,
    'OAuth2 Authorization code was already redeemed',
  ],
  [
    '9002327',
    /Tokens issued for the ['"]?Single-Page Application/i,
    "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests",
  ],
  [
    '9002326',
    /Cross-origin token redemption is permitted only/i,
    'Cross-origin token redemption is permitted only for the Single-Page Application client-type',
  ],
  [
    '90130',
    /not supported over the \/common or \/consumers|Application is not supported for this API version/i,
    'Application is not supported over the /common or /consumers endpoints',
  ],
  [
    '9002331',
    /is configured for use by Microsoft Account users only/i,
    'Application is configured for use by Microsoft Account users only',
  ],
  [
    '9002332',
    /is configured for use by Azure Active Directory users only/i,
    'Application is configured for use by Azure Active Directory users only',
  ],
  [
    '700054',
    /response_type ['"]?\w{2,12}['"]? is not enabled for the application/i,
    "response_type 'id_token' is not enabled for the application",
  ],
  [
    '70011',
    /(?:input parameter|requested) ['"]?scope['"]? .{0,60}is not valid|scopes? .{0,200}are not compatible with each other/i,
    "The provided value for the input parameter 'scope' is not valid",
  ],
  ['500201', /unable to issue tokens from this API version/i, 'We are unable to issue tokens from this API version'],
  ['50057', /user account is disabled/i, 'The user account is disabled'],
  ['90002', /Tenant .{0,80}not found/i, "Tenant 'example' not found"],
];

const graphToken: Rule = {
  id: 'graph-token-invalid',
  when: {
    where: ['token'],
    text: /InvalidAuthenticationToken|CompactToken|Lifetime validation failed|Access token validation failure/i,
  },
  sample: {
    where: 'token',
    stage: 'response',
    status: 401,
    text: 'InvalidAuthenticationToken: Lifetime validation failed, the token is expired. (Microsoft Graph)',
  },
  diagnosis: {
    code: 'token_refused',
    who: 'you',
    message: 'Microsoft Graph refuses the access token: it is past its hour, empty, or made for another service',
    fix: [{ text: 'renew the token, and ask for it with the scopes of Microsoft Graph' }],
  },
};

const graph: Rule = {
  id: 'graph-access-denied',
  when: {
    text: /ErrorAccessDenied|NoPermissionsInAccessToken|token contains no permissions|Access is denied\. Check credentials|Authorization_RequestDenied|Insufficient privileges to complete/i,
  },
  sample: {
    where: 'token',
    stage: 'response',
    status: 403,
    text: 'ErrorAccessDenied: Access is denied. Check credentials and try again. (Microsoft Graph)',
  },
  diagnosis: {
    code: 'consent_missing_scope',
    who: 'you',
    message: 'Microsoft Graph refuses the token: it lacks the permission for what {program} asked',
    fix: [{ text: 'add the permission to the registration, let it be granted, then sign in again' }],
  },
};

export function sentenceRules(numbered: readonly Rule[]): readonly Rule[] {
  const rules = SENTENCES.map(([number, text, sample]) => {
    const rule = numbered.find(({ id }) => id === `aadsts${number}`);
    if (rule === undefined) throw new Error(`no rule for ${number}`);
    return {
      id: `aadsts${number}-in-words`,
      when: { text },
      sample: { ...rule.sample, text: sample },
      diagnosis: rule.diagnosis,
    };
  });
  return [...rules, graph, graphToken];
}
