import { protocols } from '../../words/protocol.js';
import { cause, rulesOf } from '../cause.js';
import { type Evidence, WEB } from '../evidence.js';
import { AGAIN, SET_CLOCK } from '../fixes.js';
import type { Rule, RuleFix } from '../rule.js';

/**
 * Names, connections, proxies, TLS and clocks. The errors are those of Node (errno and OpenSSL names), of undici, and
 * the words of our own adapters, such as `intercepted`.
 */

const MAIL: readonly Evidence['where'][] = protocols;

const OPEN_FIREWALL: RuleFix = { text: 'ask the network’s administrator to allow outgoing connections to {peer}' };
const PRIVATE_CA: RuleFix = {
  text: 'if your organisation inspects TLS or runs its own CA, give its CA certificate',
  run: 'setup --ca FILE',
};
const OWNER_RENEWS: RuleFix = { text: 'ask whoever runs {peer} to renew the certificate' };
const MATCH_PORT: RuleFix = {
  text: 'match port and security: {port-pairs}',
  run: 'setup',
};
const SET_PROXY: RuleFix = {
  text: 'correct HTTPS_PROXY, or name the host in NO_PROXY',
  foreign:
    'compare the proxy in the settings of {program} with the real one, and ask who runs it whether it allows this port',
};

const names = rulesOf(
  cause('dns_failed', 'the name server knows no address for {host}', 'network')
    .fix('correct the host name, if it is misspelt', { run: 'setup' })
    .fix('otherwise ask the network’s administrator why {host} is not found here')
    .when('dns-no-such-name', { error: ['ENOTFOUND', 'ENODATA', 'EAI_NONAME', 'EAI_NODATA'] }),
  cause('dns_failed', 'this machine’s name server gave no answer about {host}', 'network')
    .fix('check which name server this machine uses and that it answers, then try again')
    .when('dns-no-answer', { error: ['EAI_AGAIN', 'EDNS', 'ESERVFAIL', 'EAI_FAIL', 'EREFUSED', 'ETIMEOUT'] }),
  cause('dns_failed', 'this machine’s name server did not answer in time about {host}', 'network')
    .fix('check which name server this machine uses and that it answers, then try again')
    .when('dns-timeout', { stage: 'dns', error: 'ETIMEDOUT' }),
);

const proxies = rulesOf(
  cause(
    'proxy_failed',
    'the proxy wants a way of signing in that mailauth does not speak; it speaks Basic only',
    'network',
  )
    .fix('ask the network’s administrator to let {peer} through, or for a proxy that takes Basic')
    .when('proxy-authentication-kind', { stage: 'proxy', text: /and not Basic$/ }),
  cause('proxy_failed', 'the proxy does not take the user name and the password that HTTPS_PROXY holds', 'network')
    .fix('correct them in HTTPS_PROXY; write a sign such as @ or : in them as %40 or %3A')
    .when('proxy-password', { stage: 'proxy', text: /(?:answered 407 to|refused) the user name and the password$/ }),
  cause('proxy_failed', 'the SOCKS proxy wants a sign-in before it lets the request through', 'network')
    .fix('put it into HTTPS_PROXY as socks5://user:password@host:port, set where only you can read it')
    .when('socks-authentication', { stage: 'proxy', error: 'EPROXYAUTH' }),
  cause('proxy_failed', 'the SOCKS proxy does not allow connections to {peer}', 'network')
    .fix('ask the network’s administrator to allow {peer} at the proxy')
    .when('socks-forbids', { stage: 'proxy', error: 'EPROXYFORBIDS' }),
  cause('proxy_failed', 'the SOCKS proxy could not reach {peer} itself', 'network')
    .fix('ask the network’s administrator whether the proxy can reach {peer}')
    .when('socks-cannot-reach', { stage: 'proxy', error: 'EPROXYUPSTREAM' }),
  cause('proxy_failed', 'the proxy wants a user name and a password before it lets the request through', 'network')
    .fix({
      text: 'put them into HTTPS_PROXY as http://user:password@host:port, set where only you can read it',
      foreign: 'give {program} the user name and the password of the proxy',
    })
    .when('proxy-authentication', { stage: 'proxy', status: 407 }, 'cause'),
  cause('proxy_failed', 'the proxy does not allow connections to {peer}', 'network')
    .fix('ask the network’s administrator to allow {peer} at the proxy')
    .when('proxy-forbids', { stage: 'proxy', status: 403 })
    .when('proxy-forbids-in-words', {
      stage: 'proxy',
      text: /proxy (?:has )?(?:refused|denied|rejected|blocked)|proxychains\b.{0,200}<--denied/i,
    }),
  cause('proxy_failed', 'the proxy could not reach {peer} itself', 'network')
    .fix('ask the network’s administrator whether the proxy can reach {peer}')
    .when('proxy-cannot-reach', { stage: 'proxy', status: [502, 503, 504] }),
  cause('proxy_failed', 'what HTTPS_PROXY names does not open tunnels; it may be a web server and no proxy', 'network')
    .fix(SET_PROXY)
    .when('proxy-refused-tunnel', { stage: 'proxy', status: [400, 401, 404, 405, 500, 501] }),
  cause('proxy_failed', 'the proxy closed the connection instead of leading to {peer}', 'network')
    .fix(SET_PROXY)
    .when('proxy-closed', { stage: 'proxy', error: ['ECONNRESET', 'EPIPE', 'EPROTO'] }),
  cause('proxy_failed', 'the proxy did not lead to {peer} in time', 'network')
    .fix(SET_PROXY)
    .when('proxy-silent', { stage: 'proxy', error: 'ETIMEDOUT' }),
  cause('proxy_failed', 'the proxy named by HTTPS_PROXY cannot be reached', 'network')
    .foreign('the proxy that {program} uses cannot be reached, or does not let this connection through')
    .fix(SET_PROXY)
    .when('proxy-unknown-in-words', { stage: 'proxy', text: /resolve proxy\b/i })
    .when('proxy-unreachable', { stage: 'proxy' }),
);

