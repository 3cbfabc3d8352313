import type { Evidence } from '../../explain/evidence.js';
import type { Advice, Diagnosis, Fact, Rule, RuleFix } from '../../explain/rule.js';
import { aadstsFamilies, aadstsRules } from './aadsts.js';
import { sentenceRules } from './sentences.js';

/**
 * What Microsoft Entra and Exchange Online say when something is wrong: one rule for each AADSTS number, then the
 * replies of the mail servers. The numbers serve advice only; what a program does depends on the OAuth error.
 */

const ENTRA = 'https://entra.microsoft.com';
const APP = `${ENTRA}/{directory?}#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~`;
const OVERVIEW = `${APP}/Overview/appId/{client-id}`;
const AUTHENTICATION = `${APP}/Authentication/appId/{client-id}`;
const CREDENTIALS = `${APP}/Credentials/appId/{client-id}`;
const PERMISSIONS = `${APP}/CallAnAPI/appId/{client-id}`;
/** Filled with the link and the message of the provider's record. */
const ADMIN_CONSENT = { url: '{admin-consent-url}', send: '{admin-request}' } as const;
const ADMIN_CENTER = 'https://admin.microsoft.com/#/users';

const SIGN_IN: RuleFix = { text: 'sign in again', run: { verb: 'authorize' } };
const SIGN_IN_AS: RuleFix = { text: 'sign in again and pick {account}', run: { verb: 'authorize' } };
const NAME_THE_PERSON: RuleFix = {
  text: 'if {account} is a shared mailbox or an alias, name the person who signs in',
  run: { verb: 'setup', flags: '--auth-user ADDRESS' },
};
const FINISH_IN_BROWSER: RuleFix = {
  text: 'sign in again and finish every page that the browser shows',
  run: { verb: 'authorize' },
};
const AGAIN: RuleFix = { text: 'wait {wait}, then check again', run: { verb: 'check' } };
const SIGN_IN_LOG: RuleFix = {
  text: 'ask the administrator to look at this sign-in under Entra ID > Sign-in logs, where the rule is named',
  url: `${ENTRA}/`,
};
const SET_TENANT: RuleFix = {
  text: 'copy the Directory (tenant) ID again from the Overview page',
  run: { verb: 'setup', from: '6' },
  url: OVERVIEW,
  step: '6',
};
const SET_CLIENT_ID: RuleFix = {
  text: 'copy the Application (client) ID and the Directory (tenant) ID again from the Overview page',
  run: { verb: 'setup', from: '6' },
  url: OVERVIEW,
  step: '6',
};
const PASTE_VALUE: RuleFix = {
  text: 'copy the column Value, not Secret ID; if the Value is hidden already, make a new client secret',
  run: { verb: 'setup', from: '7' },
  url: CREDENTIALS,
  step: '9',
};
const REGISTER_REDIRECT: RuleFix = {
  text: 'add exactly {redirect-uri} under Authentication; it takes about a minute to work',
  url: AUTHENTICATION,
  step: '5',
};
const FIX_PLATFORM: RuleFix = {
  text: 'under Authentication, put {redirect-uri} below the platform that fits: Web with a secret, Mobile and desktop without',
  url: AUTHENTICATION,
  step: '5',
};
const FIX_AUDIENCE: RuleFix = {
  text: 'make the supported account types fit {account}, or use the tenant that fits them',
  url: AUTHENTICATION,
  step: '5',
};
const ADD_PERMISSIONS: RuleFix = {
  text: 'add the permissions of step 12 under Microsoft Graph > Delegated permissions',
  url: PERMISSIONS,
  step: '12',
};
const GRANT_CONSENT: RuleFix = {
  text: 'let an administrator click "Grant admin consent", or send this link to one; then sign in again',
  run: { verb: 'authorize' },
  ...ADMIN_CONSENT,
  step: '12.iii',
};
const REPORT: RuleFix = { text: 'report this with the server’s words to the authors of {program}' };

type Sample = Pick<Evidence, 'where' | 'stage'> & Partial<Evidence>;

const TOKEN = { where: 'token', stage: 'response', host: 'login.microsoftonline.com', port: 443, status: 400 } as const;
const PAGE: Sample = { where: 'authorization', stage: 'response', error: 'invalid_request' };
const DENIED: Sample = { where: 'authorization', stage: 'response', error: 'access_denied' };
const INTERACTION: Sample = { ...TOKEN, grant: 'refresh_token', error: 'interaction_required' };
const REFRESH: Sample = { ...TOKEN, grant: 'refresh_token', error: 'invalid_grant' };
const EXCHANGE: Sample = { ...TOKEN, grant: 'authorization_code', error: 'invalid_grant' };
const REQUEST: Sample = { ...TOKEN, grant: 'authorization_code', error: 'invalid_request' };
const CLIENT: Sample = { ...TOKEN, status: 401, grant: 'client_credentials', error: 'invalid_client' };
const UNAUTHORIZED: Sample = { ...TOKEN, grant: 'client_credentials', error: 'unauthorized_client' };
const SCOPE: Sample = { ...TOKEN, grant: 'authorization_code', error: 'invalid_scope' };
const DEVICE: Sample = { ...TOKEN, grant: 'device_code', error: 'invalid_grant' };

const TRACE =
  'Trace ID: 00000000-1111-2222-3333-444444444400 Correlation ID: 55555555-6666-7777-8888-999999999999 Timestamp: 2026-11-23 09:14:07Z';

/** One rule for each number: the error of a response, of a page, of a sign-in log, or the number alone. */
function aadsts(sample: Sample, words: Readonly<Record<string, string>>, diagnosis: Diagnosis): Rule[] {
  return Object.entries(words).map(([number, text]) => ({
    id: `aadsts${number}`,
    when: { text: new RegExp(`(?:AADSTS|error code:? ?)${number}(?!\\d)|^${number}$`, 'i') },
    sample: { ...sample, text: `AADSTS${number}: ${text} ${TRACE}` },
    diagnosis,
  }));
}

const NOT_UNDERSTOOD: Diagnosis = {
  code: 'bad_input',
  who: 'you',
  message: 'Microsoft did not understand the request; right after a change of the registration that passes by itself',
  fix: [{ text: 'wait a minute and try again', run: { verb: 'authorize' } }, REPORT],
};

