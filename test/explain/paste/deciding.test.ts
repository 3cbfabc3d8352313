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
    [
      'the end after a refusal that nobody knows',
      'SMTPC: received error code. [550] (8000)\nSMTPC: connection closed. (801)',
    ],
    ['a status of some page', 'HTTP/1.1 500 Internal Server Error'],
    ['a page without a name', '500 Internal Server Error'],
    ['a page of the program itself', '! @6j6 - Internal server error, for (POST) [/sites/mail] ->'],
    ['a refused command of another kind', 'failed to issue MAIL command: 502 Invalid input from 192.0.2.1'],
    ['a login that is renewed', 'TokenStore::GetAccessToken: token expired. refreshing.'],
    ['a part that a program looks for', "Could not resolve placeholder 'mail.host' in value"],
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
    ['bad_input', '501 5.5.4 Invalid domain name'],
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
    ['server_unavailable', '421 4.4.2 Connection timed out. Total session duration: 00:10:00'],
    ['rate_limited', '550 5.7.236 Sending is refused because the domain limit exceeded'],
    ['rate_limited', '-ERR [LOGIN-DELAY] minimum time between mail checks violation'],
    ['token_refused', 'PHP: Too many login failures (errflg=2)'],
    ['mechanism_not_offered', 'Can not authenticate to IMAP server: LOGINDISABLED'],
    ['mechanism_not_offered', 'IMAP error: selected SASL mechanism(s) not available'],
    [
      'mechanism_not_offered',
      '{"code":"EAUTH","response":"502 5.5.2 Syntax error","responseCode":502,"command":"AUTH PLAIN"}',
    ],
    ['starttls_missing', '530 Login fail. A secure connection is required(such as ssl).'],
    ['starttls_missing', 'smtp: unencrypted connection'],
    ['tls_name_mismatch', 'OpenSSL::SSL::SSLError: hostname "192.0.2.1" does not match the server certificate'],
    ['tls_name_mismatch', 'x509: certificate relies on legacy Common Name field, use SANs instead'],
    ['tls_untrusted', 'fetchmail: Missing trust anchor certificate: /CN=Example Root'],
    ['tls_untrusted', '      • unable to get certificate CRL'],
    ['connect_timeout', '[Error: timedout while connecting to smtp server]'],
    ['dns_failed', 'Error to resolve imap.example.com'],
    ['dns_failed', 'Cannot find the e-mail server. Verify the server information in your account properties.'],
    ['policy_blocked', '554 Message not accepted for policy reasons.'],
    ['policy_blocked', '525 5.7.1 Unauthorized IP address'],
    ['policy_blocked', '535 5.7.0 Error: authentication failed: Application password is REQUIRED'],
    ['policy_blocked', '502 5.7.0 Your SMTP account is not yet activated.'],
    ['policy_blocked', 'AADSTS70000: User account is found to be in service abuse mode.'],
    ['policy_blocked', 'Acceso bloqueado: la app no completó el proceso de verificación de Google'],
    ['redirect_uri_mismatch', 'No puedes acceder a esta app porque no cumple con la política OAuth 2.0 de Google.'],
    [
      'redirect_uri_mismatch',
      'Google: Invalid Redirect: must end with a public top-level domain (such as .com or .org).',
    ],
    ['consent_missing_scope', 'Error 403: restricted_client Unregistered scope(s) in the request'],
    [
      'tenant_wrong',
      '{"error":{"code":"UnknownTenantId","message":"We do not recognize this tenant ID"}} graph.microsoft.com',
    ],
    [
      'clock_skew',
      'AADSTS70002: Error validating credentials. AADSTS50012: Client assertion is not within its valid time range.',
    ],
    ['mailbox_mismatch', '{"error":{"code":"ErrorMissingEmailAddress"}} outlook.office.com'],
    [
      'mailbox_mismatch',
      '>> RCPT TO:<b@example.com> << 250 2.1.0 Ok << 553 5.7.1 <b@example.com>: not owned by user a@example.com',
    ],
    ['server_unavailable', '535 5.7.8 Error: authentication failed: Connection lost to authentication server'],
    ['signin_expired', "ClientResponseError: 400, message='Bad Request', url='https://oauth2.example.com/token'"],
    ['signin_required', 'Config entry could not authenticate: OAuth session is not valid, reauth required'],
    [
      'client_secret_wrong',
      'oauth2: cannot fetch token: 401 Unauthorized\nResponse: {\n  "error": "invalid_client"\n}',
    ],
    ['proxy_failed', 'Error: Failed to setup proxy connection'],
    [
      'proxy_failed',
      'Connection to tcp://192.0.2.1:587 failed because proxy refused the connection with HTTP error code 403 (Forbidden) (ECONNREFUSED)',
    ],
    ['proxy_failed', 'IMAP: Socket error: All offered SOCKS5 authentication methods were rejected'],
    ['proxy_failed', '[proxychains] Dynamic chain ... 192.0.2.1:20000 ... 192.0.2.2:993 <--denied\nConnection refused'],
    [
      'keychain_unavailable',
      'GLib.GError: Object does not exist at path \u201c/org/freedesktop/secrets/collection/login\u201d',
    ],
    [
      'signin_timeout',
      "AADSTS70020: The provided value for the input parameter 'device_code' is not valid. This device code has expired.",
    ],
    [
      'server_unavailable',
      'Socket error: secure read from imap.example.com (192.0.2.1:993): error:0A000126:SSL routines::unexpected eof while reading',
    ],
    ['rate_limited', 'User box has exceeded its 24-hour sending limit.'],
    ['token_refused', 'a001 NO Invalid username or password'],
    ['mechanism_not_offered', 'AUTHRequiredError: 502 Server does not support Client Authentication schemes [PLAIN]'],
    ['mechanism_not_offered', 'javax.mail.MessagingException: No login methods supported!'],
    ['mailbox_mismatch', '553 Relaying disallowed as someone@example.com'],
    ['server_unavailable', 'Net::IMAP::ByeResponseError: front1 cannot connect'],
    ['tls_failed', 'SSL routines:tls_process_server_hello:wrong ssl version'],
    ['bad_input', 'InsecureTransportError: (insecure_transport) OAuth 2 MUST utilize https.'],
    ['tls_expired', 'x509: certificate has expired or is not yet valid'],
    [
      'token_refused',
      'warning: unknown[192.0.2.1]: SASL CRAM-MD5 authentication failed: xxx==\nlost connection after RCPT from unknown[192.0.2.1]',
    ],
    ['policy_blocked', '403: Google Drive API has not been used in project 7 before or it is disabled.'],
    ['token_refused', '5.7.8 Authentication Rejected'],
    ['proxy_failed', 'Error: tunneling socket could not be established, statusCode=407'],
    [
      'client_not_found',
      'Error: invalid_client The OAuth client was not found. redirect_uri=urn:ietf:wg:oauth:2.0:oob',
    ],
    ['client_type_mismatch', "AADSTS70002: The request body must contain the following parameter: 'client_secret'"],
    ['tls_failed', 'ssl.SSLError: [SSL] internal error (_ssl.c:600)'],
    ['tls_untrusted', 'The certificate for this server is invalid.'],
    [
      'client_secret_wrong',
      'invalid_client: Client authentication failed (e.g., unknown client, or unsupported authentication method)',
    ],
    ['redirect_uri_mismatch', 'The redirect_uri MUST match the registered callback URL for this application.'],
    ['redirect_uri_mismatch', 'Mismatching redirect URI.'],
    ['rate_limited', '554 5.7.0 The limit on the number of allowed outgoing messages was exceeded.'],
    ['rate_limited', '450 4.7.1 Error: too much mail from 192.0.2.4'],
    ['mechanism_not_offered', 'The server does not support any of the authentication mechanisms'],
    ['mechanism_not_offered', '535 5.7.8 Authentication mechanism not supported'],
    ['pop_disabled', 'POP3 access is disabled for your account'],
    ['policy_blocked', 'Google: Sign-in was blocked: Someone just used your password from a non-Google app.'],
  ])('mean %s: %s', async (code, text) => {
    expect(await codeOf(text)).toBe(code);
  });
});

