import type { TLSSocket } from 'node:tls';

/** Longer says nothing more about who it is. */
const LONGEST_NAME = 100;

/**
 * Watches a handshake that has just begun; the function it gives adds to an error who issued the certificate. That name
 * tells a company's inspection from a wrong server, and Node drops it together with the connection.
 */
export function watchIssuer(socket: TLSSocket): (error: Error) => Error {
  let issuer: string | undefined;
  // Before Node judges the certificate.
  socket.prependOnceListener('secure', () => {
    const { CN, O } = socket.getPeerCertificate().issuer ?? {};
    const name = [CN, O].filter((part) => part !== undefined).join(', ');
    if (name !== '') issuer = name.slice(0, LONGEST_NAME);
  });
  return (error) =>
    issuer === undefined
      ? error
      : Object.assign(new Error(`${error.message} (certificate issued by: ${issuer})`), {
          code: (error as NodeJS.ErrnoException).code,
        });
}
