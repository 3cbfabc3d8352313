import type { Rule } from '../rule.js';
import { mailRules } from './mail.js';
import { networkRules } from './network.js';

/**
 * The same network failures as other programs and operating systems word them, for lines that a person pastes. They
 * are tried last, and only at the stages before a server has said anything, so that no server's reply is taken for one.
 */
function inWords(id: string, text: RegExp, sample: string): Rule {
  const rule = [...networkRules, ...mailRules].find((candidate) => candidate.id === id);
  if (rule === undefined) throw new Error(`no rule ${id}`);
  const { stage, where } = rule.sample;
  return {
    id: `${id}-in-words`,
    when: { stage: [stage], text },
    sample: { where, stage, text: sample },
    diagnosis: rule.diagnosis,
  };
}

export const wordsRules: readonly Rule[] = [
  inWords(
    'tls-certificate-expired',
    /certificate (?:has |is )?expired/i,
    'SSL certificate problem: certificate has expired',
  ),
  inWords(
    'tls-certificate-not-yet-valid',
    /certificate is not yet valid/i,
    'SSL certificate problem: certificate is not yet valid',
  ),
  inWords(
    'tls-inspected',
    /self[- ]signed certificate in (?:the )?certificate chain/i,
    'SSL certificate problem: self signed certificate in certificate chain',
  ),
  inWords('tls-self-signed', /self[- ]signed certificate/i, 'certificate verify failed: self-signed certificate'),
  inWords(
    'tls-name-mismatch',
    /does not match (?:target host|certificate's altnames)|no alternative certificate subject name|hostname mismatch|is(?: not|n't) valid for|valid for .{1,80}, not /i,
    "certificate verify failed: Hostname mismatch, certificate is not valid for 'smtp.example.com'",
  ),
  inWords(
    'tls-issuer-unknown',
    /hasn't got a known issuer|unable to find valid certification path|unable to (?:verify the first certificate|get (?:local )?issuer certificate)|signed by unknown authority|certificate_verify_failed/i,
    'x509: certificate signed by unknown authority',
  ),
  inWords(
    'tls-plain-text-port',
    /wrong version number|does not look like a TLS handshake/i,
    'SSL routines::wrong version number',
  ),
  inWords(
    'tls-version',
    /unsupported protocol|alert protocol version/i,
    'SSL routines:tls_process_server_hello:unsupported protocol',
  ),
  inWords('tls-no-common-cipher', /(?:alert )?handshake failure|no shared cipher/i, 'sslv3 alert handshake failure'),
  inWords('dns-no-answer', /temporary failure in name resolution/i, 'Temporary failure in name resolution'),
  inWords(
    'dns-no-such-name',
    /name or service not known|nodename nor servname|no such host|could not resolve host/i,
    'Could not resolve host: smtp.example.com',
  ),
  inWords(
    'connect-refused',
    /connection refused|actively refused it|couldn't connect to server/i,
    'Connection refused',
  ),
  inWords(
    'connect-timeout-mail',
    /connect(?:ion)? (?:attempt )?timed out|did not properly respond|i\/o timeout/i,
    'Connection timed out',
  ),
  inWords('mechanism-not-offered', /did(?: not|n't) advertise AUTH\b/i, 'The server did not advertise AUTH'),
  inWords('connect-no-route', /no route to host|network is (?:unreachable|down)/i, 'No route to host'),
  inWords('greeting-timeout', /greeting never received/i, 'Greeting never received'),
  {
    id: 'sasl-plugin-missing',
    when: {
      stage: ['capability'],
      text: /no worthy mechs found|could not find any worthy SASL mechanism|SASL\(-1\): generic failure: unable to find a callback/i,
    },
    sample: { where: 'smtp', stage: 'capability', text: 'SASL authentication failure: No worthy mechs found' },
    diagnosis: {
      code: 'mechanism_not_offered',
      who: 'you',
      message: 'the program’s own SASL library cannot do XOAUTH2; usually its plugin is missing, or is another one',
      fix: [
        {
          text: 'install the plugin that the first lines of the exported configuration name',
          command: 'mailauth export {name} --format list',
        },
      ],
    },
  },
];
