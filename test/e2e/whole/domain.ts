/**
 * A mail domain in namespaces of its own, for `discover`: a name server on port 53, its web pages on port 443, and a real
 * Dovecot behind a service record. Writes `ready` below the folder that it is given, and stays until it is ended.
 */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { makeAuthority } from '../../servers/certificates.js';
import { startDovecot } from '../../servers/dovecot.js';
import { startNameServer } from '../../servers/name-server.js';

const [folder = ''] = process.argv.slice(2);
const DOMAIN = 'happypaws.example';
const ISSUER = `https://id.${DOMAIN}`;
const HERE = { A: ['127.0.0.1'] };

const authority = makeAuthority();
writeFileSync(join(folder, 'ca.pem'), authority.cert);

const PAGES: Readonly<Record<string, object>> = {
  [`${ISSUER}/.well-known/openid-configuration`]: {
    issuer: ISSUER,
    authorization_endpoint: `${ISSUER}/authorize`,
    token_endpoint: `${ISSUER}/token`,
    registration_endpoint: `${ISSUER}/register`,
  },
  // RFC 7662 section 2.2: there is no such token.
  [`${ISSUER}/introspect`]: { active: false },
};
const web = createServer(authority.issue({ names: [DOMAIN, `id.${DOMAIN}`] }), (request, response) => {
  const page = PAGES[`https://${request.headers.host}${request.url}`];
  response.writeHead(page === undefined ? 404 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(page ?? {}));
});
await new Promise<void>((resolve) => web.listen(443, '127.0.0.1', resolve));

const dovecot = await startDovecot({
  authority,
  introspectionUrl: `${ISSUER}/introspect`,
  names: [`imap.${DOMAIN}`],
  openidConfigurationUrl: `${ISSUER}/.well-known/openid-configuration`,
});
await startNameServer(
  {
    [DOMAIN]: { ...HERE, MX: [[10, `mx.${DOMAIN}`]] },
    [`id.${DOMAIN}`]: HERE,
    [`imap.${DOMAIN}`]: HERE,
    [`_imaps._tcp.${DOMAIN}`]: { SRV: [[0, 1, dovecot.imaps, `imap.${DOMAIN}`]] },
    [`_submissions._tcp.${DOMAIN}`]: { SRV: [[0, 1, 465, `smtp.${DOMAIN}`]] },
  },
  53,
);
writeFileSync(join(folder, 'ready'), String(dovecot.imaps));
