import { cause, rulesOf } from '../../explain/cause.js';

export const mailRuRules = rulesOf(
  cause('policy_blocked', 'Mail.ru takes only OAuth2, or a password for external applications, from programs')
    .asSent()
    .fix('make such a password in the security settings of the account, or let the program log in with OAuth2')
    .when('mail-ru-app-password', { text: /NEOBHODIM parol|Application password is REQUIRED|parol prilozheniya/i }),
);
