import type { Code } from '../codes.js';
import type { Evidence } from '../evidence.js';
import type { Diagnosis, Rule, RuleFix } from '../rule.js';

/**
 * What other programs and libraries say of sign-ins and logins in words of their own, where no server speaks. Only ever
 * pasted (explain/paste); who words it so is named beside each.
 */

interface ForeignWords {
  readonly id: string;
  readonly text: RegExp;
  readonly sample: string;
  readonly code: Code;
  readonly message: string;
  readonly fix: readonly RuleFix[];
  readonly who?: Diagnosis['who'];
  readonly weight?: Rule['weight'];
  readonly at?: Pick<Evidence, 'where' | 'stage'>;
  /** Only said there; elsewhere the status says it. */
  readonly where?: Rule['when']['where'];
}

const LIBRARY = { where: 'token', stage: 'response' } as const;
const MAIL = { where: 'imap', stage: 'capability' } as const;
const SMTP = { where: 'smtp', stage: 'capability' } as const;

const signIns: readonly ForeignWords[] = [
  {
    // GLPI, oauthlib, the providers’ own libraries, League OAuth2, rclone
    id: 'refresh-token-absent',
    text: /(?:no|without an?) (?:access(?:[_ ]token)? or )?refresh[_ ]?token|(?:not|n['’]t|never|no longer) (?:provide|return|contain|include|receive|have|got|get|find|issue)[a-z]{0,3} (?:a |any |the )?(?:new )?['"]?refresh[_ ]?token|refresh[_ ]?token['"]? ?(?:is |was |are |field )?(?:missing|absent|empty|null|undefined|not (?:set|found|provided|returned|available|present|included|given|supplied|specified)|required|must be)|(?:missing|require[sd]?|must (?:contain|specify|provide)|lacks?|need(?:s|ed)?)[^.]{0,60}refresh[_ ]?token|do not contain the necessary fields|empty refresh[_ ]?token|can['’]t create new access token|refresh[_ ]?token (?:could not be|cannot be|can['’]t be) (?:found|obtained)/i,
    sample: 'No refresh token is set.',
    code: 'signin_required',
    message: 'the program has no refresh token, so it cannot renew the sign-in: none was asked for, or none was kept',
    fix: [
      {
        text: 'let the program ask for offline access (the scope offline_access, or access_type=offline with prompt=consent), then sign in again',
      },
    ],
  },
  {
    // Rails OmniAuth, oauthlib, League OAuth2, oauth2-proxy
    id: 'state-mismatch',
    text: /(?:invalid|mismatch(?:ing|ed)?|missing|wrong|incorrect|unknown|unexpected|bad)[ _](?:oauth2?[ _]state|state (?:parameter|value|token|cookie)|state_?(?:param|mismatch))|\b(?:oauth2?|auth\w{0,10}|CSRF)[ _]state\b[^.]{0,40}(?:mismatch|invalid|n[o'’]t (?:match|found|valid)|missing|expired)|\bstate[ _](?:parameter )?(?:mismatch|(?:does|did|do) ?(?:n[o'’]t|not) (?:match|equal))|mismatching_state|invalid_state|csrf_detected|CSRF (?:warning|detected|token mismatch)|states? do(?:es)? not match/i,
    sample: 'Invalid OAuth state parameter.',
    code: 'signin_required',
    message:
      'the answer of the sign-in page does not belong to the sign-in that was begun, so the program threw it away',
    fix: [
      {
        text: 'begin the sign-in again in one browser window and finish it there; cookies must be allowed, and the address of the program must be the one that is registered',
      },
    ],
  },
  {
    // imaplib of Python, and what is built on it
    id: 'not-logged-in',
    text: /illegal in state NONAUTH\b/i,
    sample: 'command LIST illegal in state NONAUTH, only allowed in states AUTH, SELECTED',
    code: 'token_refused',
    message: 'the program went on although its login had not succeeded; usually it had no token to send',
    fix: [{ text: 'look at the lines before this one: the login says why it failed' }],
    weight: 'general',
    at: MAIL,
  },
  {
    id: 'no-sign-in-yet',
    text: /(?:without|no|missing|empty) (?:valid )?access[_ ]?token\b|access[_ ]?token (?:is |was )?(?:missing|empty|null|undefined|not (?:found|set|available|present))|not (?:yet )?(?:been )?(?:authorized|authorised|authenticated|connected) yet|no (?:stored |valid |saved )?(?:oauth2? )?(?:credentials|tokens?) (?:found|available|stored|exist|for)|(?:acquireTokenSilent|no_tokens_found|no_account_in_silent|no_account_error)|token (?:file|cache) (?:is empty|not found|does not exist)|empty token found|no account or login hint|login required\b/i,
    sample: 'Unable to sign without access token',
    code: 'signin_required',
    message: 'the program has no token yet: nobody has signed in with it, or what it kept is gone',
    fix: [{ text: 'sign in in that program once' }],
    weight: 'general',
  },
  {
    // Python json, JavaScript, Go, .NET, aeson, Gson
    id: 'page-for-json',
    text: /Unexpected token:? ['"]?<|Unexpected ['"\\]{0,3}<!doctype|invalid character '<'|JSONDecodeError|Expecting value: line \d|parsing value: <|'<' is an invalid start|expecting JSON value|Unexpected character \('<'|JSON Parse error: Unrecognized token '<'|<!doctype html[^{]{0,80}JSON|Failed to decode JSON|MalformedJson|response (?:is|was) not (?:valid )?JSON/i,
    sample: 'Token response not valid JSON: SyntaxError: Unexpected token: <',
    code: 'intercepted',
    who: 'network',
    message: 'a web page, or nothing, came back where the program expected an answer in JSON',
    fix: [
      {
        text: 'compare the address that the program asks with the provider’s token endpoint: a sign-in page is another address',
      },
      {
        text: 'if it is right, a proxy or the login page of a network answers in its place: open any web page in a browser',
      },
    ],
    weight: 'general',
  },
  {
    // Node, Go, Python, Java, Windows, Docker
    id: 'port-busy',
    text: /EADDRINUSE|address (?:is )?already in use|only one usage of each socket address|(?:failed|unable|cannot|could not) (?:to )?(?:bind|listen)[^.]{0,30} port|port \d{1,5} (?:is )?(?:already )?(?:in use|taken|occupied|allocated|busy)|port is already allocated|\b10048\b|errno 98\b/i,
    sample: 'listen EADDRINUSE: address already in use 127.0.0.1:8080',
    code: 'port_busy',
    message: 'another program listens on the port that the sign-in needs for its answer',
    fix: [
      {
        text: 'end the other program (often an earlier run of the same one), or choose another port; a registered redirect URI has to name it too',
      },
    ],
  },
  {
    // oauthlib, the providers’ own libraries
    id: 'scope-not-granted',
    text: /scope has changed from|missing (?:the )?(?:required )?scopes?\b|(?:scopes?|permissions?) (?:was|were|is|are) not granted|not (?:all )?(?:requested |required )?(?:scopes|permissions) (?:were )?granted|insufficient[_ ](?:oauth )?scopes?/i,
    sample: 'Warning: Scope has changed from "mail openid" to "openid".',
    code: 'consent_missing_scope',
    message: 'the sign-in granted less than the program asked for; usually a box was left unticked',
    fix: [{ text: 'sign in again in that program and allow everything that is asked for' }],
  },
  {
    // email-oauth2-proxy, helper programs, command-line tools
    id: 'sign-in-not-finished',
    text: /auth(?:entication|orization)? request (?:failed or )?(?:expired|timed out)|(?:sign-?in|log-?in|consent|device flow|authori[sz]ation) (?:has )?(?:timed out|timeout)|timed out waiting for (?:the )?(?:user|auth|login|browser|redirect|callback|code)/i,
    sample: 'Authentication request failed or expired for account a@example.com - aborting login',
    code: 'signin_timeout',
    message: 'nobody finished the sign-in in time, or its answer did not reach the program',
    fix: [
      {
        text: 'begin again and finish the sign-in at once; the browser must reach the address that the program listens on',
      },
    ],
    weight: 'general',
  },
  {
    // rclone, JWT libraries
    id: 'clock-wrong',
    text: /token used too early|clock (?:skew|drift)|(?:check|set) (?:that )?your (?:computer['’]s |system )?clock|time may be set wrong|(?:system|computer) (?:time|clock) (?:is |may be )?(?:wrong|incorrect|off|not)|IDX10222|issued in the future/i,
    sample: 'InvalidValue: Token used too early. Check that your computer clock is set correctly.',
    code: 'clock_skew',
    message: 'the clock of this machine and the provider’s differ, so a token looks too new or too old',
    fix: [{ text: 'switch on automatic time on this machine, then try again' }],
  },
  {
    // libsecret, keyring for Python, D-Bus
    id: 'keyring-absent',
    text: /org\.freedesktop\.secrets|No recommended backend was available|NoKeyringError|(?:failed|unable|could not) (?:to )?(?:get|open|access|find|connect to) (?:the |a )?(?:\w{1,10} )?keyring|Cannot autolaunch D-Bus|secret service (?:is )?not available|no keyring (?:backend|service)/i,
    sample: 'GDBus.Error:org.freedesktop.DBus.Error.ServiceUnknown: The name org.freedesktop.secrets was not provided',
    code: 'keychain_unavailable',
    message: 'the program keeps its token in a keyring, and none can be reached here, as in cron jobs and on servers',
    fix: [{ text: 'start it in a session that has a keyring, or let it keep its token in an encrypted file' }],
  },
  {
    id: 'keyring-locked',
    text: /KeyringLocked|collection is locked|errSecInteractionNotAllowed|-25308\b|User interaction is not allowed/i,
    sample: 'keyring.errors.KeyringLocked: Failed to unlock the collection!',
    code: 'keychain_locked',
    message: 'the keyring that holds the program’s token is locked',
    fix: [{ text: 'unlock the keyring, then try again' }],
  },
  {
    // GnuPG behind mutt_oauth2.py and pass, email-oauth2-proxy
    id: 'token-file-sealed',
    text: /gpg: (?:public key )?decryption failed|Bad passphrase|password to decrypt|difficulty decrypting|Inappropriate ioctl for device/i,
    sample: 'gpg: decryption failed: Bad session key',
    code: 'passphrase_wrong',
    message:
      'the file with the program’s token is encrypted, and it was not opened: the passphrase is wrong or nobody could be asked',
    fix: [{ text: 'unlock the key first (gpg-agent), or give the passphrase the file was made with' }],
  },
  {
    id: 'account-locked',
    text: /account (?:is |has been |was )?(?:temporarily )?(?:locked|blocked|suspended|disabled|deactivated)|verify your identity|unusual (?:sign-?in|activity)|suspicious (?:sign-?in|activity|login)|too many (?:bad|failed|unsuccessful|invalid) (?:auth|login|password|attempt)/i,
    sample: 'LOGIN failed. Account is blocked. Login to your account via a web browser to verify your identity.',
    code: 'policy_blocked',
    message: 'the provider has locked the account for programs, usually after wrong passwords or an unusual sign-in',
    fix: [{ text: 'sign in to the mailbox in a browser, do what it asks, wait a while, then try again' }],
  },
  {
    // SMTP servers of many makes, web interfaces
    id: 'limit-reached',
    text: /exceed(?:ed|s)? (?:the |your |its )?(?:\w{1,12} )?(?:hour|hourly|daily|day|sending|send|rate|message|quota|limit)\w{0,4} ?(?:limit|quota)?|(?:hourly|daily|sending|message|rate|recipient)s? (?:limit|quota) (?:was |has been |is )?(?:exceeded|reached|hit)|rate ?limit|quota ?exceeded|RESOURCE_EXHAUSTED|too many (?:messages|emails|requests|logins?)\b|TooManyRequests|unusual rate of|throttl/i,
    sample: 'send spam mail rejected: exceeded hour limit',
    code: 'rate_limited',
    who: 'provider',
    message: 'the provider has had too many messages or requests from this mailbox in a short time',
    fix: [{ text: 'wait an hour, for a daily limit a day, and send less at a time' }],
    weight: 'general',
  },
  {
    id: 'sender-must-match',
    text: /mail from (?:address )?must (?:equal|be (?:the )?same|match)|(?:sender|from|envelope)(?: address)? (?:is |was )?(?:not (?:allowed|permitted|authori[sz]ed|verified|owned)|must match|mismatch)|address is not verified|not (?:allowed|authori[sz]ed|permitted) to (?:send|use)[^.]{0,20}(?:as|from|sender)/i,
    sample: '501 Mail from address must be same as authorization user.',
    code: 'mailbox_mismatch',
    message: 'the account that logged in may not send from this address; the login itself is fine',
    fix: [{ text: 'send from the address that logs in, or have the other address allowed for it' }],
  },
  {
    // Receiving servers, about SPF, DKIM and DMARC
    id: 'sender-not-proven',
    text: /\b5\.7\.(?:26|27|515|509)\b|(?:SPF|DKIM|DMARC)[^.]{0,40}(?:fail|not pass|did not|policy)|does not have authentication information|unauthenticated (?:email|mail|message)/i,
    sample: '550-5.7.26 This mail has been blocked because the sender is unauthenticated: DMARC policy',
    code: 'policy_blocked',
    who: 'admin',
    message:
      'the receiving server wants proof that the mail comes from its domain (SPF, DKIM, DMARC); the login is not the matter',
    fix: [{ text: 'send through the provider of the domain, or set SPF and DKIM up for the server that sends' }],
  },
  {
    // Postfix, Exchange, Exim, about the name a program gives itself
    id: 'greeting-refused',
    text: /\b(?:HELO|EHLO)\b[^.]{0,40}(?:rejected|refused|invalid|not allowed|denied)|need fully[- ]qualified|\b5\.5\.4 Invalid domain name/i,
    sample: '504 5.5.2 <box>: Helo command rejected: need fully-qualified hostname',
    code: 'policy_blocked',
    message: 'the server refuses the name that the program gives itself in its greeting (EHLO), before any login',
    fix: [{ text: 'set the full name of this machine as the HELO or EHLO name of the program, or [127.0.0.1]' }],
  },
  {
    // SMTP servers of many makes: the address that connects
    id: 'network-blocked',
    text: /client host[^a-z]{0,60}(?:is )?blocked|blocked using\b|spamhaus|(?:black|block)-?listed|(?:on|in|by) (?:a |an |our |the )?(?:\w{1,12} )?(?:black|block) ?list|\b(?:RBL|DNSBL)\b|traffic not accepted from this IP|not accepted from this (?:network|IP|host)|poor reputation|banned sending IP/i,
    sample: '554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.example.org',
    weight: 'general',
    code: 'policy_blocked',
    who: 'network',
    message: 'the server takes no mail from this network address; the login is not the matter',
    fix: [{ text: 'send from another network, or ask whoever runs this one to have the address taken off the list' }],
  },
  {
    // SMTP servers of many makes: the message and who sends it
    id: 'message-refused',
    text: /spam abuse|spam message (?:was |is )?(?:rejected|refused|blocked)|(?:message|mail|content) (?:was |is |has been )?(?:rejected|refused|blocked)[^a-z]{0,4}(?:as |for |due to |because )?[^.]{0,20}spam|content (?:was |is )?rejected|(?:detected|identified|classified|considered|rejected) as (?:unsolicited|spam|junk)|bad outbound sender|OutboundSpam|\bDT:SPM\b/i,
    sample: '550 5.7.501 Access denied, spam abuse detected',
    weight: 'general',
    code: 'policy_blocked',
    who: 'admin',
    message: 'the server refuses the message or its sender as spam; the login is not the matter',
    fix: [
      {
        text: 'read in the server’s words whether the sender or the message is meant; a blocked sender is freed by the administrator or the provider',
      },
    ],
  },
  {
    id: 'mail-server-troubled',
    text: /(?:internal|backend|temporary (?:system|server)|(?<!\b454 4\.7\.0 )temporary authentication) (?:server )?(?:error|failure|problem)\b|(?:server|system) error ?[-,(]|service (?:is )?(?:temporarily )?unavailable|temporarily unavailable/i,
    sample: 'NO AUTHENTICATE Server error - Please try again later',
    code: 'server_unavailable',
    who: 'provider',
    message: 'the server has trouble of its own at the moment',
    fix: [{ text: 'wait a few minutes, then try again; if it lasts, look at the provider’s status page' }],
    weight: 'general',
    at: { where: 'imap', stage: 'mailbox' },
    where: ['imap', 'smtp'],
  },
  {
    // Mail libraries before anything is sent
    id: 'login-data-absent',
    text: /missing credentials|no (?:auth info|credentials|username|password) (?:found|given|provided|specified|configured|set)|all-whitespace username|needs a user name|(?:username|password|credentials?) (?:is |are )?(?:required|missing|not (?:set|given|configured|provided))/i,
    sample: 'Error: Missing credentials for "PLAIN"',
    code: 'bad_input',
    message: 'the program has no user name, password or token for this login',
    fix: [{ text: 'fill in the user name and the password or token in the settings of the program' }],
    weight: 'general',
  },
  {
    id: 'credentials-refused',
    text: /(?:invalid|incorrect|wrong|bad) (?:login|credentials?|password|user ?name|user name|authentication data)|\b(?:SMTP|IMAP|POP3?|LOGIN|PLAIN) authentication (?:has )?failed|(?:user ?name|login|password) (?:and|or|\/) password (?:is |are |was |were )?(?:not |in)?(?:accepted|correct|valid|incorrect|invalid|wrong)|credentials? (?:is |are |was |were )?(?:in(?:correct|valid)|rejected|refused|wrong)|login or password error|login error|password (?:is )?(?:incorrect|error|wrong)|(?:user|login)[^.]{0,12} or password (?:wrong|incorrect|invalid)|authentication credentials invalid|login fail\.|LOGIN failed|(?:Benutzername|Kennwort|Passwort)[^.]{0,40}(?:falsch|ungültig|nicht korrekt)|mot de passe[^.]{0,30}(?:incorrect|invalide|erroné)|contraseña[^.]{0,30}(?:incorrect|no v[aá]lid|inv[aá]lid)|password[^.]{0,20}(?:errat|non valid|non corrett)|senha[^.]{0,30}(?:incorret|inv[aá]lid)|wachtwoord[^.]{0,30}(?:onjuist|ongeldig)|неверн\S{1,3} (?:логин|пароль|имя)|用户名或密码|密码错误|帳號或密碼|\b(?:XOAUTH2|OAUTHBEARER) auth(?:entication)? (?:error|fail(?:ed|ure))/i,
    sample: 'LOGIN Login error or password error',
    code: 'token_refused',
    message: '{peer} refused the login',
    fix: [{ text: 'compare the user name and the password or token with what the provider wants' }],
    weight: 'number',
    at: { where: 'imap', stage: 'auth' },
  },
  {
    // NeoMutt, mutt, himalaya
    id: 'token-command-absent',
    text: /no (?:oauth\w{0,2}|token|password) ?(?:refresh )?command (?:is )?(?:defined|set|configured|given)|(?:refresh|password|passw?|token|auth)[_ -]?(?:command|cmd|eval) (?:is )?(?:not (?:set|defined|configured)|missing|empty)/i,
    sample: 'No OAUTH refresh command defined',
    code: 'bad_input',
    message: 'the program is told to log in with OAuth, and no command that gives it a token is set',
    fix: [{ text: 'set the command that prints a token, such as "mailauth token NAME"' }],
  },
  {
    // mutt, msmtp, mbsync, offlineimap
    id: 'token-command-failed',
    text: /(?:passwordeval|PassCmd|(?:refresh|token|auth_token|oauth\w{0,10})[_ ]?(?:command|cmd|helper|script)|pass(?:word)?_?(?:command|cmd))\b[^.]{0,40}(?:failed|returned (?:an? )?(?:error|non-zero|nothing|empty)|exited|gave no|produced no|no output)|unable to run (?:the )?(?:refresh|password|token) command|OAUTH refresh failed|\bcommand returned (?:an )?(?:empty|no) (?:string|output|token)/i,
    sample: 'OAUTH refresh command returned empty string',
    code: 'signin_required',
    message: 'the command that should print a token for the program failed or printed nothing',
    fix: [{ text: 'run that command by hand, as the same user, and read what it says; paste that here' }],
  },
];

const logins: readonly ForeignWords[] = [
  {
    // Ruby net/imap, himalaya, Thunderbird for Android, curl, mutt
    id: 'oauth-not-in-program',
    text: /unknown auth(?:entication)? (?:type|method|mechanism)|missing `?oauth2?`? (?:cargo )?feature|OAuth(?: ?2(?:\.0)?)?(?: authentication| support)? (?:is )?(?:currently )?not (?:supported|enabled|available|compiled|implemented)|not (?:built|compiled) with (?:oauth|sasl|gsasl|cyrus)|(?:SASL|GSASL|OAuth\d?) support (?:is )?not (?:compiled|built|available|enabled)|Auth(?:entication)? mechanism .{0,24}is not supported by (?:this|the) (?:client|library|program)|auth(?:entication)? (?:type|method) ['"]?XOAUTH2['"]? (?:is )?(?:not supported|unknown|invalid)|no SASL (?:mechanism|plugin)/i,
    sample: 'unknown auth type - "XOAUTH2" (ArgumentError)',
    code: 'mechanism_not_offered',
    who: 'you',
    message: 'this version of the program cannot log in with OAuth2 to this server',
    fix: [{ text: 'use a newer version or a build with OAuth2, or another program' }],
    at: MAIL,
  },
  {
    id: 'no-common-mechanism',
    text: /no (?:supported |compatible |suitable |acceptable |available |usable |common |known )?(?:auth(?:entication)?|sasl) (?:method|mech)|using 0 possible authenticators|authentication (?:is )?not enabled|(?<!\b504 5\.7\.4 )unrecogni[sz]ed[^.]{0,20}\b(?:XOAUTH2|OAUTHBEARER|auth(?:entication)? (?:type|method|mechanism))|AUTH (?:command )?(?:used )?when not advertised|(?:did(?: not|n['’]t)|does(?: not|n['’]t)) (?:advertise|announce|offer) (?:any )?auth|(?:unknown|unrecogni[sz]ed) (?:command|verb)[^a-z]{0,4}AUTH\b|command (?:unknown|unrecogni[sz]ed): ?['"]?AUTH|No authenticators available|(?:does|do) not support (?:the )?(?:required |requested |any )?(?:auth(?:entication)?|XOAUTH2|OAUTHBEARER|SASL)|none of the (?:server['’]s )?auth(?:entication)? (?:mechanism|method)|no mechanism available|SMTP AUTH extension not supported|AUTH (?:command |extension )?(?:is )?not (?:supported|available|advertised|enabled|implemented)|requested (?:auth|SASL)[^.]{0,30}(?:unavailable|not available|not supported)|auth(?:entication)? method(?: not|s? are not| is not) (?:supported|available)|server doesn['’]t support (?:any )?auth|unsupported auth(?:entication)? (?:type|method|mechanism)/i,
    sample: 'No supported authentication method(s) available. Unable to login.',
    code: 'mechanism_not_offered',
    who: 'you',
    message:
      'the program and the server share no way to log in: what the program wants is not in the list that the server offers there',
    fix: [
      {
        text: 'compare the list in the answer to EHLO or CAPABILITY with what the program is set to; for a token it must hold XOAUTH2 or OAUTHBEARER',
      },
      { text: 'a server often offers logins only after STARTTLS, and for sending only on port 587 or 465' },
    ],
    at: MAIL,
  },
  {
    id: 'smtp-tls-required',
    text: /STARTTLS is required|must (?:issue|use) (?:a )?STARTTLS|requires (?:a )?(?:secure|encrypted|TLS|SSL) (?:connection)?|encryption (?:is )?required|TLS (?:is )?required|unencrypted connection|plaintext auth\w* (?:is )?(?:disallowed|not allowed|disabled)|(?:auth\w*|login) (?:is )?(?:not allowed|disabled|forbidden|only allowed)[^.]{0,30} (?:before|until|without|over) (?:start)?(?:TLS|SSL|encrypt)/i,
    sample: '451 5.7.3 STARTTLS is required to send mail',
    code: 'starttls_missing',
    who: 'you',
    message: 'the server takes mail and logins only after encryption has begun, and the program did not begin it',
    fix: [{ text: 'switch STARTTLS on for port 587, or TLS from the start for port 465' }],
    at: SMTP,
  },
];

function foreign({
  id,
  text,
  sample,
  code,
  message,
  fix,
  who = 'you',
  weight,
  where,
  at = LIBRARY,
}: ForeignWords): Rule {
  return {
    id: `${id}-in-words`,
    ...(weight !== undefined && { weight }),
    when: { ...(where !== undefined && { where }), stage: [at.stage], text },
    sample: { ...at, text: sample },
    diagnosis: { code, who, message, fix },
  };
}

export const foreignRules: readonly Rule[] = [...signIns, ...logins].map(foreign);
