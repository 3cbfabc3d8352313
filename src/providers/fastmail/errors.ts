import { cause, rulesOf } from '../../explain/cause.js';

export const fastmailRules = rulesOf(
  cause('policy_blocked', 'Fastmail takes only app passwords, or OAuth2, from programs')
    .asSent()
    .fix('make an app password under Settings > Privacy & Security, or let the program log in with OAuth2')
    .when('fastmail-app-password', { text: /app password|https:\/\/www\.fastmail\.(?:com|help)/i }),
);
