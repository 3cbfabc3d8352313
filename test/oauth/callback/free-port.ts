/** The callback port and its visitors, for the tests of the listener. Every port that was opened is closed with its test. */
import { connect } from 'node:net';
import { afterEach } from 'vitest';
import { type Listener, listen } from '../../../src/oauth/callback/listener.js';
import type { Page } from '../../../src/oauth/callback/page.js';
import type { RedirectAddress } from '../../../src/oauth/callback/port.js';
import type { Arrival } from '../../../src/oauth/callback/visits.js';
import type { ExpectedResponse } from '../../../src/oauth/response.js';

export const STATE = 'pXw0uT5kq3rVJ9mZ2bYcH7dLeF1sGiNaOoQxRtUvWyA';
export const pending: ExpectedResponse = { state: STATE, issuer: 'https://accounts.example.com', issInResponse: true };
export const ISS = encodeURIComponent(pending.issuer);
export const GOOD = `code=4%2F0AbCdEf&state=${STATE}&iss=${ISS}`;
export const ANYWHERE: RedirectAddress = { host: '127.0.0.1', port: 0, anyPort: true, path: '/callback' };
export const SIGNED_IN: Page = {
  kind: 'success',
  title: 'Signed in - mailauth',
  heading: 'Signed in as a@example.com',
  lines: ['mailauth is now testing the mailbox.', 'You can close this tab.'],
};

const opened: Listener[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((listener) => listener.close()));
});

/** A listener that nobody waits at yet. */
export async function openPort(redirect = ANYWHERE, signal = new AbortController().signal): Promise<Listener> {
  const listener = await listen(redirect, { signal });
  opened.push(listener);
  return listener;
}

export async function start(redirect = ANYWHERE, signal = new AbortController().signal) {
  const listener = await openPort(redirect, signal);
  const told: string[] = [];
  const arrival = listener.expect(pending, { rejected: (reason) => told.push(reason) });
  arrival.catch(() => {});
  let settled = false;
  arrival.then(
    () => {
      settled = true;
    },
    () => {},
  );
  return { listener, told, arrival, isSettled: () => settled };
}

export interface Reply {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Sends bytes as they are and reads until the other side closes. */
export function raw(port: number, bytes: string | Buffer, host = '127.0.0.1'): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port }, () => socket.write(bytes));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => {
      const [head = '', ...body] = Buffer.concat(chunks).toString().split('\r\n\r\n');
      resolve({ status: Number(head.split(' ')[1] ?? 0), head, body: body.join('\r\n\r\n') });
    });
  });
}

export const get = (listener: Listener, target: string, headers = '') =>
  raw(listener.port, `GET ${target} HTTP/1.1\r\nHost: ${new URL(listener.redirectUri).host}\r\n${headers}\r\n`);

export async function takeCode(arrival: Promise<Arrival>) {
  const arrived = await arrival;
  if (!('url' in arrived)) throw new Error(`an error arrived: ${arrived.error}`);
  return arrived;
}

export const locationOf = (reply: Reply) => /^Location: (.*)$/m.exec(reply.head)?.[1]?.trim() ?? '';
