import type { Rule } from '../rule.js';
import { mailRules } from './mail.js';
import { networkRules } from './network.js';

/**
 * The same failures as other programs, libraries and operating systems word them, for lines that a person pastes. They
 * are tried last, and only at the stages before a server has said anything, so that no server's reply is taken for one.
 * Who words it so is named beside each group.
 */

type Words = readonly [rule: string, text: RegExp, sample: string];

const CERTIFICATES: readonly Words[] = [
  [
    // OpenSSL, GnuTLS, rustls, Java, .NET, SChannel, NSS, Go
    'tls-certificate-expired',
    /certificate(?: \d+ of \d+)? (?:chain )?(?:has |is |was )?expired|CertificateExpiredException|certificate: Expired|SEC_E_CERT_EXPIRED|0x80090328|CERT_E_EXPIRED|0x800B0101|SEC_ERROR_EXPIRED|\bNotTimeValid\b|errSSLCertExpired|-9814\b|NotAfter: |CERT_DATE_INVALID/i,
    'SSL certificate problem: certificate has expired',
  ],
  [
    'tls-certificate-not-yet-valid',
    /certificate is not (?:yet valid|valid yet|yet activated)|CertificateNotYetValidException|certificate: NotValidYet|NotBefore: /i,
    'SSL certificate problem: certificate is not yet valid',
  ],
  [
    'tls-inspected',
    /self[- ]signed certificate in (?:the )?(?:certificate )?chain/i,
    'SSL certificate problem: self signed certificate in certificate chain',
  ],
  [
    'tls-self-signed',
    /self[- ]signed certificate|certificate is self[- ]signed|MOZILLA_PKIX_ERROR_SELF_SIGNED/i,
    'certificate verify failed: self-signed certificate',
  ],
  [
    'tls-name-mismatch',
    /do(?:es)?(?: not|n['’]t) match (?:target host|certificate['’]s altnames|the expected|hostname|any of the names|the host)|no alternative certificate subject name|hostname mismatch|is(?: not|n't) valid for|valid for .{1,80}, not |No subject alternative|No name matching|certificate: (?:Cert)?NotValidForName|SEC_E_WRONG_PRINCIPAL|0x80090322|CERT_E_CN_NO_MATCH|0x800B010F|RemoteCertificateNameMismatch|BAD_CERT_DOMAIN|did(?: not|n['’]t) match (?:expected CN|any of the names)|contain any IP SANs|certificate['’]s owner does not match|name in the certificate does not match|did(?: not|n['’]t) match the name|CERT_COMMON_NAME_INVALID|domain name mismatch|fatal alert: unrecognized_name|alert unrecognized name|errSSLHostNameMismatch|-9843\b|peer name not verified/i,
    "certificate verify failed: Hostname mismatch, certificate is not valid for 'smtp.example.com'",
  ],
  [
    'tls-certificate-revoked',
    /certificate (?:has been |was |is )?revoked|SEC_ERROR_REVOKED|0x80092010/i,
    'The certificate has been revoked',
  ],
  [
    'tls-issuer-unknown',
    /hasn['’]t got a known issuer|unable to find valid certification path|unable to (?:verify the first certificate|get (?:local )?issuer certificate)|unknown authority|PKIX path (?:building|validation) failed|certificate: UnknownIssuer|SEC_E_UNTRUSTED_ROOT|0x80090325|CERT_E_UNTRUSTEDROOT|0x800B0109|UNKNOWN_ISSUER|UNTRUSTED_ISSUER|RemoteCertificateChainErrors|\b(?:UntrustedRoot|PartialChain)\b|certificate (?:is )?(?:NOT |not )(?:be )?trusted|certificate issuer is unknown|signer not found|untrusted issuer|authority that is not trusted|remote certificate (?:is|was) (?:invalid|rejected)|errSSLXCertChainInvalid|-9807\b|Trust anchor for certification path not found|certificate could not be validated|not trusted by (?:the|your)|alert unknown ca|unknown_ca\b|CERT_AUTHORITY_INVALID|check revocation|revocation (?:server|status|function)|(?:ee|ca) key too small|ca md too weak/i,
    'x509: certificate signed by unknown authority',
  ],
];

/** What says no more than that a certificate was not accepted: any of the above is the better answer. */
const CERTIFICATES_IN_GENERAL: readonly Words[] = [
  [
    'tls-issuer-unknown',
    /certificate[_ ]verif(?:y|ication)[_ ]fail|certificate not verified|bad certificate|invalid peer certificate|SSL certificate problem|-1202\b/i,
    'SSL routines:tls_process_server_certificate:certificate verify failed',
  ],
];

