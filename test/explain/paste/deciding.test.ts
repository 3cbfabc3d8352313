import { describe, expect, it } from 'vitest';
import { explainPaste } from '../../../src/explain/paste/paste.js';
import { pasteProviders } from '../../../src/providers/words.js';

const codeOf = async (text: string): Promise<string> => (await explainPaste(text, pasteProviders)).code;

describe('the line that decides', () => {
  const LOGIN_WANTED =
    '2026-01-02 15:30:30 1iLooQ ** a@example.com R=smarthost T=remote_smtp H=smtp.gmail.com [192.0.2.8]: SMTP error from remote mail server: 530-5.7.0 Authentication Required. Learn more at 530 5.7.0 https://support.google.com/mail/?p=WantAuthError - gsmtp';
  const NO_ROUTE = '2026-01-02 15:30:30 1iLooQ H=smtp.gmail.com [2001:db8::6c] Network is unreachable';

  it('is what a server answered, where one address could not be reached before', async () => {
    const { code, line, also } = await explainPaste(`${NO_ROUTE}\n${LOGIN_WANTED}`, pasteProviders);
    expect({ code, line: line?.number }).toEqual({ code: 'signin_required', line: 2 });
    expect(also?.map((one) => one.code)).toContain('connect_timeout');
  });

  it('is a refusal, whatever response code that nobody knows stands before its words', async () => {
    expect(await codeOf('A1 NO [XYZZY] Authentication failed')).toBe('token_refused');
    expect(await codeOf('A1 NO [ALERT] Finish the welcome page first')).toBe('token_refused');
  });

  it('is the connection, where nothing answered after it', async () => {
    expect(await codeOf(`${LOGIN_WANTED}\n${NO_ROUTE}`)).toBe('signin_required');
    expect(await codeOf(`starting\n${NO_ROUTE}`)).toBe('connect_timeout');
  });

  it('is the status that came, not the one that was expected', async () => {
    expect(await codeOf('Expected response code "235" but got code "535", with message "535 Incorrect data".')).toBe(
      'token_refused',
    );
  });

  it('is the refused login, not the lost connection it caused', async () => {
    expect(
      await codeOf(
        'postfix/smtpd[1]: warning: unknown[192.0.2.1]: SASL LOGIN authentication failed: UGFzc3dvcmQ6\npostfix/smtpd[1]: lost connection after AUTH from unknown[192.0.2.1]',
      ),
    ).toBe('token_refused');
    expect(
      await codeOf(
        'S: A1 NO Invalid login or password\nC: A2 LOGIN a b\nThe IMAP server has unexpectedly disconnected.',
      ),
    ).toBe('token_refused');
    expect(
      await codeOf('The SMTP server has unexpectedly disconnected: Authentication failed: Bad username / password'),
    ).toBe('token_refused');
  });
});

describe('a guess', () => {
  it.each([
    ['a status that may refuse a recipient', 'Net::SMTPFatalError (550 Invalid User 63b8d878)'],
    ['a command that the server does not know', 'Net::SMTPSyntaxError: 502 5.5.1 Unrecognized command. - gsmtp'],
    ['a command the server could not read', "response: b'BAD Could not parse command'"],
    ['an extension of a language', 'Please enable the IMAP extension in php.ini'],
    ['a refused command after the login', "The IMAP server replied to the 'STORE' command with a 'NO' response"],
    ['the name of a folder', 'Syncing [Gmail]/Spam messages: error'],
    ['a scope that is only named', 'Scopes: 39\n  https://mail.google.com/   FAIL (1/39)'],
  ])('is not made from %s', async (_, text) => {
    expect(await codeOf(text)).toBe('unknown');
  });
});

