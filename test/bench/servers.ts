/**
 * A token endpoint, an SMTP and an IMAP server, each at several distances. They let everybody in and do no more than
 * they must, so that what is measured is the program.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeAuthority } from '../servers/certificates.js';
import { startImapServer } from '../servers/imap-server.js';
import { startSmtpServer } from '../servers/smtp-server.js';
import { startTcpProxy } from '../servers/tcp-proxy.js';

/** The ports of one distance. */
export interface Ports {
  readonly token: number;
  readonly smtp: number;
  readonly imap: number;
}

export interface Servers {
  /** PEM file. */
  readonly ca: string;
  /** As far away as each reply takes so many milliseconds longer. */
  at(latency: number): Promise<Ports>;
  stop(): Promise<void>;
}

export async function startServers(): Promise<Servers> {
  const folder = mkdtempSync(join(tmpdir(), 'mailauth-bench-'));
  const authority = makeAuthority();
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, authority.cert);
  const leaf = authority.issue();
  const everybody = async (): Promise<boolean> => true;
  const smtp = await startSmtpServer({ leaf, security: 'starttls', verify: everybody });
  const imap = await startImapServer({ leaf, security: 'tls', verify: everybody, messages: 7 });
  let issued = 0;
  const token = createServer({ cert: leaf.cert, key: leaf.key }, (request, response) => {
    issued += 1;
    const name = `${issued}${'x'.repeat(1_500)}`;
    const body = { token_type: 'Bearer', expires_in: 3600, access_token: `a${name}`, refresh_token: `r${name}` };
    request.resume().once('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => token.listen(0, '127.0.0.1', resolve));
  const near: Ports = { token: (token.address() as AddressInfo).port, smtp: smtp.port, imap: imap.port };
  const proxies: { close(): Promise<void> }[] = [];
  const far = async (target: number, latency: number): Promise<number> => {
    const proxy = await startTcpProxy({ target, latency });
    proxies.push(proxy);
    return proxy.port;
  };
  return {
    ca,
    async at(latency) {
      if (latency === 0) return near;
      const [tokenPort, smtpPort, imapPort] = await Promise.all(
        [near.token, near.smtp, near.imap].map((port) => far(port, latency)),
      );
      return { token: tokenPort as number, smtp: smtpPort as number, imap: imapPort as number };
    },
    async stop() {
      for (const proxy of proxies) await proxy.close();
      await Promise.all([smtp.close(), imap.close(), new Promise((resolve) => token.close(resolve))]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
