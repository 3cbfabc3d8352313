import { describe, expect, it } from 'vitest';
import { explainPaste } from '../../../src/explain/paste/paste.js';
import { pasteProviders } from '../../../src/providers/words.js';

const explained = async (text: string) => await explainPaste(text, pasteProviders);

/** Error lines as programs show them: what stands around the server's words must not hide them. */
const LINES: readonly (readonly [line: string, provider: 'gmail' | 'outlook' | undefined, rule: string])[] = [
  // Programs that send mail.
  [
    'msmtp: authentication failed (method XOAUTH2)\nmsmtp: server message: 535 5.7.3 Authentication unsuccessful [AM0PR01CA0001.eurprd01.prod.exchangelabs.com]',
    'outlook',
    'smtp-5.7.3',
  ],
  [
    'msmtp: cannot connect to smtp.gmail.com, port 587: Connection timed out',
    undefined,
    'connect-timeout-mail-in-words',
  ],
  ['msmtp: cannot locate host smtp.gmial.com: Name or service not known', undefined, 'dns-no-such-name-in-words'],
  [
    "msmtp: TLS certificate verification failed: the certificate hasn't got a known issuer",
    undefined,
    'tls-issuer-unknown-in-words',
  ],
  ['*** The server did not advertise AUTH', undefined, 'mechanism-not-offered-in-words'],
  [
    '<** 535 5.7.8 Username and Password not accepted. For more information, go to https://support.google.com/mail/?p=BadCredentials gsmtp',
    'gmail',
    'gmail-smtp-bad-credentials',
  ],
  [
    'postfix/smtp[1234]: status=deferred (SASL authentication failed; server smtp.office365.com[52.97.1.1] said: 535 5.7.3 Authentication unsuccessful)',
    'outlook',
    'smtp-5.7.3',
  ],
  [
    'status=bounced (host smtp.office365.com said: 554 5.2.252 SendAsDenied; a@example.com not allowed to send as b@example.com (in reply to end of DATA command))',
    'outlook',
    'exchange-send-as',
  ],
  [
    '530-5.7.0 Authentication Required. 530 5.7.0 https://support.google.com/mail/?p=WantAuthError gsmtp',
    'gmail',
    'gmail-auth-first',
  ],
  ['530 5.7.0 Must issue a STARTTLS command first. gsmtp', undefined, 'smtp-tls-first'],
  ['454 4.7.0 Too many login attempts, please try again later. gsmtp', 'gmail', 'gmail-login-rate'],
  ['550 5.4.5 Daily user sending limit exceeded. gsmtp', 'gmail', 'gmail-sending-limit'],
  [
    '432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending',
    'outlook',
    'exchange-concurrent-sending',
  ],
  ['550 5.7.30 Basic authentication is not supported for Client Submission.', 'outlook', 'smtp-5.7.30-basic'],
  ['Login failed: 504 5.7.4 Unrecognized Authentication Type', undefined, 'smtp-mechanism-refused'],
  [
    '554 5.2.0 STOREDRV.Submission.Exception:OutboundSpamException; Failed to process message due to a permanent exception with message WASCL UserAction verdict is not None. Actual verdict is HipNotify, ShowTierUpgrade.',
    'outlook',
    'exchange-outbound-spam',
  ],
  [
    "550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients",
    'outlook',
    'exchange-quota',
  ],
  ['535 5.7.8 Error: authentication failed: Invalid authentication mechanism', undefined, 'smtp-mechanism-invalid'],
  ['postfix/smtp[1234]: warning: SASL authentication failure: No worthy mechs found', undefined, 'sasl-plugin-missing'],
  [
    'Error performing SASL authentication step: SASL(-1): generic failure: Unable to find a callback: 18948',
    undefined,
    'sasl-plugin-missing',
  ],
  // Programs that fetch mail.
  [
    "Error sending '2958 APPEND INBOX ()': * BYE Session invalidated - AccessTokenExpired; 2959 NO AUTHENTICATE failed.",
    'outlook',
    'exchange-session-expired',
  ],
  ['* BYE Session invalidated - AccessTokenExpired', 'outlook', 'exchange-session-expired'],
  ['BAD Request is throttled. Suggested Backoff Time: 299923 milliseconds', 'outlook', 'exchange-throttled'],
  ['A1 NO Server Unavailable. 15', 'outlook', 'exchange-server-unavailable'],
  ['-ERR Server Unavailable. 21', 'outlook', 'exchange-server-unavailable'],
  ['-ERR Logon failure: unknown user name or bad password.', 'outlook', 'exchange-pop-refused'],
  // Sign-ins.
  ["AADSTS90023: Public clients can't send a client secret.", 'outlook', 'microsoft-public-sends-secret'],
  [
    'AADSTS500341: The user account a@example.com has been deleted from the example.com directory.',
    'outlook',
    'aadsts500341',
  ],
  // Libraries.
  [
    "Hostname/IP does not match certificate's altnames: Host: smtp.gmail.com. is not in the cert's altnames: DNS:mail.example",
    undefined,
    'tls-name-mismatch-in-words',
  ],
  ['Error: Greeting never received', undefined, 'greeting-timeout-in-words'],
  [
    "smtplib.SMTPAuthenticationError: (535, b'5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. Visit https://aka.ms/smtp_auth_disabled')",
    'outlook',
    'smtp-5.7.139-mailbox',
  ],
  [
    "smtplib.SMTPAuthenticationError: (334, b'eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIiwic2NvcGUiOiJodHRwczovL21haWwuZ29vZ2xlLmNvbS8ifQ==')",
    'gmail',
    'gmail-imap-bad-credentials',
  ],
  [
    "imaplib.IMAP4.error: b'[AUTHENTICATIONFAILED] Invalid credentials (Failure)'",
    'gmail',
    'gmail-imap-bad-credentials',
  ],
  [
    "imaplib.error: AUTHENTICATE command error: BAD [b'User is authenticated but not connected.']",
    'outlook',
    'exchange-not-connected',
  ],
  ['javax.mail.AuthenticationFailedException: AUTHENTICATE failed.', 'outlook', 'exchange-imap-refused'],
  [
    'com.sun.mail.smtp.SMTPSendFailedException: 530 5.7.57 Client not authenticated to send mail.',
    'outlook',
    'smtp-5.7.57',
  ],
  ['MailKit.Security.AuthenticationException: 535: 5.7.3 Authentication unsuccessful', 'outlook', 'smtp-5.7.3'],
  [
    'PHPMailer: SMTP Error: Could not authenticate. 535 5.7.139 Authentication unsuccessful, the user credentials were incorrect.',
    'outlook',
    'smtp-5.7.139-password',
  ],
  [
    "google.auth.exceptions.RefreshError: ('invalid_grant: Bad Request', {'error': 'invalid_grant'})",
    'gmail',
    'google-refresh-bad-request',
  ],
  [
    'oauthlib.oauth2.rfc6749.errors.InvalidGrantError: (invalid_grant) AADSTS50173: The provided grant has expired',
    'outlook',
    'aadsts50173',
  ],
  ['oauth2: "invalid_grant" "Token has been expired or revoked."', 'gmail', 'google-expired-or-revoked'],
  [
    '{"error":"unauthorized_client","error_description":"Unauthorized"}',
    undefined,
    'oauth-unauthorized-client-refresh',
  ],
  // Programs that read mail.
  [
    "Error: IMAP command 'AUTHENTICATE XOAUTH2 <authdata>' returned an error: NO AUTHENTICATE failed.",
    'outlook',
    'exchange-imap-refused',
  ],
  ['a003 NO [ALERT] Your account is not enabled for IMAP use. (Failure)', 'gmail', 'gmail-imap-account-disabled'],
  [
    'NO [LIMIT] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)',
    undefined,
    'imap-limit',
  ],
  ['* BYE Too many invalid commands', undefined, 'imap-bye'],
  ['neomutt: SSL failed: certificate is not yet valid', undefined, 'tls-certificate-not-yet-valid-in-words'],
  // Browsers.
  [
    'Error 403: access_denied The developer hasn’t given you access to this app. It’s currently being tested',
    'gmail',
    'google-not-a-test-user',
  ],
  ['Access blocked: mailauth has not completed the Google verification process', 'gmail', 'google-not-a-test-user'],
  ['Error 401: invalid_client The OAuth client was not found.', 'gmail', 'google-client-not-found'],
  [
    'Sorry, but we’re having trouble signing you in. AADSTS50105: Your administrator has configured the application',
    'outlook',
    'aadsts50105',
  ],
  [
    'http://localhost:8765/callback?error=consent_required&error_description=AADSTS65001%3A+The+user+or+administrator+has+not+consented&state=x',
    'outlook',
    'aadsts65001',
  ],
  ['Need admin approval', 'outlook', 'microsoft-need-admin-approval'],
  // curl, Go, Java, Python, Windows.
  [
    'curl: (7) Failed to connect to smtp.example.com port 587 after 21049 ms: Couldn’t connect to server'.replace(
      '’',
      "'",
    ),
    undefined,
    'connect-refused-in-words',
  ],
  [
    'curl: (51) SSL: no alternative certificate subject name matches target host name',
    undefined,
    'tls-name-mismatch-in-words',
  ],
  [
    'curl: (60) SSL certificate problem: unable to get local issuer certificate',
    undefined,
    'tls-issuer-unknown-in-words',
  ],
  ['dial tcp 192.0.2.108:993: i/o timeout', undefined, 'connect-timeout-mail-in-words'],
  ['dial tcp: lookup imap.example.com: no such host', undefined, 'dns-no-such-name-in-words'],
  [
    'javax.net.ssl.SSLHandshakeException: PKIX path building failed: unable to find valid certification path to requested target',
    undefined,
    'tls-issuer-unknown-in-words',
  ],
  [
    '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate in certificate chain (_ssl.c:1007)',
    undefined,
    'tls-inspected-in-words',
  ],
  ['socket.gaierror: [Errno -3] Temporary failure in name resolution', undefined, 'dns-no-answer-in-words'],
  [
    'TimeoutError: [WinError 10060] the connected party did not properly respond after a period of time',
    undefined,
    'connect-timeout-mail-in-words',
  ],
  [
    'System.Net.Sockets.SocketException (10061): No connection could be made because the target machine actively refused it.',
    undefined,
    'connect-refused-in-words',
  ],
  ['HTTP 429 Too Many Requests', undefined, 'http-429'],
  ['HTTP/1.1 407 Proxy Authentication Required', undefined, 'proxy-authentication'],
];

