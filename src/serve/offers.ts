/**
 * What the SMTP servers behind offer (RFC 5321 section 4.1.1.1). Most programs ask once, before their login, when it is
 * not known whose server they will reach: they are told what all of them offer, and nothing as long as one is unknown.
 */
export interface Offers {
  /** Lines of EHLO of a server; those that belong to a login are left out. None: it could not be asked. */
  learn(server: string, lines: readonly string[]): void;
  common(): readonly string[];
}

const OF_THE_LOGIN = /^(?:AUTH|STARTTLS|XCLIENT|XFORWARD)\b/i;

export function knownOffers(): Offers {
  const known = new Map<string, readonly string[]>();
  return {
    learn(server, lines) {
      known.set(
        server,
        lines.filter((line) => !OF_THE_LOGIN.test(line) && /^[A-Z0-9][\x20-\x7e]*$/i.test(line)),
      );
    },
    common() {
      const [first = [], ...others] = known.values();
      return first.filter((line) => others.every((lines) => lines.includes(line)));
    },
  };
}
