/**
 * A question to a store on the network by one connection of its own, for the quick way to a stored token: the network's
 * library takes longer to load than everything else together. It is HTTP/1.0 (RFC 1945), where the answer ends with the
 * connection. TLS, authorities and time limits are judged as everywhere; a proxy is left to the whole network.
 */
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { proxiesOf } from '../../system/proxy.js';
import { ownCertificate, trustedCertificates, trusting } from '../../system/trust.js';
import { withoutBrackets } from '../../words/host.js';
import { type Ask, answerOf, type Site } from './answer.js';

const LIMIT = 1024 * 1024;

/** Rejects with an error of no words: whoever is told about trouble asks by the whole network. */
export function openOnce({ url, caVariable, certificate }: Site, env: NodeJS.ProcessEnv, deadlineMs: number): Ask {
  const host = withoutBrackets(url.hostname);
  const port = Number(url.port || 443);
  return async ({ method, path, headers, body, secrets }) => {
    if (proxiesOf(env).leadingTo(host, port) !== undefined) throw new Error('a proxy leads there');
    const [authorities, own] = await Promise.all([
      trustedCertificates(env[caVariable], env, { alone: true }),
      certificate && ownCertificate(certificate),
    ]);
    const text = body === undefined ? '' : JSON.stringify(body);
    const fields = {
      ...{ host: url.host, connection: 'close', ...headers },
      ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    };
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
    if (lines.some((line) => /[\r\n]./.test(line))) throw new Error('a header of two lines');
    const request = `${method} ${path} HTTP/1.0\r\n${lines.join('')}\r\n${text}`;
    const reach = { host, port, ...(isIP(host) === 0 && { servername: host }) };
    const trust = { secureContext: trusting(authorities, own), rejectUnauthorized: true };
    const [head = '', ...rest] = (await received({ ...reach, ...trust }, request, deadlineMs)).split('\r\n\r\n');
    const status = /^HTTP\/1\.[01] (\d{3}) /.exec(head)?.[1];
    if (status === undefined || /^transfer-encoding:/im.test(head)) throw new Error('not an answer of HTTP/1.0');
    return answerOf(Number(status), rest.join('\r\n\r\n'), secrets);
  };
}

/** Everything that is sent until the connection ends. */
function received(options: Parameters<typeof connect>[1], request: string, deadlineMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(options as object);
    const chunks: Buffer[] = [];
    let size = 0;
    const late = setTimeout(() => socket.destroy(new Error('no answer in time')), deadlineMs);
    socket.once('secureConnect', () => socket.write(request));
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > LIMIT) socket.destroy(new Error('too long an answer'));
    });
    socket.once('error', reject);
    socket.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    socket.once('close', () => {
      clearTimeout(late);
      reject(new Error('no end of the answer'));
    });
  });
}
