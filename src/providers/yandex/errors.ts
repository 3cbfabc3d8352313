import { cause, rulesOf } from '../../explain/cause.js';

export const yandexRules = rulesOf(
  cause('policy_blocked', 'Yandex does not let programs into this mailbox: it is switched off in its settings')
    .asSent()
    .fix('in the settings of the mailbox, under Email clients, allow IMAP', {
      url: 'https://mail.yandex.com/#setup/client',
    })
    .when('yandex-no-rights', {
      text: /This user does not have access rights to this service|does not have access rights/i,
    }),
  cause('imap_disabled', 'Yandex refused the login: usually IMAP is switched off in the settings of the mailbox')
    .asSent()
    .fix('in the settings of the mailbox, under Email clients, allow IMAP', {
      url: 'https://mail.yandex.com/#setup/client',
    })
    .when('yandex-imap-disabled', { text: /invalid credentials or IMAP is disabled/i }),
);