/** The code or the token that was sent is the only part of the request that comes from elsewhere. */
const DAMAGED = /AADSTS9002313(?!\d)|AADSTS70000(?!\d).{0,80}input parameter ['"]?(?:code|refresh_token)\b/;
const SET_REFRESH_TOKEN = { verb: 'setup', flags: '--refresh-token-file FILE' } as const;

const PUBLIC_SENDS_SECRET: Diagnosis = {
  code: 'client_type_mismatch',
  who: 'you',
  message:
    'the redirect URI is registered below Mobile and desktop applications, which take no secret, and one was sent',
  fix: [FIX_PLATFORM, { text: 'or use it without a secret', run: { verb: 'setup', flags: '--client-type desktop' } }],
};

const clientRules: readonly Rule[] = [
  ...aadsts(
    UNAUTHORIZED,
    {
      '700016':
        "Application with identifier '11111111-2222-3333-4444-555555555555' was not found in the directory 'example.com'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.",
    },
    {
      code: 'client_not_found',
      who: 'you',
      message: 'the tenant has no registration with this Client ID; usually two IDs were swapped or mistyped',
      fix: [SET_CLIENT_ID],
      settles: true,
    },
  ),
  ...aadsts(
    REQUEST,
    { '90112': 'Application identifier is expected to be a GUID.' },
    {
      code: 'client_not_found',
      who: 'you',
      message: 'the Client ID is no ID: it has 32 digits and letters with four hyphens',
      fix: [SET_CLIENT_ID],
    },
  ),
  ...aadsts(
    UNAUTHORIZED,
    {
      '70001': "Application 'mailauth' is disabled.",
      '7000112': "Application '11111111-2222-3333-4444-555555555555'(mailauth) is disabled.",
    },
    {
      code: 'client_not_found',
      who: 'admin',
      message: 'the registration is disabled in this tenant',
      fix: [{ text: 'ask the administrator to enable it: Enterprise apps > the app > Properties', url: `${ENTRA}/` }],
    },
  ),
  ...aadsts(
    REQUEST,
    {
      '65002':
        'Consent between first party application and first party resource must be configured via preauthorization - applications owned and operated by Microsoft must get approval from the API owner before requesting tokens for that API.',
    },
    {
      code: 'client_not_found',
      who: 'you',
      message: 'this Client ID belongs to a program of Microsoft and cannot be used for another',
      fix: [{ text: 'register a client of your own', run: { verb: 'setup', from: '3' }, step: '5' }],
    },
  ),
  {
    id: 'aadsts70002-not-public',
    when: { text: /AADSTS70002\b.{0,200}must be marked as ['"]?mobile/i },
    sample: {
      ...CLIENT,
      text: `AADSTS70002: The provided client is not supported for this feature. The client application must be marked as 'mobile.' ${TRACE}`,
    },
    diagnosis: {
      code: 'client_type_mismatch',
      who: 'you',
      message: 'this registration does not allow a sign-in without a secret, such as the one with a code',
      fix: [
        {
          text: 'under Authentication, set "Allow public client flows" to Yes, then sign in again',
          run: { verb: 'authorize' },
          url: AUTHENTICATION,
        },
      ],
    },
  },
  ...aadsts(
    CLIENT,
    {
      '7000215':
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '11111111-2222-3333-4444-555555555555'.",
      '70002':
        'Error validating credentials. The specified client_secret does not match the expected value for this client.',
    },
    {
      code: 'client_secret_wrong',
      who: 'you',
      message: 'the client secret is not right for this Client ID; usually the Secret ID was copied and not the Value',
      fix: [PASTE_VALUE],
      settles: true,
    },
  ),
  ...aadsts(
    CLIENT,
    {
      '7000222':
        "The provided client secret keys for app '11111111-2222-3333-4444-555555555555' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret.",
    },
    {
      code: 'client_secret_expired',
      who: 'you',
      message: 'the client secret is past its last day, so Microsoft gives no more tokens',
      fix: [
        {
          text: 'make a new client secret; the sign-in itself stays',
          run: { verb: 'setup', from: '7' },
          url: CREDENTIALS,
          step: '7',
        },
      ],
    },
  ),
  // A sign-in with a code sends no redirect URI, so this setting alone decides whether a secret is wanted.
  {
    id: 'microsoft-device-needs-public-flows',
    when: { grant: ['device_code'], text: /AADSTS7000218/ },
    sample: {
      ...CLIENT,
      grant: 'device_code',
      text: `AADSTS7000218: The request body must contain the following parameter: 'client_assertion' or 'client_secret'. ${TRACE}`,
    },
    diagnosis: {
      code: 'client_type_mismatch',
      who: 'you',
      message: 'this registration has no secret here, and does not allow a sign-in with a code without one',
      fix: [
        {
          text: 'under Authentication, set "Allow public client flows" to Yes, then start again',
          run: { verb: 'authorize', flags: '--device' },
          url: AUTHENTICATION,
        },
        { text: 'or sign in with a browser on any computer', run: { verb: 'authorize', flags: '--begin' } },
      ],
    },
  },
  {
    id: 'microsoft-device-refuses-secret',
    when: { grant: ['device_code'], text: /AADSTS700025/ },
    sample: {
      ...CLIENT,
      grant: 'device_code',
      text: `AADSTS700025: Client is public so neither 'client_assertion' nor 'client_secret' should be presented. ${TRACE}`,
    },
    diagnosis: {
      code: 'client_type_mismatch',
      who: 'you',
      message: 'this registration has a secret, and "Allow public client flows" makes Microsoft refuse it',
      fix: [
        {
          text: 'under Authentication, set "Allow public client flows" to No, as the other sign-ins usually need it too; then start again',
          run: { verb: 'authorize', flags: '--device' },
          url: AUTHENTICATION,
        },
        { text: 'or sign in with a browser on any computer', run: { verb: 'authorize', flags: '--begin' } },
      ],
    },
  },
  ...aadsts(
    CLIENT,
    { '7000218': "The request body must contain the following parameter: 'client_assertion' or 'client_secret'." },
    {
      code: 'client_type_mismatch',
      who: 'you',
      message: 'the redirect URI is registered below the platform Web, which needs a client secret, and none was sent',
      fix: [
        FIX_PLATFORM,
        { text: 'or give the secret', run: { verb: 'setup', from: '7', flags: '--client-type web' }, step: '9' },
      ],
    },
  ),
  ...aadsts(
    CLIENT,
    {
      '700025': "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
    },
    PUBLIC_SENDS_SECRET,
  ),
  {
    id: 'microsoft-public-sends-secret',
    when: { text: /AADSTS90023\b.{0,20}public clients? (?:can't|cannot|can not) send a client secret/i },
    sample: { ...CLIENT, text: `AADSTS90023: Public clients can't send a client secret. ${TRACE}` },
    diagnosis: PUBLIC_SENDS_SECRET,
  },
  ...aadsts(
    CLIENT,
    {
      '700027': 'Client assertion failed signature validation.',
      '700030': 'Invalid certificate - subject name in certificate is not authorized.',
    },
    {
      code: 'client_secret_wrong',
      who: 'you',
      message: 'the registration was asked with a certificate that is not one of its own',
      fix: [{ text: 'use a client secret, or upload the certificate again', url: CREDENTIALS, step: '7' }],
    },
  ),
  ...aadsts(
    REQUEST,
    {
      '9002325': 'Proof Key for Code Exchange is required for cross-origin authorization code redemption.',
      '9002327':
        "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.",
    },
    {
      code: 'client_type_mismatch',
      who: 'you',
      message:
        'the redirect URI is registered below the platform Single-page application, which only web pages can use',
      fix: [
        {
          text: 'remove it there and add {redirect-uri} below Web or Mobile and desktop applications',
          url: AUTHENTICATION,
          step: '5',
        },
      ],
    },
  ),
  ...aadsts(
    REQUEST,
    { '9002326': "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type." },
    {
      code: 'client_type_mismatch',
      who: 'network',
      message: 'the request reached Microsoft as if a web page had sent it; usually a proxy adds the header Origin',
      fix: [{ text: 'ask the network’s administrator to leave requests to login.microsoftonline.com unchanged' }],
    },
  ),
  ...aadsts(
    UNAUTHORIZED,
    {
      '70003': "The app requested an unsupported grant type 'password'.",
    },
    {
      code: 'client_type_mismatch',
      who: 'you',
      message: 'the registration does not allow this way of signing in',
      fix: [FIX_PLATFORM],
    },
  ),
  ...aadsts(
    PAGE,
    {
      '700054': "response_type 'id_token' is not enabled for the application.",
    },
    {
      code: 'client_type_mismatch',
      who: 'mailauth',
      message: 'the request asked for an ID token on the page, which the registration does not allow',
      fix: [REPORT],
    },
  ),
];

const tenantRules: readonly Rule[] = [
  ...aadsts(
    REQUEST,
    {
      '90002':
        "Tenant 'exmaple.com' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.",
      '50128':
        'Invalid domain name - No tenant-identifying information found in either the request or implied by any provided credentials.',
      '900023': "Specified tenant identifier 'exmaple' is neither a valid DNS name, nor a valid external domain.",
    },
    {
      code: 'tenant_wrong',
      who: 'you',
      message: 'Microsoft knows no tenant of this name or number',
      fix: [SET_TENANT],
    },
  ),
  ...aadsts(
    REQUEST,
    {
      '50059': 'No tenant-identifying information found in either the request or implied by any provided credentials.',
      '90019': 'No tenant-identifying information found in either the request or implied by any provided credentials.',
    },
    { code: 'tenant_wrong', who: 'you', message: 'the request names no tenant', fix: [SET_TENANT] },
  ),
  ...aadsts(
    UNAUTHORIZED,
    {
      '50194':
        "Application '11111111-2222-3333-4444-555555555555'(mailauth) is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such apps created after '10/15/2018'. Use a tenant-specific endpoint or configure the application to be multi-tenant.",
    },
    {
      code: 'tenant_wrong',
      who: 'you',
      message: 'the registration is for one organisation only, and the tenant says "common"',
      fix: [SET_TENANT],
    },
  ),
  ...aadsts(
    REQUEST,
    {
      '9001023':
        'The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.',
      '90133': 'Device Code grant is not supported over this endpoint.',
    },
    {
      code: 'tenant_wrong',
      who: 'you',
      message: 'this way of signing in does not work with the tenants "common" and "consumers"',
      fix: [SET_TENANT],
    },
  ),
  ...aadsts(
    PAGE,
    {
      '9002331':
        "Application '11111111-2222-3333-4444-555555555555'(mailauth) is configured for use by Microsoft Account users only. Please use the /consumers endpoint to serve this request.",
      '9002346':
        "Application '11111111-2222-3333-4444-555555555555'(mailauth) is configured for use by Microsoft Account users only. Please use the /consumers endpoint to serve this request.",
    },
    {
      code: 'tenant_wrong',
      who: 'you',
      message: 'the registration is for personal accounts only, and another tenant than "consumers" was used',
      fix: [
        { text: 'use the tenant consumers', run: { verb: 'setup', flags: '--tenant consumers' }, step: '6' },
        { text: 'for a work mailbox, change the supported account types', url: AUTHENTICATION, step: '5' },
      ],
    },
  ),
  ...aadsts(
    PAGE,
    {
      '9002332':
        "Application '11111111-2222-3333-4444-555555555555'(mailauth) is configured for use by Azure Active Directory users only. Please do not use the /consumers endpoint to serve this request.",
    },
    {
      code: 'tenant_wrong',
      who: 'you',
      message: 'the registration is for work accounts only, and the tenant says "consumers"',
      fix: [
        SET_TENANT,
        { text: 'for a personal mailbox, change the supported account types', url: AUTHENTICATION, step: '5' },
      ],
    },
  ),
  ...aadsts(
    PAGE,
    {
      '90027':
        'We are unable to issue tokens from this API version on the MSA tenant. Please contact the application vendor as they need to use version 2.0 of the protocol to support this.',
      '500201': 'We are unable to issue tokens from this API version for a Microsoft account.',
    },
    {
      code: 'client_type_mismatch',
      who: 'you',
      message: 'the program uses the old version (v1.0) of Microsoft’s sign-in, which gives personal accounts no token',
      fix: [
        { text: 'let the program use the addresses with /oauth2/v2.0/ in them; a newer version of it usually does' },
      ],
    },
  ),
  ...aadsts(
    PAGE,
    {
      '90124':
        'The resource is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.',
      '90130':
        'The application is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.',
    },
    {
      code: 'tenant_wrong',
      who: 'you',
      message: 'the tenants "common" and "consumers" do not fit this registration',
      fix: [SET_TENANT],
    },
  ),
  ...aadsts(
    REQUEST,
    {
      '90038': 'Confidential Client is not supported in Cross Cloud request.',
      '900382': 'Confidential Client is not supported in Cross Cloud request.',
      '900432': 'Confidential Client is not supported in Cross Cloud request.',
    },
    {
      code: 'tenant_wrong',
      who: 'you',
      message:
        'the tenant belongs to another Microsoft cloud than the one that was asked, such as US Government or China',
      fix: [
        {
          text: 'use the sign-in address of that cloud',
          run: { verb: 'setup', flags: '--issuer https://login.microsoftonline.us/{tenant}/v2.0' },
        },
      ],
    },
  ),
  ...aadsts(
    UNAUTHORIZED,
    {
      '650059': 'This application is not configured for use in your organization.',
    },
    {
      code: 'tenant_wrong',
      who: 'you',
      message: 'the registration is not made for this kind of tenant',
      fix: [FIX_AUDIENCE],
    },
  ),
  ...aadsts(
    EXCHANGE,
    {
      '700005': 'The provided Authorization Code is intended to be used against another tenant, and was thus rejected.',
    },
    {
      code: 'tenant_wrong',
      who: 'you',
      message: 'the browser signed in at another tenant than the one the code was sent to',
      fix: [SET_TENANT],
    },
  ),
  ...aadsts(
    REQUEST,
    {
      '5000224':
        'We are sorry, this resource is not available. If you are seeing this message by mistake, please contact Microsoft support.',
    },
    {
      code: 'policy_blocked',
      who: 'provider',
      message: 'Microsoft has blocked the tenant',
      fix: [{ text: 'ask the administrator of the tenant to contact Microsoft support' }],
    },
  ),
];

const redirectRules: readonly Rule[] = [
  ...aadsts(
    PAGE,
    {
      '50011':
        "The redirect URI 'http://localhost:8765/callback' specified in the request does not match the redirect URIs configured for the application '11111111-2222-3333-4444-555555555555'. Make sure the redirect URI sent in the request matches one added to your application in the Azure portal.",
      '70004':
        'The app returned an invalid redirect URI. The redirect address specified by the client does not match any configured addresses.',
    },
    {
      code: 'redirect_uri_mismatch',
      who: 'you',
      message: 'the registration does not list {program}’s redirect URI, or not to the last character',
      fix: [REGISTER_REDIRECT],
      settles: true,
    },
  ),
  ...aadsts(
    EXCHANGE,
    {
      '500112':
        "The reply address 'http://localhost:8765/callback' does not match the reply address 'http://localhost:8765/' provided when requesting Authorization code.",
    },
    {
      code: 'redirect_uri_mismatch',
      who: 'you',
      message: 'the redirect URI sent with the code is another one than the sign-in began with',
      fix: [
        {
          text: 'let {program} use one address, scheme, host, port and path, for both; a proxy in front of it must not change https into http',
        },
      ],
    },
  ),
  ...aadsts(
    PAGE,
    {
      '500113': 'No reply address is registered for the application.',
      '900971': 'No reply address provided.',
    },
    {
      code: 'redirect_uri_mismatch',
      who: 'you',
      message: 'the registration lists no redirect URI at all',
      fix: [REGISTER_REDIRECT],
      settles: true,
    },
  ),
];

const accountRules: readonly Rule[] = [
  ...aadsts(
    PAGE,
    {
      '50020':
        "User account 'a@outlook.com' from identity provider 'live.com' does not exist in tenant 'Example' and cannot access the application '11111111-2222-3333-4444-555555555555'(mailauth) in that tenant. The account needs to be added as an external user in the tenant first. Sign out and sign in again with a different Azure Active Directory user account.",
      '16000':
        "User account 'a@example.com' from identity provider does not exist in tenant and cannot access the application. The account needs to be added as an external user in the tenant first.",
      '50034':
        'The user account a@example.com does not exist in the example.com directory. To sign into this application, the account must be added to the directory.',
      '500341':
        'The user account a@example.com has been deleted from the example.com directory. To sign into this application, the account must be added to the directory.',
      '51004':
        'The user account a@example.com does not exist in the example.com directory. To sign into this application, the account must be added to the directory.',
      '90072':
        "User account 'a@example.net' from external identity provider does not exist in tenant 'Example' and cannot access the application in that tenant. The account needs to be added as an external user in the tenant first.",
    },
    {
      code: 'wrong_account',
      who: 'you',
      message: 'the account that signed in is not in this tenant; it is another organisation’s, or a personal one',
      fix: [SIGN_IN_AS, FIX_AUDIENCE],
    },
  ),
  ...aadsts(
    PAGE,
    {
      '50177':
        'User account from identity provider does not exist in the tenant and cannot access the application in that tenant. External challenge is not supported for passthrough users.',
      '50178': 'Session control is not supported for passthrough users.',
    },
    {
      code: 'wrong_account',
      who: 'you',
      message: 'the account is only a guest in this tenant, and guests cannot be signed in here',
      fix: [SIGN_IN_AS],
    },
  ),
  ...aadsts(
    PAGE,
    {
      '500200':
        "User account 'a@outlook.com' is a personal Microsoft account. Personal Microsoft accounts are not supported for this application unless explicitly invited to an organization. Try signing out and signing back in with an organizational account.",
      '500202': "User account 'a@outlook.com' from external identity provider is not supported for api version '2.0'.",
      '500207': "The account type can't be used for the resource you're trying to access.",
      '500208': 'The domain is not a valid login domain for the account type.',
    },
    {
      code: 'wrong_account',
      who: 'you',
      message: 'this kind of account, personal or work, is not one the registration is made for',
      fix: [SIGN_IN_AS, FIX_AUDIENCE],
    },
  ),
  ...aadsts(
    PAGE,
    {
      '50057': 'The user account is disabled.',
    },
    {
      code: 'wrong_account',
      who: 'you',
      message: 'the account is disabled; shared mailboxes are such accounts and cannot sign in themselves',
      fix: [
        {
          text: 'for a shared mailbox, sign in as a person who has access to it',
          run: { verb: 'setup', flags: '--auth-user ADDRESS' },
        },
        { text: 'otherwise ask the administrator to enable the account', url: ADMIN_CENTER },
      ],
    },
  ),
  ...aadsts(
    PAGE,
    { '50053': "The account is locked, you've tried to sign in too many times with an incorrect user ID or password." },
    {
      code: 'policy_blocked',
      who: 'you',
      message: 'the account is locked for a while, after wrong passwords or a sign-in from a suspicious address',
      fix: [
        {
          text: 'wait some minutes, sign in to the mailbox in a browser, then sign in again here',
          run: { verb: 'authorize' },
        },
      ],
    },
  ),
  ...aadsts(
    PAGE,
    {
      '50055': 'The password is expired.',
      '50144':
        "The user's Active Directory password has expired. Generate a new password for the user or have the user use the self-service reset tool to reset their password.",
    },
    {
      code: 'signin_required',
      who: 'you',
      message: 'the account’s password has expired',
      fix: [{ text: 'change the password on Microsoft’s page, then sign in again', run: { verb: 'authorize' } }],
    },
  ),
  ...aadsts(
    PAGE,
    {
      '50056': 'Invalid or null password: password does not exist in the directory for this user.',
      '50126': 'Error validating credentials due to invalid username or password.',
    },
    {
      code: 'signin_required',
      who: 'you',
      message: 'the password typed on Microsoft’s page is not right, or the account has none',
      fix: [SIGN_IN],
    },
  ),
];

const signInRules: readonly Rule[] = [
  ...aadsts(
    INTERACTION,
    {
      '50072':
        'Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in multi-factor authentication to access the resource.',
      '50074': 'Strong Authentication is required.',
      '50076':
        'Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource.',
      '50078':
        'Presented multi-factor authentication has expired due to policies configured by your administrator, you must refresh your multi-factor authentication to access the resource.',
      '50079':
        'Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in multi-factor authentication to access the resource.',
    },
    {
      code: 'signin_required',
      who: 'you',
      message: 'the organisation wants a second factor (MFA) for this sign-in',
      fix: [FINISH_IN_BROWSER],
    },
  ),
  ...aadsts(
    DENIED,
    { '500121': 'Authentication failed during strong authentication request.' },
    {
      code: 'signin_cancelled',
      who: 'you',
      message: 'the second factor (MFA) was refused, or not answered in time',
      fix: [SIGN_IN],
    },
  ),
  ...aadsts(
    { ...PAGE, error: 'login_required' },
    {
      '50058': 'A silent sign-in request was sent but no user is signed in.',
      '700020': 'The interaction required by the application cannot be completed silently.',
      '50199':
        'For security reasons, user confirmation is required for this request. Please repeat the request allowing user interaction.',
      '50158':
        'External security challenge not satisfied. User will be redirected to another page or authentication provider to satisfy additional authentication challenges.',
      '9002341': 'User is required to permit single sign-on.',
    },
    {
      code: 'signin_required',
      who: 'you',
      message: 'Microsoft has another page for you before the sign-in is complete',
      fix: [FINISH_IN_BROWSER],
    },
  ),
  ...aadsts(
    REFRESH,
    {
      '50173':
        "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password. The grant was issued on '2026-10-01T08:00:00Z' and the TokensValidFrom date for this user is '2026-11-20T10:00:00Z'.",
      '50132':
        'The credentials have been revoked due to the following reasons: the password changed, an administrator revoked the session.',
      '50133': 'Session is invalid due to expiration or recent password change.',
      '50089': 'Authentication failed due to flow token expired.',
    },
    {
      code: 'signin_expired',
      who: 'you',
      message: 'Microsoft ended this sign-in; usually the password was changed or an administrator revoked sessions',
      fix: [SIGN_IN],
    },
  ),
  ...aadsts(
    REFRESH,
    {
      '700082':
        'The refresh token has expired due to inactivity. The token was issued on 2026-08-01T08:00:00.0000000Z and was inactive for 90.00:00:00.',
    },
    {
      code: 'signin_expired',
      who: 'you',
      message: 'this sign-in was not used for 90 days, and Microsoft ends those',
      fix: [
        {
          text: 'sign in again; using it at least once a month keeps it alive',
          run: { verb: 'authorize' },
        },
      ],
    },
  ),
  ...aadsts(
    REFRESH,
    {
      '700084':
        "The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of 1.00:00:00, which can't be extended. It is now expired and a new sign in request must be sent by the SPA to the sign in page.",
    },
    {
      code: 'signin_expired',
      who: 'you',
      message: 'the redirect URI is registered for a single-page application, whose sign-ins end after a day',
      fix: [
        {
          text: 'move {redirect-uri} below Web or Mobile and desktop applications, then sign in again',
          url: AUTHENTICATION,
          step: '5',
        },
      ],
    },
  ),
  ...aadsts(
    REFRESH,
    {
      '70043':
        'The refresh token has expired or is invalid due to sign-in frequency checks by conditional access. The token was issued on 2026-11-01T08:00:00Z and the maximum allowed lifetime for this request is 86400.',
      '70044': 'The session has expired or is invalid due to sign-in frequency checks by conditional access.',
    },
    {
      code: 'signin_expired',
      who: 'admin',
      message: 'a rule of the organisation ends sign-ins after a set time (sign-in frequency)',
      fix: [
        SIGN_IN,
        {
          text: 'to make it last, ask the administrator to exempt the app from the sign-in frequency rule',
          url: `${ENTRA}/`,
        },
      ],
    },
  ),
  ...aadsts(
    EXCHANGE,
    {
      '54005':
        'OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.',
      '70008':
        'The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.',
    },
    {
      code: 'signin_required',
      who: 'you',
      message: 'the answer from the browser was used already, or is too old',
      fix: [SIGN_IN],
    },
  ),
  ...aadsts(
    EXCHANGE,
    {
      '50147': 'Invalid size of Code_Challenge parameter.',
      '501491': 'Invalid size of Code_Challenge parameter.',
      '50148': 'The code_verifier does not match the code_challenge supplied in the authorization request for PKCE.',
      '501481': 'The Code_Verifier does not match the code_challenge supplied in the authorization request.',
    },
    {
      code: 'signin_required',
      who: 'you',
      message: 'the answer from the browser belongs to another attempt than this one',
      fix: [SIGN_IN],
    },
  ),
  {
    id: 'aadsts-code-damaged',
    when: { where: ['token'], grant: ['authorization_code'], text: DAMAGED },
    sample: { ...EXCHANGE, text: `AADSTS9002313: Invalid request. Request is malformed or invalid. ${TRACE}` },
    diagnosis: {
      code: 'signin_required',
      who: 'you',
      message: 'the code in the browser’s address is damaged; usually the address was cut off when it was copied',
      fix: [{ text: 'sign in again, and paste the whole address', run: { verb: 'authorize' } }],
    },
  },
  {
    id: 'aadsts-refresh-token-damaged',
    when: { where: ['token'], grant: ['refresh_token'], text: DAMAGED },
    sample: {
      ...REFRESH,
      text: `AADSTS70000: The provided value for the input parameter 'refresh_token' or 'assertion' is not valid. ${TRACE}`,
    },
    diagnosis: {
      code: 'signin_expired',
      who: 'you',
      message: 'the refresh token is damaged; usually a part of it was left out when it was copied',
      fix: [SIGN_IN, { text: 'or give the whole refresh token again', run: SET_REFRESH_TOKEN }],
    },
  },
  ...aadsts(
    REFRESH,
    { '70000': 'Provided grant is invalid or malformed.' },
    {
      code: 'signin_expired',
      who: 'you',
      message:
        'Microsoft does not take this refresh token: a part of it is missing, or (personal accounts) the permission was removed',
      fix: [SIGN_IN],
    },
  ),
  ...aadsts(
    { ...TOKEN, grant: 'device_code', error: 'authorization_pending' },
    { '70016': 'OAuth 2.0 device flow error. Authorization is pending. Continue polling.' },
    {
      code: 'signin_required',
      who: 'you',
      message: 'Microsoft still waits for the code to be typed in on the other device',
      fix: [{ text: 'type the code on the page that was shown' }],
    },
  ),
  ...aadsts(
    DEVICE,
    {
      '70018': 'Invalid verification code due to user typing in wrong user code for device code flow.',
      '70019': 'Verification code expired.',
      '7000014': "The provided value for the input parameter 'device_code' is not valid.",
      '90119': 'The user code is null or empty.',
      '90120': 'The device code is not authorized yet.',
    },
    {
      code: 'signin_timeout',
      who: 'you',
      message: 'the code for the other device is wrong or no longer valid',
      fix: [{ text: 'start again for a new code', run: { verb: 'authorize', flags: '--device' } }],
    },
  ),
];

const policyRules: readonly Rule[] = [
  ...aadsts(
    DENIED,
    {
      '50105':
        "Your administrator has configured the application mailauth ('11111111-2222-3333-4444-555555555555') to block users unless they are specifically granted ('assigned') access to the application.",
    },
    {
      code: 'policy_blocked',
      who: 'admin',
      message: 'the organisation lets only chosen people use this app, and {account} is not one of them',
      fix: [
        {
          text: 'ask the administrator to add {account}: Enterprise apps > the app > Users and groups',
          url: `${ENTRA}/`,
        },
      ],
    },
  ),
  ...aadsts(
    INTERACTION,
    {
      '53000':
        'Device is not in required device state: compliant. Conditional Access policy requires a compliant device, and the device is not compliant.',
      '530003': 'Your device is required to be managed to access this resource.',
      '53001':
        'Device is not in required device state: domain_joined. Conditional Access policy requires a domain joined device, and the device is not domain joined.',
      '50097': 'Device authentication is required.',
      '700003': 'Device object was not found in the tenant directory.',
    },
    {
      code: 'policy_blocked',
      who: 'admin',
      message: 'the organisation allows this sign-in only from a computer that it manages',
      fix: [
        { text: 'sign in with the browser of such a computer', run: { verb: 'authorize', flags: '--no-browser' } },
        SIGN_IN_LOG,
      ],
    },
  ),
  ...aadsts(
    INTERACTION,
    {
      '53002':
        'The app used is not an approved app for Conditional Access. The user needs to use one of the apps from the list of approved applications to get access.',
      '53003':
        'Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.',
      '50131':
        'Device is not in required device state, or the request was blocked due to suspicious activity, access policy, or security policy decisions.',
      '53011': 'User blocked due to risk on home tenant.',
      '530032': 'Access has been blocked by the security policy of the tenant.',
      '530034':
        'A delegated administrator was blocked from accessing the tenant due to account risk in their home tenant.',
      '530035':
        'Access has been blocked by security defaults. This is due to the request using legacy auth or being deemed unsafe by security defaults policies.',
    },
    {
      code: 'policy_blocked',
      who: 'admin',
      message: 'a rule of the organisation (Conditional Access or security policy) forbids this sign-in',
      fix: [
        SIGN_IN_LOG,
        {
          text: 'if you signed in with a code (--device), sign in with the browser',
          run: { verb: 'authorize' },
        },
      ],
    },
  ),
  ...aadsts(
    INTERACTION,
    { '50142': 'Password change is required due to a conditional access policy.' },
    {
      code: 'signin_required',
      who: 'you',
      message: 'a rule of the organisation wants the password changed first',
      fix: [{ text: 'change the password on Microsoft’s page, then sign in again', run: { verb: 'authorize' } }],
    },
  ),
  ...aadsts(
    DENIED,
    {
      '500021': 'Access to the tenant is denied. The proxy’s tenant restrictions do not allow it.',
      '500022': 'Access to the tenant is denied: no allowed tenants were named by the proxy.',
    },
    {
      code: 'policy_blocked',
      who: 'network',
      message: 'the proxy of this network allows sign-ins only to other tenants',
      fix: [{ text: 'ask the network’s administrator to allow the tenant {tenant}, or use another network' }],
    },
  ),
  ...aadsts(
    DENIED,
    {
      '500212':
        "The user's administrator has set an outbound access policy that does not allow access to the resource tenant.",
      '500213': "The resource tenant's cross-tenant access policy does not allow this user to access this tenant.",
    },
    {
      code: 'policy_blocked',
      who: 'admin',
      message: 'a rule between the two organisations (cross-tenant access) forbids this sign-in',
      fix: [SIGN_IN_LOG],
    },
  ),
];

const consentRules: readonly Rule[] = [
  ...aadsts(
    DENIED,
    {
      '90094': 'Admin consent is required for the permissions requested by this application.',
      '90095':
        'Admin consent is required for the permissions requested by this application. An admin consent request may be sent to the admin.',
    },
    {
      code: 'admin_consent_required',
      who: 'admin',
      message: 'an administrator has to approve the app first; for IMAP that is usual since November 2025',
      fix: [GRANT_CONSENT],
    },
  ),
  ...aadsts(
    { ...TOKEN, grant: 'refresh_token', error: 'consent_required' },
    {
      '65001':
        "The user or administrator has not consented to use the application with ID '11111111-2222-3333-4444-555555555555' named 'mailauth'. Send an interactive authorization request for this user and resource.",
    },
    {
      code: 'consent_missing_scope',
      who: 'you',
      message: 'nobody has allowed the app this permission yet, or it was taken back',
      fix: [
        { text: 'sign in again and accept', run: { verb: 'authorize' } },
        {
          text: 'if the page says "Need admin approval", send this link to an administrator',
          ...ADMIN_CONSENT,
          step: '12.iii',
        },
      ],
    },
  ),
  ...aadsts(
    DENIED,
    { '65004': 'User declined to consent to access the app.' },
    {
      code: 'signin_cancelled',
      who: 'you',
      message: 'the permission was declined on Microsoft’s page, or the request to an administrator is still open',
      fix: [
        { text: 'sign in again and accept', run: { verb: 'authorize' } },
        { text: 'if an administrator has to approve, send this link', ...ADMIN_CONSENT, step: '12.iii' },
      ],
    },
  ),
  ...aadsts(
    DENIED,
    {
      '650056':
        "Misconfigured application. This could be due to one of the following: the client has not listed any permissions in the requested permissions in the client's application registration, or the admin has not consented in the tenant.",
      '65005':
        'The application required resource access list does not contain applications discoverable by the resource or the client application has requested access to resource, which was not specified in its required resource access list.',
      '650057':
        "Invalid resource. The client has requested access to a resource which is not listed in the requested permissions in the client's application registration.",
      '90008':
        "The user or administrator has not consented to use the application. This happened because the application is misconfigured: it must require access to Windows Azure Active Directory by specifying at least 'Sign in and read user profile' permission.",
    },
    {
      code: 'consent_missing_scope',
      who: 'you',
      message: 'the registration does not list the permissions that are asked for',
      fix: [ADD_PERMISSIONS],
    },
  ),
  ...aadsts(
    SCOPE,
    {
      '650053':
        "The application 'mailauth' asked for scope 'IMAP.AccessAsUser' that doesn't exist on the resource. Contact the app vendor.",
      '70011': "The provided value for the input parameter 'scope' is not valid. The scope is not valid.",
      '28002': 'Provided value for the input parameter scope is not valid when requesting an access token.',
      '28003':
        'Provided value for the input parameter scope cannot be empty when requesting an access token using the provided authorization code.',
      '28000': 'Provided value for the input parameter scope is not valid because it contains more than one resource.',
      '700022':
        'The provided value for the input parameter scope is not valid because it contains more than one resource.',
      '700023': 'The provided value for the input parameter scope is not valid because it does not contain a resource.',
    },
    {
      code: 'consent_missing_scope',
      who: 'you',
      message: 'a scope is misspelt, or scopes of several services were asked for together',
      fix: [
        {
          text: 'ask only for https://outlook.office.com/IMAP.AccessAsUser.All, https://outlook.office.com/SMTP.Send and offline_access',
          run: { verb: 'setup' },
        },
      ],
    },
  ),
  ...aadsts(
    SCOPE,
    {
      '500011':
        'The resource principal named https://outlook.office.com was not found in the tenant named Example. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.',
      '650052':
        "The app is trying to access a service 'Office 365 Exchange Online' that your organization lacks a service principal for. Contact your IT Admin to review the configuration of your service subscriptions.",
      '650054':
        'The application asked for permissions to access a resource that has been removed or is no longer available.',
    },
    {
      code: 'policy_blocked',
      who: 'admin',
      message: 'the tenant has no Exchange Online, or the name of the service is misspelt',
      fix: [{ text: 'ask the administrator whether {account} has a licence with Exchange Online', url: ADMIN_CENTER }],
    },
  ),
  ...aadsts(
    SCOPE,
    { '500014': "The service principal for resource 'https://outlook.office.com' is disabled." },
    {
      code: 'policy_blocked',
      who: 'admin',
      message: 'Exchange Online is disabled as an application in this tenant, or its subscription has ended',
      fix: [
        { text: 'ask the administrator to enable Office 365 Exchange Online under Enterprise apps', url: `${ENTRA}/` },
      ],
    },
  ),
];

const requestRules: readonly Rule[] = [
  {
    id: 'aadsts900144-refresh-token',
    when: { text: /must contain the following parameter: ['"]?refresh_token/i },
    sample: {
      ...REQUEST,
      text: "AADSTS900144: The request body must contain the following parameter: 'refresh_token'.",
    },
    diagnosis: {
      code: 'signin_required',
      who: 'you',
      message:
        'there is no refresh token to renew the sign-in with; usually the scope offline_access was not asked for',
      fix: [{ text: 'ask for offline_access too, then sign in again', run: { verb: 'authorize' } }],
    },
  },
  {
    id: 'aadsts900144-scope',
    when: { text: /must contain the following parameter: ['"]?scope/i },
    sample: { ...REQUEST, text: "AADSTS900144: The request body must contain the following parameter: 'scope'." },
    diagnosis: {
      code: 'bad_input',
      who: 'you',
      message: 'the request names no scope, and Microsoft wants one also when a sign-in is renewed',
      fix: [
        {
          text: 'set the scope in {program}: https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access',
        },
      ],
    },
  },
  ...aadsts(
    { ...DEVICE, error: 'invalid_request' },
    { '9002313': 'Invalid request. Request is malformed or invalid.' },
    NOT_UNDERSTOOD,
  ),
  ...aadsts(
    REQUEST,
    {
      '90013': 'Invalid input received from the user.',
      '90023': 'An authentication service request is not valid.',
      '90100': 'Login parameters are empty or not valid.',
      '90014': "The required field 'client_id' is missing from the credential.",
      '900144': "The request body must contain the following parameter: 'client_id'.",
      '901002': "The 'resource' request parameter is not supported.",
    },
    NOT_UNDERSTOOD,
  ),
  ...aadsts(
    REQUEST,
    {
      '90056': 'This endpoint only accepts POST requests. Received a GET request.',
      '900561': 'The endpoint only accepts POST requests. Received a GET request.',
    },
    {
      code: 'signin_required',
      who: 'you',
      message: 'the address of the token endpoint was opened in a browser, or a page was reloaded',
      fix: [{ text: 'open the whole address that {program} shows', run: { verb: 'authorize' } }],
    },
  ),
  ...aadsts(
    { ...TOKEN, grant: 'refresh_token', error: 'temporarily_unavailable' },
    {
      '90033': 'A transient error has occurred. Please try again.',
      '70012': 'A server error occurred while authenticating an MSA user.',
    },
    {
      code: 'server_unavailable',
      who: 'provider',
      message: 'Microsoft’s sign-in service has trouble at the moment',
      fix: [AGAIN],
    },
  ),
  ...aadsts(
    { ...TOKEN, status: 429, grant: 'refresh_token', error: 'temporarily_unavailable' },
    {
      '90055': 'The server has terminated the request because the tenant receives too many requests.',
      '50196':
        'The server terminated an operation because it encountered a client request loop. Please contact your app vendor.',
    },
    {
      code: 'rate_limited',
      who: 'provider',
      message: 'Microsoft has had too many requests from this program or tenant',
      fix: [AGAIN],
    },
  ),
  ...aadsts(
    REQUEST,
    {
      '1002016':
        'You are using TLS version 1.0, 1.1 and/or 3DES cipher which are deprecated to improve the security posture of Azure AD.',
    },
    {
      code: 'tls_failed',
      who: 'network',
      message: 'the connection reached Microsoft with an outdated TLS version; usually a proxy makes it so',
      fix: [{ text: 'ask the network’s administrator to let the proxy use TLS 1.2 or later' }],
    },
  ),
];

export const outlookAdvice: Readonly<Partial<Record<Fact, Advice>>> = {
  secretExpires: {
    rule: 'microsoft-secret-expires-soon',
    code: 'client_secret_expires_soon',
    who: 'you',
    message: 'the client secret ends in {days}, on {date}; then no mail goes in or out',
    fix: [
      {
        text: 'make a new client secret; the sign-in itself stays',
        run: { verb: 'setup', from: '7' },
        url: CREDENTIALS,
        step: '7',
      },
    ],
  },
  secretExpired: {
    rule: 'microsoft-secret-expired',
    code: 'client_secret_expired',
    who: 'you',
    message: 'the client secret ended on {date}',
    fix: [
      {
        text: 'make a new client secret; the sign-in itself stays',
        run: { verb: 'setup', from: '7' },
        url: CREDENTIALS,
        step: '7',
      },
    ],
  },
  scopesMissing: {
    rule: 'microsoft-scope-missing',
    code: 'consent_missing_scope',
    who: 'you',
    message: 'you are signed in, and Microsoft left this out: {missing-scopes}',
    fix: [
      ADD_PERMISSIONS,
      { text: 'if it is listed there, an administrator has to consent', ...ADMIN_CONSENT, step: '12.iii' },
    ],
  },
  wrongAudience: {
    rule: 'microsoft-token-for-graph',
    code: 'consent_missing_scope',
    who: 'you',
    message: 'the token is for {audience}, so the mail servers refuse it; usually a scope was given without its host',
    fix: [
      {
        text: 'ask only for https://outlook.office.com/IMAP.AccessAsUser.All, https://outlook.office.com/SMTP.Send and offline_access',
        run: { verb: 'setup' },
      },
    ],
  },
};

const findings: readonly Rule[] = [
  {
    id: 'microsoft-need-admin-approval',
    when: {
      where: ['authorization'],
      text: /need admin approval|admin(?:istrator)? approval (?:is )?required|needs permission to access resources in your organi[sz]ation that only an admin can grant|Administratorgenehmigung|Genehmigung (?:durch|eines|des|vom|Ihres) (?:(?:einen|Ihren) )?Administrators?|approbation (?:de l['’]|d['’]un )admin|aprobaci[oó]n del? (?:un )?administrador|approvazione dell['’]amministratore|aprova[cç][aã]o d[eo] (?:um )?administrador|goedkeuring (?:van|door) (?:een |de )?beheerder|beheerdersgoedkeuring|管理者の承認|需要管理员批准|需要管理員核准|(?:утверждение|одобрение|подтверждение) администратора/i,
    },
    sample: {
      where: 'authorization',
      stage: 'response',
      text: 'Need admin approval. mailauth needs permission to access resources in your organization that only an admin can grant.',
    },
    diagnosis: {
      code: 'admin_consent_required',
      who: 'admin',
      message: 'an administrator has to approve the app first; for IMAP that is usual since November 2025',
      fix: [GRANT_CONSENT],
    },
  },
];

const SMTP = {
  where: 'smtp',
  stage: 'auth',
  host: 'smtp.office365.com',
  port: 587,
  status: 535,
  enhanced: '5.7.139',
} as const;
const SENDING = { ...SMTP, stage: 'mailbox' } as const;
const IMAP = { where: 'imap', stage: 'auth', host: 'outlook.office365.com', port: 993 } as const;
const SERVER_ID = '[AM0PR01CA0001.eurprd01.prod.exchangelabs.com 2026-11-23T09:14:07.000Z 08DE2A0000000000]';

const ENABLE_MAILBOX: RuleFix = {
  text: 'let the administrator switch it on for this mailbox; it can take an hour to work',
  command: 'Set-CASMailbox -Identity {account} -SmtpClientAuthenticationDisabled $false',
};
const ENABLE_BY_CLICK: RuleFix = {
  text: 'or by hand: Active users > the mailbox > Mail > Manage email apps > Authenticated SMTP',
  url: ADMIN_CENTER,
};
const ENABLE_ORGANISATION: RuleFix = {
  text: 'or for every mailbox of the organisation',
  command: 'Set-TransportConfig -SmtpClientAuthenticationDisabled $false',
};
const USE_OAUTH: RuleFix = {
  text: 'set the program to OAuth2 (XOAUTH2); this shows the fields',
  run: { verb: 'export', flags: '--format form' },
};

const smtpRules: readonly Rule[] = [
  {
    id: 'smtp-5.7.139-tenant',
    when: { where: ['smtp'], text: /SmtpClientAuthentication is disabled for the Tenant/i },
    sample: {
      ...SMTP,
      text: `535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information. ${SERVER_ID}`,
    },
    diagnosis: {
      code: 'smtp_auth_disabled',
      who: 'admin',
      message: 'sending by programs (SMTP AUTH) is switched off for the whole organisation, the default since 2020',
      fix: [ENABLE_MAILBOX, ENABLE_BY_CLICK, ENABLE_ORGANISATION],
    },
  },
  {
    id: 'smtp-5.7.139-mailbox',
    when: { where: ['smtp'], text: /SmtpClientAuthentication is disabled for the Mailbox/i },
    sample: {
      ...SMTP,
      text: `535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. Visit https://aka.ms/smtp_auth_disabled for more information. ${SERVER_ID}`,
    },
    diagnosis: {
      code: 'smtp_auth_disabled',
      who: 'admin',
      message: 'sending by programs (SMTP AUTH) is switched off for this mailbox',
      fix: [ENABLE_MAILBOX, ENABLE_BY_CLICK],
    },
  },
  {
    id: 'smtp-auth-disabled-otherwise',
    when: { where: ['smtp'], text: /SmtpClientAuthentication is disabled|aka\.ms\/smtp_auth_disabled/i },
    sample: {
      ...SMTP,
      text: `535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled. ${SERVER_ID}`,
    },
    diagnosis: {
      code: 'smtp_auth_disabled',
      who: 'admin',
      message: 'sending by programs (SMTP AUTH) is switched off for the mailbox or the organisation',
      fix: [ENABLE_MAILBOX, ENABLE_BY_CLICK],
    },
  },
  {
    id: 'smtp-5.7.30-basic',
    when: { where: ['smtp'], text: /\b5\.7\.30\b.{0,40}basic authentication/i },
    sample: {
      ...SENDING,
      status: 550,
      enhanced: '5.7.30',
      text: '550 5.7.30 Basic authentication is not supported for Client Submission.',
    },
    diagnosis: {
      code: 'policy_blocked',
      who: 'you',
      message: 'the program sent a password, and Microsoft takes only tokens for sending',
      fix: [USE_OAUTH],
    },
  },
  {
    id: 'smtp-5.7.139-basic',
    when: { where: ['smtp'], text: /basic authentication is (?:disabled|not supported)/i },
    sample: {
      ...SMTP,
      text: `535 5.7.139 Authentication unsuccessful, basic authentication is disabled. ${SERVER_ID}`,
    },
    diagnosis: {
      code: 'policy_blocked',
      who: 'you',
      message: 'the program sent a password, and Microsoft takes only tokens for this mailbox',
      fix: [USE_OAUTH],
    },
  },
  {
    id: 'smtp-5.7.139-security-defaults',
    when: { where: ['smtp'], text: /security defaults policy/i },
    sample: {
      ...SMTP,
      text: `535 5.7.139 Authentication unsuccessful, user is locked by your organization's security defaults policy. Contact your administrator. ${SERVER_ID}`,
    },
    diagnosis: {
      code: 'policy_blocked',
      who: 'you',
      message:
        'the organisation’s security defaults forbid passwords; usually the program sent one in place of a token',
      fix: [USE_OAUTH],
    },
  },
  {
    id: 'smtp-5.7.139-criteria',
    when: { where: ['smtp'], text: /did not meet the criteria to be authenticated/i },
    sample: {
      ...SMTP,
      text: `535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated successfully. Contact your administrator. ${SERVER_ID}`,
    },
    diagnosis: {
      code: 'policy_blocked',
      who: 'admin',
      message: 'a rule of the organisation (usually Conditional Access) forbids this login',
      fix: [SIGN_IN_LOG],
    },
  },
  {
    id: 'smtp-5.7.139-password',
    when: { where: ['smtp'], text: /user credentials were incorrect/i },
    sample: {
      ...SMTP,
      text: `535 5.7.139 Authentication unsuccessful, the user credentials were incorrect. ${SERVER_ID}`,
    },
    diagnosis: {
      code: 'token_refused',
      who: 'you',
      message: 'Microsoft does not take these credentials; usually a password was sent in place of a token',
      fix: [USE_OAUTH],
    },
  },
  {
    id: 'smtp-5.7.139-other',
    weight: 'general',
    when: { where: ['smtp'], text: /\b5\.7\.139\b/ },
    sample: { ...SMTP, text: `535 5.7.139 Authentication unsuccessful ${SERVER_ID}` },
    diagnosis: {
      code: 'policy_blocked',
      who: 'admin',
      message: 'Exchange knows the mailbox and forbids this login by a rule',
      fix: [SIGN_IN_LOG],
    },
  },
  {
    id: 'smtp-5.7.3',
    weight: 'general',
    when: { where: ['smtp'], text: /5\.7\.3 Authentication unsuccessful/i },
    sample: { ...SMTP, enhanced: '5.7.3', text: `535 5.7.3 Authentication unsuccessful ${SERVER_ID}` },
    diagnosis: {
      code: 'token_refused',
      who: 'you',
      message: 'Exchange refused the token; usually it belongs to another mailbox than {account}, or lacks SMTP.Send',
      fix: [SIGN_IN_AS, NAME_THE_PERSON],
    },
  },
  {
    id: 'smtp-5.7.57',
    when: { where: ['smtp'], text: /\b5\.7\.57\b/ },
    sample: {
      ...SENDING,
      status: 530,
      enhanced: '5.7.57',
      text: `530 5.7.57 Client not authenticated to send mail. ${SERVER_ID}`,
    },
    diagnosis: {
      code: 'signin_required',
      who: 'you',
      message: 'the program tried to send before it signed in',
      fix: [USE_OAUTH],
    },
  },
  {
    id: 'exchange-mechanism',
    when: { where: ['smtp'], status: [504], enhanced: ['5.7.4'] },
    sample: {
      ...SMTP,
      status: 504,
      enhanced: '5.7.4',
      text: `504 5.7.4 Unrecognized authentication type ${SERVER_ID}`,
    },
    diagnosis: {
      code: 'mechanism_not_offered',
      who: 'you',
      message: 'Exchange takes no login here; usually the port is 25, or SMTP AUTH is off for the mailbox',
      fix: [
        {
          text: 'use smtp.office365.com, port 587, STARTTLS',
          run: { verb: 'setup', flags: '--smtp-port 587 --smtp-security starttls' },
          step: '1',
        },
        ENABLE_MAILBOX,
      ],
    },
  },
  {
    id: 'exchange-send-as',
    when: {
      where: ['smtp', 'token'],
      text: /SendAsDenied|not allowed to send as|does not have permissions to send as this sender|right to send mail on behalf of/i,
    },
    sample: {
      ...SENDING,
      status: 554,
      enhanced: '5.2.252',
      text: '554 5.2.252 SendAsDenied; a@example.com not allowed to send as b@example.com',
    },
    diagnosis: {
      code: 'mailbox_mismatch',
      who: 'admin',
      message: 'the signed-in account may not send from this address; the login itself is fine',
      fix: [
        {
          text: 'send from {account}, or let the administrator give the right to send as the other address',
          command: 'Add-RecipientPermission ADDRESS -Trustee {account} -AccessRights SendAs',
        },
      ],
    },
  },
  {
    id: 'smtp-5.7.60',
    when: { where: ['smtp'], text: /\b5\.(?:7\.60|2\.252)\b/ },
    sample: { ...SENDING, status: 550, enhanced: '5.7.60', text: '550 5.7.60 SMTP; Client does not have permissions' },
    diagnosis: {
      code: 'mailbox_mismatch',
      who: 'admin',
      message: 'the signed-in account may not send from this address; the login itself is fine',
      fix: [
        {
          text: 'send from {account}, or let the administrator give the right to send as the other address',
          command: 'Add-RecipientPermission ADDRESS -Trustee {account} -AccessRights SendAs',
        },
      ],
    },
  },
  {
    id: 'exchange-concurrent-sending',
    when: {
      where: ['smtp'],
      text: /aka\.ms\/concurrent_sending|Concurrent connections limit exceeded|sender thread limit exceeded/i,
    },
    sample: {
      ...SENDING,
      status: 432,
      enhanced: '4.3.2',
      text: `432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending for more information. ${SERVER_ID}`,
    },
    diagnosis: {
      code: 'too_many_connections',
      who: 'you',
      message: 'Exchange allows 3 connections that send for a mailbox at once, and 30 messages a minute',
      fix: [{ text: 'end other programs that send for {account}, then check again', run: { verb: 'check' } }],
    },
  },
  {
    id: 'exchange-quota',
    when: { where: ['smtp'], text: /SubmissionQuotaExceeded|\b5\.1\.90\b/i },
    sample: {
      ...SENDING,
      status: 554,
      enhanced: '5.2.0',
      text: '554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException',
    },
    diagnosis: {
      code: 'rate_limited',
      who: 'you',
      message: 'the mailbox has sent to as many recipients as Exchange allows in a day, 10,000',
      fix: [{ text: 'wait up to 24 hours' }],
    },
  },
  {
    id: 'exchange-outbound-spam',
    when: { where: ['smtp'], text: /OutboundSpamException/i },
    sample: {
      ...SENDING,
      status: 554,
      enhanced: '5.2.0',
      text: '554 5.2.0 STOREDRV.Submission.Exception:OutboundSpamException; Failed to process message due to a permanent exception with message WASCL UserAction verdict is not None. Actual verdict is RefuseQuota, ShowTierUpgrade.',
    },
    diagnosis: {
      code: 'policy_blocked',
      who: 'you',
      message: 'Microsoft takes this mail for spam; usually the account is new, not verified, or sent too much at once',
      fix: [
        {
          text: 'sign in to {account} with a browser and finish what the page asks, usually a telephone number',
          url: 'https://outlook.live.com/',
        },
        {
          text: 'in an organisation, ask the administrator to look at Defender > Restricted entities',
          url: 'https://security.microsoft.com/restrictedentities',
        },
      ],
    },
  },
  {
    id: 'exchange-sender-blocked',
    when: { where: ['smtp'], text: /\b5\.(?:1\.8|7\.708)\b/ },
    sample: { ...SENDING, status: 550, enhanced: '5.1.8', text: '550 5.1.8 Access denied, bad outbound sender.' },
    diagnosis: {
      code: 'policy_blocked',
      who: 'admin',
      message: 'Exchange has blocked this sender, or the network address it sends from; usually after spam',
      fix: [
        {
          text: 'ask the administrator to look at Defender > Restricted entities',
          url: 'https://security.microsoft.com/restrictedentities',
        },
      ],
    },
  },
];

const imapRules: readonly Rule[] = [
  {
    id: 'exchange-session-expired',
    when: { where: ['imap'], text: /Session invalidated - AccessTokenExpired/i },
    sample: { ...IMAP, stage: 'mailbox', error: 'BYE', text: '* BYE Session invalidated - AccessTokenExpired' },
    diagnosis: {
      code: 'token_refused',
      asSent: true,
      who: 'you',
      message:
        'the token that this session began with has expired, usually after an hour, and Exchange ended the session',
      fix: [{ text: 'let the program take a new token and connect again', run: { verb: 'token' } }],
    },
  },
  {
    id: 'exchange-throttled',
    when: { where: ['imap'], text: /Request is throttled/i },
    sample: {
      ...IMAP,
      stage: 'mailbox',
      error: 'BAD',
      text: 'BAD Request is throttled. Suggested Backoff Time: 299923 milliseconds',
    },
    diagnosis: {
      code: 'rate_limited',
      who: 'provider',
      message: 'Exchange has had too many requests for this mailbox and makes them wait',
      fix: [AGAIN],
    },
  },
  {
    id: 'exchange-server-unavailable',
    when: { where: ['imap'], text: /Server Unavailable\. \d/i },
    sample: { ...IMAP, error: 'NO', text: 'NO Server Unavailable. 15' },
    diagnosis: {
      code: 'server_unavailable',
      who: 'provider',
      message: 'Exchange cannot open the mailbox at the moment; usually that passes by itself',
      fix: [AGAIN],
    },
  },
  {
    id: 'exchange-not-connected',
    when: { where: ['imap'], text: /User is authenticated but not connected/i },
    sample: {
      ...IMAP,
      stage: 'mailbox',
      error: 'BAD',
      text: 'BAD User is authenticated but not connected.\n* BYE Connection closed. 14',
    },
    diagnosis: {
      code: 'mailbox_mismatch',
      who: 'admin',
      message: 'the login is accepted and {account} does not open: IMAP is off, there is no mailbox, or no right to it',
      fix: [
        {
          text: 'let the administrator switch IMAP on for it',
          command: 'Set-CASMailbox -Identity {account} -ImapEnabled $true',
        },
        {
          text: 'for a shared mailbox, let the administrator give the signed-in account full access',
          command: 'Add-MailboxPermission -Identity {account} -User {auth-user} -AccessRights FullAccess',
        },
      ],
    },
  },
  {
    id: 'exchange-basic-blocked',
    when: { where: ['imap'], text: /LogonDenied|Basic authentication is disabled|BasicAuthBlocked|NO LOGIN failed/i },
    sample: {
      ...IMAP,
      error: 'AUTHENTICATIONFAILED',
      text: 'NO [AUTHENTICATIONFAILED] LOGIN failed. LogonDenied-BasicAuthBlocked',
    },
    diagnosis: {
      code: 'policy_blocked',
      who: 'you',
      message: 'the program sent a password, and Microsoft takes only tokens',
      fix: [USE_OAUTH],
    },
  },
  {
    id: 'exchange-imap-refused',
    weight: 'general',
    when: { where: ['imap'], text: /AUTHENTICATE failed/i },
    sample: { ...IMAP, error: 'NO', text: 'NO AUTHENTICATE failed.' },
    diagnosis: {
      code: 'token_refused',
      who: 'you',
      message: 'Exchange refused the token; usually it is for another mailbox, or IMAP is off for a personal one',
      fix: [
        SIGN_IN_AS,
        NAME_THE_PERSON,
        { text: 'for outlook.com, switch IMAP on: Settings > Mail > Forwarding and IMAP' },
      ],
    },
  },
  {
    id: 'exchange-pop-refused',
    weight: 'general',
    when: { text: /^-ERR (?:Authentication|Logon) failure: unknown user name or bad password/i },
    sample: { ...IMAP, text: '-ERR Authentication failure: unknown user name or bad password.' },
    diagnosis: {
      code: 'token_refused',
      who: 'you',
      message: 'Exchange refused a POP login, which it does for a wrong token, another mailbox, or POP switched off',
      fix: [
        {
          text: 'let the administrator switch POP on for it',
          command: 'Set-CASMailbox -Identity {account} -PopEnabled $true',
        },
      ],
    },
  },
];

const numbered: readonly Rule[] = [
  ...clientRules,
  ...tenantRules,
  ...redirectRules,
  ...accountRules,
  ...signInRules,
  ...policyRules,
  ...consentRules,
  ...requestRules,
];

export const outlookRules: readonly Rule[] = [...numbered, ...aadstsRules, ...findings, ...smtpRules, ...imapRules];

/** What other programs show of the same. */
export const outlookPasteRules: readonly Rule[] = [...sentenceRules(numbered), ...aadstsFamilies];
