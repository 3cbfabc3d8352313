import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer, request as httpRequest } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { MailauthError } from '../../../src/explain/problem.js';
import { listen } from '../../../src/oauth/callback/listener.js';
import { compiledSources, ended } from '../../store/processes.js';
import {
  ANYWHERE,
  GOOD,
  get,
  ISS,
  locationOf,
  openPort,
  pending,
  raw,
  SIGNED_IN,
  STATE,
  start,
  takeCode,
} from './free-port.js';

const sources = compiledSources();

/** Resolves when so many requests have come to the servers of this process, and have been given to their listeners. */
function requestsReceived(count: number): Promise<void> {
  return new Promise((resolve) => {
    let received = 0;
    const hear = (): void => {
      received += 1;
      if (received < count) return;
      unsubscribe('http.server.request.start', hear);
      setImmediate(resolve);
    };
    subscribe('http.server.request.start', hear);
  });
}

describe('the callback port', () => {
  it('holds the browser until the code is exchanged, sends it on, and serves the page once', async () => {
    const { listener, arrival, isSettled } = await start();
    const browser = get(listener, `/callback?${GOOD}`);
    const arrived = await takeCode(arrival);
    expect(isSettled()).toBe(true);
    expect(arrived.url.href).toBe(`${listener.redirectUri}?${GOOD}`);
    const settling = arrived.settle(SIGNED_IN);
    const sentOn = await browser;
    expect(sentOn.status).toBe(303);
    expect(locationOf(sentOn)).toMatch(/^\/done-[\w-]{22}$/);
    const page = await get(listener, locationOf(sentOn));
    expect(page.status).toBe(200);
    expect(page.body).toContain('Signed in as a@example.com');
    await settling;
    await expect(get(listener, locationOf(sentOn))).rejects.toThrow('ECONNREFUSED');
  });

  it('L01 fifty forged errors leave the sign-in untouched', async () => {
    const { listener, arrival, told, isSettled } = await start();
    const forged = await Promise.all(
      Array.from({ length: 50 }, (_, n) => get(listener, `/callback?error=access_denied&state=${n || ''}`)),
    );
    expect(new Set(forged.map((reply) => reply.status))).toEqual(new Set([400]));
    expect([isSettled(), told]).toEqual([false, []]);
    const browser = get(listener, `/callback?${GOOD}`);
    const settling = (await takeCode(arrival)).settle(SIGNED_IN);
    await get(listener, locationOf(await browser));
    await settling;
  });

  it('L01 an error that carries our state ends the wait', async () => {
    const { listener, arrival } = await start();
    const browser = get(listener, `/callback?error=access_denied&error_description=no&state=${STATE}`);
    const arrived = await arrival;
    expect(arrived).toMatchObject({ error: 'access_denied', description: 'no' });
    const settling = arrived.settle({ ...SIGNED_IN, kind: 'failure' });
    expect((await get(listener, locationOf(await browser))).status).toBe(400);
    await settling;
  });

  it('L02 a code with a wrong state is not ours; the state is never shown', async () => {
    const { listener, isSettled, told } = await start();
    const reply = await get(listener, '/callback?code=abc&state=wrong');
    expect(reply.status).toBe(400);
    expect(`${reply.head}${reply.body}`).not.toContain(STATE);
    expect([isSettled(), told]).toEqual([false, []]);
  });

  it('L33 an answer of another issuer is told and not used', async () => {
    const { listener, isSettled, told } = await start();
    const wrong = await get(listener, `/callback?code=abc&state=${STATE}&iss=https://evil.example`);
    const missing = await get(listener, `/callback?code=abc&state=${STATE}`);
    expect([wrong.status, missing.status, isSettled()]).toEqual([400, 400, false]);
    expect(told).toHaveLength(2);
  });

  it.each([
    '/',
    '/favicon.ico',
    '/apple-touch-icon.png',
    '/robots.txt',
    '/callback/',
    '/Callback',
    '/done-x',
    '//callback',
  ])('L05 %s is not there, and settles nothing', async (path) => {
    const { listener, isSettled } = await start();
    expect((await get(listener, `${path}?${GOOD}`)).status).toBe(404);
    expect(isSettled()).toBe(false);
  });

  it('L06 a request in the moment of closing harms nobody', async () => {
    const { listener, arrival } = await start();
    const browser = get(listener, `/callback?${GOOD}`);
    const arrived = await takeCode(arrival);
    const settling = arrived.settle(SIGNED_IN);
    await get(listener, locationOf(await browser));
    const trailing = get(listener, '/favicon.ico').then(
      (reply) => reply.status,
      (error: NodeJS.ErrnoException) => error.code,
    );
    await Promise.all([settling, listener.close(), listener.close()]);
    // Answered, cut off or refused, as the moment has it (0: closed without an answer).
    expect([404, 0, 'ECONNREFUSED', 'ECONNRESET']).toContain(await trailing);
    await arrived.settle(SIGNED_IN);
  });

  it.each(['HEAD', 'POST', 'OPTIONS', 'PUT', 'DELETE', 'PATCH'])('L07 %s never uses the code up', async (method) => {
    const { listener, isSettled, told } = await start();
    const host = new URL(listener.redirectUri).host;
    const reply = await raw(listener.port, `${method} /callback?${GOOD} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    expect([reply.status, isSettled(), told.length]).toEqual([405, false, 1]);
    expect(reply.head).toMatch(/^Allow: GET\r?$/m);
  });

  it.each(['Sec-Purpose: prefetch', 'Sec-Purpose: prefetch;prerender', 'Purpose: prefetch', 'X-Moz: prefetch'])(
    'L07 a browser that looks ahead (%s) never uses the code up',
    async (header) => {
      const { listener, isSettled } = await start();
      const reply = await get(listener, `/callback?${GOOD}`, `${header}\r\n`);
      expect([reply.status, reply.body, isSettled()]).toEqual([204, '', false]);
    },
  );

  it('L08 twenty identical callbacks are one answer, and each is sent to the same page', async () => {
    const { listener, arrival } = await start();
    let arrivals = 0;
    void arrival.then(() => {
      arrivals += 1;
    });
    const allIn = requestsReceived(20);
    const browsers = Array.from({ length: 20 }, () => get(listener, `/callback?${GOOD}`));
    const arrived = await takeCode(arrival);
    // The others are let in before the exchange ends.
    await allIn;
    const settling = arrived.settle(SIGNED_IN);
    const replies = await Promise.all(browsers);
    expect(new Set(replies.map((reply) => reply.status))).toEqual(new Set([303]));
    expect(new Set(replies.map(locationOf)).size).toBe(1);
    const pages = await Promise.all(replies.map((reply) => get(listener, locationOf(reply))));
    expect(new Set(pages.map((page) => page.status))).toEqual(new Set([200]));
    await settling;
    expect(arrivals).toBe(1);
  });

  it('L09 a second callback with the right state and another code finds the state spent', async () => {
    const { listener, arrival } = await start();
    void get(listener, `/callback?${GOOD}`).catch(() => {});
    const arrived = await takeCode(arrival);
    const second = await get(listener, `/callback?code=other&state=${STATE}&iss=${ISS}`);
    expect(second.status).toBe(400);
    expect(arrived.url.searchParams.get('code')).toBe('4/0AbCdEf');
  });

  it('L10 a body is not read, however long', async () => {
    const { listener, isSettled } = await start();
    const host = new URL(listener.redirectUri).host;
    const head = `POST /callback HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-www-form-urlencoded\r\n`;
    const endless = await raw(listener.port, `${head}Content-Length: 1000000000\r\n\r\n${GOOD}`);
    const chunked = await raw(listener.port, `${head}Transfer-Encoding: chunked\r\n\r\n5\r\ncode=\r\n`);
    expect([endless.status, chunked.status, isSettled()]).toEqual([405, 405, false]);
  });

  describe('L12 a foreign host name', () => {
    const forms: [string, (port: number) => string][] = [
      ['another name', () => 'GET PATH HTTP/1.1\r\nHost: evil.example\r\n'],
      ['another name with our port', (port) => `GET PATH HTTP/1.1\r\nHost: evil.example:${port}\r\n`],
      ['our address without the port', () => 'GET PATH HTTP/1.1\r\nHost: 127.0.0.1\r\n'],
      ['another loopback name', (port) => `GET PATH HTTP/1.1\r\nHost: localhost:${port}\r\n`],
      ['a trailing dot', (port) => `GET PATH HTTP/1.1\r\nHost: 127.0.0.1.:${port}\r\n`],
      ['an empty host', () => 'GET PATH HTTP/1.1\r\nHost:\r\n'],
      ['no host in HTTP/1.1', () => 'GET PATH HTTP/1.1\r\n'],
      ['no host in HTTP/1.0', () => 'GET PATH HTTP/1.0\r\n'],
      ['two hosts, ours first', (port) => `GET PATH HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nHost: evil.example\r\n`],
      ['two hosts, ours last', (port) => `GET PATH HTTP/1.1\r\nHost: evil.example\r\nHost: 127.0.0.1:${port}\r\n`],
      ['ours twice', (port) => `GET PATH HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nhost: 127.0.0.1:${port}\r\n`],
      ['an absolute target', (port) => `GET http://evil.examplePATH HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`],
    ];
    it.each(forms)('%s', async (_name, form) => {
      const { listener, isSettled, told } = await start();
      const reply = await raw(listener.port, `${form(listener.port).replace('PATH', `/callback?${GOOD}`)}\r\n`);
      expect([reply.status, isSettled(), told.length]).toEqual([421, false, 1]);
      expect(reply.head.toLowerCase()).not.toContain('access-control');
    });
  });

  it('L14 only the loopback address listens', async () => {
    const { listener } = await start();
    const others = Object.values(networkInterfaces())
      .flat()
      .filter((address) => address !== undefined && !address.internal && address.family === 'IPv4');
    for (const address of ['127.0.0.2', ...others.map((other) => other?.address ?? '')]) {
      await expect(raw(listener.port, 'GET / HTTP/1.0\r\n\r\n', address)).rejects.toThrow('ECONNREFUSED');
    }
  });

  it('L15 localhost listens on both families, or takes another port', async () => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, '::1', resolve));
    const port = (squatter.address() as AddressInfo).port;
    try {
      const { listener } = await start({ host: 'localhost', port, anyPort: true, path: '/callback' });
      expect(listener.port).not.toBe(port);
      expect(
        (await raw(listener.port, `GET / HTTP/1.1\r\nHost: localhost:${listener.port}\r\n\r\n`, '::1')).status,
      ).toBe(404);
      expect((await get(listener, '/')).status).toBe(404);
      await expect(
        listen(
          { host: 'localhost', port, anyPort: false, path: '/callback' },
          { signal: new AbortController().signal },
        ),
      ).rejects.toMatchObject({ code: 'port_busy' });
    } finally {
      squatter.close();
    }
  });

  it('L16 the redirect URI names the port of the live socket', async () => {
    const { listener } = await start();
    expect(listener.redirectUri).toBe(`http://127.0.0.1:${listener.port}/callback`);
    expect(listener.port).toBeGreaterThan(0);
  });

  it('L17 a busy port that cannot move is named with the program that holds it', async () => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
    const port = (squatter.address() as AddressInfo).port;
    try {
      const error = await listen(
        { host: '127.0.0.1', port, anyPort: false, path: '/callback' },
        { signal: new AbortController().signal },
      ).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(MailauthError);
      const { code, exit, message, fix } = (error as MailauthError).problem;
      expect([code, exit]).toEqual(['port_busy', 75]);
      expect(message).toContain(`port ${port} is taken by `);
      if (process.platform === 'linux') expect(message).toContain(`(process ${process.pid})`);
      expect(fix.length).toBeGreaterThan(0);
    } finally {
      squatter.close();
    }
  });

  it('L17 N17 a machine that lets nobody listen is told from a busy port', async () => {
    const script = `
      import { openSync } from 'node:fs';
      import { listen } from 'src/oauth/callback/listener.js';
      try { for (;;) openSync(process.execPath); } catch {}
      await listen({ host: '127.0.0.1', port: 0, anyPort: true, path: '/' }, { signal: new AbortController().signal })
        .catch(({ problem: { code, message, fix } }) => console.log([code, message, fix[0].text].join('; ')));`;
    const { stdout } = await ended(sources.start(script, { shell: 'ulimit -n 60' }));
    expect(stdout).toMatch(
      /^port_busy; this machine lets mailauth listen on no port \(EMFILE\); .*limit on open files/,
    );
  });

  it('L17 a busy port that may move is left for the next free one', async () => {
    const first = await start({ host: '127.0.0.1', port: 8765, anyPort: true, path: '/callback' });
    const second = await start({ host: '127.0.0.1', port: first.listener.port, anyPort: true, path: '/callback' });
    expect(second.listener.port).not.toBe(first.listener.port);
  });

  it('L18 no path and no method reveals the request', async () => {
    const { listener } = await start();
    const host = new URL(listener.redirectUri).host;
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'POST']) {
      for (const path of [
        '/',
        '/callback',
        '/start',
        '/auth',
        '/index.html',
        '/.well-known/x',
        '*',
        '/%2e%2e/callback',
      ]) {
        const reply = await raw(listener.port, `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
        expect(`${reply.head}${reply.body}`).not.toContain(STATE);
        expect(reply.status).toBeGreaterThanOrEqual(400);
      }
    }
  });

  it('L20 no byte of a query comes back, in a header or in a body', async () => {
    const { listener } = await start();
    const hostile = fc.oneof(
      fc.constantFrom('<script>alert(1)</script>', '"><img src=x>', '\r\nSet-Cookie: a=b', '\u0000', '%0d%0aX: y'),
      fc.string({ unit: 'binary' }),
    );
    await fc.assert(
      fc.asyncProperty(
        hostile,
        fc.constantFrom('code', 'error', 'error_description', 'state', 'x'),
        async (text, name) => {
          const marked = `Zq7${text}`;
          const query = new URLSearchParams({ [name]: marked }).toString();
          const reply = await get(listener, `/callback?${query}`);
          expect(reply.status).toBe(400);
          expect(`${reply.head}${reply.body}`).not.toContain('Zq7');
          expect(reply.head).not.toMatch(/^(?:set-cookie|x):/im);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('L21 line breaks in parameters split nothing, and the right answer still comes through', async () => {
    const { listener, arrival } = await start();
    const browser = get(
      listener,
      `/callback?error=a%0d%0aSet-Cookie:%20x=y&error_description=%0d%0a%0d%0a<b>&state=${STATE}`,
    );
    const arrived = await arrival;
    const settling = arrived.settle({ ...SIGNED_IN, kind: 'failure' });
    const reply = await browser;
    expect(reply.head).not.toMatch(/set-cookie/i);
    await get(listener, locationOf(reply));
    await settling;
  });

  it('L22 nothing redirects anywhere but to the one page', async () => {
    const { listener } = await start();
    for (const target of [
      '/callback?url=https://evil.example',
      '/?service=//evil.example',
      '/done?next=//evil.example',
    ]) {
      const reply = await get(listener, target);
      expect([reply.status >= 400, locationOf(reply)]).toEqual([true, '']);
    }
  });

  it('L23 every answer forbids caching, referring, sniffing, framing and fetching', async () => {
    const { listener, arrival } = await start();
    const host = new URL(listener.redirectUri).host;
    const replies = [
      await get(listener, '/'),
      await get(listener, '/callback?code=a&state=b'),
      await raw(listener.port, 'GET / HTTP/1.0\r\n\r\n'),
      await raw(listener.port, `POST / HTTP/1.1\r\nHost: ${host}\r\n\r\n`),
      await raw(listener.port, `GET / HTTP/1.1\r\nHost: ${host}\r\nExpect: magic\r\n\r\n`),
      await get(listener, '/callback', 'Purpose: prefetch\r\n'),
      await raw(listener.port, 'garbage\r\n\r\n'),
    ];
    const browser = get(listener, `/callback?${GOOD}`);
    const arrived = await takeCode(arrival);
    const settling = arrived.settle(SIGNED_IN);
    replies.push(await browser, await get(listener, locationOf(await browser)));
    await settling;
    for (const { head } of replies) {
      expect(head).toMatch(/^Cache-Control: no-store\r?$/m);
      expect(head).toMatch(/^Referrer-Policy: no-referrer\r?$/m);
      expect(head).toMatch(/^X-Content-Type-Options: nosniff\r?$/m);
      expect(head).toMatch(/^X-Frame-Options: DENY\r?$/m);
      expect(head).toMatch(/^Content-Security-Policy: default-src 'none'; style-src 'sha256-/m);
      expect(head).toMatch(/^Connection: close\r?$/m);
    }
  });

  it('L24 half-open connections do not keep the answer out, nor the port open', async () => {
    const { listener, arrival } = await start();
    const idle: Socket[] = await Promise.all(
      Array.from(
        { length: 64 },
        () =>
          new Promise<Socket>((resolve) => {
            const socket = connect(listener.port, '127.0.0.1', () =>
              socket.write('GET /callback HTTP/1.1\r\nHo', () => resolve(socket)),
            );
            socket.on('error', () => {});
          }),
      ),
    );
    const browser = get(listener, `/callback?${GOOD}`);
    const arrived = await takeCode(arrival);
    const before = Date.now();
    const settling = arrived.settle(SIGNED_IN);
    await get(listener, locationOf(await browser));
    await settling;
    // Their headers would have been waited for until five seconds are over.
    expect(Date.now() - before).toBeLessThan(4_500);
    await Promise.all(
      idle.map((socket) =>
        socket.destroyed ? undefined : new Promise((resolve) => socket.once('close', resolve).resume()),
      ),
    );
  });

  it('L24 a header that never ends is cut off after five seconds, one that is too long at once', async () => {
    const { listener } = await start();
    const long = await raw(listener.port, `GET / HTTP/1.1\r\nX: ${'a'.repeat(300_000)}\r\n\r\n`);
    expect(long.status).toBe(431);
    const before = Date.now();
    const slow = await raw(listener.port, 'GET /callback HTTP/1.1\r\n');
    expect(slow.status).toBe(400);
    expect(Date.now() - before).toBeLessThan(8_000);
  }, 12_000);

  it('L26 bytes that are no HTTP end in a plain refusal', async () => {
    const { listener, isSettled } = await start();
    const hello = Buffer.from('16030100c8010000c40303', 'hex');
    expect((await raw(listener.port, hello)).status).toBe(400);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
        const reply = await raw(listener.port, Buffer.concat([Buffer.from('\0'), bytes, Buffer.from('\r\n\r\n')]));
        expect(reply.status).toBe(400);
      }),
      { numRuns: 40 },
    );
    expect(isSettled()).toBe(false);
  });

  it('L27 after an abort the port is closed and the wait ends with its reason', async () => {
    const controller = new AbortController();
    const { listener, arrival } = await start(ANYWHERE, controller.signal);
    const reason = new Error('interrupted');
    controller.abort(reason);
    await expect(arrival).rejects.toBe(reason);
    await expect(get(listener, `/callback?${GOOD}`)).rejects.toThrow('ECONNREFUSED');
  });

  it('L27 closing ends the wait, and nothing is opened for an aborted signal', async () => {
    const { listener, arrival } = await start();
    await listener.close();
    await expect(arrival).rejects.toMatchObject({ name: 'AbortError' });
    await expect(listener.expect(pending, { rejected: () => {} })).rejects.toMatchObject({ name: 'AbortError' });
    await expect(listen(ANYWHERE, { signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow('gone');
  });

  it('L27 a browser that left is not waited for', async () => {
    const { listener, arrival } = await start();
    const socket = connect(listener.port, '127.0.0.1', () =>
      socket.write(`GET /callback?${GOOD} HTTP/1.1\r\nHost: 127.0.0.1:${listener.port}\r\n\r\n`),
    );
    const arrived = await takeCode(arrival);
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const before = Date.now();
    await arrived.settle(SIGNED_IN);
    expect(Date.now() - before).toBeLessThan(900);
  });

  it('a browser that is slow to fetch its page is waited for, unless the port is closed', async () => {
    const { listener, arrival } = await start();
    const browser = get(listener, `/callback?${GOOD}`);
    const settling = (await takeCode(arrival)).settle(SIGNED_IN);
    const location = locationOf(await browser);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect((await get(listener, location)).status).toBe(200);
    await settling;

    const other = await start();
    const leaving = get(other.listener, `/callback?${GOOD}`);
    const unfetched = (await takeCode(other.arrival)).settle(SIGNED_IN);
    await leaving;
    const before = Date.now();
    await other.listener.close();
    await unfetched;
    expect(Date.now() - before).toBeLessThan(1_000);
  });

  it('a browser is not kept waiting for more than twenty seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { listener, arrival } = await start();
      const browser = get(listener, `/callback?${GOOD}`);
      const arrived = await takeCode(arrival);
      vi.advanceTimersByTime(19_900);
      const waiting = Symbol('waiting');
      expect(await Promise.race([browser, new Promise((resolve) => setImmediate(resolve, waiting))])).toBe(waiting);
      vi.advanceTimersByTime(200);
      const page = await get(listener, locationOf(await browser));
      expect(page.body).toContain('mailauth is still working');
      await arrived.settle(SIGNED_IN);
    } finally {
      vi.useRealTimers();
    }
  });

  it('before a sign-in waits, its path is not there either', async () => {
    const listener = await openPort();
    expect((await get(listener, `/callback?${GOOD}`)).status).toBe(404);
  });

  it('answers an ordinary client', async () => {
    const { listener } = await start();
    const status = await new Promise((resolve, reject) => {
      httpRequest(new URL('/nothing', listener.redirectUri), (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(404);
  });
});
