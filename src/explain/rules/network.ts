import { protocols } from '../../words/protocol.js';
import type { Evidence } from '../evidence.js';
import type { Rule, RuleFix } from '../rule.js';

/**
 * Names, connections, proxies, TLS and clocks. The errors are those of Node (errno and OpenSSL names), of undici, and
 * the words of our own adapters, such as `intercepted`.
 */

const SMTP = { where: 'smtp', host: 'smtp.example.com', port: 587, text: '' } as const;
const IMAP = { where: 'imap', host: 'imap.example.com', port: 993, text: '' } as const;
const TOKEN = { where: 'token', host: 'login.example.com', port: 443, text: '' } as const;

const MAIL: readonly Evidence['where'][] = protocols;
const WEB: readonly Evidence['where'][] = ['discovery', 'authorization', 'token', 'revocation', 'device'];

const TRY_AGAIN: RuleFix = { text: 'wait {wait}, then check again', run: { verb: 'check' } };
const OPEN_FIREWALL: RuleFix = { text: 'ask the network’s administrator to allow outgoing connections to {peer}' };
const PRIVATE_CA: RuleFix = {
  text: 'if your organisation inspects TLS or runs its own CA, give its CA certificate',
  run: { verb: 'setup', flags: '--ca FILE' },
};
const SET_CLOCK: RuleFix = {
  text: 'switch on automatic time on this machine, then check again',
  run: { verb: 'check' },
};
const OWNER_RENEWS: RuleFix = { text: 'ask whoever runs {peer} to renew the certificate' };
const MATCH_PORT: RuleFix = {
  text: 'match port and security: 465 and 993 are TLS, 587 and 143 are STARTTLS',
  run: { verb: 'setup' },
};
const SET_PROXY: RuleFix = { text: 'correct HTTPS_PROXY, or name the host in NO_PROXY' };

const names: readonly Rule[] = [
  {
    id: 'dns-no-such-name',
    when: { error: ['ENOTFOUND', 'ENODATA', 'EAI_NONAME', 'EAI_NODATA'] },
    sample: { ...SMTP, stage: 'dns', error: 'ENOTFOUND', text: 'getaddrinfo ENOTFOUND smtp.example.com' },
    diagnosis: {
      code: 'dns_failed',
      who: 'network',
      message: 'the name server knows no address for {host}',
      fix: [
        { text: 'correct the host name, if it is misspelt', run: { verb: 'setup' } },
        { text: 'otherwise ask the network’s administrator why the name {host} is not found here' },
      ],
    },
  },
  {
    id: 'dns-no-answer',
    when: { error: ['EAI_AGAIN', 'ESERVFAIL', 'EAI_FAIL', 'EREFUSED', 'ETIMEOUT'] },
    sample: { ...TOKEN, stage: 'dns', error: 'EAI_AGAIN', text: 'getaddrinfo EAI_AGAIN login.example.com' },
    diagnosis: {
      code: 'dns_failed',
      who: 'network',
      message: 'this machine’s name server gave no answer about {host}',
      fix: [{ text: 'check which name server this machine uses and that it answers, then try again' }],
    },
  },
  {
    id: 'dns-timeout',
    when: { stage: ['dns'], error: ['ETIMEDOUT'] },
    sample: { ...IMAP, stage: 'dns', error: 'ETIMEDOUT', text: 'no answer from DNS within 5 seconds' },
    diagnosis: {
      code: 'dns_failed',
      who: 'network',
      message: 'this machine’s name server did not answer in time about {host}',
      fix: [{ text: 'check which name server this machine uses and that it answers, then try again' }],
    },
  },
];

