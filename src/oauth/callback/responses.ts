/** What is answered at the port: pages in our own words, and the way on to the last one. */
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { renderPage, SECURITY_HEADERS, type ShownPage } from './page.js';

export const OTHER_ATTEMPT: ShownPage = {
  kind: 'notice',
  title: 'Not this tab - mailauth',
  heading: 'This tab belongs to an earlier attempt',
  lines: ['Use the newest tab of this sign-in, or start again in the terminal.', 'Nothing was changed.'],
};
export const NOT_ACCEPTED: ShownPage = {
  kind: 'failure',
  title: 'Not accepted - mailauth',
  heading: 'This answer was not accepted',
  lines: ['It does not fit the sign-in that was started.', 'The terminal says why, and is still waiting.'],
};
export const NOT_HERE: ShownPage = {
  kind: 'notice',
  title: 'Nothing here - mailauth',
  heading: 'There is nothing here',
  lines: ['This address only takes the answer of a sign-in.'],
};
export const TOO_LONG: ShownPage = {
  kind: 'failure',
  title: 'Too many cookies - mailauth',
  heading: 'The browser sent too much',
  lines: [
    'Other programs on this computer have left so many cookies for this address that the answer was not read.',
    'Copy the whole address of this page, and paste it into the terminal. Or delete the cookies of localhost and 127.0.0.1 in the browser, and load this page again.',
  ],
};
export const LOOK_AT_TERMINAL: ShownPage = {
  kind: 'notice',
  title: 'Still working - mailauth',
  heading: 'mailauth is still working',
  lines: [
    'Your answer has arrived, and the provider takes its time.',
    'The terminal shows how it ends. You can close this tab.',
  ],
};

/** Answers what Node did not read as a request. */
export function refuse(socket: Duplex, status: number, page: ShownPage | undefined): void {
  const body = page === undefined ? '' : renderPage(page);
  const headers = Object.entries({
    ...SECURITY_HEADERS,
    Connection: 'close',
    ...(page && { 'Content-Type': 'text/html; charset=utf-8' }),
    'Content-Length': String(Buffer.byteLength(body)),
  });
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines}\r\n${body}`, () => socket.destroy());
}

/** See Other (RFC 9110 section 15.4.4): takes the code out of the address bar and the history. */
export function sendOn(response: ServerResponse, donePath: string): void {
  response.writeHead(303, { ...SECURITY_HEADERS, Connection: 'close', 'Content-Length': 0, Location: donePath });
  response.end();
}

export function answer(response: ServerResponse, status: number, page: ShownPage | undefined): void {
  const body = page === undefined ? '' : renderPage(page);
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    Connection: 'close',
    ...(status === 405 ? { Allow: 'GET' } : {}),
    ...(status === 204
      ? {}
      : { 'Content-Type': 'text/html; charset=utf-8', 'Content-Length': Buffer.byteLength(body) }),
  });
  response.end(body);
}
