import { expect, it } from 'vitest';
import type { Account, MailServer } from '../../src/account/account.js';
import { loginUser } from '../../src/account/login-user.js';

const SERVER: MailServer = { host: 'mail.example', port: 993, security: 'tls' };
const account = (changes: Partial<Account>): Account =>
  ({ address: 'reception@happypaws.example', smtp: SERVER, imap: SERVER, ...changes }) as Account;

it.each<readonly [string, Partial<Account>, readonly string[]]>([
  ['of a mailbox of its own is its address', {}, ['reception', 'reception', 'reception']],
  [
    'of a shared mailbox is the person over SMTP',
    { authUser: 'ann@happypaws.example' },
    ['ann', 'reception', 'reception'],
  ],
  [
    'is what has worked before, where that is known',
    {
      authUser: 'ann@happypaws.example',
      smtp: { ...SERVER, user: 'reception@happypaws.example' },
      imap: { ...SERVER, user: 'ann@happypaws.example' },
    },
    ['reception', 'ann', 'ann'],
  ],
])('M19 the user name %s', (_, changes, [smtp, imap, pop]) => {
  const name = (protocol: 'smtp' | 'imap' | 'pop') => loginUser(account(changes), protocol).split('@')[0];
  expect([name('smtp'), name('imap'), name('pop')]).toEqual([smtp, imap, pop]);
});
