/** Addresses that both the steps and the explanations lead to. They stand alone, so that an explanation loads no steps. */

export const CONSOLE = 'https://console.cloud.google.com';
export const ADMIN_IMAP = 'https://admin.google.com/ac/apps/gmail/enduseraccess';
/** It is written as an address. */
export const MAIL_SCOPE = 'https://mail.google.com/';
/** Opens the box with both values filled in. It replaces the scopes of this client, so all that are wanted stand in it. */
export const DELEGATION = `https://admin.google.com/ac/owl/domainwidedelegation?clientScopeToAdd=${MAIL_SCOPE}&clientIdToAdd={client-id}&overwriteClientId=true`;
