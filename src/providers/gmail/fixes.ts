import type { RuleFix } from '../../explain/rule.js';
import { CONSOLE } from './addresses.js';

/** Next actions that several causes share, and the pages of Google’s console that they lead to. */

export const AUDIENCE = `${CONSOLE}/auth/audience?project={project?}`;
export const CLIENTS = `${CONSOLE}/auth/clients?project={project?}`;
export const SCOPES = `${CONSOLE}/auth/scopes?project={project?}`;
export const BRANDING = `${CONSOLE}/auth/branding?project={project?}`;
const ADMIN_APPS = 'https://admin.google.com/ac/owl/list?tab=configuredApps';

/** Where a secret is copied, and the command that asks for it. */
export const RENEW_SECRET = { run: 'setup --from-step 7', url: CLIENTS, step: '7.v' } as const;

export const PUBLISH: RuleFix = {
  text: 'publish the app (Audience > Publish app), then sign in again',
  run: 'authorize',
  url: AUDIENCE,
  step: '6',
};
export const TRUST_THE_APP: RuleFix = {
  text: 'ask the Workspace administrator to trust the Client ID {client-id} (Security > API controls > Manage third-party app access)',
  url: ADMIN_APPS,
  send: '{admin-request}',
};