const proxies: readonly Rule[] = [
  {
    id: 'proxy-authentication-kind',
    when: { stage: ['proxy'], text: /and not Basic$/ },
    sample: { ...TOKEN, stage: 'proxy', status: 407, text: 'the proxy answered 407: it wants NTLM, and not Basic' },
    diagnosis: {
      code: 'proxy_failed',
      who: 'network',
      message: 'the proxy wants a way of signing in that mailauth does not speak; it speaks Basic only',
      fix: [{ text: 'ask the network’s administrator to let {peer} through, or for a proxy that takes Basic' }],
    },
  },
  {
    id: 'proxy-password',
    when: { stage: ['proxy'], text: /(?:answered 407 to|refused) the user name and the password$/ },
    sample: {
      ...TOKEN,
      stage: 'proxy',
      status: 407,
      text: 'the proxy answered 407 to the user name and the password',
    },
    diagnosis: {
      code: 'proxy_failed',
      who: 'network',
      message: 'the proxy does not take the user name and the password that HTTPS_PROXY holds',
      fix: [{ text: 'correct them in HTTPS_PROXY; write a sign such as @ or : in them as %40 or %3A' }],
    },
  },
  {
    id: 'socks-authentication',
    when: { stage: ['proxy'], error: ['EPROXYAUTH'] },
    sample: { ...TOKEN, stage: 'proxy', error: 'EPROXYAUTH', text: 'the SOCKS proxy wants a sign-in' },
    diagnosis: {
      code: 'proxy_failed',
      who: 'network',
      message: 'the SOCKS proxy wants a sign-in before it lets the request through',
      fix: [{ text: 'put it into HTTPS_PROXY as socks5://user:password@host:port, set where only you can read it' }],
    },
  },
  {
    id: 'socks-forbids',
    when: { stage: ['proxy'], error: ['EPROXYFORBIDS'] },
    sample: {
      ...TOKEN,
      stage: 'proxy',
      error: 'EPROXYFORBIDS',
      text: 'the SOCKS proxy does not allow this connection',
    },
    diagnosis: {
      code: 'proxy_failed',
      who: 'network',
      message: 'the SOCKS proxy does not allow connections to {peer}',
      fix: [{ text: 'ask the network’s administrator to allow {peer} at the proxy' }],
    },
  },
  {
    id: 'socks-cannot-reach',
    when: { stage: ['proxy'], error: ['EPROXYUPSTREAM'] },
    sample: { ...TOKEN, stage: 'proxy', error: 'EPROXYUPSTREAM', text: 'the SOCKS proxy could not reach the server' },
    diagnosis: {
      code: 'proxy_failed',
      who: 'network',
      message: 'the SOCKS proxy could not reach {peer} itself',
      fix: [{ text: 'ask the network’s administrator whether the proxy can reach {peer}' }],
    },
  },
  {
    id: 'proxy-authentication',
    weight: 'cause',
    when: { stage: ['proxy'], status: [407] },
    sample: { ...TOKEN, stage: 'proxy', status: 407, text: 'Proxy response (407) !== 200 when HTTP Tunneling' },
    diagnosis: {
      code: 'proxy_failed',
      who: 'network',
      message: 'the proxy wants a user name and a password before it lets the request through',
      fix: [{ text: 'put them into HTTPS_PROXY as http://user:password@host:port, set where only you can read it' }],
    },
  },
  {
    id: 'proxy-forbids',
    when: { stage: ['proxy'], status: [403] },
    sample: { ...TOKEN, stage: 'proxy', status: 403, text: 'Proxy response (403) !== 200 when HTTP Tunneling' },
    diagnosis: {
      code: 'proxy_failed',
      who: 'network',
      message: 'the proxy does not allow connections to {peer}',
      fix: [{ text: 'ask the network’s administrator to allow {peer} at the proxy' }],
    },
  },
  {
    id: 'proxy-cannot-reach',
    when: { stage: ['proxy'], status: [502, 503, 504] },
    sample: { ...TOKEN, stage: 'proxy', status: 502, text: 'Proxy response (502) !== 200 when HTTP Tunneling' },
    diagnosis: {
      code: 'proxy_failed',
      who: 'network',
      message: 'the proxy could not reach {peer} itself',
      fix: [{ text: 'ask the network’s administrator whether the proxy can reach {peer}' }],
    },
  },
  {
    id: 'proxy-refused-tunnel',
    when: { stage: ['proxy'], status: [400, 401, 404, 405, 500, 501] },
    sample: { ...TOKEN, stage: 'proxy', status: 405, text: 'Proxy response (405) !== 200 when HTTP Tunneling' },
    diagnosis: {
      code: 'proxy_failed',
      who: 'network',
      message: 'what HTTPS_PROXY names does not open tunnels; it may be a web server and no proxy',
      fix: [SET_PROXY],
    },
  },
  {
    id: 'proxy-closed',
    when: { stage: ['proxy'], error: ['ECONNRESET', 'EPIPE', 'EPROTO'] },
    sample: {
      ...TOKEN,
      stage: 'proxy',
      error: 'ECONNRESET',
      text: 'the proxy closed the connection without an answer',
    },
    diagnosis: {
      code: 'proxy_failed',
      who: 'network',
      message: 'the proxy closed the connection instead of leading to {peer}',
      fix: [SET_PROXY],
    },
  },
  {
    id: 'proxy-silent',
    when: { stage: ['proxy'], error: ['ETIMEDOUT'] },
    sample: { ...TOKEN, stage: 'proxy', error: 'ETIMEDOUT', text: 'no connection within 10 s' },
    diagnosis: {
      code: 'proxy_failed',
      who: 'network',
      message: 'the proxy did not lead to {peer} in time',
      fix: [SET_PROXY],
    },
  },
  {
    id: 'proxy-unreachable',
    when: { stage: ['proxy'] },
    sample: { ...TOKEN, stage: 'proxy', error: 'ECONNREFUSED', text: 'connect ECONNREFUSED 127.0.0.1:3128' },
    diagnosis: {
      code: 'proxy_failed',
      who: 'network',
      message: 'the proxy named by HTTPS_PROXY cannot be reached',
      fix: [SET_PROXY],
    },
  },
];

