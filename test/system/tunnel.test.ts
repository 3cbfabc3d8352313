import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { explain } from '../../src/explain/explain.js';
import { networkEvidence } from '../../src/system/connection-failure.js';
import { openNetwork } from '../../src/system/network.js';
import { makeAuthority } from '../servers/certificates.js';
import { startScriptedEndpoint } from '../servers/scripted-token-endpoint.js';

const authority = makeAuthority();
const caFile = join(mkdtempSync(join(tmpdir(), 'mailauth-tunnel-')), 'ca.pem');
writeFileSync(caFile, authority.cert);
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const BEHIND = 'login.example.com';

async function endpoint() {
  const started = await startScriptedEndpoint(authority, authority.issue({ names: [BEHIND] }));
  closing.push(() => started.stop());
  return started;
}

interface ProxyServer {
  readonly port: number;
  connections: number;
}

/** A proxy that does with each connection what it is told. */
async function proxy(serve: (socket: Socket) => void, tls = false, name = 'localhost'): Promise<ProxyServer> {
  const counted = { port: 0, connections: 0 };
  const open = new Set<Socket>();
  const onConnection = (socket: Socket) => {
    counted.connections += 1;
    open.add(socket);
    socket.on('error', () => {});
    serve(socket);
  };
  const { key, cert } = authority.issue({ names: [name] });
  const server = tls ? createTlsServer({ key, cert }, onConnection) : createServer(onConnection);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  counted.port = (server.address() as AddressInfo).port;
  return counted;
}

async function asking(variable: string, deadlines = { connect: 3_000, answer: 3_000 }) {
  const network = await openNetwork({ env: { HTTPS_PROXY: variable }, caFile, deadlines });
  closing.push(() => network.close());
  return network.fetch(`https://${BEHIND}/token`, { method: 'POST', body: new URLSearchParams({ a: 'b' }) });
}

async function failing(variable: string) {
  const error = await asking(variable).then(
    () => Promise.reject(new Error('the request succeeded')),
    (thrown: unknown) => thrown,
  );
  return networkEvidence(error, 'token', { host: BEHIND, port: 443 });
}

