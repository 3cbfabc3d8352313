import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { explain } from '../../src/explain/explain.js';
import { mayHaveSpent } from '../../src/oauth/retry.js';
import { networkEvidence } from '../../src/system/connection-failure.js';
import { type Network, type NetworkOptions, openNetwork } from '../../src/system/network.js';
import { trustedCertificates } from '../../src/system/trust.js';
import { makeAuthority, type WrongKind, wrongLeaf } from '../servers/certificates.js';
import { freePort } from '../servers/ports.js';
import { type ScriptedEndpoint, startScriptedEndpoint } from '../servers/scripted-token-endpoint.js';
import { blackHole } from './black-hole.js';

const authority = makeAuthority();
const folder = mkdtempSync(join(tmpdir(), 'mailauth-network-'));
const caFile = join(folder, 'ca.pem');
/** A label longer than 63 bytes: the resolver refuses it here, and asks nobody. */
const NOWHERE = `${'x'.repeat(64)}.example.com`;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(() => writeFileSync(caFile, authority.cert));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function network(options: Partial<NetworkOptions> = {}): Promise<Network> {
  const opened = await openNetwork({ env: {}, caFile, ...options });
  closing.push(() => opened.close());
  return opened;
}

async function endpoint(leaf = authority.issue()): Promise<ScriptedEndpoint> {
  const started = await startScriptedEndpoint(authority, leaf);
  closing.push(() => started.stop());
  return started;
}