describe('words of other programs', () => {
  it.each([
    [
      'mechanism_not_offered',
      'Failed to authenticate on SMTP server with username "u" using 0 possible authenticators',
    ],
    ['dns_failed', '{"errno":-3008,"code":"EDNS","syscall":"getaddrinfo","hostname":"smtp.example.com"}'],
    ['bad_input', 'ArgumentError: SMTP-AUTH requested but missing user name'],
    ['token_refused', '5.0.0 Authentication Failed'],
    ['mechanism_not_offered', 'An error occurred while sending mail (503 AUTH command used when not advertised )'],
    ['signin_required', 'mutt_account_getoauthbearer() Command returned empty string'],
    ['signin_required', 'Error: No access or refresh token is set.'],
    ['tls_untrusted', 'Connection error: invalid peer certificate: Other(OtherError(UnsupportedCertVersion))'],
    ['keychain_unavailable', 'Failed to get session keyring'],
    [
      'client_type_mismatch',
      'AADSTS500201: We are unable to issue tokens from this API version for a Microsoft account.',
    ],
    [
      'consent_missing_scope',
      '{"error":{"code":"NoPermissionsInAccessToken","message":"The token contains no permissions"}}',
    ],
    ['mailbox_mismatch', '{"error":{"code":"ErrorSendAsDenied","message":"Cannot submit message."}}'],
    ['token_refused', 'XOAUTH2 authentication error (400)'],
    ['mechanism_not_offered', '500 5.5.1 Command unrecognized: "XOAUTH2"'],
    ['mechanism_not_offered', '503 5.5.1 Error: authentication not enabled'],
    ['mechanism_not_offered', '535 5.7.4 Unrecognized authentication type'],
    ['policy_blocked', '550 5.7.1 <box>: Helo command rejected: need fully-qualified hostname'],
    ['policy_blocked', '501 5.5.4 Invalid domain name'],
    ['imap_disabled', 'NO [ALERT] You are yet to enable IMAP for your account. Please contact your administrator'],
    [
      'policy_blocked',
      '{"error":{"errors":[{"reason":"domainPolicy","message":"The domain administrators have disabled Gmail apps."}]}}',
    ],
    ['admin_consent_required', 'Diese App erfordert die Genehmigung Ihres Administrators.'],
    ['connect_timeout', 'Une tentative de connexion a échoué car le parti connecté n’a pas répondu convenablement'],
    ['server_unavailable', 'Eine vorhandene Verbindung wurde vom Remotehost geschlossen'],
    ['token_refused', 'IMAP: nom d’utilisateur ou mot de passe incorrect'],
    ['policy_blocked', '550 5.7.501 Access denied, spam abuse detected'],
    ['policy_blocked', '554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using bl.example.org'],
    ['connect_refused', "{:network_failure, 'smtp.example.com', {:error, :econnrefused}}"],
    ['connect_timeout', '{:network_failure, "smtp.example.com", {:error, :timeout}}'],
    ['starttls_missing', '{:missing_requirement, "smtp.example.com", :tls}'],
    ['bad_input', 'Error: Username and password not specified'],
    ['signin_required', 'Invalid oauth callback request: state validation failed'],
    ['signin_cancelled', 'Error: User did not consent to login.'],
    ['signin_expired', 'Expected status 200 when requesting access token, instead got status 400 (Bad Request)'],
    ['rate_limited', '451 4.7.500 Server busy. Please try again later from [192.0.2.1]. (S77719)'],
    ['token_refused', "POP error (b'-ERR Protocol error. Connection is closed. 10')"],
    ['policy_blocked', 'Error 403: disallowed_useragent'],
    ['server_unavailable', 'Swift_TransportException: Expected response code 250 but got an empty response'],
    ['tls_failed', 'Could not connect to SMTP host: smtp.example.com, port: 465, response: -1'],
    ['signin_required', 'The server response was: 5.7.1 Client was not authenticated (SMTP)'],
    ['token_refused', '5.7.57 Client not authenticated to send mail. Error: 535 5.7.3 Authentication unsuccessful.'],
    ['token_refused', 'the logon attempt failed'],
    ['client_type_mismatch', 'google_auth_oauthlib: Client secrets must be for a web or installed app.'],
    ['admin_consent_required', 'Gmail: Client is unauthorized to retrieve access tokens using this method.'],
    [
      'redirect_uri_mismatch',
      'invalid_client: AADSTS70002: Error validating credentials. AADSTS50011: The reply address does not match.',
    ],
    ['token_refused', 'auth: Error: oauth2 failed: Token validation failed: Token is expired'],
    ['server_unavailable', 'warning: SASL authentication failure: cannot connect to saslauthd server'],
    ['mailbox_mismatch', '{"error":{"code":"MailboxNotEnabledForRESTAPI"}}'],
    ['signin_required', 'please login via the web browser; https://support.google.com/mail/accounts/answer/78754'],
    ['wrong_account', 'You can’t sign in here with a personal account. Use your work or school account instead.'],
    ['signin_required', 'Your inbox is disconnected. Reauthorize your account.'],
    [
      'dns_failed',
      'dial tcp: lookup smtp.example.com on 192.0.2.1:53: read udp 192.0.2.9:1->192.0.2.1:53: i/o timeout',
    ],
    ['tls_failed', 'stream_socket_enable_crypto(): SSL: Success'],
    ['tls_untrusted', 'error:1416F086:SSL routines:tls_process_server_certificate:certificate ver'],
    ['policy_blocked', '550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required'],
    ['policy_blocked', '554-Transaction failed 554-Reject due to policy restrictions.'],
    ['unknown', 'Expected response code 354 but got code "503", with message "503 MAIL first (#5.5.1)"'],
  ])('mean %s: %s', async (code, text) => {
    expect(await codeOf(text)).toBe(code);
  });
});
