import { randomBytes } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connectionsAtOnce } from '../../system/open-files.js';
import { hostPort } from '../../words/host.js';
import { carriesState, type ExpectedResponse, judgeResponse } from '../response.js';
import { type Page, renderPage, SECURITY_HEADERS, type ShownPage } from './page.js';
import { type Bound, bindLoopback, type RedirectAddress } from './port.js';

/** What ended the wait. `settle` sends the waiting browser to its page and closes the port, within a second. */
export type Arrival =
  | { readonly url: URL; settle(page: Page): Promise<void> }
  | { readonly error: string; readonly description: string; settle(page: Page): Promise<void> };

/**
 * A loopback port (RFC 8252 section 7.3), open for one sign-in. Kept by hand: libraries for it take the first request that
 * comes, whatever its state, and let other programs of the machine and pages elsewhere end or answer a sign-in.
 */
export interface Listener {
  readonly redirectUri: string;
  readonly port: number;
  /**
   * Waits for the one answer that carries our state. `rejected` is told why an answer that knew the state was turned
   * away, `ignored` about answers that did not. Rejects with the signal's reason when aborted, and with an AbortError
   * when closed. Called once.
   */
  expect(pending: ExpectedResponse, on: AnswerListener): Promise<Arrival>;
  /** Closes the port and every connection at once; may be called at any time, and more than once. */
  close(): Promise<void>;
}

/** Reasons in words; never a part of what came. */
export interface AnswerListener {
  rejected(reason: string): void;
  ignored?(reason: string): void;
}

/**
 * The oldest connection makes room for a new one. Another user of the machine who opens thousands a second then needs
 * tens of milliseconds to push one out, and a browser sends its request within a few of connecting.
 */
const CONNECTION_LIMIT = 256;
/** How long a browser is kept waiting for the exchange of its code. */
const HOLD_MS = 20_000;
/** How long the port stays open for a browser that is on its way to its page. */
const FAREWELL_MS = 800;

const OTHER_ATTEMPT: ShownPage = {
  kind: 'notice',
  title: 'Not this tab - mailauth',
  heading: 'This tab belongs to an earlier attempt',
  lines: ['Use the newest tab of this sign-in, or start again in the terminal.', 'Nothing was changed.'],
};
const NOT_ACCEPTED: ShownPage = {
  kind: 'failure',
  title: 'Not accepted - mailauth',
  heading: 'This answer was not accepted',
  lines: ['It does not fit the sign-in that was started.', 'The terminal says why, and is still waiting.'],
};
const NOT_HERE: ShownPage = {
  kind: 'notice',
  title: 'Nothing here - mailauth',
  heading: 'There is nothing here',
  lines: ['This address only takes the answer of a sign-in.'],
};
const TOO_LONG: ShownPage = {
  kind: 'failure',
  title: 'Too many cookies - mailauth',
  heading: 'The browser sent too much',
  lines: [
    'Other programs on this computer have left so many cookies for this address that the answer was not read.',
    'Copy the whole address of this page, and paste it into the terminal. Or delete the cookies of localhost and 127.0.0.1 in the browser, and load this page again.',
  ],
};
const LOOK_AT_TERMINAL: ShownPage = {
  kind: 'notice',
  title: 'Still working - mailauth',
  heading: 'mailauth is still working',
  lines: [
    'Your answer has arrived, and the provider takes its time.',
    'The terminal shows how it ends. You can close this tab.',
  ],
};

/** The life of one sign-in at the port. */
type Phase =
  | { readonly name: 'idle' }
  | {
      readonly name: 'waiting';
      readonly pending: ExpectedResponse;
      readonly on: AnswerListener;
      arrived(arrival: Arrival): void;
    }
  /** The answer is in hand; browsers that brought it wait for their page. */
  | { readonly name: 'holding'; readonly query: string; readonly held: Set<ServerResponse> }
  /** Each browser that was sent on may fetch the page once; `owed` counts them. */
  | { readonly name: 'settled'; readonly page: ShownPage; owed: number; served(): void }
  | { readonly name: 'closed' };

/**
 * Opens the port of a redirect URI, which is built from the live socket. Nothing that can be asked here reveals the
 * request, and no byte of an answer is ever sent back.
 *
 * @throws MailauthError port_busy, naming the program that holds the port where that can be known
 */
