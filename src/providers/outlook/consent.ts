/** What an administrator is asked for: links to open, and words to send with them. */

/** Asks for exactly what the sign-in asks for: what is left out here, the page of the sign-in would ask for again. */
export const ADMIN_CONSENT =
  'https://login.microsoftonline.com/{consent-tenant}/v2.0/adminconsent?client_id={client-id}&scope={consent-scope}&redirect_uri={redirect-uri}';
export const ADMIN_REQUEST =
  'Please open the link and click Accept. It lets our app "{app-name}" (client ID {client-id}) read and send mail for people who sign in to it. We need it for {signs-in}. The browser may then show an error page: that is fine.';

/** All that an administrator approves for an app: what the registration lists, and no scope. */
export const APP_CONSENT = 'https://login.microsoftonline.com/{consent-tenant}/adminconsent?client_id={client-id}';
export const APP_REQUEST =
  'Please open the link and click Accept. It lets our app "{app-name}" (client ID {client-id}) log in to the mail servers by itself. It opens only the mailboxes that it is then given in Exchange. The browser may then show an error page: that is fine.';
