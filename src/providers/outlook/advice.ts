import { cause } from '../../explain/cause.js';
import type { Advice, Fact } from '../../explain/rule.js';
import { APP_CONSENT, APP_REQUEST } from './consent.js';
import { ADD_PERMISSIONS, ADMIN_CONSENT, CREDENTIALS, PERMISSIONS } from './fixes.js';

/** What Microsoft means by what is known without a failure. */
export const outlookAdvice: Readonly<Partial<Record<Fact, Advice>>> = {
  secretExpires: cause(
    'client_secret_expires_soon',
    'the {credential-name} ends in {days}, on {date}; then no mail goes in or out',
  )
    .fix('make a new {credential-name}; the sign-in itself stays', {
      run: 'setup --from-step 7',
      url: CREDENTIALS,
      step: '7',
    })
    .as('microsoft-secret-expires-soon'),
  secretExpired: cause('client_secret_expired', 'the {credential-name} ended on {date}')
    .fix('make a new {credential-name}; the sign-in itself stays', {
      run: 'setup --from-step 7',
      url: CREDENTIALS,
      step: '7',
    })
    .as('microsoft-secret-expired'),
  rolesMissing: cause(
    'admin_consent_required',
    'Microsoft gives the app a token, and no administrator has allowed it this, or not yet: {missing-roles}',
    'admin',
  )
    .settles()
    .fix('see that step 12 lists it as Application permission of Office 365 Exchange Online', {
      url: PERMISSIONS,
      step: '12',
    })
    .fix('then let an administrator grant consent; it takes a few minutes to work', {
      url: APP_CONSENT,
      send: APP_REQUEST,
      step: '12.iii',
    })
    .as('microsoft-roles-missing'),
  scopesMissing: cause('consent_missing_scope', 'you are signed in, and Microsoft left this out: {missing-scopes}')
    .fix(ADD_PERMISSIONS)
    .fix('if it is listed there, an administrator has to consent', { ...ADMIN_CONSENT, step: '12.iii' })
    .as('microsoft-scope-missing'),
  wrongAudience: cause(
    'consent_missing_scope',
    'the token is for {audience}, so the mail servers refuse it; usually a scope was given without its host',
  )
    .fix(
      'ask only for https://outlook.office.com/IMAP.AccessAsUser.All, https://outlook.office.com/SMTP.Send and offline_access',
      { run: 'setup' },
    )
    .as('microsoft-token-for-graph'),
};