export async function listen(redirect: RedirectAddress, options: { readonly signal: AbortSignal }): Promise<Listener> {
  options.signal.throwIfAborted();
  const bound = await bindLoopback(redirect);
  const authority = hostPort(redirect.host, bound.port);
  const redirectUri = `http://${authority}${redirect.path}`;
  const donePath = `/done-${randomBytes(16).toString('base64url')}`;
  const end = (reason: unknown): void => {
    options.signal.removeEventListener('abort', abort);
    visits.end(reason);
    for (const server of bound.servers) {
      server.close();
      server.closeAllConnections();
    }
  };
  const close = async () => end(new DOMException('the listener was closed', 'AbortError'));
  const abort = () => end(options.signal.reason);
  const visits = receiveVisits({ authority, path: redirect.path, donePath, redirectUri }, close);
  attach(bound, visits);
  options.signal.addEventListener('abort', abort, { once: true });
  if (options.signal.aborted) abort();
  return { redirectUri, port: bound.port, expect: visits.expect, close };
}

interface Place {
  readonly authority: string;
  readonly path: string;
  readonly donePath: string;
  readonly redirectUri: string;
}

interface Visits {
  readonly expect: Listener['expect'];
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Whether this connection waits for the page of the sign-in, and so must not make room for another. */
  holds(socket: Socket): boolean;
  end(reason: unknown): void;
}

/** The sign-in as its visitors see it: waits, holds the one right answer, sends on to the page, serves it. */
function receiveVisits(place: Place, close: () => Promise<void>): Visits {
  let phase: Phase = { name: 'idle' };
  let ended: { readonly reason: unknown } | undefined;
  let holdTimer: NodeJS.Timeout | undefined;
  let refuse: (reason: unknown) => void = () => {};

  const settle = async (page: ShownPage): Promise<void> => {
    if (phase.name !== 'holding') return;
    clearTimeout(holdTimer);
    const { held } = phase;
    await new Promise<void>((resolve) => {
      const farewell = setTimeout(resolve, FAREWELL_MS);
      const served = () => {
        clearTimeout(farewell);
        resolve();
      };
      phase = { name: 'settled', page, owed: held.size, served };
      if (held.size === 0) served();
      for (const response of held) sendOn(response, place.donePath);
    });
    await close();
  };

  const receive = (query: string, response: ServerResponse): void => {
    if (phase.name === 'idle' || phase.name === 'closed') answer(response, 404, NOT_HERE);
    else if (phase.name === 'holding' && query === phase.query) hold(phase.held, response);
    else if (phase.name !== 'waiting') answer(response, 400, OTHER_ATTEMPT);
    else {
      const verdict = judgeResponse(new URLSearchParams(query), phase.pending);
      if (verdict.kind === 'reject') phase.on.rejected(verdict.reason);
      if (verdict.kind === 'ignore') phase.on.ignored?.(verdict.reason);
      if (verdict.kind === 'ignore' || verdict.kind === 'reject') {
        answer(response, 400, verdict.kind === 'ignore' ? OTHER_ATTEMPT : NOT_ACCEPTED);
        return;
      }
      const { arrived } = phase;
      phase = { name: 'holding', query, held: new Set() };
      hold(phase.held, response);
      holdTimer = setTimeout(() => void settle(LOOK_AT_TERMINAL), HOLD_MS);
      if (verdict.kind === 'code') arrived({ url: new URL(`${place.redirectUri}?${query}`), settle });
      else arrived({ error: verdict.error, description: verdict.description, settle });
    }
  };

  const serveDone = (response: ServerResponse): void => {
    if (phase.name !== 'settled' || phase.owed === 0) {
      answer(response, 404, NOT_HERE);
      return;
    }
    phase.owed -= 1;
    if (phase.owed === 0) response.once('close', phase.served);
    answer(response, phase.page.kind === 'failure' ? 400 : 200, phase.page);
  };

  return {
    handle: (request, response) => {
      const asked = classify(request, place);
      if (asked.kind === 'callback') receive(asked.query, response);
      else if (asked.kind === 'done') serveDone(response);
      else {
        // Somebody who knows the state came another way than a browser comes: worth a word in the terminal.
        if (phase.name === 'waiting' && asked.told !== undefined) {
          if (carriesState(new URLSearchParams(asked.query), phase.pending.state)) phase.on.rejected(asked.told);
        }
        answer(response, asked.status, asked.status === 204 ? undefined : NOT_HERE);
      }
    },
    holds: (socket) => phase.name === 'holding' && [...phase.held].some((response) => response.socket === socket),
    expect: (pending, on) =>
      new Promise<Arrival>((arrived, rejected) => {
        refuse = rejected;
        if (ended !== undefined) rejected(ended.reason);
        else phase = { name: 'waiting', pending, on, arrived };
      }),
    end: (reason) => {
      ended ??= { reason };
      phase = { name: 'closed' };
      clearTimeout(holdTimer);
      refuse(reason);
    },
  };
}