const certificates: readonly Rule[] = [
  {
    id: 'tls-certificate-expired',
    when: { error: ['CERT_HAS_EXPIRED'] },
    sample: { ...IMAP, stage: 'tls', error: 'CERT_HAS_EXPIRED', text: 'certificate has expired' },
    diagnosis: {
      code: 'tls_expired',
      who: 'provider',
      message: 'the certificate of {peer} is past its last day',
      fix: [{ text: 'look at this machine’s date; if it is right, ask whoever runs {peer} to renew the certificate' }],
    },
  },
  {
    id: 'tls-certificate-not-yet-valid',
    when: { error: ['CERT_NOT_YET_VALID'] },
    sample: { ...IMAP, stage: 'tls', error: 'CERT_NOT_YET_VALID', text: 'certificate is not yet valid' },
    diagnosis: {
      code: 'clock_skew',
      who: 'you',
      message: 'the certificate of {peer} is not valid yet; usually this machine’s clock is behind',
      fix: [SET_CLOCK],
    },
  },
  {
    id: 'tls-name-mismatch',
    when: { error: ['ERR_TLS_CERT_ALTNAME_INVALID', 'HOSTNAME_MISMATCH', 'ERR_TLS_CERT_ALTNAME_FORMAT'] },
    sample: {
      ...SMTP,
      stage: 'tls',
      error: 'ERR_TLS_CERT_ALTNAME_INVALID',
      text: "Hostname/IP does not match certificate's altnames: Host: smtp.example.com. is not in the cert's altnames: DNS:other.example",
    },
    diagnosis: {
      code: 'tls_name_mismatch',
      who: 'network',
      message: 'the certificate that {peer} shows belongs to another name',
      fix: [
        { text: 'correct the host name to one the certificate holds', run: { verb: 'setup' } },
        { text: 'if the host name is right, another machine answers in its place: ask the network’s administrator' },
      ],
    },
  },
  {
    id: 'tls-self-signed',
    when: { error: ['DEPTH_ZERO_SELF_SIGNED_CERT'] },
    sample: { ...SMTP, stage: 'tls', error: 'DEPTH_ZERO_SELF_SIGNED_CERT', text: 'self-signed certificate' },
    diagnosis: {
      code: 'tls_untrusted',
      who: 'network',
      message: 'the certificate of {peer} is signed by itself, so nobody vouches for it',
      fix: [
        { text: 'if {peer} is your own server, give its certificate', run: { verb: 'setup', flags: '--ca FILE' } },
        { text: 'otherwise something on this network or machine answers in its place: ask its administrator' },
      ],
    },
  },
  {
    id: 'tls-inspected',
    when: { error: ['SELF_SIGNED_CERT_IN_CHAIN'] },
    sample: {
      ...TOKEN,
      stage: 'tls',
      error: 'SELF_SIGNED_CERT_IN_CHAIN',
      text: 'self-signed certificate in certificate chain',
    },
    diagnosis: {
      code: 'tls_untrusted',
      who: 'network',
      message: 'the certificate of {peer} comes from a CA this machine does not know; usually TLS is inspected here',
      fix: [PRIVATE_CA],
    },
  },
  {
    id: 'tls-issuer-unknown',
    when: {
      error: [
        'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
        'UNABLE_TO_GET_ISSUER_CERT',
        'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
        'CERT_UNTRUSTED',
      ],
    },
    sample: {
      ...TOKEN,
      stage: 'tls',
      error: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      text: 'unable to verify the first certificate',
    },
    diagnosis: {
      code: 'tls_untrusted',
      who: 'network',
      message: 'nobody this machine trusts has signed the certificate of {peer}, or a certificate between is missing',
      fix: [PRIVATE_CA, { text: 'otherwise ask whoever runs {peer} to send the whole certificate chain' }],
    },
  },
  {
    id: 'tls-certificate-revoked',
    when: { error: ['CERT_REVOKED'] },
    sample: { ...IMAP, stage: 'tls', error: 'CERT_REVOKED', text: 'certificate revoked' },
    diagnosis: {
      code: 'tls_untrusted',
      who: 'provider',
      message: 'the certificate of {peer} was withdrawn by the authority that issued it',
      fix: [OWNER_RENEWS],
    },
  },
  {
    id: 'tls-certificate-unfit',
    when: {
      error: ['INVALID_PURPOSE', 'INVALID_CA', 'CERT_REJECTED', 'CERT_CHAIN_TOO_LONG', 'PATH_LENGTH_EXCEEDED'],
    },
    sample: { ...IMAP, stage: 'tls', error: 'INVALID_PURPOSE', text: 'unsuitable certificate purpose' },
    diagnosis: {
      code: 'tls_untrusted',
      who: 'provider',
      message: 'the certificate of {peer} was not made for a server, or its chain breaks the rules',
      fix: [{ text: 'ask whoever runs {peer} for a certificate made for servers' }],
    },
  },
  {
    id: 'tls-certificate-broken',
    when: {
      error: ['CERT_SIGNATURE_FAILURE', 'UNABLE_TO_DECRYPT_CERT_SIGNATURE', 'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY'],
    },
    sample: { ...SMTP, stage: 'tls', error: 'CERT_SIGNATURE_FAILURE', text: 'certificate signature failure' },
    diagnosis: {
      code: 'tls_untrusted',
      who: 'network',
      message: 'the signature on the certificate of {peer} is wrong',
      fix: [{ text: 'try from another network; if it works there, ask the administrator of this one' }],
    },
  },
  {
    id: 'tls-certificate-weak',
    when: {
      error: [
        'ERR_SSL_EE_KEY_TOO_SMALL',
        'ERR_SSL_CA_KEY_TOO_SMALL',
        'ERR_SSL_CA_MD_TOO_WEAK',
        'CA_MD_TOO_WEAK',
        'EE_KEY_TOO_SMALL',
        'CA_KEY_TOO_SMALL',
      ],
    },
    sample: { ...SMTP, stage: 'tls', error: 'ERR_SSL_EE_KEY_TOO_SMALL', text: 'ee key too small' },
    diagnosis: {
      code: 'tls_untrusted',
      who: 'provider',
      message: 'the certificate of {peer} uses a key or a signature that is too weak to trust',
      fix: [{ text: 'ask whoever runs {peer} for a certificate with a stronger key' }],
    },
  },
];

