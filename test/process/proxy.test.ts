import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CANARY, mailServer, newTokens, type Scene, setScene } from '../exposure/scene.js';
import { scanText, describe as tell } from '../servers/canary.js';
import { makeAuthority } from '../servers/certificates.js';
import { resolver } from './preload.js';
import { compiledProgram } from './program.js';

const program = compiledProgram();
const PASSWORD = 'kanarie-of-the-proxy-8Zq';
const HOST = 'login.happypaws.example';
const BEHIND = { names: [HOST], tokenEndpoint: () => `https://${HOST}/token` };

/** A proxy that leads every CONNECT to one port, or answers with a status. */
async function startProxy(
  to: number,
): Promise<{ readonly url: string; readonly host: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((_, response) => response.writeHead(500).end());
  server.on('connection', (socket) => sockets.add(socket));
  server.on('connect', ({ url = '', headers }, socket: Socket) => {
    const credentials = Buffer.from((headers['proxy-authorization'] ?? '').slice(6), 'base64').toString();
    asked.push(`${credentials} ${url}`);
    socket.on('error', () => {});
    if (to < 1000) {
      socket.end(`HTTP/1.1 ${to} No\r\nProxy-Authenticate: Basic realm="${PASSWORD}"\r\n\r\n`);
      return;
    }
    const upstream = connect(to, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: `http://ann:${PASSWORD}@${host}`, host, asked };
}

describe('a proxy', () => {
  it('N01 N02 is used with its password, which nobody sees', async () => {
    const scene = await setScene(BEHIND);
    const proxy = await startProxy(scene.endpoint.port);
    scene.endpoint.answer('/token', newTokens());
    const env = { ...scene.env, HTTPS_PROXY: proxy.url };
    const ran = await program.run(['token', 'outlook', '--verbose'], { env });
    expect(ran).toMatchObject({ code: 0, stdout: `${CANARY.newAccessToken}\n` });
    expect(proxy.asked).toEqual([`ann:${PASSWORD} ${HOST}:443`]);
    expect(ran.stderr).toContain(`through the proxy ${proxy.host}`);
    expect(tell(scanText('standard error', ran.stderr, { password: PASSWORD }))).toBe('');
    scene.expectClean('token', ran, ['newAccessToken']);
  });

  it.each([407, 403, 502])('N02 that answers %i is named as what is wrong, without its password', async (status) => {
    const scene = await setScene(BEHIND);
    const proxy = await startProxy(status);
    const env = { ...scene.env, https_proxy: proxy.url };
    const ran = await program.run(['check', '--json', '--verbose'], { env });
    const { checks } = JSON.parse(ran.stdout).accounts[0];
    expect(checks.find(({ id }: { id: string }) => id === 'signin')).toMatchObject({ code: 'proxy_failed' });
    expect(tell(scanText('the output', ran.stdout + ran.stderr, { password: PASSWORD }))).toBe('');
    scene.expectClean('check', ran);
  });

  it('N04 N01 is kept out by NO_PROXY, and never asked about loopback', async () => {
    const scene = await setScene();
    const proxy = await startProxy(502);
    scene.endpoint.answer('/token', newTokens());
    const env = { ...scene.env, HTTPS_PROXY: proxy.url, ALL_PROXY: proxy.url };
    expect((await program.run(['token', 'outlook'], { env })).code).toBe(0);
    const other = await setScene(BEHIND);
    const flags = [resolver(other.home, "(name) => (name.endsWith('.example') ? 'ENOTFOUND' : 'ask the system')")];
    const direct = { ...other.env, HTTPS_PROXY: proxy.url, NO_PROXY: 'happypaws.example' };
    const ran = await program.run(['token', 'outlook'], { env: direct, nodeFlags: flags });
    expect(ran.code).toBe(75);
    expect(ran.stderr).toContain(HOST);
    expect(proxy.asked).toEqual([]);
  });

  it('N03 is not for mail, and the failure says so where a mail server is out of reach', async () => {
    const scene = await setScene({ imap: { host: 'imap.happypaws.example', port: 993, security: 'tls' } });
    const proxy = await startProxy(502);
    const flags = [resolver(scene.home, "(name) => (name.endsWith('.example') ? 'ENOTFOUND' : 'ask the system')")];
    for (const given of [{ HTTPS_PROXY: proxy.url }, {}]) {
      scene.endpoint.answer('/token', newTokens());
      const env = { ...scene.env, ...given };
      const ran = await program.run(['check', '--only', 'imap', '--json'], { env, nodeFlags: flags });
      const { fix, code } = JSON.parse(ran.stdout).accounts[0].checks.at(-1);
      expect(code).toBe('dns_failed');
      const said = fix.some(({ text }: { text: string }) => text.includes('mail does not go through the proxy'));
      expect(said).toBe('HTTPS_PROXY' in given);
    }
    expect(proxy.asked).toEqual([]);
  });
});

describe('a portal', () => {
  it.each([
    ['a page', { status: 200, body: '<html><title>Welcome to Hotel Wifi</title></html>' }],
    ['a redirect to its page', { status: 302, headers: { location: 'http://portal.example/login' } }],
    ['its own status', { status: 511, body: '<html>log in to the network first</html>' }],
  ])('N05 that answers with %s is named, and the store stays as it was, byte for byte', async (_, answer) => {
    const scene = await setScene();
    const before = storeOf(scene);
    scene.endpoint.answer('/token', answer);
    const ran = await program.run(['token', 'outlook'], { env: scene.env });
    expect(ran).toMatchObject({ code: 75, stdout: '' });
    expect(storeOf(scene)).toEqual(before);
    scene.expectClean('token', ran);
  });

  it('N05 that leads the name elsewhere fails at the certificate, and nothing is sent to it', async () => {
    const scene = await setScene({
      names: ['portal.example'],
      tokenEndpoint: (port) => `https://${HOST}:${port}/token`,
    });
    const before = storeOf(scene);
    const flags = [resolver(scene.home, "(name) => (name.endsWith('.example') ? ['127.0.0.1'] : 'ask the system')")];
    const ran = await program.run(['token', 'outlook'], { env: scene.env, nodeFlags: flags });
    expect(ran).toMatchObject({ code: 76, stdout: '' });
    expect(scene.endpoint.received).toEqual([]);
    expect(storeOf(scene)).toEqual(before);
  });
});

describe('inspected TLS', () => {
  it('N09 names who issued the certificate, and the way to trust it', async () => {
    const { server } = await mailServer('!tls', makeAuthority('Happy Paws Web Filter').issue());
    const scene = await setScene({ imap: server });
    scene.endpoint.answer('/token', newTokens());
    const ran = await program.run(['check', '--only', 'imap'], { env: scene.env });
    expect(ran.code).toBe(76);
    expect(ran.stdout.replace(/\s+/g, ' ')).toContain('Happy Paws Web Filter');
    expect(ran.stdout).toContain('--ca FILE');
  });

  it('N09 does so for the token endpoint too', async () => {
    const scene = await setScene({ leaf: makeAuthority('Happy Paws Web Filter').issue() });
    const ran = await program.run(['token', 'outlook'], { env: scene.env });
    expect(ran).toMatchObject({ code: 76, stdout: '' });
    expect(ran.stderr).toContain('Happy Paws Web Filter');
    expect(scene.endpoint.received).toEqual([]);
  });
});

/** Every secret of the encrypted store, by its hash; the journal of refreshes is none. */
function storeOf({ configDir }: Scene): Readonly<Record<string, string>> {
  const folder = join(configDir, 'secrets');
  return Object.fromEntries(
    readdirSync(folder)
      .filter((name) => !name.endsWith('.json'))
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex'),
      ]),
  );
}