describe('a line that only follows', () => {
  it.each([
    [
      'the connection that a server ends',
      '421 4.7.0 Try again later, closing connection.\nschannel: server closed abruptly',
      1,
    ],
    [
      'the page that a program shows',
      '535 Incorrect authentication data: authentication failed\nHTTP/1.1 500 Internal Server Error',
      1,
    ],
  ])('is not what decides: %s', async (_, text, line) => {
    expect((await explainPaste(text, pasteProviders)).line?.number).toBe(line);
  });
});

/** As consoles, mails and pages break long lines. */
function broken(text: string, width: number, mark: string): string {
  return text.replace(new RegExp(`(.{1,${width}})(?: |$)`, 'g'), `${mark}$1\n`);
}

describe('a message broken into lines', () => {
  it.each([
    [
      'smtp_auth_disabled',
      'The SMTP server requires a secure connection or the client was not authenticated. The server response was: 5.7.57 Client not authenticated to send mail. Error: 535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.',
    ],
    [
      'tls_untrusted',
      'Backup for account office failed with an error that was not handled: SSL_connect returned=1 errno=0 peeraddr=192.0.2.1:993 state=error: certificate verify failed (unable to get local issuer certificate)',
    ],
    [
      'mechanism_not_offered',
      'Jan 22 12:47:12 mail postfix/smtp[126]: 0123456789: to=<ann@example.com>, relay=mx.example.com[192.0.2.1]:25, delay=15, dsn=4.7.0, status=deferred (SASL authentication failed: server mx.example.com[192.0.2.1] offered no compatible authentication mechanisms for this type of connection security)',
    ],
  ])('is read as one: %s', async (code, text) => {
    const widths = Array.from({ length: 41 }, (_, at) => 64 + at);
    const pasted = ['', '> '].flatMap((mark) => widths.map((width) => broken(text, width, mark)));
    const told = await Promise.all(pasted.map(codeOf));
    expect(told.filter((one) => one !== code)).toEqual([]);
  });

  it('is no list of lines of which one is long', async () => {
    const log = `Account sync started with the settings of the file that was named by hand\nXOAUTH2 authentication failed: [AUTHENTICATIONFAILED] Invalid credentials (Failure)\nEnter password:\nFinished`;
    expect((await explainPaste(log, pasteProviders)).line?.number).toBe(2);
  });
});

