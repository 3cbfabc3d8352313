/** A page of another site, in a real browser, against the callback port. Debian: chromium. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { GOOD, SIGNED_IN, STATE, start, takeCode } from '../../oauth/callback/free-port.js';

let browser: Browser;

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
});
afterAll(() => browser.close());

/** Everything a page can do with an address of another site; it reports what it could read. */
const ATTACK = `<!doctype html><title>evil</title><body><script>
  const target = new URL(location.hash.slice(1));
  const forged = [target.href, target + '?code=forged', target + '?code=forged&state=guess', target + '?error=access_denied'];
  const read = [];
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const loads = (tag, address) => new Promise((resolve) => {
    const element = document.createElement(tag);
    element.onload = () => { read.push(tag + ' loaded ' + address); resolve(); };
    element.onerror = () => resolve();
    element.src = address;
    document.body.append(element);
  });
  (async () => {
    for (const address of forged) {
      for (const options of [{}, { mode: 'no-cors' }, { credentials: 'include' }, { method: 'POST', body: 'code=x' },
        { headers: { 'x-anything': '1' } }, { method: 'POST', mode: 'no-cors', body: 'code=x' }]) {
        await fetch(address, options).then(async (response) => {
          const text = await response.text();
          if (response.type !== 'opaque' || text !== '') read.push('fetch read ' + text.slice(0, 80));
        }, () => undefined);
      }
      for (const tag of ['img', 'script']) await loads(tag, address);
      const frame = document.createElement('iframe');
      frame.src = address;
      document.body.append(frame);
      await new Promise((resolve) => { frame.onload = resolve; });
      try { if (frame.contentDocument) read.push('frame read'); } catch {}
      navigator.sendBeacon(address, 'code=x');
      new EventSource(address).onmessage = () => read.push('event');
      const socket = new WebSocket(address.replace('http', 'ws'));
      await new Promise((resolve) => { socket.onopen = () => { read.push('socket'); resolve(); }; socket.onerror = resolve; });
    }
    const form = document.createElement('form');
    Object.assign(form, { action: target.href, method: 'post', target: 'other' });
    form.innerHTML = '<input name="code" value="forged"><input name="state" value="guess">';
    document.body.append(form);
    form.submit();
    await wait(300);
    document.title = JSON.stringify(read);
  })();
</script>`;

/** The methods of the requests that reach a port of this process, noted as they come. */
function requestsTo(port: number): readonly string[] {
  const methods: string[] = [];
  const note = (message: unknown) => {
    const { request } = message as { request: IncomingMessage };
    if (request.socket.localPort === port) methods.push(request.method ?? '');
  };
  subscribe('http.server.request.start', note);
  onTestFinished(() => {
    unsubscribe('http.server.request.start', note);
  });
  return methods;
}

test('L13 a page of another site reads nothing, settles nothing, and the genuine answer still arrives', async () => {
  const site = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end(ATTACK);
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    site.close();
    site.closeAllConnections();
  });
  const { listener, arrival, isSettled, told } = await start();
  const context = await browser.newContext();
  const page = await context.newPage();
  const came = requestsTo(listener.port);
  // Another site than 127.0.0.1, on the same machine: nothing but the rules between sites stands in its way.
  await page.goto(`http://localhost:${(site.address() as AddressInfo).port}/#${listener.redirectUri}`);
  await page.waitForFunction('document.title.startsWith("[")', undefined, { timeout: 30_000 });
  expect(JSON.parse(await page.title())).toEqual([]);
  // The requests did come through: it is the answers that give nothing away.
  expect([...new Set(came)].sort()).toEqual(['GET', 'OPTIONS', 'POST']);
  expect(came.length).toBeGreaterThan(40);
  expect([isSettled(), told]).toEqual([false, []]);

  const genuine = await context.newPage();
  const visit = genuine.goto(`${listener.redirectUri}?${GOOD}`);
  const arrived = await takeCode(arrival);
  const settling = arrived.settle(SIGNED_IN);
  await visit;
  expect(await genuine.title()).toBe(SIGNED_IN.title);
  expect(genuine.url()).not.toContain(STATE);
  await settling;
});
