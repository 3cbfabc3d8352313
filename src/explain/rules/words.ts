import { cause, rulesOf } from '../cause.js';
import type { Rule } from '../rule.js';
import { worded } from './worded.js';

/**
 * The same failures as other programs, libraries and operating systems word them, for lines that a person pastes. They
 * are tried last, and only at the stages before a server has said anything, so that no server's reply is taken for one.
 * Who words it so is named beside each group.
 */

const clear: readonly Rule[] = [
  ...worded(
    { ending: '-in-words', stage: 'connect' },
    {
      'proxy-authentication':
        /407:? Proxy Authentication|Proxy Authentication Required|proxy (?:requires|wants) authentication/i,
      'proxy-unreachable':
        /proxyconnect tcp|cannot connect to proxy|unable to connect to (?:the )?proxy|ProxyError|(?:TUNNEL|PROXY)_CONNECTION_FAILED|from proxy after CONNECT|CONNECT tunnel failed|Proxy CONNECT (?:aborted|failed)|proxy error|SOCKS: |tunnel\w{0,4} socket could not|complete SOCKS\w{1,2} connection|(?:failed|unable) to (?:receive|send|resolve)\b[^.]{0,30}\bSOCKS|(?:connection to|connect to|connecting to|connection with) (?:the )?proxy|(?:failed|unable|cannot|could not) (?:to )?(?:set ?up|setup|establish|open|create|reach|find|use) (?:a |the )?proxy|SOCKS[45]? auth\w*[^.]{0,30}(?:reject|fail|refus|unaccept|not accept)|socks[45]h? (?:error|failure)|proxy (?:connection|server) (?:failed|refused|is refusing)|tunnel connection failed|SOCKS[45]? (?:proxy|connection|server)[^.]{0,30}(?:fail|refus|unreach|error)/i,
    },
  ),
  // isync and others, while a conversation was under way
  ...worded(
    { ending: '-in-words', stage: 'greeting' },
    {
      'connect-broken-off': /(?:secure read|SSL_read)\b.{0,120}unexpected eof/i,
    },
  ),
  // msmtp, after a conversation has begun
  ...worded(
    { ending: '-in-words', stage: 'connect' },
    {
      'conversation-timeout': /missed upload deadline|read from (?:the )?(?:TLS|SSL)[^.]{0,20}: .{0,20}timed out/i,
    },
  ),
  ...worded(
    { ending: '-in-words', stage: 'tls' },
    {
      // OpenSSL, GnuTLS, rustls, Java, .NET, SChannel, NSS, Go
      'tls-certificate-expired':
        /certificate(?: \d+ of \d+)? (?:chain )?(?:has |is |was )?expired(?! or is not yet valid(?!.{0,80} is after))|CertificateExpiredException|certificate: Expired|SEC_E_CERT_EXPIRED|0x80090328|CERT_E_EXPIRED|0x800B0101|SEC_ERROR_EXPIRED|\bNotTimeValid\b|errSSLCertExpired|-9814\b|NotAfter: |CERT_DATE_INVALID|(?:uses|:) (?:an )?expired certificate|CERT_TRUST_IS_NOT_TIME_VALID|certpath[^,]{0,60}validity check failed/i,
      'tls-certificate-not-yet-valid':
        /certificate is not (?:yet valid|valid yet|yet activated)|CertificateNotYetValidException|certificate: NotValidYet|NotBefore: |uses not yet valid certificate|NOT_YET_VALID_CERT|is not yet valid: current time \S{1,40} is before/i,
      'tls-inspected': /self[- ]signed certificate in (?:the )?(?:certificate )?chain|MITM_DETECTED/i,
      'tls-self-signed':
        /self[- ]signed certificate(?! which cannot be verified|s? (?:are |is )?(?:allowed|accepted|permitted))|certificate (?:of the certificate chain )?is self[- ]signed|MOZILLA_PKIX_ERROR_SELF_SIGNED/i,
      'tls-name-mismatch':
        /do(?:es)?(?: not|n['’]t) match (?:target host|certificate['’]s altnames|the expected (?:host|name|server|CN)|hostname|any of the names|either of|the host)|\bPeer certificate CN=|no alternative certificate subject name|(?:host ?name|IP address|CommonName) mismatch|certificate (?:is|was)(?: not|n['’]t) valid for|not valid for name|valid for .{1,80}, not |No subject alternative|No name matching|certificate: (?:Cert)?NotValidForName|SEC_E_WRONG_PRINCIPAL|0x80090322|CERT_E_CN_NO_MATCH|0x800B010F|RemoteCertificateNameMismatch|BAD_CERT_DOMAIN|did(?: not|n['’]t) match (?:expected CN|any of the names)|contain any IP SANs|certificate['’]s owner does not match|name in the certificate does not match|did(?: not|n['’]t) match the name|CERT_COMMON_NAME_INVALID|domain name mismatch|does(?: not|n['’]t) match (?:the server )?certificate|did(?: not|n['’]t) match any of the valid hosts|unable to locate peer certificate CN|target principal name is incorrect|Hostname \S{1,80} not verified|hostname(?: verification|_check)_?[ ]?failed|can['’]t verify identity of server|legacy Common Name field|unrecogni[sz]ed[_ ]name|errSSLHostNameMismatch|-9843\b|peer name not verified/i,
      'tls-certificate-broken':
        /certificate signature (?:failure|is (?:wrong|invalid)|mismatch)|bad certificate signature/i,
      'tls-certificate-revoked':
        /certificate (?:chain )?(?:has been |was |is )?revoked|certificate: Revoked|SEC_ERROR_REVOKED|0x80092010/i,
      'tls-certificate-unfit':
        /unsupported certificate purpose|invalid CA certificate|incompatible key usage|CA_CERT_INVALID|CA_CERT_USED_AS_END|CaUsedAsEndEntity|certificate is not a CA\b|not standards compliant|cannot sign this kind of certificate|Basic Constraints of|Missing Authority Key|negative serial number|UnsupportedCertVersion|NOT_VALID_FOR_USAGE|INADEQUATE_(?:KEY_USAGE|CERT_TYPE)/i,
      'tls-certificate-weak':
        /(?:ee|ca) key too small|ca md too weak|(?:certificate key|digest algorithm) too weak|insecure algorithm|Algorithm constraints check failed|SIGNATURE_ALGORITHM_DISABLED|INADEQUATE_KEY_SIZE/i,
      'tls-issuer-unknown':
        /hasn['’]t got a known issuer|unable to find valid certification path|unable to (?:verify the first certificate|get (?:local )?issuer certificate)|unknown authority|PKIX path building failed|certificate: UnknownIssuer|SEC_E_UNTRUSTED_ROOT|0x80090325|CERT_E_UNTRUSTEDROOT|0x800B0109|UNKNOWN_ISSUER|UNTRUSTED_ISSUER|RemoteCertificateChainErrors|\b(?:UntrustedRoot|PartialChain)\b|certificate (?:is )?(?:NOT |not )(?:be )?trusted|certificate issuer is unknown|signer not found|missing trust anchor|certificate for this server is invalid|pretending to be|untrusted issuer|authority that is not trusted|errSSLXCertChainInvalid|-9807\b|Trust anchor for certification path not found|not trusted by (?:the|your)(?! system for one or more)|unknown[ _]ca\b|CERT_AUTHORITY_INVALID|CERT_TRUST_IS_(?:UNTRUSTED|PARTIAL|NOT_SIGNATURE)|cannot be authenticated with (?:given|known) CA|issuer is not recogni[sz]ed|issuer certificate (?:of a locally looked up certificate )?could not be found|root CA certificate is not trusted|peer did not present any certificate|(?<![a-z])ErrorCertificate\b|no certificates could be verified|issuer certificate check failed|unknown certificate authority|establish trust relationship|server is not trusted|broken certification chain|verify the identity of the server/i,
    },
  ),
  ...worded(
    { ending: '-in-words', stage: 'tls' },
    {
      // OpenSSL, Go, GnuTLS, Java, rustls, .NET, SChannel
      'tls-plain-text-port':
        /wrong[_ ]version[_ ]number|does not look like a TLS handshake|unexpected TLS packet|(?:unsupported or )?unrecogni[sz]ed SSL message|plaintext connection\?|SERVER_HELLO:unknown protocol|unexpected packet format|corrupted frame|cannot determine the frame size|InvalidContentType|\bCorruptMessage\b|unsupported_record_type|packet length too long|SEC_E_INVALID_TOKEN|0x80090308|routines:[^:]{0,60}:http request|record layer failure|RX_RECORD_TOO_LONG|tls: (?:oversized record|received record with version|handshake message of length)|illegal or unsupported version|typically reserved for plain-text|ERR_SSL_PROTOCOL_ERROR|0x800CCC1A/i,
      'tls-version':
        /unsupported (?:protocol(?! scheme)|SSLv[23])|wrong ssl version|no protocols available|alert protocol[_ ]version|fatal alert: protocol_version|No appropriate protocol|protocol is disabled|SSL_ERROR_UNSUPPORTED_VERSION|tls: (?:server selected unsupported )?protocol version|0x80090331|possess a common algorithm|alert: '?ProtocolVersion|no supported versions satisfy|PROTOCOL_VERSION_ALERT|UNSUPPORTED_VERSION_PACKET|alert code is 70\b|TLS 1\.[01]\b[^.]{0,30} (?:is |are )?(?:not|no longer) supported|to support TLS 1\.2|smtp_auth_tls|NO_PROTOCOLS_AVAILABLE/i,
      'tls-no-common-cipher':
        /(?:alert )?handshake[_ ]failure|no shared cipher|dh key too small|NO_CYPHER_OVERLAP|peer is incompatible|unsafe[ _]legacy[ _]renegotiation|insufficient[_ ]security|negotiate a supported cipher|Diffie-Hellman prime|WEAK_SERVER_EPHEMERAL|alert code is 40\b|HandshakeFailure|SSL_VERSION_OR_CIPHER/i,
      'tls-client-certificate': /certificate[_ ]required\b/i,
      'tls-timeout': /handshake (?:operation )?(?:has )?time(?:d ?-?)?out/i,
    },
  ),
  ...worded(
    { ending: '-in-words', stage: 'starttls' },
    {
      'starttls-missing':
        /missing_requirement[^}]{0,80}, ?:?tls\b|STARTTLS (?:is )?(?:not (?:supported|offered|advertised|available)|extension not supported)|(?:did(?: not|n['’]t)|does(?: not|n['’]t)) (?:support|offer|advertise) (?:the )?STARTTLS|TLS is required, but (?:was )?not offered|server does not support (?:TLS|secure connections?)|doesn['’]t support TLS|server not offering TLS|unable to negotiate TLS|STARTTLS (?:was )?denied|MissingCapabilityException: STARTTLS|STARTTLS since it doesn['’]t|STARTTLS is (?:mandatory|required) for|TLS session is required|STARTTLS_NOT_SUPPORTED|secure TLS connection to|no ssl support/i,
    },
  ),
  ...worded(
    { ending: '-in-words', stage: 'capability' },
    {
      'mechanism-not-offered': /did(?: not|n['’]t) advertise AUTH\b/i,
    },
  ),
  // .NET, curl, mutt, which do not name STARTTLS
  ...worded(
    { ending: '-otherwise-in-words', stage: 'capability' },
    {
      'starttls-missing':
        /does(?: not|n['’]t) support secure connections?|SSL is not available on|ErrorTLSNotAvailable|requested SSL level failed|CURLE_USE_SSL_FAILED|encrypted connection (?:is )?unavailable/i,
    },
  ),
  // A certificate comes after the server has agreed.
  ...worded(
    { ending: '-in-words', stage: 'starttls' },
    {
      'starttls-refused-otherwise':
        /^(?!.*(?:certificate|x509)).*(?:upgrade to TLS failed|upgrading connection with STARTTLS|unable to connect with STARTTLS|could not negotiate TLS|cannot enable TLS|STARTTLS (?:command )?failed|cannot start TLS|could not start TLS|unable to (?:start|establish) TLS)/i,
    },
  ),
  ...worded(
    { ending: '-in-words', stage: 'dns' },
    {
      'dns-no-answer':
        /temporary failure in name resolution|host lookup did not complete|\bErrno -3\b|server misbehaving|Try again later.{0,20}resol|SERVFAIL|:53: (?:read|write|i\/o)|type=\w{1,5}: Host not found, try again|\b11002\b|temporary error during hostname resolution/i,
      // libc, Windows, Java, .NET, Go, PHP, Android, Postfix, msmtp
      'dns-no-such-name':
        /name or service not known|\bErrno -2\b|nodename nor servname|no such host|could not resolve(?! (?:placeholder|dependenc|all|type|view|artifact|module|reference|symbol))|(?:error|fail\w{0,3}) to resolve [\w.-]{1,60}\.\w|could not be resolved|unable to (?:resolve|look ?up) (?:host|the)|UnknownHostException|no address associated with|host(?:name)? (?:or domain name )?not found|cannot locate host|getaddrinfo failed|getaddresses: getaddrinfo|NXDOMAIN|WSAHOST_NOT_FOUND|\b11001\b|failed to lookup address|unknown (?:smtp |imap |pop3? )?host\b|bad hostname\b|could not find the host\b|no MX (?:records? )?found|resolve MX\b|COULDNT_RESOLVE_HOST|\b11004\b|(?:outgoing|incoming) server (?:\(SMTP\) )?\S{1,80} is unknown|NAME_NOT_RESOLVED|ERROR_UNKNOWN_HOST|DNS_PROBE_FINISHED|cannot find the e-?mail server|0x800CCC0D|'EDNS'/i,
    },
  ),
  ...worded(
    { ending: '-in-words', stage: 'connect' },
    {
      'connect-refused':
        /connection (?:was )?refused(?! from\b)|refused the connection|actively refused it|couldn['’]t connect to server|\b10061\b|WSAECONNREFUSED|ConnectionRefused|econnrefused|os error 111|errno[ =]111\b|(?<![\w.])\(111\)|-1004\b|CONNECTION_REFUSED|refused to connect/i,
      'connect-no-route':
        /no route to host|network (?:is )?(?:unreachable|down)|host is (?:unreachable|down)|unreachable (?:network|host)|cannot assign requested address|\b100(?:51|65)\b|ehostunreach|enetunreach|os error 101|errno=1(?:01|13)\b|-1009\b/i,
      'connect-timeout-mail':
        /connect(?:ion)?(?: attempt)?(?: has| was)? timed[ -]?out|connection time[- ]?out(?! ?[=:]? ?\d)|connection to (?:the )?(?:\w{1,10} ){0,2}(?:\(SMTP\) )?\S{1,80} timed out|socket\.timeout: |timeout period expired|OPERATION_TIMEDOUT|HttpClient\.Timeout|connect: timeout|did not properly respond|(?<!:53: )i\/o timeout|operation timed out|timed ?out (?:while|waiting(?! for (?:the |your )?(?:user|auth|log-?in|browser|redirect|callback|code|sign))|after)|timeout (?:was reached|exceeded|error)|(?:read|connect|socket|connection) (?:timed out|timeout(?! ?[=:]? ?\d))|deadline exceeded|\b10060\b|WSAETIMEDOUT|os error 110|errno=110\b|(?<![\w.])\(110\)|-1001\b|SocketTimeoutException|TimeoutError: |asyncio\.(?:exceptions\.)?TimeoutError|has timed out|Net::(?:Open|Read|Write)Timeout|execution expired|CONNECTION_TIMED_OUT|ERROR_NET_TIMEOUT|took too long to respond|(?:error|failed|connect\w{0,4}) .{0,80}: time(?:d )?-?out\b(?! ?[=:])|etimedout|\{:?error, ?:?timeout\}|0x800CCC19|0x8004210[AB]/i,
      'connect-not-permitted':
        /access permissions|(?<!state is )\b10013\b|connect: (?:permission denied|operation not permitted)|permission denied: connect|\(permission denied\)|socket: (?:operation not permitted|permission denied)|\(13\) ?permission denied|permission denied (?:\(13\)|#13\b)|blocked by (?:the )?(?:antivirus|firewall)/i,
    },
  ),
  ...worded(
    { ending: '-in-words', stage: 'greeting' },
    {
      'greeting-timeout': /greeting never received|unexpectedly closed: timed out/i,
      // JavaMail
      'tls-port-expects-tls': /port:? ?(?:465|993|995)\b.{0,20}\bresponse: -1\b|\bshort response:/i,
    },
  ),
];

/** Cyrus SASL and what uses it: the mechanism is a plugin there. */
const pluginMissing = rulesOf(
  cause(
    'mechanism_not_offered',
    'the program’s own SASL library cannot do XOAUTH2; usually its plugin is missing, or is another one',
  )
    .fix('install the plugin that the first lines of the exported configuration name', {
      run: 'export --format list',
      foreign: 'install a SASL plugin for XOAUTH2, such as cyrus-sasl-xoauth2',
    })
    .when('sasl-plugin-missing', {
      stage: 'capability',
      text: /no worthy mechs found|couldn['’]t find mech\b|could not find any worthy SASL mechanism|SASL\(-1\): generic failure: unable to find a callback/i,
    }),
);

/** What says no more than that a certificate was not accepted, or a handshake or a connection not finished. */
const general: readonly Rule[] = [
  ...worded(
    { ending: '-in-general-in-words', stage: 'tls', weight: 'general' },
    {
      'tls-issuer-unknown':
        /certificate[_ ](?:verify\b(?! ?[=:])|verif(?:y|ication)[_ ]fail)|\bPKIX\b|ValidatorException\b|(?:get|process)_server_certificate\b|certificate not verified|bad certificate|invalid peer certificate|certificate could not be validated|remote certificate (?:is|was) (?:invalid|rejected)|unacceptable (?:TLS )?certificate|TLS certificate provided by the server appears|PKI verification of|error in the certificate verification|CERTIFICATE_VERIFICATION_ERROR|PEER_FAILED_VERIFICATION|certificate verification error|peer not authenticated|alert certificate[_ ]unknown|tls: unknown certificate\b|SSL certificate problem|-1202\b/i,
    },
  ),
  ...worded(
    { ending: '-in-general-in-words', stage: 'tls', weight: 'general' },
    {
      'tls-closed':
        /(?:EOF|closed|terminated|reset|disconnected)[^.]{0,60}(?:handshake|secure TLS|violation of protocol|while negotiating)|handshake eof\b|(?:handshake|TLS|SSL)[^.]{0,40}(?:non-properly terminated|unexpected(?:ly)? (?:EOF|closed)|closed the (?:connection|transport))|closed the transport stream|TLS\/SSL connection has been closed|without sending TLS close_notify|END_OF_FILE_ERROR|CONNECT_RESET_ERROR|PREMATURE_TERMINATION|EOF occurred in violation|unexpected[_ ]eof[_ ]while[_ ]reading/i,
      'tls-other':
        /(?:TLS|SSL)(?:\/TLS)? (?:handshake|connection|negotiation) (?:failed|error|could not)|handshake (?:failed|error)|TLS handshake\W{1,8}E(?:RROR)?: |establish an SSL or TLS connection|TLS fatal alert|call to SSPI failed|SSL_connect|-1200\b|SSLHandshakeException|SEC_E_\w{3,40}|0x80090326|unexpected or badly formatted|alert (?:internal error|decode error|illegal parameter|bad record mac)|bad record mac|Failed to create SSL connection|(?:couldn['’]t|could not|cannot|unable to|failed to) set ?up (?:an? |the )?(?:SSL|TLS)\b|STARTTLS: (?:\d{3} )?(?:2\.0\.0 )?Ready to start TLS|appropriate TLS channel|convert socket to TLS|\btls_failed\b|fatal alert|INTERNAL_ERROR_ALERT|(?:remote error: )?tls: internal error|create SSL\/TLS|SSL_accept|SSL (?:connect attempt )?failed|TLS startup failed|error connecting with SSL|(?<![a-z])MAIL(?:IMAP|SMTP|POP3)_ERROR_SSL|gnutls_handshake|GNUTLS_E_\w{3,40}|TLS client credential|token supplied to the function is invalid|Local Security Authority cannot be contacted/i,
    },
  ),
  ...worded(
    { ending: '-in-general-in-words', stage: 'connect', weight: 'general' },
    {
      // Jakarta Mail
      'connect-timeout-mail': /couldn['’]t connect to host, port: [^;]{1,90}; timeout [1-9]/i,
      'connect-refused':
        /transport failed to connect|0x80040213|couldn['’]t connect to host(?:, port: [^;]{1,90}, \d{1,5}(?:$|; timeout (?:-1|0)\b)|(?!,))|unable to connect to the remote server|server not found or refused connection|CURLE_COULDNT_CONNECT|0x800CCC0E|0x8004210[89]/i,
    },
  ),
  ...worded(
    { ending: '-in-general-in-words', stage: 'greeting', weight: 'general' },
    {
      'connect-broken-off':
        /connection (?:was )?(?:reset|closed(?! by (?:the )?client)|lost(?! to auth)|aborted|broken|terminated|dropped)|lost connection(?! after [A-Z])|reset by peer|socket (?:hang up|hangup|error(?!:))|forcibly closed|\b1005[34]\b|broken pipe|unexpected (?:EOF|socket close)|unexpectedly (?:closed|disconnected(?!: Auth))|closed (?:the connection )?unexpectedly|server (?:\S{1,80} )?(?:has )?(?:closed|disconnected(?!: Auth))|remote host closed the connection|stable connection to the server could not|empty reply from server|lost in the middle of|incomplete response|session failed: (?:read|write) error|connection not available|\bNoConnection\b|error in the p(?:ull|ush) function|-ERR EOF|Exception: \[EOF\]|net_io_connectionclosed|not connected|SMTPServerDisconnected|EOF (?:from|on) (?:IMAP|server)|(?:^|[:=] ?)EOF$|\bmsg=EOF\b|end of file reached|\{:?error, ?:?closed\}|:closed\b|econnreset|ERROR_NET_(?:RESET|INTERRUPT)|\bresponse: -1\b|\bresponse: -1\b|(?:got|received) an empty response|empty (?:startup )?greeting|got code ""|0x800CCC0F/i,
    },
  ),
];

/** What a library says around any of the above. */
const around: readonly Rule[] = worded(
  { ending: '-around-in-words', stage: 'tls', weight: 'number' },
  {
    // PHP, Zend
    'tls-other':
      /stream_socket_enable_crypto|\bSSLError\b|unknown SSL protocol|failed to enable crypto|unable to connect via (?:TLS|SSL)|SSL context creation/i,
  },
);

export const wordsRules: readonly Rule[] = [...clear, ...pluginMissing, ...general, ...around];
