/**
 * The protocols of mail servers, a row each: all that is pure about them, so that every room can go through it. How each
 * is spoken stands in mail/protocols.ts. A further one is a row here, its file and its row there.
 */
export const PROTOCOLS = {
  smtp: {
    title: 'SMTP',
    label: 'send',
    activity: 'sending',
    server: 'the server that takes outgoing mail',
    isUsual: true,
    use: 'Yes means: this mailbox is only read. No permission to send is asked for, and sending is not checked.',
    ports: { starttls: 587, tls: 465 },
    servePort: 1587,
    security: 'starttls',
    loginNames: 'person',
    proven: 'logged in',
    refusal: /^[45]\d\d[ -]/,
  },
  imap: {
    title: 'IMAP',
    label: 'receive',
    activity: 'receiving',
    server: 'the server that holds the mailbox',
    isUsual: true,
    use: 'Yes means: this mailbox only sends. No permission to read mail is asked for where the provider keeps the two apart, and reading is not checked.',
    ports: { starttls: 143, tls: 993 },
    servePort: 1143,
    security: 'tls',
    loginNames: 'mailbox',
    proven: 'inbox opened',
    refusal: /^(?:\* )?(?:NO|BAD|BYE)\b/,
  },
  pop: {
    title: 'POP',
    label: 'POP',
    activity: 'collecting',
    server: 'the server that programs collect mail from by POP',
    isUsual: false,
    use: 'Only for a program that collects mail by POP (POP3). Yes means: the permission for POP is asked for as well, and the login is checked. Programs that can choose are better off with IMAP.',
    ports: { starttls: 110, tls: 995 },
    servePort: 1110,
    security: 'tls',
    loginNames: 'mailbox',
    proven: 'logged in',
    refusal: /^-ERR\b/,
  },
} as const satisfies Readonly<Record<string, ProtocolRow>>;

interface ProtocolRow {
  /** How screens call it: `the SMTP server`. */
  readonly title: string;
  /** How its lines of `list` and `check` begin. */
  readonly label: string;
  /** What a person does over it, as in `Leave out sending (SMTP)?`. */
  readonly activity: string;
  /** What its server is for: `The name of ...`. */
  readonly server: string;
  /** Used unless somebody says no (`--no-smtp`); otherwise used only where somebody says yes (`--pop`). */
  readonly isUsual: boolean;
  /** What it means to say so. */
  readonly use: string;
  /** Where `serve` answers it on this computer, if nobody says otherwise. */
  readonly servePort: number;
  /** The port that goes with each way of encryption. */
  readonly ports: Readonly<Record<'starttls' | 'tls', number>>;
  /** What a server is assumed to have where nobody says anything. */
  readonly security: 'starttls' | 'tls';
  /** Whom a login names where one signs in for the mailbox of another: the person, or the mailbox. */
  readonly loginNames: 'person' | 'mailbox';
  /** What a check that went well has done. */
  readonly proven: string;
  /** How the words of a server begin when it refuses. */
  readonly refusal: RegExp;
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

/** The questions about one server: whether it is used (`no-smtp`, `pop`), and what it is. */
export function serverQuestions(protocol: Protocol) {
  return {
    use: PROTOCOLS[protocol].isUsual ? `no-${protocol}` : protocol,
    host: `${protocol}-host`,
    port: `${protocol}-port`,
    security: `${protocol}-security`,
  } as const;
}

/** The answers to the question whether a protocol is used: the usual ones are asked the other way round. */
export function useAnswers(protocol: Protocol): { readonly used: 'yes' | 'no'; readonly unused: 'yes' | 'no' } {
  return PROTOCOLS[protocol].isUsual ? { used: 'no', unused: 'yes' } : { used: 'yes', unused: 'no' };
}

/** The condition of what only an account that uses the protocol is asked and told. */
export function whenUsed(protocol: Protocol): { readonly question: string; readonly is: readonly string[] } {
  return { question: serverQuestions(protocol).use, is: [useAnswers(protocol).used] };
}

/** An object with something for each protocol. */
export function forEachProtocol<T>(make: (protocol: Protocol) => T): { readonly [P in Protocol]: T } {
  return Object.fromEntries(protocols.map((protocol) => [protocol, make(protocol)])) as { [P in Protocol]: T };
}
