import { type Evidence, withoutSecrets } from '../explain/evidence.js';
import { networkEvidence } from '../system/connection-failure.js';
import type { MailLogin } from './login.js';
import { MECHANISMS } from './sasl.js';
import type { ConversationState, ProtocolSyntax } from './syntax.js';

/**
 * What can go wrong in a mail conversation apart from the server's refusal and the errors of Node (`ECONNREFUSED`,
 * `CERT_HAS_EXPIRED`, ...): the word in `Evidence.error`, and the sentence in `Evidence.text`.
 */
export const MAIL_FAILURES = {
  ETIMEDOUT: 'the server did not answer in time',
  CLOSED: 'the server closed the connection without an answer',
  FLOOD: 'the server sent more than a login can need',
  SASL_LOOP: 'the server keeps asking for more after the login',
  PROTOCOL: 'the server does not speak this protocol',
  PREAUTH: 'the server claims that the login has already happened',
  TLS_ON_PLAINTEXT_PORT: 'the port speaks TLS from the first byte, not STARTTLS',
  PLAINTEXT_ON_TLS_PORT: 'the port answers in plain text where TLS was expected',
  STARTTLS_MISSING: 'the server does not offer STARTTLS',
  STARTTLS_REFUSED: 'the server offers STARTTLS and then refuses it',
  STARTTLS_INJECTION: 'plain text arrived between STARTTLS and the TLS handshake',
  CAPABILITY_REFUSED: 'the server refuses to say what it can do',
  MECHANISM_NOT_OFFERED: 'the server offers neither XOAUTH2 nor OAUTHBEARER',
  LOGIN_REFUSED: 'the server refused the login',
} as const;

type MailFailure = keyof typeof MAIL_FAILURES;

export function failure(code: MailFailure, text: string = MAIL_FAILURES[code]): Error {
  return Object.assign(new Error(text), { code });
}

/** A server's words are kept up to this many characters; more says nothing more about the cause. */
const WORDS_LIMIT = 4096;

/** Turns the end of a conversation into evidence. The server's own refusal says more than the error it caused. */
export function evidenceOf(
  error: unknown,
  syntax: ProtocolSyntax,
  state: ConversationState,
  login: MailLogin,
): Evidence {
  const { user, accessToken, server } = login;
  const secrets = [accessToken, ...MECHANISMS.map(({ response }) => response(user, accessToken, server))];
  const { host, port } = server;
  const { error: code, text } = networkEvidence(error, syntax.where, { host, port });
  const refusal = syntax.refusalIn(state.heard);
  const challenge = syntax.challengeIn(state.heard);
  const evidence: Evidence = {
    where: syntax.where,
    // The state knows better than an error's name: a reset may come at any stage.
    stage: state.stage,
    host,
    port,
    ...(refusal ?? { error: code ?? 'PROTOCOL' }),
    text: refusal?.text ?? text,
    ...(challenge === undefined ? {} : { challenge }),
  };
  const { text: words, challenge: hidden, ...rest } = withoutSecrets(evidence, secrets);
  return {
    ...rest,
    text: words.slice(0, WORDS_LIMIT),
    ...(hidden === undefined ? {} : { challenge: hidden.slice(0, WORDS_LIMIT) }),
  };
}

/** @param offered the mechanisms that the server listed, as it wrote them */
export function mechanismMissing(offered: readonly string[]): Error {
  const text = offered.length > 0 ? `the server offers ${offered.join(', ')}` : 'the server announces no AUTH at all';
  return failure('MECHANISM_NOT_OFFERED', text);
}