const handshakes: readonly Rule[] = [
  {
    id: 'tls-plain-text-port',
    when: {
      error: [
        'PLAINTEXT_ON_TLS_PORT',
        'ERR_SSL_WRONG_VERSION_NUMBER',
        'ERR_SSL_PACKET_LENGTH_TOO_LONG',
        'ERR_SSL_HTTP_REQUEST',
      ],
    },
    sample: { ...SMTP, stage: 'tls', error: 'PLAINTEXT_ON_TLS_PORT', text: '220 smtp.example.com ESMTP' },
    diagnosis: {
      code: 'tls_failed',
      who: 'you',
      message: '{peer} speaks plain text where TLS from the start was expected',
      fix: [MATCH_PORT],
    },
  },
  {
    id: 'tls-port-expects-tls',
    when: { error: ['TLS_ON_PLAINTEXT_PORT'] },
    sample: { ...SMTP, port: 465, stage: 'greeting', error: 'TLS_ON_PLAINTEXT_PORT', text: '' },
    diagnosis: {
      code: 'tls_failed',
      who: 'you',
      message: '{peer} speaks TLS from the start, and STARTTLS was chosen for it',
      fix: [MATCH_PORT],
    },
  },
  {
    id: 'tls-version',
    when: {
      error: [
        'ERR_SSL_UNSUPPORTED_PROTOCOL',
        'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
        'ERR_SSL_NO_PROTOCOLS_AVAILABLE',
        'ERR_SSL_VERSION_TOO_LOW',
        'ERR_TLS_INVALID_PROTOCOL_VERSION',
      ],
    },
    sample: { ...SMTP, stage: 'tls', error: 'ERR_SSL_UNSUPPORTED_PROTOCOL', text: 'unsupported protocol' },
    diagnosis: {
      code: 'tls_failed',
      who: 'provider',
      message: '{peer} knows only TLS versions before 1.2, which are no longer safe',
      fix: [{ text: 'ask whoever runs {peer} to switch on TLS 1.2 or later' }],
    },
  },
  {
    id: 'tls-no-common-cipher',
    when: {
      error: [
        'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
        'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE',
        'ERR_SSL_TLSV1_ALERT_INSUFFICIENT_SECURITY',
        'ERR_SSL_NO_SHARED_CIPHER',
        'ERR_SSL_DH_KEY_TOO_SMALL',
        'ERR_SSL_BAD_ECPOINT',
      ],
    },
    sample: {
      ...SMTP,
      stage: 'tls',
      error: 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
      text: 'sslv3 alert handshake failure',
    },
    diagnosis: {
      code: 'tls_failed',
      who: 'provider',
      message: '{peer} and this machine share no way of encrypting that both accept',
      fix: [{ text: 'ask whoever runs {peer} to allow current TLS ciphers' }],
    },
  },
  {
    id: 'tls-client-certificate',
    when: {
      error: [
        'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
        'ERR_SSL_TLS_ALERT_CERTIFICATE_REQUIRED',
        'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE',
      ],
    },
    sample: {
      ...TOKEN,
      stage: 'tls',
      error: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
      text: 'tlsv13 alert certificate required',
    },
    diagnosis: {
      code: 'tls_failed',
      who: 'provider',
      message: '{peer} asks for a client certificate, which {program} does not send',
      fix: [{ text: 'ask whoever runs {peer} for an address that needs no client certificate' }],
    },
  },
  {
    id: 'tls-unknown-name',
    when: {
      error: [
        'ERR_SSL_TLSV1_UNRECOGNIZED_NAME',
        'ERR_SSL_SSL/TLS_ALERT_UNRECOGNIZED_NAME',
        'ERR_SSL_TLSV1_ALERT_UNRECOGNIZED_NAME',
      ],
    },
    sample: { ...TOKEN, stage: 'tls', error: 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME', text: 'tlsv1 unrecognized name' },
    diagnosis: {
      code: 'tls_name_mismatch',
      who: 'you',
      message: '{peer} does not serve the name {host}',
      fix: [{ text: 'correct the host name', run: { verb: 'setup' } }],
    },
  },
  {
    id: 'tls-closed',
    weight: 'general',
    when: { stage: ['tls'], error: ['ECONNRESET', 'CLOSED', 'EPIPE', 'ECONNABORTED', 'UND_ERR_SOCKET'] },
    sample: {
      ...SMTP,
      stage: 'tls',
      error: 'ECONNRESET',
      text: 'Client network socket disconnected before secure TLS connection was established',
    },
    diagnosis: {
      code: 'tls_failed',
      who: 'network',
      message: '{peer} closed the connection before encryption was agreed upon; usually a firewall or a wrong port',
      fix: [MATCH_PORT, OPEN_FIREWALL],
    },
  },
  {
    id: 'tls-timeout',
    when: { stage: ['tls'], error: ['ETIMEDOUT', 'ERR_TLS_HANDSHAKE_TIMEOUT'] },
    sample: { ...SMTP, stage: 'tls', error: 'ETIMEDOUT', text: 'no TLS handshake within 10 seconds' },
    diagnosis: {
      code: 'connect_timeout',
      who: 'network',
      message:
        '{peer} took the connection and did not finish the TLS handshake; usually port and security do not match',
      fix: [MATCH_PORT, OPEN_FIREWALL],
    },
  },
  {
    id: 'tls-other',
    weight: 'general',
    when: {
      stage: ['tls'],
      error: [
        'EPROTO',
        'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR',
        'ERR_SSL_UNEXPECTED_EOF_WHILE_READING',
        'ERR_SSL_SSL/TLS_ALERT_INTERNAL_ERROR',
        'TLS_FAILED',
      ],
    },
    sample: { ...SMTP, stage: 'tls', error: 'EPROTO', text: 'write EPROTO tlsv1 alert internal error' },
    diagnosis: {
      code: 'tls_failed',
      who: 'network',
      message: '{peer} broke off the TLS handshake',
      fix: [MATCH_PORT],
    },
  },
];

const connections: readonly Rule[] = [
  {
    id: 'connect-refused',
    when: { error: ['ECONNREFUSED'] },
    sample: { ...SMTP, stage: 'connect', error: 'ECONNREFUSED', text: 'connect ECONNREFUSED 192.0.2.10:587' },
    diagnosis: {
      code: 'connect_refused',
      who: 'network',
      message: 'nothing accepts connections at {peer}',
      fix: [
        { text: 'compare host and port with the provider’s', run: { verb: 'setup' } },
        { text: 'if they are right, ask the network’s administrator whether a firewall refuses {peer}' },
      ],
    },
  },
  {
    id: 'connect-timeout-mail',
    when: { where: MAIL, stage: ['connect'], error: ['ETIMEDOUT', 'ECONNABORTED'] },
    sample: { ...SMTP, stage: 'connect', error: 'ETIMEDOUT', text: 'connect ETIMEDOUT 192.0.2.10:587' },
    diagnosis: {
      code: 'connect_timeout',
      who: 'network',
      message: '{peer} did not answer; usually a firewall or the internet provider blocks mail ports',
      fix: [OPEN_FIREWALL],
    },
  },
  {
    id: 'connect-timeout',
    when: { stage: ['connect'], error: ['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT'] },
    sample: { ...TOKEN, stage: 'connect', error: 'ETIMEDOUT', text: 'Connect Timeout Error' },
    diagnosis: {
      code: 'connect_timeout',
      who: 'network',
      message: '{peer} did not answer; usually a firewall lets it through only by a proxy',
      fix: [{ text: 'set HTTPS_PROXY if this network has a proxy' }, OPEN_FIREWALL],
    },
  },
  {
    id: 'connect-no-route',
    when: { error: ['EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'EHOSTDOWN', 'EADDRNOTAVAIL', 'ENONET'] },
    sample: { ...IMAP, stage: 'connect', error: 'ENETUNREACH', text: 'connect ENETUNREACH 2001:db8::10:993' },
    diagnosis: {
      code: 'connect_timeout',
      who: 'network',
      message: 'this machine has no route to {peer}',
      fix: [{ text: 'ask the network’s administrator why there is no route to {peer} from here' }],
    },
  },
  {
    id: 'connect-not-permitted',
    when: { stage: ['connect'], error: ['EACCES', 'EPERM'] },
    sample: { ...SMTP, stage: 'connect', error: 'EACCES', text: 'connect EACCES 192.0.2.10:587' },
    diagnosis: {
      code: 'connect_refused',
      who: 'network',
      message: 'this machine does not permit connections to {peer}; usually a local firewall or an antivirus program',
      fix: [{ text: 'allow {program} to connect to {peer} in that program' }],
    },
  },
  {
    id: 'connect-no-room',
    when: { error: ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'] },
    sample: { ...TOKEN, stage: 'connect', error: 'EMFILE', text: 'connect EMFILE 192.0.2.10:443' },
    diagnosis: {
      code: 'connect_refused',
      who: 'you',
      message: 'this machine has no room for a connection to {peer}: too many files or connections are open',
      fix: [{ text: 'close other programs, or raise the limit (ulimit -n), then run the same command again' }],
    },
  },
  {
    id: 'connect-closed-early',
    weight: 'general',
    when: { where: MAIL, stage: ['greeting'], error: ['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'CLOSED'] },
    sample: { ...IMAP, stage: 'greeting', error: 'ECONNRESET', text: 'read ECONNRESET' },
    diagnosis: {
      code: 'server_unavailable',
      who: 'provider',
      message: '{peer} closed the connection before it said a word; usually it is busy, or blocks this network',
      fix: [TRY_AGAIN],
    },
  },
  {
    id: 'connect-broken-off',
    weight: 'general',
    when: { error: ['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'UND_ERR_SOCKET', 'CLOSED'] },
    sample: { ...TOKEN, stage: 'response', error: 'ECONNRESET', text: 'read ECONNRESET' },
    diagnosis: {
      code: 'server_unavailable',
      who: 'network',
      message: 'the connection to {peer} broke off in the middle of the conversation',
      fix: [TRY_AGAIN],
    },
  },
  {
    id: 'greeting-timeout',
    when: { where: MAIL, stage: ['greeting'], error: ['ETIMEDOUT'] },
    sample: { ...SMTP, stage: 'greeting', error: 'ETIMEDOUT', text: 'no greeting within 15 seconds' },
    diagnosis: {
      code: 'connect_timeout',
      who: 'network',
      message: '{peer} took the connection and said nothing; usually port and security do not match',
      fix: [MATCH_PORT],
    },
  },
  {
    id: 'conversation-timeout',
    weight: 'general',
    when: { error: ['ETIMEDOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'] },
    sample: { ...IMAP, stage: 'auth', error: 'ETIMEDOUT', text: 'no answer within 20 seconds' },
    diagnosis: {
      code: 'server_unavailable',
      who: 'provider',
      message: '{peer} stopped answering in the middle of the conversation',
      fix: [TRY_AGAIN],
    },
  },
];

const strangers: readonly Rule[] = [
  {
    id: 'answer-too-long',
    when: { error: ['EMSGSIZE', 'FLOOD'] },
    sample: { ...TOKEN, stage: 'response', error: 'EMSGSIZE', text: 'the answer is longer than 1 MiB' },
    diagnosis: {
      code: 'unknown',
      who: 'provider',
      message: '{peer} sends far more than belongs here, so the conversation was ended',
      fix: [{ text: 'compare the address with the provider’s', run: { verb: 'setup' } }],
    },
  },
  {
    id: 'not-https',
    when: { error: ['EHTTPS'] },
    sample: { ...TOKEN, stage: 'connect', error: 'EHTTPS', text: 'only https addresses are asked' },
    diagnosis: {
      code: 'bad_input',
      who: 'provider',
      message: '{peer} has an address without encryption, so nothing was sent to it',
      fix: [{ text: 'give an issuer whose addresses are all https', run: { verb: 'setup', flags: '--issuer URL' } }],
    },
  },
];

const middlemen: readonly Rule[] = [
  {
    id: 'network-login-page',
    when: { where: WEB, status: [511] },
    sample: { ...TOKEN, stage: 'response', status: 511, text: '<html><title>Network Authentication Required</title>' },
    diagnosis: {
      code: 'intercepted',
      who: 'network',
      message: 'this network wants you to sign in to it before it lets anything through',
      fix: [{ text: 'open any web page in a browser, sign in to the network, then try again' }],
    },
  },
  {
    id: 'intercepted',
    when: { error: ['intercepted'], status: [200, 201, 202, 203, 204, 205, 206] },
    sample: {
      ...TOKEN,
      stage: 'response',
      status: 200,
      error: 'intercepted',
      text: '<!doctype html><title>Sign in to Wi-Fi</title>',
    },
    diagnosis: {
      code: 'intercepted',
      who: 'network',
      message: '{peer} answered with something that is no sign-in answer; usually a network’s login page or a filter',
      fix: [{ text: 'open any web page in a browser, sign in to the network if it asks, then try again' }],
    },
  },
];

/** The name that Node or OpenSSL gives to an error is as good as a sentence. */
const byName = (rule: Rule): Rule => ({ weight: 'cause', ...rule });

export const networkRules: readonly Rule[] = [
  // A proxy whose name leads nowhere is the proxy's matter.
  ...proxies,
  ...names.map(byName),
  ...certificates.map(byName),
  ...handshakes.map(byName),
  ...connections.map(byName),
  ...strangers,
  ...middlemen,
];
