import { describe, expect, it } from 'vitest';
import { explainPaste } from '../../../src/explain/paste/paste.js';
import { pasteProviders } from '../../../src/providers/words.js';
import { logLine } from '../../../src/serve/log.js';

const explained = (text: string) => explainPaste(text, pasteProviders);
const log = (outcome: string) =>
  logLine({
    ...{ time: '2026-11-26T15:25:07.722Z', protocol: 'imap', account: 'gmail', peer: '127.0.0.1', label: 'a "b" c' },
    ...{ outcome, received: 24, sent: 128, seconds: 1 },
  });

describe('what serve told a program, or wrote to its log', () => {
  it.each([
    ["(535, b'5.7.8 wrong_password: the user name or the password of mailauth serve is wrong')", 'wrong_password'],
    ['server 127.0.0.1[127.0.0.1] said: 454 4.7.0 closed_door: too many wrong passwords came', 'closed_door'],
    ['535-5.7.0 signin_expired: the provider no longer takes the sign-in; sign in again: mailauth', 'signin_expired'],
    ['a NO [CONTACTADMIN] token_refused: the mail server refused it; sign in again: mailauth', 'token_refused'],
    ['a NO [UNAVAILABLE] dns_failed: imap.gmail.com is not known here', 'dns_failed'],
    ['-ERR [SYS/PERM] not_set_up: gmail is set up without POP; add it: mailauth setup gmail --pop', 'not_set_up'],
    ['-ERR [SYS/TEMP] keychain_locked: the keychain is locked', 'keychain_locked'],
    [log('smtp_auth_disabled'), 'smtp_auth_disabled'],
    ['{"event":"connection","protocol":"imap","outcome":"rate_limited","sent":3}', 'rate_limited'],
  ])('is explained by its own word: %s', async (line, code) => {
    expect(await explained(line)).toMatchObject({ code, line: { number: 1 } });
    expect((await explained(`first\n${log('ok')}\n${line}\nlast`)).line?.number).toBe(3);
  });

  it('is over where another one came later', async () => {
    const { code, line } = await explained([log('dns_failed'), log('signin_expired'), log('ok')].join('\n'));
    expect([code, line?.number]).toEqual(['signin_expired', 2]);
  });

  it.each([
    '535 5.7.0 unknown: x',
    '535 5.7.3 Authentication unsuccessful: wrong_password: x',
    'wrong_password: x',
    log('server_lost'),
    '{"outcome":"wrong_password"}',
  ])('is nothing else: %s', async (line) => {
    expect((await explained(line)).code).not.toBe('wrong_password');
  });
});