describe('another program', () => {
  it('hands in a code where the paste shows one', async () => {
    const refused = 'POST https://oauth2.example.com/token: {"error": "invalid_grant"}';
    expect(await codeOf(refused)).toBe('signin_expired');
    expect(await codeOf(`${refused}\nGET /login/oauth?state=a&code=4%2F0AfJohXm9XY24H`)).toBe('signin_required');
  });

  it('is not the mail server that greets it', async () => {
    const { program, message } = await explainPaste(
      'Got: 220 mx.example.com ESMTP Postfix\nSent: AUTH LOGIN\nGot: 535 5.7.8 Error: authentication failed: Invalid authentication mechanism',
      pasteProviders,
    );
    expect({ program, message }).toEqual({ program: undefined, message: expect.not.stringContaining('OAuth') });
  });

  it('is told of a proxy without our own settings', async () => {
    const { message, fix } = await explainPaste('Cannot connect to proxy', pasteProviders);
    expect([message, ...fix.map(({ text }) => text)].join('\n')).not.toContain('HTTPS_PROXY');
  });

  it('is not taken for a company by words of the web', async () => {
    const text =
      'resulted in a `400 Bad Request` response: {"error": "invalid_grant", "error_description": "is invalid"}';
    expect(await explainPaste(text, pasteProviders)).not.toHaveProperty('provider');
  });

  it('is not taken for a provider by its name', async () => {
    const { provider, message } = await explainPaste('yagmail: (535, b"Error: authentication failed")', pasteProviders);
    expect({ provider, message }).toEqual({ provider: undefined, message: expect.not.stringContaining('Gmail') });
  });

  it('is given no command with words in the place of a value, and what an app needs last', async () => {
    const { fix } = await explainPaste('BAD User is authenticated but not connected.', pasteProviders);
    expect(fix.map(({ command }) => command ?? '').join('\n')).not.toMatch(/of the program|[<{]/);
    expect(fix.at(-1)?.text).toContain('for an app');
  });

  it('that asks for itself is told what an app needs', async () => {
    const { fix } = await explainPaste(
      'grant_type=client_credentials\nBAD User is authenticated but not connected.',
      pasteProviders,
    );
    expect(fix[0]?.text).toContain('for an app');
    expect(fix.map(({ text }) => text).join('\n')).not.toContain('signed-in account');
  });
});
