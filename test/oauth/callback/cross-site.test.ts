import { describe, expect, it } from 'vitest';
import { GOOD, get, ISS, locationOf, raw, SIGNED_IN, STATE, start, takeCode } from './free-port.js';

/** What browsers send along with the requests that a page of another site can cause. */
const PAGE = 'Origin: https://evil.example\r\nReferer: https://evil.example/page\r\nSec-Fetch-Site: cross-site\r\n';
const REQUESTS: readonly (readonly [string, string])[] = [
  ['fetch', `${PAGE}Sec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n`],
  ['fetch without CORS', `${PAGE}Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: empty\r\n`],
  ['an image', 'Referer: https://evil.example/\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n'],
  ['a script', 'Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: script\r\n'],
  ['a frame', 'Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n'],
  ['a frame without an origin', 'Origin: null\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n'],
  ['a window', 'Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n'],
  ['server-sent events', `${PAGE}Accept: text/event-stream\r\nSec-Fetch-Mode: cors\r\n`],
];

describe('L13 a page of another site', () => {
  it.each(REQUESTS)('L13 that sends %s settles nothing and may read nothing', async (_name, headers) => {
    const { listener, isSettled, told } = await start();
    for (const query of ['', '?code=abc', '?code=abc&state=guess', '?error=access_denied', `?code=abc&iss=${ISS}`]) {
      const reply = await get(listener, `/callback${query}`, headers);
      expect(reply.status).toBe(400);
      expect(reply.head).not.toMatch(/^access-control-|^timing-allow-origin|^set-cookie/im);
      // Neither embedded nor framed, should a browser not keep the answer from the page by itself.
      expect(reply.head).toMatch(/^X-Frame-Options: DENY\r?$/m);
      expect(reply.head).toMatch(/^Cross-Origin-Resource-Policy: same-origin\r?$/m);
      expect(`${reply.head}${reply.body}`).not.toContain(STATE);
    }
    expect([isSettled(), told]).toEqual([false, []]);
  });

  it('L13 that asks for leave first is given none', async () => {
    const { listener, isSettled } = await start();
    const { host } = new URL(listener.redirectUri);
    const preflight = [
      `OPTIONS /callback?code=abc HTTP/1.1`,
      `Host: ${host}`,
      'Origin: https://evil.example',
      'Access-Control-Request-Method: GET',
      'Access-Control-Request-Headers: x-anything',
      'Access-Control-Request-Private-Network: true',
    ];
    const reply = await raw(listener.port, `${preflight.join('\r\n')}\r\n\r\n`);
    expect(reply.status).toBe(405);
    expect(reply.head).not.toMatch(/^access-control-/im);
    expect(isSettled()).toBe(false);
  });

  it('L13 that opens a WebSocket is answered like anybody', async () => {
    const { listener, isSettled } = await start();
    const upgrade = `${PAGE}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\nSec-WebSocket-Version: 13\r\n`;
    const reply = await get(listener, '/callback?code=abc', upgrade);
    expect(reply.status).toBe(400);
    expect(reply.head).not.toMatch(/^sec-websocket-accept/im);
    expect(isSettled()).toBe(false);
  });

  it.each([
    ['nothing', ''],
    ['the provider\u2019s address', 'Referer: https://accounts.google.com/\r\n'],
    [
      'a mail program\u2019s page, as after a detour',
      'Referer: http://intranet.example/start\r\nSec-Fetch-Site: cross-site\r\n',
    ],
    ['no origin, as after a redirect of a form', 'Origin: null\r\n'],
  ])(
    'L13 the state alone decides: the genuine answer is taken whatever a browser says of where it comes from (%s)',
    async (_name, headers) => {
      const { listener, arrival } = await start();
      const browser = get(listener, `/callback?${GOOD}`, headers);
      const arrived = await takeCode(arrival);
      const settling = arrived.settle(SIGNED_IN);
      expect((await browser).status).toBe(303);
      await get(listener, locationOf(await browser));
      await settling;
    },
  );
});