describe('a line of another program', () => {
  it.each(LINES)('is diagnosed: %s', async (line, provider, rule) => {
    expect(await explained(line)).toMatchObject({ rule, ...(provider !== undefined && { provider }) });
    if (provider === undefined) expect(await explained(line)).not.toHaveProperty('provider');
  });

  it.each(LINES)('keeps its words, free of secrets: %s', async (line) => {
    const { server, detail } = await explained(line);
    expect(server).toBeDefined();
    expect(detail).toBeUndefined();
  });

  it.each([
    'SASL authentication failed',
    'curl: (67) Login denied',
    'fetchmail: Authentication failure on a@example.com',
    '5.7.8',
    'a1 NO',
    '[535] Authentication failed',
    'Erreur SMTP (535) : échec',
  ])('that says no more than that a login was refused says that: %s', async (line) => {
    expect(await explained(line)).toMatchObject({ code: 'token_refused' });
  });

  it.each([
    'SMTP Error: Could not authenticate.',
    'SASL authentication failed; cannot authenticate to server smtp.example.com[192.0.2.1]: generic failure',
    'password authentication failed for user "app"',
    'the printer is on fire',
    'X509v3 Extended Key Usage: TLS Web Server Authentication',
    'The email address is already in use',
    'config.php on line 535',
    '[535] worker started',
    'version 5.7.8 installed',
    'error',
    'timeout',
    'eyJhbGciOiJSUzI1NiJ9',
  ])('that says too little is not guessed at: %s', async (line) => {
    expect(await explained(line)).toMatchObject({ code: 'unknown', exit: 76, retryable: false });
    expect(await explained(line)).not.toHaveProperty('rule');
  });

  it.each([
    ['the mailbox says that its login is not valid', 'token_refused'],
    ['the archive says that its login is not valid', 'unknown'],
    ['the archive has an expired host certificate', 'tls_expired'],
  ])('in plain words is taken for what it says, a login only where it speaks of mail: %s', async (line, code) => {
    expect((await explained(line)).code).toBe(code);
  });

  it('is taken for the server of its port where nothing else tells which', async () => {
    const message = async (line: string) => (await explained(line)).message;
    expect(await message('connect ECONNREFUSED 127.0.0.1:587')).toContain('the SMTP server');
    expect(await message('connect ECONNREFUSED 127.0.0.1:993')).toContain('the IMAP server');
  });

  it('may be a code in capitals', async () => {
    expect((await explained('SMTP_AUTH_DISABLED')).code).toBe('smtp_auth_disabled');
  });

  it('that holds a token loses it', async () => {
    const line = '535 5.7.3 Authentication unsuccessful ya29.a0AfB_byDabcdefghijklmnop';
    expect((await explained(line)).server).not.toContain('ya29');
    expect((await explained('what is ya29.a0AfB_byDabcdefghijklmnop')).server).toBe('what is [secret]');
  });
});

it('gives no link with words in the place of a value', async () => {
  const texts = ['AADSTS50011', 'AADSTS7000215', 'AADSTS700016', 'AADSTS65001', 'redirect_uri_mismatch', '535 5.7.139'];
  for (const text of texts) {
    const { fix } = await explained(text);
    for (const { url = '' } of fix) expect(url, text).not.toMatch(/%20|of%20|[<>{}]/);
  }
});
