import { isIP, type Socket } from 'node:net';
import { connect, type SecureContext, type TLSSocket } from 'node:tls';
import { watchIssuer } from './certificate-issuer.js';
import { connectionFailure } from './connection-failure.js';

/**
 * TLS over a connection to `host`, whose certificate is judged; a failure there says who issued it.
 *
 * @param socket destroyed where TLS does not come about
 * @param options whom to trust, and how many milliseconds it may take
 */
export function shakeHands(
  socket: Socket,
  { host, trust, ms }: { readonly host: string; readonly trust: SecureContext; readonly ms: number },
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secured = connect({
      socket,
      host,
      ...(isIP(host) === 0 && { servername: host }),
      secureContext: trust,
      ALPNProtocols: ['http/1.1'],
      // Said explicitly, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in somebody's shell sends no refresh token to a stranger.
      rejectUnauthorized: true,
    });
    const naming = watchIssuer(secured);
    const late = connectionFailure('ETIMEDOUT', `no TLS handshake within ${ms / 1000} s`, { stage: 'connect' });
    const timer = setTimeout(() => secured.destroy(late), ms);
    secured.once('secureConnect', () => {
      clearTimeout(timer);
      resolve(secured);
    });
    // Later ones are told by whoever uses the connection; without a listener they would end the process.
    secured.on('error', (error) => {
      clearTimeout(timer);
      reject(naming(error));
    });
    // A connection may be gone without an error.
    secured.once('close', () => {
      clearTimeout(timer);
      reject(connectionFailure('ECONNRESET', 'the connection closed before TLS was established', { stage: 'tls' }));
    });
  });
}