const HANDSHAKES: readonly Words[] = [
  [
    // OpenSSL, Go, GnuTLS, Java, rustls, .NET, SChannel
    'tls-plain-text-port',
    /wrong[_ ]version[_ ]number|does not look like a TLS handshake|unexpected TLS packet|(?:unsupported or )?unrecogni[sz]ed SSL message|plaintext connection\?|SERVER_HELLO:unknown protocol|unexpected packet format|corrupted frame|cannot determine the frame size|InvalidContentType|packet length too long|SEC_E_INVALID_TOKEN|0x80090308|routines:[^:]{0,60}:http request|record layer failure|typically reserved for plain-text|ERR_SSL_PROTOCOL_ERROR|0x800CCC1A/i,
    'SSL routines::wrong version number',
  ],
  [
    'tls-version',
    /unsupported protocol|alert protocol[_ ]version|fatal alert: protocol_version|No appropriate protocol|protocol is disabled|SSL_ERROR_UNSUPPORTED_VERSION|tls: (?:server selected unsupported )?protocol version|0x80090331|possess a common algorithm|TLS 1\.[01]\b[^.]{0,30} (?:is |are )?(?:not|no longer) supported|to support TLS 1\.2|smtp_auth_tls|NO_PROTOCOLS_AVAILABLE/i,
    'SSL routines:tls_process_server_hello:unsupported protocol',
  ],
  [
    'tls-no-common-cipher',
    /(?:alert )?handshake[_ ]failure|no shared cipher|dh key too small|NO_CYPHER_OVERLAP|peer is incompatible|unsafe legacy renegotiation|HandshakeFailure|SSL_VERSION_OR_CIPHER/i,
    'sslv3 alert handshake failure',
  ],
  [
    'starttls-missing',
    /STARTTLS (?:is )?(?:not (?:supported|offered|advertised|available)|extension not supported)|(?:did(?: not|n['’]t)|does(?: not|n['’]t)) (?:support|offer|advertise) (?:the )?STARTTLS|TLS is required, but (?:was )?not offered|server does not support (?:TLS|secure connections?)|doesn['’]t support TLS/i,
    'STARTTLS extension not supported by server',
  ],
  ['mechanism-not-offered', /did(?: not|n['’]t) advertise AUTH\b/i, 'The server did not advertise AUTH'],
  [
    'starttls-refused-otherwise',
    /upgrade to TLS failed|STARTTLS (?:command )?failed|cannot start TLS|could not start TLS|unable to (?:start|establish) TLS/i,
    'localhost: upgrade to TLS failed.',
  ],
];

const HANDSHAKES_IN_GENERAL: readonly Words[] = [
  [
    'tls-closed',
    /(?:EOF|closed|terminated|reset|disconnected)[^.]{0,60}(?:handshake|secure TLS|violation of protocol|while negotiating)|(?:handshake|TLS|SSL)[^.]{0,40}(?:non-properly terminated|unexpected(?:ly)? (?:EOF|closed)|closed the (?:connection|transport))|closed the transport stream|EOF occurred in violation|unexpected[_ ]eof[_ ]while[_ ]reading/i,
    'Remote host closed connection during handshake',
  ],
  [
    'tls-other',
    /(?:TLS|SSL)(?:\/TLS)? (?:handshake|connection|negotiation) (?:failed|error|could not)|handshake (?:failed|error)|establish an SSL or TLS connection|TLS fatal alert|call to SSPI failed|SSL_connect|-1200\b|SSLHandshakeException|SEC_E_\w{3,40}|alert (?:internal error|decode error|illegal parameter|bad record mac)|bad record mac|Failed to create SSL connection|appropriate TLS channel|convert socket to TLS/i,
    'TLS handshake failed',
  ],
];

const CONNECTIONS: readonly Words[] = [
  [
    'dns-no-answer',
    /temporary failure in name resolution|server misbehaving|Try again later.{0,20}resol|SERVFAIL|type=\w{1,5}: Host not found, try again/i,
    'Temporary failure in name resolution',
  ],
  [
    // libc, Windows, Java, .NET, Go, PHP, Android, Postfix, msmtp
    'dns-no-such-name',
    /name or service not known|nodename nor servname|no such host|could not resolve|could not be resolved|unable to (?:resolve|look ?up) (?:host|the)|UnknownHostException|no address associated with|host(?:name)? (?:or domain name )?not found|cannot locate host|getaddrinfo failed|getaddresses: getaddrinfo|NXDOMAIN|WSAHOST_NOT_FOUND|\b11001\b|failed to lookup address|unknown (?:smtp |imap |pop3? )?host\b|NAME_NOT_RESOLVED|DNS_PROBE_FINISHED|0x800CCC0D|'EDNS'/i,
    'Could not resolve host: smtp.example.com',
  ],
  [
    'connect-refused',
    /connection (?:was )?refused|refused the connection|actively refused it|couldn['’]t connect to server|\b10061\b|WSAECONNREFUSED|ConnectionRefused|os error 111|errno 111\b|\(111\)|-1004\b|CONNECTION_REFUSED|refused to connect/i,
    'Connection refused',
  ],
  [
    'connect-no-route',
    /no route to host|network is (?:unreachable|down)|host is (?:unreachable|down)|unreachable (?:network|host)|cannot assign requested address|\b100(?:51|65)\b|os error 101|-1009\b/i,
    'No route to host',
  ],
  [
    'connect-timeout-mail',
    /connect(?:ion)?(?: attempt)?(?: has| was)? timed[ -]?out|connection time[- ]?out|did not properly respond|i\/o timeout|operation timed out|timed out (?:while|waiting|after)|timeout (?:was reached|exceeded|error)|(?:read|connect|socket|connection) time(?:d )?out|deadline exceeded|\b10060\b|WSAETIMEDOUT|os error 110|\(110\)|-1001\b|SocketTimeoutException|TimeoutError: |has timed out|Net::(?:Open|Read|Write)Timeout|execution expired|CONNECTION_TIMED_OUT|took too long to respond|(?:error|failed|connect\w{0,4}) .{0,80}: time(?:d )?-?out|0x800CCC19|0x8004210[AB]/i,
    'Connection timed out',
  ],
  [
    'connect-not-permitted',
    /access permissions|\b10013\b|connect: permission denied|socket: (?:operation not permitted|permission denied)|\(13\) ?permission denied|permission denied \(13\)|blocked by (?:the )?(?:antivirus|firewall)/i,
    'An attempt was made to access a socket in a way forbidden by its access permissions (10013)',
  ],
  ['greeting-timeout', /greeting never received/i, 'Greeting never received'],
];

const CONNECTIONS_IN_GENERAL: readonly Words[] = [
  [
    'connect-refused',
    /couldn['’]t connect to host|0x800CCC0E|0x80042108/i,
    "MailConnectException: Couldn't connect to host, port: smtp.example.com, 587",
  ],
  [
    'connect-closed-early',
    /connection (?:was )?(?:reset|closed|lost|aborted|broken|terminated|dropped)|lost connection(?! after AUTH)|reset by peer|socket (?:hang up|hangup|error)|forcibly closed|\b1005[34]\b|broken pipe|unexpected EOF|unexpectedly (?:closed|disconnected(?!: Auth))|closed (?:the connection )?unexpectedly|server (?:has )?(?:closed|disconnected(?!: Auth))|not connected|SMTPServerDisconnected|EOF (?:from|on) (?:IMAP|server)|^EOF$|end of file reached|0x800CCC0F/i,
    'Connection closed unexpectedly',
  ],
];

const PROXIES: readonly Words[] = [
  [
    'proxy-authentication',
    /407:? Proxy Authentication|Proxy Authentication Required|proxy (?:requires|wants) authentication/i,
    'The remote server returned an error: Proxy Authentication Required',
  ],
  [
    'proxy-unreachable',
    /proxyconnect tcp|cannot connect to proxy|unable to connect to (?:the )?proxy|ProxyError|(?:TUNNEL|PROXY)_CONNECTION_FAILED|from proxy after CONNECT|Proxy CONNECT (?:aborted|failed)|proxy error|SOCKS: |socks[45]h? (?:error|failure)|proxy (?:connection|server) (?:failed|refused|is refusing)|tunnel connection failed|SOCKS[45]? (?:proxy|connection|server)[^.]{0,30}(?:fail|refus|unreach|error)/i,
    'proxyconnect tcp: dial tcp 127.0.0.1:3128: connect: connection refused',
  ],
];

/** At which stage the rule of that name looks, and what it says; the words are others. */
function inWords([id, text, sample]: Words, ending: string, weight: NonNullable<Rule['weight']>): Rule {
  const rule = [...networkRules, ...mailRules].find((candidate) => candidate.id === id);
  if (rule === undefined) throw new Error(`no rule ${id}`);
  const { where } = rule.sample;
  // Before a proxy is asked, any stage of a connection may fail: its own stage belongs to what mailauth sees itself.
  const stage = rule.sample.stage === 'proxy' ? 'connect' : rule.sample.stage;
  return {
    id: `${id}${ending}`,
    weight,
    when: { stage: [stage], text },
    sample: { where, stage, text: sample },
    diagnosis: rule.diagnosis,
  };
}

/** Cyrus SASL and what uses it: the mechanism is a plugin there. */
const pluginMissing: Rule = {
  id: 'sasl-plugin-missing',
  when: {
    stage: ['capability'],
    text: /no worthy mechs found|couldn['’]t find mech\b|could not find any worthy SASL mechanism|SASL\(-1\): generic failure: unable to find a callback/i,
  },
  sample: { where: 'smtp', stage: 'capability', text: 'SASL authentication failure: No worthy mechs found' },
  diagnosis: {
    code: 'mechanism_not_offered',
    who: 'you',
    message: 'the program’s own SASL library cannot do XOAUTH2; usually its plugin is missing, or is another one',
    fix: [
      {
        text: 'install the plugin that the first lines of the exported configuration name',
        run: { verb: 'export', flags: '--format list' },
      },
    ],
  },
};

const clear = [...PROXIES, ...CERTIFICATES, ...HANDSHAKES, ...CONNECTIONS];
const general = [...CERTIFICATES_IN_GENERAL, ...HANDSHAKES_IN_GENERAL, ...CONNECTIONS_IN_GENERAL];

export const wordsRules: readonly Rule[] = [
  ...clear.map((words) => inWords(words, '-in-words', 'cause')),
  pluginMissing,
  ...general.map((words) => inWords(words, '-in-general-in-words', 'general')),
];
