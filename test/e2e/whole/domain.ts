/**
 * A mail domain in namespaces of its own, for `discover`: a name server on port 53, a real authorization server
 * on port 443, at which programs may register, and a real Dovecot behind a service record. Writes `ready` below the folder that it is given, and stays until it is ended.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startAuthorizationServer } from '../../servers/authorization-server.js';
import { writeBrowser } from '../../servers/browser-program.js';
import { makeAuthority } from '../../servers/certificates.js';
import { startDovecot } from '../../servers/dovecot.js';
import { startNameServer } from '../../servers/name-server.js';

const [folder = ''] = process.argv.slice(2);
const DOMAIN = 'happypaws.example';
const HERE = { A: ['127.0.0.1'] };

const authority = makeAuthority();
writeFileSync(join(folder, 'ca.pem'), authority.cert);

const issuer = await startAuthorizationServer({
  layout: 'google',
  authority,
  accounts: [`reception@${DOMAIN}`],
  host: `id.${DOMAIN}`,
  port: 443,
  registration: true,
});
// Whoever has the address of the sign-in may open it: the program under test, and nobody else here.
writeBrowser(folder, { ca: authority.cert, record: join(folder, 'visit') });

const dovecot = await startDovecot({
  authority,
  introspectionUrl: issuer.introspectionUrl,
  names: [`imap.${DOMAIN}`],
  openidConfigurationUrl: `${issuer.issuer}/.well-known/openid-configuration`,
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
