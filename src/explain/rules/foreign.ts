import { cause, rulesOf } from '../cause.js';
import type { Rule } from '../rule.js';

/**
 * What other programs and libraries say of sign-ins and logins in words of their own, where no server speaks. Only ever
 * pasted (explain/paste); who words it so is named beside each.
 */

const signIns = rulesOf(
  // GLPI, oauthlib, the providers’ own libraries, League OAuth2, rclone
  cause(
    'signin_required',
    'the program has no refresh token, so it cannot renew the sign-in: none was asked for, or none was kept',
  )
    .fix(
      'let the program ask for offline access (the scope offline_access, or access_type=offline with prompt=consent), then sign in again',
    )
    .when('refresh-token-absent-in-words', {
      stage: 'response',
      text: /(?:no|without an?) (?:access(?:[_ ]token)?(?: or |, ))?refresh[_ ]?token|(?:not|n['’]t|never|no longer) (?:provide|return|contain|include|receive|have|got|get|find|issue)[a-z]{0,3} (?:a |any |the )?(?:new )?['"]?refresh[_ ]?token|refresh[_ ]?token['"]? ?(?:is |was |are |field )?(?:missing|absent|empty|null|undefined|not (?:set|found|provided|returned|available|present|included|given|supplied|specified)|required|must be)|(?:missing|require[sd]?|must (?:contain|specify|provide)|lacks?|need(?:s|ed)?)[^.]{0,60}refresh[_ ]?token|do not contain the necessary fields|empty refresh[_ ]?token|can['’]t create new access token|refresh[_ ]?token (?:could not be|cannot be|can['’]t be) (?:found|obtained)/i,
    }),
  // Rails OmniAuth, oauthlib, League OAuth2, oauth2-proxy
  cause(
    'signin_required',
    'the answer of the sign-in page does not belong to the sign-in that was begun, so the program threw it away',
  )
    .fix(
      'begin the sign-in again in one browser window and finish it there; cookies must be allowed, and the address of the program must be the one that is registered',
    )
    .when('state-mismatch-in-words', {
      stage: 'response',
      text: /(?:invalid|mismatch(?:ing|ed)?|missing|wrong|incorrect|unknown|unexpected|bad)[ _](?:oauth2?[ _]state|state (?:parameter|value|token|cookie)|state_?(?:param|mismatch))|\b(?:oauth2?|auth\w{0,10}|CSRF)[ _]state\b[^.]{0,40}(?:mismatch|invalid|n[o'’]t (?:match|found|valid)|missing|expired)|\bstate[ _](?:parameter )?(?:mismatch|(?:does|did|do) ?(?:n[o'’]t|not) (?:match|equal))|mismatching_state|invalid_state|csrf_detected|\bstate (?:validation|verification|check) (?:has )?failed|CSRF (?:warning|detected|token mismatch)|states? do(?:es)? not match/i,
    }),
  // imaplib of Python, and what is built on it
  cause('token_refused', 'the program went on although its login had not succeeded; usually it had no token to send')
    .fix('look at the lines before this one: the login says why it failed')
    .when('not-logged-in-in-words', { stage: 'capability', text: /illegal in state NONAUTH\b/i }, 'general'),
  cause('signin_required', 'the program has no token yet: nobody has signed in with it, or what it kept is gone')
    .fix('sign in in that program once')
    // The keyring of Rust and of Python
    .when('token-not-kept-in-words', {
      stage: 'response',
      text: /no matching entry found in secure storage|credentials not found in keyring/i,
    })
    .when(
      'no-sign-in-yet-in-words',
      {
        stage: 'response',
        text: /(?:without|no|missing|empty) (?:valid )?access[_ ]?token\b|access[_ ]?token (?:is |was )?(?:missing|empty|null|undefined|not (?:found|set|available|present))|not (?:yet )?(?:been )?(?:authorized|authorised|authenticated|connected) yet|no (?:stored |valid |saved )?(?:oauth2? )?(?:credentials|tokens?) (?:found|available|stored|exist|for)|(?:acquireTokenSilent|no_tokens_found|no_account_in_silent|no_account_error)|token (?:file|cache) (?:is empty|not found|does not exist)|token (?:was |is )?not found (?:in|for)\b|(?:call|run|first with) (?:the )?['"]?Connect-[a-z]{2,30}|(?:connector|integration|connection) requires (?:re-?)?authentication\b|empty token found|no account or login hint|NO_OAUTH_TOKEN|login required\b/i,
      },
      'general',
    ),
  // RFC 6749 section 5.2 in its own words, as applications quote it
  cause('signin_expired', 'the sign-in has ended: the provider does not take the refresh token any more')
    .fix('sign in again in that program')
    .when(
      'refresh-token-ended-in-words',
      {
        stage: 'response',
        text: /\binvalid grant\b|(?<!failed: the provided )authorization grant(?:[^.]{0,80} or refresh token)? is invalid|refresh[_ ]?token['"]? (?:is |was |has |has been |may be |may have )?(?:invalid|expired|revoked|not valid|no longer valid|malformed)|(?:invalid|expired|revoked|bad)[ _]refresh[_ ]?token|refresh[_ ]?token ?(?:已?无效|已?失效|已?过期|已?無效|已?過期|ungültig|ist abgelaufen|a expiré|caducado|expirado|inv[aá]lido|истек|недействител)/i,
      },
      'general',
    ),
  // GNOME Online Accounts, rest libraries of many languages: the body of the answer is not shown
  cause('signin_expired', 'the sign-in server gave no token (HTTP 400 or 401); usually the sign-in has ended')
    .fix('sign in again in that program')
    .fix(
      'if that does not help, let the program show the body of the answer: "error" and "error_description" say the reason',
    )
    .when(
      'token-request-refused-in-words',
      {
        stage: 'response',
        text: /(?:refresh|request|obtain|fetch|acquir|get|retriev|renew)[a-z]{0,4} (?:an? |the |new |OAuth2? )*(?:access[ _]?|refresh[ _]?|OAuth2? )?token\b(?! for service).{0,120}\b(?:400|401)\b|\b(?:400|401)\b.{0,60} (?:requesting|refreshing|getting|fetching|obtaining) (?:an? |the |new )*(?:access|refresh)?[ _]?token|\b(?:400|401)\b.{0,60}\burl\b.{0,4}https:\/\/[^\s'"]{1,160}\/token\b/i,
      },
      'number',
    ),
  // Python json, JavaScript, Go, .NET, aeson, Gson
  cause('intercepted', 'a web page, or nothing, came back where the program expected an answer in JSON', 'network')
    .fix(
      'compare the address that the program asks with the provider’s token endpoint: a sign-in page is another address',
    )
    .fix('if it is right, a proxy or the login page of a network answers in its place: open any web page in a browser')
    .when(
      'page-for-json-in-words',
      {
        stage: 'response',
        text: /Unexpected token:? ['"]?<|Unexpected ['"\\]{0,3}<!doctype|invalid character '<'|JSONDecodeError|Expecting value: line \d|parsing value: <|'<' is an invalid start|expecting JSON value|Unexpected character \('<'|JSON Parse error: Unrecognized token '<'|<!doctype html[^{]{0,80}JSON|Failed to decode JSON|MalformedJson|response (?:is|was) not (?:valid )?JSON/i,
      },
      'general',
    ),
  // Node, Go, Python, Java, Windows, Docker
  cause('port_busy', 'another program listens on the port that the sign-in needs for its answer')
    .fix(
      'end the other program (often an earlier run of the same one), or choose another port; a registered redirect URI has to name it too',
    )
    .when('port-busy-in-words', {
      stage: 'response',
      text: /EADDRINUSE|(?<!mail )address (?:is )?already in use|only one usage of each socket address|(?:failed|unable|cannot|could not) (?:to )?(?:bind|listen)[^.]{0,30} port|port \d{1,5} (?:is )?(?:already )?(?:in use|taken|occupied|allocated|busy)|port is already allocated|\b10048\b|errno 98\b/i,
    }),
  // oauthlib, the providers’ own libraries
  cause('consent_missing_scope', 'the sign-in granted less than the program asked for; usually a box was left unticked')
    .fix('sign in again in that program and allow everything that is asked for')
    .when('scope-not-granted-in-words', {
      stage: 'response',
      text: /scope has changed from|do(?:es)? not have permission to call|missing (?:the )?(?:required )?scopes?\b|(?:scopes?|permissions?) (?:was|were|is|are) not granted|not (?:all )?(?:requested |required )?(?:scopes|permissions) (?:were )?granted|insufficient[_ ](?:oauth )?scopes?/i,
    }),
  // Applications that keep a mailbox connected
  cause(
    'signin_required',
    'the program wants a person to sign in again; usually its sign-in has ended or was withdrawn',
  )
    .fix('sign in again in that program')
    .when(
      'sign-in-wanted-again-in-words',
      {
        stage: 'response',
        text: /re-?authori[sz]e (?:it|the|your)\b|re-?connect (?:your|the) (?:\w{1,12} )?(?:account|mailbox|inbox)|(?:inbox|account|mailbox|channel) (?:is|was|has been) disconnected|re-?authenticat\w{1,4} (?:is )?(?:required|needed)|please (?:sign|log) ?in again|InteractionRequiredAuthError|silent authentication was denied|must first sign in\b|needs? (?:re-?authentication|reauth)|reauth (?:is )?required|OAuth session is not valid|saved authentication data (?:is )?invalid/i,
      },
      'general',
    ),
  // Sign-in pages of many providers
  cause(
    'consent_missing_scope',
    'the program asks for an access (scope) that its registration does not have, or that the provider does not know',
  )
    .fix('compare the scopes in the settings of the program with those of the registration')
    .when(
      'scope-not-registered-in-words',
      {
        stage: 'response',
        text: /OAUTH_SCOPE_MISMATCH|scopes? from registered scopes|(?:unknown|unsupported|unregistered|invalid) scopes?\b(?!=)|requested scopes? (?:is|are|was|were) (?:invalid|not|unknown)/i,
      },
      'general',
    ),
  // MSAL, AppAuth, browsers
  cause('signin_cancelled', 'the sign-in was cancelled, or the access was not allowed, in the browser')
    .fix('sign in again in that program and allow the access')
    .when('sign-in-cancelled-in-words', {
      stage: 'response',
      text: /\b(?:user|person) (?:has )?(?:did(?: not|n['’]t) consent|declined|denied|cancel(?:l)?ed|aborted)|(?:sign-?in|log-?in|authentication|authori[sz]ation|consent|flow) (?:was |has been |is )?(?:cancel(?:l)?ed|denied|declined) by (?:the )?user|user[_ ]cancel(?:l)?ed|authentication_canceled|popup_closed|closed the (?:window|browser|popup)/i,
    }),
  // email-oauth2-proxy, helper programs, command-line tools
  cause('signin_timeout', 'nobody finished the sign-in in time, or its answer did not reach the program')
    .fix('begin again and finish the sign-in at once; the browser must reach the address that the program listens on')
    .when(
      'sign-in-not-finished-in-words',
      {
        stage: 'response',
        text: /auth(?:entication|orization)? request (?:failed or )?(?:expired|timed out)|(?:sign-?in|log-?in|consent|device flow|authori[sz]ation) (?:has )?(?:timed out|timeout)|code you entered (?:has |is )?expired|timed out waiting for (?:the )?(?:user|auth|login|browser|redirect|callback|code)/i,
      },
      'general',
    ),
  // Go, which says this of either end
  cause('tls_expired', 'the certificate of {peer} is past its last day, or not valid yet', 'provider')
    .fix('look at this machine’s date; if it is right, ask whoever runs {peer} to renew the certificate')
    .when('certificate-dates-in-words', { stage: 'tls', text: /expired or is not yet valid/i }),
  // curl, PHP, Java, Go, offlineimap
  cause('tls_untrusted', 'this program has no list of the authorities that sign certificates, or cannot read it')
    .fix('install the list of the system (ca-certificates), or correct its path in the settings of the program')
    .when('authorities-absent-in-words', {
      stage: 'tls',
      text: /trustAnchors parameter|(?:set|setting) (?:certificate )?verify locations|failed loading cafile|failed to load system roots|without knowing which certificate authorities|no CA certificates and no server/i,
    }),
  // offlineimap, msmtp
  cause('tls_untrusted', 'the certificate of {peer} is another one than the program was told to expect', 'network')
    .fix('compare the new fingerprint with whoever runs {peer}, and correct it in the settings of the program')
    .when('fingerprint-other-in-words', {
      stage: 'tls',
      text: /fingerprint\b.{0,120}(?:does(?: not|n['’]t) match|mismatch)/i,
    }),
  // Go, Python
  cause('bad_input', 'the address of the server that the program was given lacks its port, or the port is no number')
    .fix('give host and port in the settings of the program, such as port 587 for sending or 993 for reading')
    .when('port-absent-in-words', {
      stage: 'response',
      text: /missing port in address|\bunknown port\b|\binvalid port\b|servname not supported/i,
    }),
  // Go, Python, Node
  cause('bad_input', 'an address that the program was given is empty, or lacks https:// at its beginning')
    .fix('give every address in the settings of the program in full')
    .when('address-unfit-in-words', {
      stage: 'response',
      text: /unsupported protocol scheme|missing protocol scheme|No scheme supplied|no host in request URL|\bERR_INVALID_URL\b/i,
    }),
  // Swift Mailer, which reads the answers to two commands for one
  cause('unknown', 'the server took the login (235), and the program took its answer for a refusal')
    .fix('use a newer version of the program or its mail library, or only one way to log in')
    .when('login-taken-in-words', { stage: 'auth', text: /but got code ['"]?235\b/i }),
  // Swift Mailer, Nodemailer, JavaMail: POP and IMAP servers greet so (RFC 1939 section 4, RFC 9051 section 7.1)
  cause(
    'bad_input',
    'a server for reading mail answered where the program wants to send: the port or the host is that of POP or IMAP',
  )
    .fix('give the server and the port for sending: 587 with STARTTLS or 465 with TLS')
    .when('sends-to-reading-port-in-words', {
      stage: 'response',
      text: /(?:response code |expect\w{0,3} |invalid |bad |unexpected )['"]?(?:220|greeting|banner)\b.{0,60}(?:\+OK|\* OK)\b|(?:SMTP|EHLO|HELO)\b.{0,60}\bresponse: ?['"]?(?:\+OK|\* OK)\b/i,
    }),
  cause(
    'bad_input',
    'the program checks that the server for the login is the one it connected to, and the names differ',
  )
    .fix('give the same host name for the login as for the connection')
    .when('login-host-differs-in-words', { stage: 'response', text: /\bwrong host name\b/i }, 'general'),
  // fetchmail
  cause('too_many_connections', 'another program holds the mailbox at the moment')
    .fix('end other programs that read this mailbox, wait a few minutes, then try again')
    .when('mailbox-held-in-words', {
      stage: 'response',
      text: /\bLOCKBUSY\b|(?:mailbox|maildrop) (?:is )?(?:already )?locked/i,
    }),
  // SMTP servers of many makes
  cause('policy_blocked', 'a mailbox is full: the one the message is for, or the one that sends')
    .fix('make room in it, or ask its owner to')
    .when(
      'mailbox-full-in-words',
      { stage: 'response', text: /mailbox (?:is )?full|ShutoffQuota|out of storage|\bover quota\b/i },
      'general',
    ),
  // MailKit, .NET, Java: lists of certificates that were withdrawn (RFC 5280 section 5)
  cause(
    'tls_untrusted',
    'this machine could not learn whether the certificate of {peer} was withdrawn, since no list of such certificates can be fetched',
    'network',
  )
    .fix('let this machine reach the address of the list, which stands in the certificate, usually on port 80')
    .fix('or switch the check for withdrawn certificates off in the program')
    .when('revocation-unknown-in-words', {
      stage: 'tls',
      text: /certificate CRL\b|UNABLE_TO_GET_CRL|CRYPT_E_(?:NO_REVOCATION|REVOCATION_OFFLINE)|OCSP_(?:INVALID|UNKNOWN|RESPONDER|MALFORMED)|revocation (?:server|status|function)|check revocation|RevocationStatusUnknown|OfflineRevocation/i,
    }),
  // rclone, JWT libraries
  cause('clock_skew', 'the clock of this machine and the provider’s differ, so a token looks too new or too old')
    .fix('switch on automatic time on this machine, then try again')
    .when('clock-wrong-in-words', {
      stage: 'response',
      text: /token used too early|clock (?:skew|drift)|(?:check|set) (?:that )?your (?:computer['’]s |system )?clock|time may be set wrong|(?:system|computer) (?:time|clock) (?:is |may be )?(?:wrong|incorrect|off|not)|IDX10222|issued in the future/i,
    }),
  // libsecret, keyring for Python, D-Bus
  cause(
    'keychain_unavailable',
    'the program keeps its token in a keyring, and none can be reached here, as in cron jobs and on servers',
  )
    .fix('start it in a session that has a keyring, or let it keep its token in an encrypted file')
    .when('keyring-absent-in-words', {
      stage: 'response',
      text: /org[./]freedesktop[./]secrets|secret service operation failed|Did not receive a reply\. Possible causes|No recommended backend was available|NoKeyringError|(?:failed|unable|could not|cannot) (?:to )?(?:get|open|access|find|connect to) (?:the |a )?(?:[\w ]{1,30} from )?(?:the |a )?(?:\w{1,10} )?keyring|Cannot autolaunch D-Bus|secret service (?:is )?not available|no keyring (?:backend|service)/i,
    }),
  cause('keychain_locked', 'the keyring that holds the program’s token is locked')
    .fix('unlock the keyring, then try again')
    .when('keyring-locked-in-words', {
      stage: 'response',
      text: /KeyringLocked|collection is locked|errSecInteractionNotAllowed|-25308\b|User interaction is not allowed/i,
    }),
  // Libraries of many languages that read a downloaded file
  cause('bad_input', 'the file that holds the program’s client or token is missing, or is not of the kind it reads')
    .fix(
      'download the file of the client again and give its path; where a token was kept, delete that file and sign in again',
    )
    .when('client-file-unfit-in-words', {
      stage: 'response',
      text: /InvalidClientSecrets|\bjson\.load(?:\(|s\((?:f|fp|fh|\w{0,20}file)\b).{0,800}JSONDecodeError|client[_ ]?secrets?(?:\.json)?['"]?[^.]{0,40}(?:no such file|not found|missing|invalid)|(?:no such file|not found|could not (?:open|read|find))[^.]{0,60}(?:client_?secrets?|credentials?)[\w.-]{0,20}\.json|not in the (?:expected|correct) format|malformed (?:credentials?|client secrets?|token) file/i,
    }),
  // GnuPG behind mutt_oauth2.py and pass, email-oauth2-proxy
  cause(
    'passphrase_wrong',
    'the file with the program’s token is encrypted, and it was not opened: the passphrase is wrong or nobody could be asked',
  )
    .fix('unlock the key first (gpg-agent), or give the passphrase the file was made with')
    .when('token-file-sealed-in-words', {
      stage: 'response',
      text: /gpg: (?:public key )?decryption failed|Bad passphrase|password to decrypt|difficulty decrypting|Inappropriate ioctl for device/i,
    }),
  cause(
    'policy_blocked',
    'the provider has locked the account for programs, usually after wrong passwords or an unusual sign-in',
  )
    .fix('sign in to the mailbox in a browser, do what it asks, wait a while, then try again')
    .when('account-locked-in-words', {
      stage: 'response',
      text: /account (?:is |has been |was )?(?:temporarily )?(?:locked|blocked|restricted|suspended|disabled|deactivated)|verify your (?:identity|account)|unusual (?:sign-?in|(?:sending )?activity)|suspicious (?:sign-?in|activity|login)|too many (?:bad|failed|unsuccessful|invalid) (?:auth|login|password|attempt)/i,
    }),
  // Services that send mail for others
  cause('policy_blocked', 'the account at the provider is not active: not yet, or not any more', 'provider')
    .fix('sign in at the provider with a browser and finish what it asks there, or ask its support')
    .when('account-not-active-in-words', {
      stage: 'response',
      text: /account (?:is |has )?(?:not (?:yet )?(?:been )?(?:activ|verified|confirmed)|inactive)/i,
    }),
  // SMTP servers of many makes, web interfaces
  cause(
    'rate_limited',
    'the provider has had too many messages or requests from this mailbox in a short time',
    'provider',
  )
    .fix('wait an hour, for a daily limit a day, and send less at a time')
    .when(
      'limit-reached-in-words',
      {
        stage: 'response',
        text: /(?<!size )exceed(?:ed|s)? (?:the |your |its )?(?:[\w-]{1,12} ){0,2}(?:hour|hourly|daily|day|sending|send|rate|message|quota|limit)\w{0,4} ?(?:limit|quota)?|(?:hourly|daily|sending|message|rate|recipient)s? (?:limit|quota) (?:was |has been |is )?(?:exceeded|reached|hit)|(?:invoked|called) too many times|rate[- _]?limit(?!\w{0,3}(?: (?:is |was )?(?:set|configured|enabled|of|to)\b| ?[=:]))|limit on the number of[^.]{0,50} exceeded|too much mail|(?:quota|credits) ?exceeded(?!Exception\.MapiExceptionShutoff)|(?<!size |time |connections? )limit (?:has been |was |is )?exceeded|RESOURCE_EXHAUSTED|too many (?:messages|e?mails|requests|logins?)\b(?! fail)|TooManyRequests|unusual rate of|throttl(?:ed?|ing(?:Exception)?)\b/i,
      },
      'general',
    ),
  cause('too_many_connections', 'the server allows no further connection for this mailbox or from here')
    .fix('end other programs that use the mailbox at the same time, wait a few minutes, then try again')
    .when('too-many-connections-in-words', {
      where: 'smtp',
      stage: 'response',
      text: /too many (?:(?:simultaneous|concurrent|open|SMTP|IMAP|POP3?) )*(?:connections|sessions)|exceeded [^.]{0,30}\b(?:simultaneous|concurrent) (?:connections|sessions)|maximum number of (?:\w{1,12} )?connections(?! ?[=:])|connections? limit (?:is |has been |was )?(?:exceeded|reached)/i,
    }),
  cause('mailbox_mismatch', 'the account that logged in may not send from this address; the login itself is fine')
    .fix('send from the address that logs in, or have the other address allowed for it')
    .when('sender-must-match-in-words', {
      stage: 'response',
      text: /mail from (?:address )?must (?:equal|be (?:the )?same|match)|\bfrom address and [^.]{1,40} must (?:be the same|match|agree)|(?:sender|from|envelope)(?: address)? (?:is |was )?(?:not (?:allowed|permitted|authori[sz]ed|verified|owned)|must match|mismatch)|address is not verified|verified sender|not owned by (?:auth )?user|relaying disallowed as|sender address rejected|not (?:allowed|authori[sz]ed|permitted) to (?:send|use)[^.]{0,20}(?:as|from|sender)/i,
    }),
  // Receiving servers, about SPF, DKIM and DMARC
  cause(
    'policy_blocked',
    'the receiving server wants proof that the mail comes from its domain (SPF, DKIM, DMARC); the login is not the matter',
    'admin',
  )
    .fix('send through the provider of the domain, or set SPF and DKIM up for the server that sends')
    .when('sender-not-proven-in-words', {
      stage: 'response',
      text: /\b5\.7\.(?:26|27|515|509)\b|(?:SPF|DKIM|DMARC)[^.]{0,40}(?:fail|not pass|did not|policy)|does not have authentication information|unauthenticated (?:email|mail|message)/i,
    }),
  // SMTP servers of many makes, before any login
  cause(
    'bad_input',
    'the name that the program gives itself in its greeting (EHLO) is empty, or is no name of a machine',
  )
    .fix('set the full name of this machine as the HELO or EHLO name of the program, or [127.0.0.1]')
    .when('greeting-name-unfit-in-words', {
      stage: 'response',
      text: /\b(?:HELO|EHLO)\b[^.]{0,20}\bargument\b|(?:invalid|empty)\b[^.]{0,20}\b(?:HELO|EHLO)\b|\b(?:HELO|EHLO)\b[^.]{0,40}\binvalid|\b(?:HELO|EHLO) requires\b|\b5\.5\.4 Invalid domain name/i,
    }),
  // Postfix, Exchange, Exim, about the name a program gives itself
  cause(
    'policy_blocked',
    'the server refuses the name that the program gives itself in its greeting (EHLO), before any login',
  )
    .fix('set the full name of this machine as the HELO or EHLO name of the program, or [127.0.0.1]')
    .when('greeting-refused-in-words', {
      stage: 'response',
      text: /\b(?:HELO|EHLO)\b[^.]{0,40}(?:rejected|refused|not allowed|denied)|need fully[- ]qualified/i,
    }),
  // SMTP servers of many makes: the address that connects
  cause('policy_blocked', 'the server takes no mail from this network address; the login is not the matter', 'network')
    .fix('send from another network, or ask whoever runs this one to have the address taken off the list')
    .when(
      'network-blocked-in-words',
      {
        stage: 'response',
        text: /client host[^a-z]{0,60}(?:is )?blocked|blocked using\b|spamhaus|(?:black|block)-?listed|(?:on|in|by) (?:a |an |our |the )?(?:\w{1,12} )?(?:black|block) ?list|\b(?:RBL|DNSBL)\b|traffic not accepted from this IP|not accepted from this (?:network|IP|host)|poor reputation|\bconnection refused from\b|banned sending IP|unauthori[sz]ed IP|IP (?:address )?(?:is )?not (?:authori[sz]ed|allowed|permitted|whitelisted)|\bPTR record/i,
      },
      'general',
    ),
  // Consoles of the providers, SMTP servers of companies
  cause('policy_blocked', 'an administrator has forbidden this for the mailbox or for the organisation', 'admin')
    .fix('show these words to the administrator of the mailbox')
    .when(
      'administrator-forbids-in-words',
      {
        stage: 'response',
        text: /AppOnly AccessPolicy|blocked by tenant configured|(?:dis|not )allowed by (?:the |your )?(?:\w{1,16} )?(?:admin|organi[sz]ation)|(?:blocked|restricted|disabled|forbidden|prohibited|turned off) by (?:the |your |an )?(?:\w{1,16} )?(?:admin|organi[sz]ation)|organi[sz]ation (?:does not|doesn['’]t) (?:allow|permit)/i,
      },
      'general',
    ),
  // Providers that take no account password from programs, each in words of its own
  cause('policy_blocked', 'the provider takes only an app password, or a token, from programs; another one was sent')
    .asSent()
    .fix(
      'make an app password in the security settings of the account and give it to the program, or let it use OAuth2',
    )
    .when(
      'app-password-wanted-in-words',
      {
        stage: 'response',
        text: /(?:use|need|enter|requires?|create|make|generate|with) (?:an? |the |your )?(?:app|application|external)(?:lication)?(?:[- ]specific)? password|app(?:lication)?(?:[- ]specific)? password (?:is )?(?:required|needed)|enter your authori[sz]ation code|парол\S{1,2} приложени|(?:使用|填写|输入|需要)[^。]{0,6}授权码/i,
      },
      'general',
    ),
  // SMTP servers of many makes, where the words tell no more
  cause('policy_blocked', 'the server refuses this by a rule of its own, which its words name', 'provider')
    .fix(
      'read in the server’s words what is not allowed: a sender, a recipient, the message, the network or the account',
    )
    .when(
      'server-forbids-in-words',
      {
        where: 'smtp',
        status: [550, 553, 554, 571],
        text: /access (?:is )?denied|(?:do(?:es)?|is|are) not (?:allow|permit)|no permission|invalid DNS|polic(?:y|ies)\b|prohibited|forbidden/i,
      },
      'number',
    ),
  // SMTP servers of many makes: the message and who sends it
  cause('policy_blocked', 'the server refuses the message or its sender as spam; the login is not the matter', 'admin')
    .fix(
      'read in the server’s words whether the sender or the message is meant; a blocked sender is freed by the administrator or the provider',
    )
    .when(
      'message-refused-in-words',
      {
        stage: 'response',
        text: /spam abuse|spam message (?:was |is )?(?:rejected|refused|blocked)|(?:message|mail|content) (?:was |is |has been )?(?:rejected|refused|blocked)[^a-z]{0,4}(?:as |for |due to |because )?[^.]{0,20}spam|content (?:was |is )?rejected|(?:detected|identified|classified|considered|rejected) as (?:unsolicited|spam|junk)|(?:reject\w{0,3}|refused|blocked) (?:due to|for|because of|by) (?:\w{1,12} )?polic|bad outbound sender|OutboundSpam|\bDT:SPM\b/i,
      },
      'general',
    ),
  cause('server_unavailable', 'the server has trouble of its own at the moment', 'provider')
    .fix('wait a few minutes, then try again; if it lasts, look at the provider’s status page')
    .when(
      'mail-server-troubled-in-words',
      {
        where: ['imap', 'smtp'],
        stage: 'mailbox',
        text: /(?:backend|temporary (?:system|server)|(?<!\b454 4\.7\.0 )temporary authentication) (?:server )?(?:error|failure|problem)\b(?!:)|(?:\b(?:NO|BAD|BYE)\b|\b(?:4[25]|55)\d[ -])[^.]{0,60}internal (?:server )?(?:error|failure|problem)|(?<!internal )(?:server|system) error ?[-,(]|unable to authenticate at present|(?<!stat=)service (?:is )?(?:temporarily )?(?:un|not )available(?![;.,] client (?:host )?\S{0,40} ?blocked)|(?:abort|BYE|NO): System Error|temporarily unavailable/i,
      },
      'general',
    ),
  // .NET, and SMTP servers of many makes
  cause('signin_required', 'the program tried to send before it logged in')
    .fix(
      'let the program log in before it sends: with a user name and a token, or a password where the provider takes one',
    )
    .when(
      'login-wanted-in-words',
      {
        where: 'smtp',
        stage: 'response',
        text: /0x800CCC78|(?<!imap)client (?:was |is )?not authenticated|(?:must|need to) (?:first )?(?:authenticate|log ?in)\b(?! (?:via|with|to|in|on))|authentication (?:is )?required/i,
      },
      'general',
    ),
  // SMTP servers of many makes
  cause(
    'unknown',
    'the server cannot use a command of the program: an address or a name in it is not well formed, or it came out of turn',
  )
    .fix(
      'look at the sender, the recipients and the EHLO name in the settings of the program: plain, and without spaces',
    )
    .fix('if they are fine, a newer version of the program, or another one, may keep to the order of the protocol')
    .when(
      'command-refused-in-words',
      {
        stage: 'response',
        text: /\b(?:500|501|502|503|555)[ -](?:\d\.\d\.\d )?(?:\S{1,20} )?(?:syntax error|bad sequence|(?:MAIL|RCPT|DATA|HELO|EHLO)\b[^.]{0,20} first|command (?:not |un)(?:recogni[sz]ed|implemented)|unrecogni[sz]ed command|polite people)/i,
      },
      'general',
    ),
  // POP servers of many makes
  cause('pop_disabled', 'collecting mail by POP is switched off for this mailbox', 'admin')
    .fix('switch POP on in the settings of the mailbox, or ask its administrator to')
    .when(
      'pop-disabled-in-words',
      {
        where: ['imap', 'pop'],
        text: /\bPOP3? (?:access |service )?(?:is |has been )?(?:disabled|not enabled|switched off|turned off|not allowed)/i,
      },
      'general',
    ),
  // oauthlib
  cause('bad_input', 'the program’s library hands a sign-in only to an address with https, and got one with http')
    .fix('use the address with https; for an address of this machine, set OAUTHLIB_INSECURE_TRANSPORT=1')
    .when('insecure-transport-in-words', { stage: 'response', text: /insecure_transport|OAuth 2 MUST utilize https/i }),
  // IMAP servers (RFC 5530 section 3), about another folder than the one that every mailbox has
  cause('unknown', 'the login is good, and {peer} knows no folder of the name that the program asked for')
    .fix('correct the name of the folder, or let the program make it; a prefix such as INBOX. may belong to it')
    .when(
      'folder-unknown-in-words',
      {
        where: 'imap',
        error: ['NONEXISTENT', 'TRYCREATE', 'NO'],
        text: /^(?!.*\bINBOX\b).*(?:unknown (?:mailbox|folder)|(?:mailbox|folder) (?:does not|doesn['’]t) exist)/i,
      },
      'cause',
    ),
  // IMAP libraries
  cause('unknown', '{peer} let the program in and refused a later command; the sign-in is not the matter')
    .fix('send the words, as they stand, to whoever runs {peer} or wrote {program}')
    .when(
      'imap-command-refused-in-words',
      {
        where: 'imap',
        error: ['NO', 'BAD'],
        text: /['"](?:UID )?(?:EXPUNGE|STORE|FETCH|APPEND|COPY|MOVE|SEARCH|SORT|THREAD|CREATE|DELETE|RENAME|SUBSCRIBE|IDLE|NOTIFY|ID|ENABLE|LOGOUT)['"] command\b|\bcommand ['"](?:UID )?(?:EXPUNGE|STORE|FETCH|APPEND|COPY|MOVE|SEARCH|SORT|CREATE|DELETE|RENAME|SUBSCRIBE)\b|\b(?:NO|BAD) (?:EXPUNGE|STORE|FETCH|APPEND|COPY|MOVE|SEARCH|SORT|CREATE|DELETE|RENAME|IDLE) (?:failed|rejected|error)/,
      },
      'general',
    ),
  // Dovecot's own log
  cause('token_refused', 'this server refused a login: it knows no such user, or the password is wrong')
    .asSent()
    .fix('compare the user name as the program sends it with the users of the server, and the password')
    .when(
      'user-refused-at-server-in-words',
      {
        stage: 'response',
        text: /\bauth(?:-worker)?(?:\(\d{1,9}\))?: .{0,160}(?:unknown user|password mismatch)|\(auth failed, \d{1,4} attempts/i,
      },
      'number',
    ),
  // SMTP servers of many makes, about whom the message is for
  cause(
    'unknown',
    'the server knows no mailbox of a recipient, or takes no mail for it; the login is not the matter',
    'you',
  )
    .fix('correct the address of the recipient, or ask whoever runs its mail server')
    .when(
      'recipient-refused-in-words',
      {
        stage: 'response',
        text: /user unknown|no such (?:user|recipient|mailbox)|unknown (?:user|recipient|mailbox)|\b5\.1\.[1236]\b|SMTPRecipientsRefused|recipients? (?:address )?(?:was |were )?(?:rejected|refused|unknown)|invalid recipient|(?:recipient|mailbox)\b[^.]{0,20}(?:does not exist|doesn['’]t exist|unavailable|not found)/i,
      },
      'number',
    ),
  // Mail libraries before anything is sent
  cause('bad_input', 'the program has no user name, password or token for this login')
    .fix('fill in the user name and the password or token in the settings of the program')
    .when(
      'login-data-absent-in-words',
      {
        stage: 'response',
        text: /missing credentials|skipping account \S{1,80}, no password|no terminal available for password|client credential[^.]{0,60}must not be empty|no (?:auth info|credentials|username|password) (?:found|given|provided|specified|configured|set)|all-whitespace username|needs a user name|AUTH requested but missing|(?<!app |application |specific )\b(?:username|password|credentials?)(?: and (?:a |the )?password)? (?:is |are |was |were )?(?:required|missing|empty|not (?:set|given|configured|provided|specified|supplied|defined))(?!: ?(?:no|false)\b)/i,
      },
      'general',
    ),
  // Dovecot, JWT libraries, web interfaces
  cause('token_refused', 'the access token is past its hour; it has to be renewed before it is used')
    .asSent()
    .fix('let the program renew its token, or fetch a new one before it logs in')
    .when(
      'token-past-its-hour-in-words',
      {
        stage: 'response',
        text: /INVALID_OAUTHTOKEN|(?<!refresh[_ ])token (?:is |has |was )?expired(?! or revoked|[.,;:]? (?:re(?:fresh|new|quest)ing|getting|fetching|trying)|[^.]{0,80}\brefresh)|AccessTokenExpired|access token is invalid or (?:has )?expired|token_expired\b|expired access token|jwt expired|token (?:lifetime|validation)[^.]{0,20}expired/i,
      },
      'number',
    ),
  // Postfix and Exim as servers: Cyrus SASL's daemon, Dovecot's socket
  cause(
    'server_unavailable',
    'this mail server cannot reach its own login service, which checks who logs in to it',
    'admin',
  )
    .fix('start that service (saslauthd, or Dovecot’s auth) and compare the path of its socket in the settings of both')
    .when('login-service-absent-in-words', {
      stage: 'response',
      text: /cannot connect to saslauthd|connect to [\w./-]{0,60}(?:auth\w{0,10}|sasl\w{0,10})(?:\.sock\w{0,3})? failed|no SASL authentication mechanisms|lost to authentication server|authentication (?:server|service) (?:is )?(?:unavailable|not available|unreachable|down)/i,
    }),
  // Gaxios and other clients of web interfaces
  cause(
    'token_refused',
    'the provider’s web interface refused the access token: usually it is past its hour, or was withdrawn',
  )
    .asSent()
    .fix('let the program renew its token; where that fails too, sign in again')
    .when(
      'api-credentials-refused-in-words',
      { where: ['token', 'authorization'], stage: 'response', text: /\bInvalid Credentials\b/ },
      'number',
    ),
  cause('token_refused', '{peer} refused the login')
    .fix('compare the user name and the password or token with what the provider wants')
    .when(
      'credentials-refused-in-words',
      {
        stage: 'auth',
        text: /(?:invalid|incorrect|wrong|bad) (?:login|credentials?|password|user ?name|user name|authentication data)|\b(?:SMTP|IMAP|POP3?|LOGIN|PLAIN|CRAM-MD5|DIGEST-MD5|NTLM) authentication (?:has )?failed|denied (?:POP3?|IMAP) access|(?:IMAP|SMTP|POP3?|mail ?server|mailbox)\b[^.]{0,80}auth(?:entication)? ?(?:failed(?!; cannot)|failure|unsuccessful|rejected|denied)|(?:IMAP|SMTP|POP3) ?error ?auth\w{1,12} failed|denied authentication|\b5\.\d\.\d{1,3} (?:Error: )?authentication (?:has )?(?:been )?(?:failed|failure|unsuccessful|rejected|refused|denied)|\bauthenticationfailed\b|\bbasic auth\w{0,11} failed|(?:user ?name|login|password) (?:and|or|\/) password (?:is |are |was |were )?(?:not |in)?(?:accepted|correct|valid|incorrect|invalid|wrong)|credentials? (?:is |are |was |were )?(?:in(?:correct|valid)|rejected|refused|wrong)|login or password error|retrying \S{1,20} authentication after|SASL (?:\w{1,20} )?authentication failed(?! ?;)|SASL\(-13\)|all authentication types failed|no authentication type succeeded|attempting to sync: authentication failed|sending of (?:the )?(?:password|user ?name) .{0,80}did not succeed|unable to log ?in at server|(?:user ?name|password) for "[^"]{1,80}" is incorrect|ticket was not accepted|\bauth_failed\b|MAIL\w{3,5}_ERROR_(?:LOGIN|AUTH)|\bErrorAuthentication\b|current session['’]s credentials|0x800CCC(?:18|92)|\bLogin denied\b|LOGIN_DENIED|curl: \(67\)|Login not possible\b|invalid authentication for|incorrect e-?mail or password|(?:javax|jakarta)\.mail\.AuthenticationFailedException|\bAuthenticationFailure:|OAUTH2 asked for more|introspection failed|^\W{0,3}5\.7\.8\W{0,3}$|failed to authenticate on SMTP server|too many login failures|MailKit\.Security\.AuthenticationException|\binvalid_auth\b|check (?:your|the) (?:user ?name|user name|login) and password|Query status=3 \(AUTHFAIL\)|login error|password (?:is )?(?:incorrect|error|wrong)|(?:user|login)[^.]{0,12} or password (?:wrong|incorrect|invalid)|authentication credentials invalid|login fail\.|unable to authenticate (?:with|using|user|to (?:the )?(?:outgoing|incoming|mail|SMTP|IMAP|POP3?))\b|login to (?:the )?server \S{1,80} (?:with username \S{1,80} )?failed|rejected (?:the|your) (?:user ?name|password|login|credentials)|authori[sz]ation failure on\b|log-?on (?:attempt )?(?:failed|failure|denied)|SEC_E_LOGON_DENIED|0x8009030C|\bauth(?:entication)? (?:for|of) (?:user )?\S{1,80} failed|LOGIN failed|(?:Benutzername|Kennwort|Passwort)[^.]{0,40}(?:falsch|ungültig|nicht korrekt)|mot de passe[^.]{0,30}(?:incorrect|invalide|erroné)|contraseña[^.]{0,30}(?:incorrect|no v[aá]lid|inv[aá]lid)|password[^.]{0,20}(?:errat|non valid|non corrett)|senha[^.]{0,30}(?:incorret|inv[aá]lid)|wachtwoord[^.]{0,30}(?:onjuist|ongeldig)|неверн\S{1,3} (?:логин|пароль|имя)|用户名或密码|密码错误|帳號或密碼|\b(?:XOAUTH2|OAUTHBEARER) auth(?:entication)? (?:error|fail(?:ed|ure))/i,
      },
      'number',
    ),
  // email-oauth2-proxy, msmtp, himalaya
  cause('bad_input', 'the program’s own settings know no account of the name that it was asked for')
    .fix('add the account to the settings of the program, or correct the name; often it is the address that logs in')
    .when('account-not-set-up-in-words', {
      stage: 'response',
      text: /no config(?:uration)? (?:file )?entry found for|account \S{1,80} not found(?: in\b|: no configuration)|cannot find (?:configuration for )?account\b/i,
    }),
  // NeoMutt, mutt, himalaya
  cause('bad_input', 'the program is told to log in with OAuth, and no command that gives it a token is set')
    .fix('set the command that prints a token, such as "mailauth token NAME"')
    .when('token-command-absent-in-words', {
      stage: 'response',
      text: /no (?:oauth\w{0,2}|token|password) ?(?:refresh )?command (?:is )?(?:defined|set|configured|given)|(?:refresh|password|passw?|token|auth)[_ -]?(?:command|cmd|eval) (?:is )?(?:not (?:set|defined|configured)|missing|empty)/i,
    }),
  // mutt, msmtp, mbsync, offlineimap
  cause('signin_required', 'the command that should print a token for the program failed or printed nothing')
    .fix('run that command by hand, as the same user, and read what it says; paste that here')
    .when('token-command-failed-in-words', {
      stage: 'response',
      text: /password command exited with|cannot read output of '|(?:passwordeval|PassCmd|(?:refresh|token|auth_token|oauth\w{0,10})[_ ]?(?:command|cmd|helper|script)|pass(?:word)?_?(?:command|cmd))\b[^.]{0,40}(?:failed|returned (?:an? )?(?:error|non-zero|nothing|empty)|exited|gave no|produced no|no output)|unable to run (?:the )?(?:refresh|password|token) command|OAUTH refresh failed|\bcommand returned (?:an )?(?:empty|no) (?:string|output|token)/i,
    }),
);

const logins = rulesOf(
  // Ruby net/imap, himalaya, Thunderbird for Android, curl, mutt
  cause('mechanism_not_offered', 'this version of the program cannot log in with OAuth2 to this server')
    .fix('use a newer version or a build with OAuth2, or another program')
    .when('oauth-not-in-program-in-words', {
      stage: 'capability',
      text: /unknown auth(?:entication)? (?:type|method|mechanism)|missing `?oauth2?`? (?:cargo )?feature|OAuth(?: ?2(?:\.0)?)?(?: authentication| support)? (?:is )?(?:currently )?not (?:supported|enabled|available|compiled|implemented)|not (?:built|compiled) with (?:oauth|sasl|gsasl|cyrus)|(?:SASL|GSASL|OAuth\d?) support (?:is )?not (?:compiled|built|available|enabled)|Auth(?:entication)? mechanism .{0,24}is not supported by (?:this|the) (?:client|library|program)|auth(?:entication)? (?:type|method) ['"]?XOAUTH2['"]? (?:is )?(?:not supported|unknown|invalid)|no SASL plugin\b/i,
    }),
  // Nodemailer and others name the command that was refused (RFC 5321 section 4.2.4)
  cause(
    'mechanism_not_offered',
    'the server does not know the login command here; usually encryption has not begun, or the port is not for programs',
  )
    .fix('use the port for sending programs: 587 with STARTTLS or 465 with TLS')
    .when('auth-command-refused-in-words', {
      stage: 'capability',
      text: /\b50[0234]\b.{0,160}\bcommand['"]{0,2}: ?['"]AUTH\b/,
    }),
  cause(
    'mechanism_not_offered',
    'the program and the server share no way to log in: what the program wants is not in the list that the server offers there',
  )
    .fix(
      'compare the list in the answer to EHLO or CAPABILITY with what the program is set to; for a token it must hold XOAUTH2 or OAUTHBEARER',
    )
    .fix('a server often offers logins only after STARTTLS, and for sending only on port 587 or 465')
    .when('no-common-mechanism-in-words', {
      stage: 'capability',
      text: /no (?:supported |compatible |suitable |acceptable |available |usable |common |known )?(?:auth(?:entication)?|sasl) (?:method|mech)|using 0 possible authenticators|authentication (?:is )?not enabled|(?<!\b504 5\.7\.4 )unrecogni[sz]ed[^.]{0,20}\b(?:XOAUTH2|OAUTHBEARER|auth(?:entication)? (?:type|method|mechanism))|AUTH (?:command )?(?:used )?when not advertised|(?:did(?: not|n['’]t)|does(?: not|n['’]t)) (?:advertise|announce|offer) (?:any )?auth|(?:unknown|unrecogni[sz]ed) (?:command|verb)[^a-z]{0,4}AUTH\b|command (?:unknown|unrecogni[sz]ed): ?['"]?AUTH|No authenticators available|(?:does|do) not support (?:the )?(?:required |requested |selected |chosen |configured |any (?:of the )?|client )?(?:auth(?:entication)?|XOAUTH2|OAUTHBEARER|SASL)|none of the (?:server['’]s )?auth(?:entication)? (?:mechanism|method)|no mechanism available|no login methods? (?:supported|available)|SMTP AUTH extension not supported|AUTH (?:command |extension )?(?:is )?not (?:supported|available|advertised|enabled|implemented)|no form of authorization supported|MissingCapabilityException: AUTH|cannot use a secure auth|SMTP[^\d(]{1,12}\(250\)(?=.{0,300}\bEHLO\b)(?!.{0,600}\bAUTH\b)|No supported \w{1,8} authentication method|any of the supported authentication|support encrypted passwords|authentication is not allowed (?:at this stage|before)|authentication function returned an error|mechanism is not support\b|missing_requirement[^}]{0,80}:auth\b|do not fulfill requirements|(?:requested|selected) (?:auth|SASL)[^.]{0,30}(?:unavailable|not available|not supported)|(?:server|:) ?LOGINDISABLED\b|auth(?:entication)? method(?: not|s? are not| is not) (?:supported|available)|server doesn['’]t support (?:any )?auth|(?<!or )unsupported auth(?:entication)? (?:type|method|mechanism)/i,
    }),
  // Go
  cause('starttls_missing', 'the program sends no password over a connection without encryption, and none was begun')
    .fix('switch STARTTLS on for port 587, or TLS from the start for port 465')
    .fix('a server that offers no encryption there, such as one on this machine, is used without a login')
    .when('unencrypted-login-refused-in-words', { stage: 'capability', text: /\bunencrypted connection\b/i }),
  // Node, c-client, mbsync, Thunderbird, Dovecot
  cause('starttls_missing', 'the server takes logins only after encryption has begun, and the program did not begin it')
    .fix('use port 993 with TLS from the start, or switch STARTTLS on for port 143')
    .when('imap-tls-required-in-words', {
      where: 'imap',
      stage: 'capability',
      text: /log(?:ging )?in (?:is )?disabled (?:by|on) (?:this |the )?server|server forbids LOGIN|(?:not allow|disallowed) plain ?text (?:auth|pass)|clear ?text (?:auth\w*|log-?ins?|passwords?) (?:are |is )?(?:disabled|disallowed|not allowed)|secure authentication with this server|insecure server advertised|no capability for authenticate/i,
    }),
  cause(
    'starttls_missing',
    'the server takes mail and logins only after encryption has begun, and the program did not begin it',
  )
    .fix('switch STARTTLS on for port 587, or TLS from the start for port 465')
    .when('smtp-tls-required-in-words', {
      stage: 'capability',
      text: /STARTTLS is required|must (?:issue|use) (?:a )?STARTTLS|(?<!SMTP ?server )requires (?:a )?(?:secure|encrypted|TLS|SSL)\b(?! connection or the client)|encryption (?:is )?required|TLS (?:is )?required|plaintext auth\w* (?:is )?(?:disallowed|not allowed|disabled)|(?:auth\w*|login) (?:is )?(?:not allowed|disabled|forbidden|only allowed)[^.]{0,30} (?:before|until|without|over) (?:start)?(?:TLS|SSL|encrypt)/i,
    }),
);

export const foreignRules: readonly Rule[] = [...signIns, ...logins];