type Asked =
  | { readonly kind: 'callback'; readonly query: string }
  | { readonly kind: 'done' }
  /** `told`: what the terminal hears if the request knew our state. */
  | { readonly kind: 'refused'; readonly status: number; readonly query: string; readonly told?: string };

/** What a request is, before anything it says is believed: Host, method, purpose, path, in this order. */
function classify(request: IncomingMessage, place: Place): Asked {
  const target = request.url ?? '';
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? '' : target.slice(mark + 1);
  const refused = (status: number, told?: string): Asked => ({
    kind: 'refused',
    status,
    query,
    ...(told === undefined ? {} : { told }),
  });
  // DNS rebinding: a page elsewhere can make a browser ask here, but not under our name. Node keeps the first of two
  // Host headers, so they are counted in the raw list; a target in absolute form would overrule them.
  const hosts = request.rawHeaders.filter(
    (_, index, all) => index % 2 === 1 && all[index - 1]?.toLowerCase() === 'host',
  );
  if (hosts.length !== 1 || hosts[0] !== place.authority || !/^(?:\/|\*$)/.test(target)) {
    return refused(421, 'an answer came under a foreign host name');
  }
  if (request.method !== 'GET') return refused(405, `an answer came as ${request.method}, not as a page visit`);
  if (isPrefetch(request)) return refused(204);
  if (path === place.donePath) return { kind: 'done' };
  return path === place.path ? { kind: 'callback', query } : refused(404);
}

/** A browser that only looks ahead must not use the code up. */
function isPrefetch(request: IncomingMessage): boolean {
  const { 'sec-purpose': secPurpose, purpose, 'x-moz': moz } = request.headers;
  return [secPurpose, purpose, moz].some((value) => /\b(?:prefetch|prerender|preview)\b/.test(String(value ?? '')));
}

/** Gives each server its handlers, bounds the number of connections and answers what is not HTTP. */
function attach({ servers }: Bound, visits: Visits): void {
  const sockets = new Set<Socket>();
  const most = connectionsAtOnce(CONNECTION_LIMIT);
  for (const server of servers) {
    server.on('request', visits.handle);
    server.on('checkContinue', visits.handle);
    server.on('checkExpectation', visits.handle);
    server.on('error', () => {});
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      if (sockets.size <= most) return;
      const oldest = [...sockets].find((other) => !visits.holds(other));
      // Its close event comes a turn later; until then further ones must not find it again.
      if (oldest !== undefined) sockets.delete(oldest);
      oldest?.destroy();
    });
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      if (!socket.writable) socket.destroy();
      else if (error.code === 'HPE_HEADER_OVERFLOW') refuse(socket, 431, TOO_LONG);
      else refuse(socket, 400, undefined);
    });
  }
}

/** Answers what Node did not read as a request. */
function refuse(socket: Duplex, status: number, page: ShownPage | undefined): void {
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

function hold(held: Set<ServerResponse>, response: ServerResponse): void {
  held.add(response);
  response.once('close', () => held.delete(response));
}

/** See Other (RFC 9110 section 15.4.4): takes the code out of the address bar and the history. */
function sendOn(response: ServerResponse, donePath: string): void {
  response.writeHead(303, { ...SECURITY_HEADERS, Connection: 'close', 'Content-Length': 0, Location: donePath });
  response.end();
}

function answer(response: ServerResponse, status: number, page: ShownPage | undefined): void {
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