const certificates = rulesOf(
  cause('tls_expired', 'the certificate of {peer} is past its last day', 'provider')
    .fix('look at this machine’s date; if it is right, ask whoever runs {peer} to renew the certificate')
    .when('tls-certificate-expired', { error: 'CERT_HAS_EXPIRED' }),
  cause('clock_skew', 'the certificate of {peer} is not valid yet; usually this machine’s clock is behind')
    .fix(SET_CLOCK)
    .when('tls-certificate-not-yet-valid', { error: 'CERT_NOT_YET_VALID' }),
  cause('tls_name_mismatch', 'the certificate that {peer} shows belongs to another name', 'network')
    .fix('correct the host name to one the certificate holds', { run: 'setup' })
    .fix('if the host name is right, another machine answers in its place: ask the network’s administrator')
    .when('tls-name-mismatch', {
      error: ['ERR_TLS_CERT_ALTNAME_INVALID', 'HOSTNAME_MISMATCH', 'ERR_TLS_CERT_ALTNAME_FORMAT'],
    }),
  cause('tls_untrusted', 'the certificate of {peer} is signed by itself, so nobody vouches for it', 'network')
    .fix('if {peer} is your own server, give its certificate', { run: 'setup --ca FILE' })
    .fix('otherwise something on this network or machine answers in its place: ask its administrator')
    .when('tls-self-signed', { error: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
  cause(
    'tls_untrusted',
    'the certificate of {peer} comes from a CA this machine does not know; usually TLS is inspected here',
    'network',
  )
    .fix(PRIVATE_CA)
    .when('tls-inspected', { error: 'SELF_SIGNED_CERT_IN_CHAIN' }),
  cause(
    'tls_untrusted',
    'nobody this machine trusts has signed the certificate of {peer}, or a certificate between is missing',
    'network',
  )
    .fix(PRIVATE_CA)
    .fix('otherwise ask whoever runs {peer} to send the whole certificate chain')
    .when('tls-issuer-unknown', {
      error: [
        'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
        'UNABLE_TO_GET_ISSUER_CERT',
        'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
        'CERT_UNTRUSTED',
      ],
    }),
  cause('tls_untrusted', 'the certificate of {peer} was withdrawn by the authority that issued it', 'provider')
    .fix(OWNER_RENEWS)
    .when('tls-certificate-revoked', { error: 'CERT_REVOKED' }),
  cause(
    'tls_untrusted',
    'the certificate of {peer} was not made for a server, or its chain breaks the rules',
    'provider',
  )
    .fix('ask whoever runs {peer} for a certificate made for servers')
    .when('tls-certificate-unfit', {
      error: ['INVALID_PURPOSE', 'INVALID_CA', 'CERT_REJECTED', 'CERT_CHAIN_TOO_LONG', 'PATH_LENGTH_EXCEEDED'],
    }),
  cause('tls_untrusted', 'the signature on the certificate of {peer} is wrong', 'network')
    .fix('try from another network; if it works there, ask the administrator of this one')
    .when('tls-certificate-broken', {
      error: ['CERT_SIGNATURE_FAILURE', 'UNABLE_TO_DECRYPT_CERT_SIGNATURE', 'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY'],
    }),
  cause('tls_untrusted', 'the certificate of {peer} uses a key or a signature that is too weak to trust', 'provider')
    .fix('ask whoever runs {peer} for a certificate with a stronger key')
    .when('tls-certificate-weak', {
      error: [
        'ERR_SSL_EE_KEY_TOO_SMALL',
        'ERR_SSL_CA_KEY_TOO_SMALL',
        'ERR_SSL_CA_MD_TOO_WEAK',
        'CA_MD_TOO_WEAK',
        'EE_KEY_TOO_SMALL',
        'CA_KEY_TOO_SMALL',
      ],
    }),
);

const handshakes = rulesOf(
  cause('tls_failed', '{peer} speaks plain text where TLS from the start was expected')
    .fix(MATCH_PORT)
    .when('tls-plain-text-port', {
      error: [
        'PLAINTEXT_ON_TLS_PORT',
        'ERR_SSL_WRONG_VERSION_NUMBER',
        'ERR_SSL_PACKET_LENGTH_TOO_LONG',
        'ERR_SSL_HTTP_REQUEST',
      ],
    }),
  cause('tls_failed', '{peer} speaks TLS from the start, and STARTTLS was chosen for it')
    .fix(MATCH_PORT)
    .when('tls-port-expects-tls', { error: 'TLS_ON_PLAINTEXT_PORT' }),
  cause('tls_failed', '{peer} knows only TLS versions before 1.2, which are no longer safe', 'provider')
    .fix('ask whoever runs {peer} to switch on TLS 1.2 or later')
    .when('tls-version', {
      error: [
        'ERR_SSL_UNSUPPORTED_PROTOCOL',
        'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
        'ERR_SSL_NO_PROTOCOLS_AVAILABLE',
        'ERR_SSL_VERSION_TOO_LOW',
        'ERR_TLS_INVALID_PROTOCOL_VERSION',
      ],
    }),
  cause('tls_failed', '{peer} and this machine share no way of encrypting that both accept', 'provider')
    .fix('ask whoever runs {peer} to allow current TLS ciphers')
    .when('tls-no-common-cipher', {
      error: [
        'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
        'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE',
        'ERR_SSL_TLSV1_ALERT_INSUFFICIENT_SECURITY',
        'ERR_SSL_NO_SHARED_CIPHER',
        'ERR_SSL_DH_KEY_TOO_SMALL',
        'ERR_SSL_BAD_ECPOINT',
      ],
    }),
  cause('tls_failed', '{peer} asks for a client certificate, which {program} does not send', 'provider')
    .fix('ask whoever runs {peer} for an address that needs no client certificate')
    .when('tls-client-certificate', {
      error: [
        'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
        'ERR_SSL_TLS_ALERT_CERTIFICATE_REQUIRED',
        'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE',
      ],
    }),
  cause('tls_name_mismatch', '{peer} does not serve the name {host}')
    .fix('correct the host name', { run: 'setup' })
    .when('tls-unknown-name', {
      error: [
        'ERR_SSL_TLSV1_UNRECOGNIZED_NAME',
        'ERR_SSL_SSL/TLS_ALERT_UNRECOGNIZED_NAME',
        'ERR_SSL_TLSV1_ALERT_UNRECOGNIZED_NAME',
      ],
    }),
  cause(
    'tls_failed',
    '{peer} closed the connection before encryption was agreed upon; usually a firewall or a wrong port',
    'network',
  )
    .fix(MATCH_PORT)
    .fix(OPEN_FIREWALL)
    .when(
      'tls-closed',
      { stage: 'tls', error: ['ECONNRESET', 'CLOSED', 'EPIPE', 'ECONNABORTED', 'UND_ERR_SOCKET'] },
      'general',
    ),
  cause(
    'connect_timeout',
    '{peer} took the connection and did not finish the TLS handshake; usually port and security do not match',
    'network',
  )
    .fix(MATCH_PORT)
    .fix(OPEN_FIREWALL)
    .when('tls-timeout', { stage: 'tls', error: ['ETIMEDOUT', 'ERR_TLS_HANDSHAKE_TIMEOUT'] }),
  cause('tls_failed', '{peer} broke off the TLS handshake', 'network')
    .fix(MATCH_PORT)
    .when(
      'tls-other',
      {
        stage: 'tls',
        error: [
          'EPROTO',
          'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR',
          'ERR_SSL_UNEXPECTED_EOF_WHILE_READING',
          'ERR_SSL_SSL/TLS_ALERT_INTERNAL_ERROR',
          'TLS_FAILED',
        ],
      },
      'general',
    ),
);

const connections = rulesOf(
  cause('connect_refused', 'nothing accepts connections at {peer}', 'network')
    .fix('compare host and port with the provider’s', { run: 'setup' })
    .fix('if they are right, ask the network’s administrator whether a firewall refuses {peer}')
    .when('connect-refused', { error: 'ECONNREFUSED' }),
  cause(
    'connect_timeout',
    '{peer} did not answer; usually a firewall or the internet provider blocks mail ports',
    'network',
  )
    .fix(OPEN_FIREWALL)
    .when('connect-timeout-mail', { where: MAIL, stage: 'connect', error: ['ETIMEDOUT', 'ECONNABORTED'] }),
  cause('connect_timeout', '{peer} did not answer; usually a firewall lets it through only by a proxy', 'network')
    .fix('set HTTPS_PROXY if this network has a proxy')
    .fix(OPEN_FIREWALL)
    .when('connect-timeout', { stage: 'connect', error: ['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT'] }),
  cause('connect_timeout', 'this machine has no route to {peer}', 'network')
    .fix('ask the network’s administrator why there is no route to {peer} from here')
    .when('connect-no-route', {
      error: ['EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'EHOSTDOWN', 'EADDRNOTAVAIL', 'ENONET'],
    }),
  cause(
    'connect_refused',
    'this machine does not permit connections to {peer}; usually a local firewall or an antivirus program',
    'network',
  )
    .fix('allow {program} to connect to {peer} in that program')
    .when('connect-not-permitted', { stage: 'connect', error: ['EACCES', 'EPERM'] }),
  cause(
    'connect_refused',
    'this machine has no room for a connection to {peer}: too many files or connections are open',
  )
    .fix('close other programs, or raise the limit (ulimit -n), then run the same command again')
    .when('connect-no-room', { error: ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'] }),
  cause(
    'server_unavailable',
    '{peer} closed the connection before it said a word; usually it is busy, or blocks this network',
    'provider',
  )
    .fix(AGAIN)
    .when(
      'connect-closed-early',
      { where: MAIL, stage: 'greeting', error: ['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'CLOSED'] },
      'general',
    ),
  cause('server_unavailable', 'the connection to {peer} broke off in the middle of the conversation', 'network')
    .fix(AGAIN)
    .when(
      'connect-broken-off',
      { error: ['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'UND_ERR_SOCKET', 'CLOSED'] },
      'general',
    ),
  cause(
    'connect_timeout',
    '{peer} took the connection and said nothing; usually port and security do not match',
    'network',
  )
    .fix(MATCH_PORT)
    .when('greeting-timeout', { where: MAIL, stage: 'greeting', error: 'ETIMEDOUT' }),
  cause('server_unavailable', '{peer} stopped answering in the middle of the conversation', 'provider')
    .fix(AGAIN)
    .when(
      'conversation-timeout',
      { error: ['ETIMEDOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'] },
      'general',
    ),
);

const strangers = rulesOf(
  cause('unknown', '{peer} sends far more than belongs here, so the conversation was ended', 'provider')
    .fix('compare the address with the provider’s', { run: 'setup' })
    .when('answer-too-long', { error: ['EMSGSIZE', 'FLOOD'] }),
  cause('bad_input', '{peer} has an address without encryption, so nothing was sent to it', 'provider')
    .fix('give an issuer whose addresses are all https', { run: 'setup --issuer URL' })
    .when('not-https', { error: 'EHTTPS' }),
);

const middlemen = rulesOf(
  cause('intercepted', 'this network wants you to sign in to it before it lets anything through', 'network')
    .fix('open any web page in a browser, sign in to the network, then try again')
    .when('network-login-page', { where: WEB, status: 511 }),
  cause(
    'intercepted',
    '{peer} answered with something that is no sign-in answer; usually a network’s login page or a filter',
    'network',
  )
    .fix('open any web page in a browser, sign in to the network if it asks, then try again')
    .when('intercepted', { error: 'intercepted', status: [200, 201, 202, 203, 204, 205, 206] }),
);

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
