/**
 * The protocols of mail servers, a row each: what is pure about them, so that every room can go through it. How each is
 * spoken stands in mail/protocols.ts. A further one (POP) is a row here, its file and its row there.
 */
export const PROTOCOLS = {
  smtp: { title: 'SMTP', purpose: 'send', port: 587, security: 'starttls', loginNames: 'person' },
  imap: { title: 'IMAP', purpose: 'receive', port: 993, security: 'tls', loginNames: 'mailbox' },
} as const satisfies Readonly<Record<string, ProtocolRow>>;

interface ProtocolRow {
  /** How screens call it: `the SMTP server`. */
  readonly title: string;
  /** What a person has it for, as the lines of `list` and `check` begin. */
  readonly purpose: string;
  /** What a server is assumed to have where nobody says anything. */
  readonly port: number;
  readonly security: 'starttls' | 'tls';
  /** Whom a login names where one signs in for the mailbox of another: the person, or the mailbox. */
  readonly loginNames: 'person' | 'mailbox';
}

export type Protocol = keyof typeof PROTOCOLS;

/** All of them, in the order in which they are shown. */
export const protocols = Object.keys(PROTOCOLS) as readonly Protocol[];

export function isProtocol(text: unknown): text is Protocol {
  return protocols.some((protocol) => protocol === text);
}

export function serverOf(protocol: Protocol): string {
  return `the ${PROTOCOLS[protocol].title} server`;
}

/** The questions about one server: whether it is left out, and what it is. */
export function serverQuestions(protocol: Protocol) {
  return {
    none: `no-${protocol}`,
    host: `${protocol}-host`,
    port: `${protocol}-port`,
    security: `${protocol}-security`,
  } as const;
}

/** An object with something for each protocol. */
export function forEachProtocol<T>(make: (protocol: Protocol) => T): { readonly [P in Protocol]: T } {
  return Object.fromEntries(protocols.map((protocol) => [protocol, make(protocol)])) as { [P in Protocol]: T };
}
