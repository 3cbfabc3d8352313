import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AskedScope, accountPage, adminApprovalPage, consentPage, errorPage } from '../login-pages.js';
import { readForm, sendPage } from './exchange.js';
import { GOOGLE_SCOPE, type House, mailScopes, scopeTexts } from './house.js';

/** The person's way through the pages: choose an account, agree, or cancel. */
export async function signIn(house: House, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const interaction = await house.provider.interactionDetails(request, response);
  const asked = interaction.params as Record<string, string | undefined>;
  const application = house.clients.get(asked['client_id'] ?? '')?.name ?? 'an application';
  const account = interaction.session?.accountId;
  const form = request.method === 'POST' ? await readForm(request) : undefined;
  if (form?.get('do') === 'cancel') {
    const microsoft = house.options.layout === 'microsoft';
    const description = microsoft ? 'AADSTS65004: User declined to consent to access the app.' : 'cancelled';
    return house.provider.interactionFinished(request, response, {
      error: 'access_denied',
      error_description: description,
    });
  }
  if (interaction.prompt.name === 'login') {
    const chosen = form?.get('other') || form?.get('account');
    if (chosen) {
      if (!mayTest(house, chosen)) return sendPage(response, 403, untested(application, chosen));
      return house.provider.interactionFinished(request, response, { login: { accountId: chosen.toLowerCase() } });
    }
    const hint = asked['login_hint'];
    const accounts = [...new Set([...(hint === undefined ? [] : [hint]), ...(house.options.accounts ?? [])])];
    return sendPage(response, 200, accountPage({ layout: house.options.layout, application, accounts, hint }));
  }
  if (account === undefined) throw new Error('consent was asked for before anybody signed in');
  const scopes = askedScopes(house, asked['scope'] ?? '');
  if (
    house.circumstances.adminConsentRequired &&
    scopes.some(({ scope }) => mailScopes[house.options.layout].includes(scope))
  )
    return sendPage(response, 200, adminApprovalPage({ application, account }));
  if (form === undefined)
    return sendPage(response, 200, consentPage({ layout: house.options.layout, application, account, scopes }));
  const grantId = await grant(house, { account, asked, scopes, ticked: form.getAll('scope') });
  return house.provider.interactionFinished(
    request,
    response,
    { consent: { grantId } },
    { mergeWithLastSubmission: true },
  );
}

/** Google shows a box for everything beyond sign-in, once sign-in scopes are asked for as well. */
function askedScopes(house: House, scope: string): AskedScope[] {
  const google = house.options.layout === 'google';
  const asked = scope.split(' ').filter((name) => name !== '');
  const known = asked.filter((name) => scopeTexts[name] !== undefined);
  return known.map((name) => ({
    scope: name,
    text: scopeTexts[name] ?? name,
    box: google && name === GOOGLE_SCOPE && asked.length > 1,
  }));
}

async function grant(
  house: House,
  consent: {
    account: string;
    asked: Record<string, string | undefined>;
    scopes: readonly AskedScope[];
    ticked: readonly string[];
  },
): Promise<string> {
  const given = new house.provider.Grant({ accountId: consent.account, clientId: consent.asked['client_id'] ?? '' });
  for (const { scope, box } of consent.scopes) {
    const granted = (!box || consent.ticked.includes(scope)) && !house.circumstances.withheldScopes.includes(scope);
    if (granted) given.addOIDCScope(scope);
    else given.rejectOIDCScope(scope);
  }
  const id = await given.save();
  if (consent.asked['access_type'] === 'offline') house.offline.add(id);
  return id;
}

function mayTest(house: House, account: string): boolean {
  const { publishing, testUsers } = house.circumstances;
  return (
    house.options.layout !== 'google' ||
    publishing === 'production' ||
    testUsers.length === 0 ||
    testUsers.includes(account)
  );
}

function untested(application: string, account: string): string {
  return errorPage({
    layout: 'google',
    title: 'Access blocked',
    text: `${application} has not completed the Google verification process. The app is currently being tested, and can only be accessed by developer-approved testers. ${account} is not one. Error 403: access_denied`,
  });
}