async function listening(server: ReturnType<typeof createTlsServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** What a request that must fail says about itself. */
async function evidenceOf(request: Promise<unknown>) {
  const error = await request.then(
    () => {
      throw new Error('the request succeeded');
    },
    (thrown: unknown) => thrown,
  );
  return networkEvidence(error, 'token', { host: 'login.example.com', port: 443 });
}

describe('the network', () => {
  it('N09 trusts the given authority in addition to the built-in ones', async () => {
    const server = await endpoint();
    server.answer('/x', { body: 'hello' });
    const { fetch } = await network();
    expect(await (await fetch(`${server.origin}/x`)).text()).toBe('hello');
    const trusted = await trustedCertificates(caFile, {}, { platform: 'linux' });
    expect(trusted).toEqual([...rootCertificates, authority.cert.trim()]);
  });

  it('N09 trusts what the store of Windows does, where an antivirus program puts its authority', async () => {
    const certificatesOf = (kind: string) =>
      kind === 'system' ? ['the antivirus program', rootCertificates[0] ?? ''] : [];
    const here = { platform: 'win32', certificatesOf } as const;
    expect(await trustedCertificates(undefined, {}, here)).toEqual([...rootCertificates, 'the antivirus program']);
    expect(await trustedCertificates(caFile, {}, here)).toContain(authority.cert.trim());
    // Elsewhere, and where Node does not know it, nothing is added to what Node trusts.
    expect(await trustedCertificates(undefined, {}, { platform: 'linux', certificatesOf })).toBeUndefined();
    expect(await trustedCertificates(undefined, {}, { platform: 'win32', certificatesOf: undefined })).toBeUndefined();
  });

  it('N09 keeps NODE_EXTRA_CA_CERTS beside the file, since a list replaces what Node reads itself', async () => {
    const other = join(folder, 'other.pem');
    writeFileSync(other, makeAuthority('another').cert);
    const { fetch } = await network({ caFile: other, env: { NODE_EXTRA_CA_CERTS: caFile } });
    const server = await endpoint();
    server.answer('/x', { body: 'hello' });
    expect((await fetch(`${server.origin}/x`)).status).toBe(200);
  });

  it('says what is wrong with a certificate file', async () => {
    const empty = join(folder, 'empty.pem');
    writeFileSync(empty, 'not a certificate');
    const damaged = join(folder, 'damaged.pem');
    writeFileSync(damaged, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    await expect(openNetwork({ env: {}, caFile: join(folder, 'none') })).rejects.toMatchObject({
      code: 'file_not_found',
    });
    await expect(openNetwork({ env: {}, caFile: empty })).rejects.toMatchObject({ code: 'bad_input' });
    await expect(openNetwork({ env: {}, caFile: damaged })).rejects.toMatchObject({ code: 'bad_input' });
    await expect(openNetwork({ env: {}, caFile: folder })).rejects.toMatchObject({ code: 'bad_input' });
  });

  const wrong: [WrongKind, string][] = [
    ['expired', 'CERT_HAS_EXPIRED'],
    ['not-yet-valid', 'CERT_NOT_YET_VALID'],
    ['wrong-name', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['unknown-ca', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['no-san', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ];
  it.each(wrong)(
    'T18 a certificate that is %s is refused, whatever NODE_TLS_REJECT_UNAUTHORIZED says',
    async (kind, code) => {
      const server = await endpoint(wrongLeaf(kind, authority));
      const { fetch } = await network();
      const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
      try {
        const evidence = await evidenceOf(fetch(`${server.origin}/x`, { method: 'POST', body: 'secret' }));
        expect(evidence).toMatchObject({ stage: 'tls', error: code });
      } finally {
        if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
        else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
      }
      expect(server.received).toEqual([]);
    },
  );

  it.each([301, 302, 303, 307, 308])('T17 a %i is handed back and never followed', async (status) => {
    const server = await endpoint();
    server.answer('/token', { status, headers: { location: `${server.origin}/elsewhere` } });
    const { fetch } = await network();
    const response = await fetch(`${server.origin}/token`, { method: 'POST', body: 'secret', redirect: 'follow' });
    expect(response.status).toBe(status);
    expect(server.received.map(({ path }) => path)).toEqual(['/token']);
  });

  it('R14 asks https addresses only', async () => {
    const { fetch } = await network();
    expect(await evidenceOf(fetch('http://127.0.0.1:1/x'))).toMatchObject({ stage: 'connect', error: 'EHTTPS' });
  });

  it('T06 reads 1 MiB of an answer and no more, unpacked or packed', async () => {
    const server = await endpoint();
    const { fetch } = await network();
    const fits = Buffer.alloc(1024 * 1024, 'a');
    server.answer('/fits', { body: gzipSync(fits), headers: { 'content-encoding': 'gzip' } });
    expect((await (await fetch(`${server.origin}/fits`)).arrayBuffer()).byteLength).toBe(fits.length);
    server.answer('/long', { body: Buffer.alloc(fits.length + 1) });
    server.answer('/bomb', { body: gzipSync(Buffer.alloc(50 * fits.length)), headers: { 'content-encoding': 'gzip' } });
    for (const path of ['/long', '/bomb']) {
      expect(await evidenceOf(fetch(server.origin + path))).toMatchObject({ stage: 'response', error: 'EMSGSIZE' });
    }
  });

  it('H a body that drips is a timeout, whatever keeps coming', async () => {
    const { cert, key } = authority.issue();
    const dripping = createTlsServer({ cert, key }, (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const drops = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drops));
    });
    const { fetch } = await network({ deadlines: { connect: 500, answer: 500 } });
    const found = await evidenceOf(fetch(`https://localhost:${await listening(dripping)}/token`));
    expect(found).toMatchObject({ stage: 'response', error: 'ETIMEDOUT' });
    expect((await explain(found, { answers: {} })).exit).toBe(75);
  });

  it('T13 keeps a connection for what may be asked twice, and for nothing else', async () => {
    const { cert, key } = authority.issue();
    const ports: (number | undefined)[] = [];
    const counting = createTlsServer({ cert, key }, ({ method, socket, headers }, response) => {
      ports.push(socket.remotePort);
      expect(headers.connection).toBe(method === 'GET' ? 'keep-alive' : 'close');
      response.end('{}');
    });
    const { fetch } = await network();
    const address = `https://localhost:${await listening(counting)}/`;
    for (const method of ['GET', 'GET', 'POST', 'POST', 'PUT']) await fetch(address, { method });
    const [first, second, ...others] = ports;
    expect(second).toBe(first);
    expect(new Set([first, ...others]).size).toBe(4);
  });

  it('T06 an answer that changes the protocol is no answer, and is not waited for', async () => {
    const { cert, key } = authority.issue();
    const switching = createTlsServer({ cert, key });
    switching.on('upgrade', () => {});
    switching.on('request', ({ socket }) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: other\r\nconnection: upgrade\r\n\r\n');
    });
    const { fetch } = await network();
    const found = await evidenceOf(fetch(`https://localhost:${await listening(switching)}/token`, { method: 'POST' }));
    expect(found).toMatchObject({ stage: 'response', error: 'HPE_UNEXPECTED' });
  });

  it('N05 a server that takes the request and says nothing is left at the deadline', async () => {
    const server = await endpoint();
    server.answer('/never', { never: true });
    const { fetch } = await network({ deadlines: { connect: 200, answer: 200 } });
    expect(await evidenceOf(fetch(`${server.origin}/never`))).toMatchObject({ stage: 'response', error: 'ETIMEDOUT' });
  });

  it('T01 a connection that is cut in the middle of an answer says how far it got', async () => {
    const server = await endpoint();
    server.answer('/cut', { body: 'x'.repeat(500), cutAfter: 100 });
    const { fetch } = await network();
    expect((await evidenceOf(fetch(`${server.origin}/cut`))).stage).toBe('response');
  });

  it('N06 a name that does not exist is a matter of names', async () => {
    const { fetch } = await network();
    const evidence = await evidenceOf(fetch(`https://${NOWHERE}/`));
    expect(evidence).toMatchObject({ stage: 'dns' });
    expect(evidence.error).toMatch(/^(?:ENOTFOUND|EAI_AGAIN|EAI_FAIL)$/);
  });

  it('a port nobody listens on is refused at the connection', async () => {
    const port = await freePort();
    const { fetch } = await network();
    expect(await evidenceOf(fetch(`https://localhost:${port}/`))).toMatchObject({
      stage: 'connect',
      error: 'ECONNREFUSED',
    });
  });

  it('a server that speaks no TLS fails at TLS', async () => {
    const plain = createTcpServer((socket) => socket.end('220 hello\r\n'));
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    closing.push(async () => plain.close());
    const { fetch } = await network();
    const { port } = plain.address() as AddressInfo;
    expect((await evidenceOf(fetch(`https://localhost:${port}/`))).stage).toBe('tls');
  });

  it.runIf(process.platform === 'linux')(
    'N11 once closed it no longer waits for a peer that swallows packets',
    async () => {
      const port = await blackHole('127.0.0.1');
      const connecting = () => process.getActiveResourcesInfo().filter((kind) => kind === 'ConnectWrap').length;
      const before = connecting();
      const { fetch, close } = await network();
      await expect(fetch(`https://127.0.0.1:${port}/x`, { signal: AbortSignal.timeout(100) })).rejects.toThrow();
      await close();
      await vi.waitFor(() => expect(connecting()).toBe(before));
    },
  );

  it('N11 nor for one that takes the connection and says nothing', async () => {
    const left = signalled();
    const silent = createTcpServer((socket) => {
      socket
        .on('error', () => {})
        .on('close', left.resolve)
        .resume();
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    closing.push(() => new Promise((resolve) => silent.close(resolve)));
    const { port } = silent.address() as AddressInfo;
    const { fetch, close } = await network();
    await expect(fetch(`https://127.0.0.1:${port}/x`, { signal: AbortSignal.timeout(100) })).rejects.toThrow();
    const closed = performance.now();
    await close();
    await left.promise;
    expect(performance.now() - closed).toBeLessThan(1_000);
  });

  it('N11 an abort ends a request with its own reason', async () => {
    const server = await endpoint();
    const controller = new AbortController();
    server.answer('/never', () => {
      setImmediate(() => controller.abort(new Error('interrupted')));
      return { never: true };
    });
    const { fetch } = await network({ signal: controller.signal });
    await expect(fetch(`${server.origin}/never`)).rejects.toThrow('interrupted');
  });
});

describe('a proxy', () => {
  interface Proxy {
    readonly port: number;
    readonly asked: { target: string; authorization: string | undefined }[];
  }

  /** A CONNECT proxy that leads everything to one port, or answers as it is told. */
  async function proxy(to: number | { status: number } | 'never'): Promise<Proxy> {
    const asked: Proxy['asked'] = [];
    const sockets = new Set<Socket>();
    const server: Server = createServer((request, response) => {
      asked.push({ target: `${request.method} ${request.url}`, authorization: undefined });
      response.writeHead(500).end();
    });
    server.on('connection', (socket) => sockets.add(socket));
    server.on('connect', (request, socket) => {
      asked.push({ target: request.url ?? '', authorization: request.headers['proxy-authorization'] });
      if (to === 'never') return;
      if (typeof to === 'object') {
        socket.end(`HTTP/1.1 ${to.status} No\r\n\r\n`);
        return;
      }
      const upstream = connect(to, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      upstream.on('error', () => socket.destroy());
      socket.on('error', () => upstream.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return { port: (server.address() as AddressInfo).port, asked };
  }

  const behind = () => endpoint(authority.issue({ names: ['login.example.com', 'localhost'] }));

  it.each(['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'])('N01 %s is used', async (name) => {
    const server = await behind();
    const { port, asked } = await proxy(server.port);
    server.answer('/token', { body: 'hello' });
    const { fetch } = await network({ env: { [name]: `http://127.0.0.1:${port}` } });
    expect(await (await fetch('https://login.example.com/token')).text()).toBe('hello');
    expect(asked.map(({ target }) => target)).toEqual(['login.example.com:443']);
  });

  it('N01 an address without a scheme is a proxy too, with its user and password', async () => {
    const server = await behind();
    const { port, asked } = await proxy(server.port);
    server.answer('/token', { body: 'hello' });
    const { fetch } = await network({ env: { HTTPS_PROXY: `user:p%40ss@127.0.0.1:${port}` } });
    await fetch('https://login.example.com/token');
    expect(asked[0]?.authorization).toBe(`Basic ${Buffer.from('user:p@ss').toString('base64')}`);
  });

  it.each([`${NOWHERE}`, '.example.com', 'example.com:443', '*', `other.example, ${NOWHERE}`])(
    'N01 NO_PROXY=%s keeps the proxy out',
    async (value) => {
      const { port, asked } = await proxy('never');
      const { fetch } = await network({ env: { HTTPS_PROXY: `http://127.0.0.1:${port}`, NO_PROXY: value } });
      expect((await evidenceOf(fetch(`https://${NOWHERE}:443/token`))).stage).toBe('dns');
      expect(asked).toEqual([]);
    },
  );

  it('N01 NO_PROXY keeps the proxy out of nothing else', async () => {
    const server = await behind();
    const { port, asked } = await proxy(server.port);
    server.answer('/token', { body: 'hello' });
    const env = { HTTPS_PROXY: `http://127.0.0.1:${port}`, NO_PROXY: 'ample.com,login.example.com:8443,other.example' };
    await (await network({ env })).fetch('https://login.example.com/token');
    expect(asked).toHaveLength(1);
  });

  it('N04 loopback never goes through a proxy', async () => {
    const server = await behind();
    const { port, asked } = await proxy('never');
    const { fetch } = await network({ env: { HTTPS_PROXY: `http://127.0.0.1:${port}` } });
    server.answer('/token', { body: 'hello' });
    expect((await fetch(`https://localhost:${server.port}/token`)).status).toBe(200);
    expect(asked).toEqual([]);
  });

  it.each([407, 403, 502])('N02 a proxy that answers %i is blamed itself, its password unseen', async (status) => {
    const { port } = await proxy({ status });
    const { fetch } = await network({ env: { HTTPS_PROXY: `http://user:canary-pass@127.0.0.1:${port}` } });
    const evidence = await evidenceOf(fetch('https://login.example.com/token'));
    expect(evidence).toMatchObject({ stage: 'proxy', status, host: 'login.example.com' });
    expect(JSON.stringify(evidence)).not.toContain('canary');
  });

  it('N02 a proxy that is not there, or never answers, is blamed itself', async () => {
    const gone = await network({ env: { HTTPS_PROXY: `http://127.0.0.1:${await freePort()}` } });
    const refused = await evidenceOf(gone.fetch('https://login.example.com/token'));
    expect(refused).toMatchObject({ stage: 'proxy', error: 'ECONNREFUSED' });
    const { port } = await proxy('never');
    const env = { HTTPS_PROXY: `http://127.0.0.1:${port}` };
    const silent = await network({ env, deadlines: { connect: 1_000, answer: 4_000 } });
    expect(await evidenceOf(silent.fetch('https://login.example.com/token'))).toMatchObject({
      stage: 'proxy',
      error: 'ETIMEDOUT',
    });
  });

  it('N02 a certificate that is wrong behind the proxy is still the server’s matter', async () => {
    const server = await endpoint();
    const { port } = await proxy(server.port);
    const { fetch } = await network({ env: { HTTPS_PROXY: `http://127.0.0.1:${port}` } });
    const evidence = await evidenceOf(fetch('https://login.example.com/token'));
    expect(evidence).toMatchObject({ stage: 'tls', error: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });

  it('N02 an address that is none is named by its variable, its text unseen', async () => {
    const opening = openNetwork({ env: { HTTPS_PROXY: 'ftp://user:canary-pass@proxy' } });
    await expect(opening).rejects.toMatchObject({ code: 'bad_input' });
    await expect(opening).rejects.toThrow(/HTTPS_PROXY/);
    await expect(opening).rejects.not.toThrow(/canary/);
  });
});

describe('networkEvidence', () => {
  it('speaks for the first of several addresses that failed', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED ::1:443'), {
      code: 'ECONNREFUSED',
      syscall: 'connect',
    });
    const all = Object.assign(new AggregateError([refused]), { code: 'ECONNREFUSED' });
    const evidence = networkEvidence(new TypeError('fetch failed', { cause: all }), 'smtp', { host: 'a', port: 1 });
    expect(evidence).toEqual({
      where: 'smtp',
      stage: 'connect',
      error: 'ECONNREFUSED',
      text: 'connect ECONNREFUSED ::1:443',
      host: 'a',
      port: 1,
    });
  });

  it.each(['EACCES', 'EPERM', 'EMFILE', 'ENOBUFS'])(
    'a connection that this machine itself does not make (%s) was never made',
    async (code) => {
      const cause = Object.assign(new Error(`connect ${code} 192.0.2.10:443`), { code, syscall: 'connect' });
      const evidence = networkEvidence(new TypeError('fetch failed', { cause }), 'token', {});
      expect(evidence).toMatchObject({ stage: 'connect', error: code });
      expect(mayHaveSpent(evidence)).toBe(false);
      expect(await explain(evidence, { answers: {} })).toMatchObject({ code: 'connect_refused', exit: 75 });
    },
  );

  it('has an answer for whatever was thrown', () => {
    for (const thrown of [undefined, 'text', {}, new Error('')]) {
      expect(networkEvidence(thrown, 'token', {})).toEqual({
        where: 'token',
        stage: 'response',
        text: 'the connection failed',
      });
    }
  });
});

/** Promise.withResolvers, which Node 20 lacks. */
function signalled(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve: () => resolve() };
}
