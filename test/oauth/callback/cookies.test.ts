import { request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { signedInPage } from '../../../src/oauth/callback/page.js';
import { GOOD, openPort, SIGNED_IN, start, takeCode } from './free-port.js';

/** What a browser brings along when other programs on localhost have set cookies. */
function visit(port: number, path: string, cookieBytes: number): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { cookie: `a=${'x'.repeat(cookieBytes)}` };
    request({ host: '127.0.0.1', port, path, headers }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, body }));
    })
      .on('error', reject)
      .end();
  });
}

describe('B cookies of other programs', () => {
  it.each([20_000, 120_000])('of %i bytes are read past', async (bytes) => {
    const { listener, arrival } = await start();
    const browser = visit(listener.port, `/callback?${GOOD}`, bytes);
    const arrived = await takeCode(arrival);
    const settling = arrived.settle(SIGNED_IN);
    expect((await browser).status).toBe(303);
    await listener.close();
    await settling;
  });

  it('beyond all reason get a page that says what to do', async () => {
    const { listener, isSettled } = await start();
    const { status, body } = await visit(listener.port, `/callback?${GOOD}`, 400_000);
    expect(status).toBe(431);
    expect(body).toMatch(/cookies/);
    expect(body).not.toContain('code=');
    expect(isSettled()).toBe(false);
    await listener.close();
  });
});

describe('the page of a sign-in', () => {
  it('names only whom the answer named, and what really comes next', () => {
    expect(signedInPage('a@example.com', 'Next.')).toMatchObject({ heading: 'Signed in as a@example.com' });
    const { heading, lines } = signedInPage(undefined, 'The terminal says how it goes on.');
    expect([heading, lines[0]]).toEqual(['You are signed in', 'The terminal says how it goes on.']);
  });
});

describe('D3 the bound of the port', () => {
  it('holds however many connections come in one turn', async () => {
    const listener = await openPort();
    const open = Array.from({ length: 400 }, () => connect(listener.port, '127.0.0.1'));
    const closed = new Set<object>();
    for (const socket of open) {
      socket
        .on('error', () => closed.add(socket))
        .on('close', () => closed.add(socket))
        .resume();
    }
    await expect.poll(() => closed.size, { timeout: 15_000 }).toBeGreaterThanOrEqual(144);
    expect(400 - closed.size).toBeLessThanOrEqual(256);
    for (const socket of open) socket.destroy();
    await listener.close();
  });
});