/** SOCKS5 (RFC 1928): the method, the sign-in where one is wanted (RFC 1929), the request; then it leads to `to`. */
function socks5(to: number, seen: Buffer[], reply = 0, method = 0) {
  return async (socket: Socket) => {
    const next = async () => ((await once(socket, 'data')) as [Buffer])[0];
    seen.push(await next());
    socket.write(Buffer.from([5, method]));
    if (method === 2) {
      seen.push(await next());
      socket.write(Buffer.from([1, 0]));
    }
    if (method === 255) return void socket.end();
    seen.push(await next());
    socket.write(Buffer.from([5, reply, 0, 1, 127, 0, 0, 1, 0, 0]));
    if (reply !== 0) return;
    const upstream = connect(to, '127.0.0.1');
    upstream.on('error', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
    upstream.pipe(socket).pipe(upstream);
  };
}

describe('a SOCKS proxy', () => {
  it('N01 is spoken to in its own protocol, and looks up the name itself', async () => {
    const server = await endpoint();
    server.answer('/token', { body: 'hello' });
    const seen: Buffer[] = [];
    const { port } = await proxy(socks5(server.port, seen));
    expect(await (await asking(`socks5://127.0.0.1:${port}`)).text()).toBe('hello');
    expect(seen[0]?.[0]).toBe(5);
    expect(seen[1]?.toString('latin1')).toContain(BEHIND);
  });

  it('N01 is given its user and password', async () => {
    const server = await endpoint();
    server.answer('/token', { body: 'hello' });
    const seen: Buffer[] = [];
    const { port } = await proxy(socks5(server.port, seen, 0, 2));
    expect((await asking(`socks5h://ann:p%40ss@127.0.0.1:${port}`)).status).toBe(200);
    expect(seen[1]?.toString('latin1')).toBe('\x01\x03ann\x04p@ss');
  });

  it.each([
    [2, 'EPROXYFORBIDS'],
    [4, 'EPROXYUPSTREAM'],
    [5, 'EPROXYUPSTREAM'],
  ])('N02 that answers %i is blamed itself', async (reply, error) => {
    const { port } = await proxy(socks5(1, [], reply));
    expect(await failing(`socks5://127.0.0.1:${port}`)).toMatchObject({ stage: 'proxy', error });
  });

  it('N02 that wants what nobody can give is told so, its password unseen', async () => {
    const { port } = await proxy(socks5(1, [], 0, 255));
    const evidence = await failing(`socks5://ann:canary-pass@127.0.0.1:${port}`);
    expect(evidence).toMatchObject({ stage: 'proxy', error: 'EPROXYAUTH' });
    expect(JSON.stringify(evidence)).not.toContain('canary');
  });

  it('N01 of the fourth version works too', async () => {
    const server = await endpoint();
    server.answer('/token', { body: 'hello' });
    const { port } = await proxy((socket) => {
      socket.once('data', () => {
        socket.write(Buffer.from([0, 90, 0, 0, 0, 0, 0, 0]));
        const upstream = connect(server.port, '127.0.0.1');
        socket.on('close', () => upstream.destroy());
        upstream
          .on('error', () => {})
          .pipe(socket)
          .pipe(upstream);
      });
    });
    expect((await asking(`socks4://127.0.0.1:${port}`)).status).toBe(200);
  });
});

describe('an HTTP proxy', () => {
  it('N01 is reached by TLS where its address says so', async () => {
    const server = await endpoint();
    server.answer('/token', { body: 'hello' });
    const { port } = await proxy((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        const upstream = connect(server.port, '127.0.0.1');
        socket.on('close', () => upstream.destroy());
        upstream
          .on('error', () => {})
          .pipe(socket)
          .pipe(upstream);
      });
    }, true);
    expect((await asking(`https://localhost:${port}`)).status).toBe(200);
  });

  it('N01 that proves to be another host is told nothing', async () => {
    const heard: Buffer[] = [];
    const serve = (socket: Socket) => void socket.on('data', (bytes) => heard.push(bytes));
    const { port } = await proxy(serve, true, 'other.example.com');
    expect(await failing(`https://localhost:${port}`)).toMatchObject({
      stage: 'proxy',
      error: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
    expect(Buffer.concat(heard).toString('latin1')).toBe('');
  });

  it('N01 that speaks before the server behind it can is named', async () => {
    const serve = (socket: Socket) => void socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\n220 hello'));
    const { port } = await proxy(serve);
    expect(await failing(`http://127.0.0.1:${port}`)).toMatchObject({ stage: 'proxy', error: 'EPROTO' });
  });

  const lettingGo: [string, (socket: Socket) => void][] = [
    ['closes at once', (socket) => socket.end()],
    ['closes after the request', (socket) => void socket.once('data', () => socket.end())],
    ['resets after the request', (socket) => void socket.once('data', () => socket.resetAndDestroy())],
    ['says half an answer', (socket) => void socket.once('data', () => socket.end('HTTP/1.1 200 O'))],
    ['agrees and closes', (socket) => void socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\n'))],
    ['speaks another protocol', (socket) => socket.end('220 smtp.example.com ESMTP\r\n')],
  ];
  it.each(lettingGo)('H24 that %s is asked once and named', async (_, serve) => {
    const server = await proxy(serve);
    expect(await failing(`http://127.0.0.1:${server.port}`)).toMatchObject({ stage: 'proxy' });
    expect(server.connections).toBe(1);
  });

  it('N02 whose name leads nowhere is named, and not the server behind it', async () => {
    const evidence = await failing(`http://${'x'.repeat(64)}.example.com:3128`);
    expect(evidence.stage).toBe('proxy');
    expect(await explain(evidence, { answers: {} })).toMatchObject({ code: 'proxy_failed', rule: 'proxy-unreachable' });
  });

  it.each([
    ['Negotiate', '407: it wants Negotiate, and not Basic'],
    ['NTLM, Negotiate', '407: it wants NTLM or Negotiate, and not Basic'],
    ['Basic realm="x"', '407: it wants a user name and a password'],
  ])('N02 that wants %s says so', async (wanted, words) => {
    const { port } = await proxy((socket) => {
      socket.once('data', () => socket.end(`HTTP/1.1 407 No\r\nProxy-Authenticate: ${wanted}\r\n\r\n`));
    });
    const evidence = await failing(`http://127.0.0.1:${port}`);
    expect(evidence).toMatchObject({ stage: 'proxy', status: 407, text: `the proxy answered ${words}` });
  });
});

describe('a request', () => {
  it('H421 is sent once, whatever is answered', async () => {
    const server = await startScriptedEndpoint(authority, authority.issue());
    closing.push(() => server.stop());
    const network = await openNetwork({ env: {}, caFile });
    closing.push(() => network.close());
    server.answer('/token', { status: 421, body: 'misdirected' });
    const answer = await network.fetch(`${server.origin}/token`, { method: 'POST', body: 'refresh_token=x' });
    expect(answer.status).toBe(421);
    expect(server.received).toHaveLength(1);
  });
});
