/** The life of one connection: greeted, let in, logged in at the provider, and from then on passed through. */
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { Client } from './client.js';
import type { Admitted } from './door.js';
import { Ending, type Outcome } from './ending.js';
import type { Entrance, Greeter, Login, Refusal } from './greeter.js';
import { pump } from './pump.js';

/** Milliseconds a program has for its login, and for another one after a refusal; the provider has deadlines of its own. */
const LOGIN_MS = 60_000;
/** Milliseconds after which a connection on which nothing is said ends (RFC 9051 section 5.4 asks for as many). */
const IDLE_MS = 30 * 60_000;
/** Wrong passwords on one connection. */
const WRONG_LIMIT = 3;
/** Milliseconds in which a program that speaks TLS from the first byte has begun; any other waits for a greeting. */
const TLS_GUESS_MS = 250;
/** The first octet of a TLS handshake (RFC 8446 section 5.1). */
const HANDSHAKE = 0x16;

/** What a connection needs of the server it came to. */
export interface ConnectionOptions {
  readonly greeter: Greeter;
  readonly offers: readonly string[];
  /** Where the server has a certificate. */
  readonly tls: SecureContext | undefined;
  readonly needsTls: boolean;
  /** Aborted, with an Ending, when this connection is to end. */
  readonly end: AbortController;
  admit(user: string, password: string): Promise<Admitted | Refusal>;
  logIn(admitted: Admitted, signal: AbortSignal): Promise<Login | Refusal>;
}

/** What became of it. */
export interface Ended {
  readonly outcome: Outcome | string;
  readonly admitted?: Admitted;
}

export async function serveConnection(socket: Socket, options: ConnectionOptions): Promise<Ended> {
  const { end } = options;
  socket.on('error', () => {});
  const client = new Client(socket, end.signal);
  const clock = startClock(options);
  const visit: Visit = { wrong: 0, refused: undefined, admitted: undefined, clock };
  try {
    const login = await greet(client, visit, options);
    clock.stop();
    const outcome = await passThrough(client, login, end);
    return { outcome, ...(visit.admitted && { admitted: visit.admitted }) };
  } catch (error) {
    if (!(error instanceof Ending)) throw error;
    if (error.lastWords !== '') client.say(error.lastWords);
    // What the program was told last says more than that it left then.
    const isInClear = options.needsTls && !client.isSecure && socket.bytesRead > 0;
    const left = visit.refused ?? (isInClear ? 'needs_tls' : 'no_login');
    const outcome = error.outcome === 'no_login' ? left : error.outcome;
    return { outcome, ...(visit.admitted && { admitted: visit.admitted }) };
  } finally {
    clock.stop();
    hangUp(client.socket);
  }
}

/** What happened on a connection before its login was taken. */
interface Visit {
  wrong: number;
  refused: string | undefined;
  admitted: Admitted | undefined;
  /** Runs out while the program has the word. */
  readonly clock: Clock;
}

interface Clock {
  start(): void;
  stop(): void;
}

function startClock({ end, greeter }: ConnectionOptions): Clock {
  let timer: NodeJS.Timeout | undefined;
  const clock: Clock = {
    start() {
      timer = setTimeout(() => end.abort(new Ending('timeout', greeter.turnAway('too slow'))), LOGIN_MS);
    },
    stop: () => clearTimeout(timer),
  };
  clock.start();
  return clock;
}

async function greet(client: Client, visit: Visit, options: ConnectionOptions): Promise<Login> {
  const { tls, needsTls, greeter, offers } = options;
  const isHandshake = tls !== undefined && (await client.waits(TLS_GUESS_MS)) && (await client.peek()) === HANDSHAKE;
  if (tls !== undefined && isHandshake) await client.secure(tls);
  const entrance: Entrance = {
    offersTls: tls !== undefined,
    needsTls,
    offers,
    startTls: () => client.startTls(tls as SecureContext),
    logIn: (user, password) => enter({ user, password }, client, visit, options),
  };
  return greeter.greet(client, entrance);
}

async function enter(
  { user, password }: { readonly user: string; readonly password: string },
  client: Client,
  visit: Visit,
  { greeter, admit, logIn, end }: ConnectionOptions,
): Promise<Login | Refusal> {
  if (visit.wrong >= WRONG_LIMIT) throw new Ending('wrong_password', greeter.turnAway('too many wrong passwords'));
  const admitted = await admit(user, password);
  if ('taken' in admitted) {
    visit.wrong += 1;
    visit.refused = admitted.code;
    return admitted;
  }
  visit.admitted = admitted;
  visit.clock.stop();
  const left = new AbortController();
  const leave = () => left.abort(new Ending('no_login'));
  client.socket.once('close', leave);
  try {
    const login = await logIn(admitted, AbortSignal.any([end.signal, left.signal]));
    if (!login.taken) {
      visit.refused = login.code;
      visit.clock.start();
    }
    return login;
  } finally {
    client.socket.off('close', leave);
  }
}

async function passThrough(client: Client, { socket: server, unread }: Login, end: AbortController): Promise<Outcome> {
  const { socket } = client;
  const rest = client.rest();
  if (rest.length > 0) socket.unshift(rest);
  if (unread.length > 0) server.unshift(unread);
  for (const side of [socket, server]) {
    side.setNoDelay(true);
    side.setKeepAlive(true, 60_000);
  }
  socket.setTimeout(IDLE_MS, () => end.abort(new Ending('timeout')));
  return pump(socket, server, end.signal);
}

/** Lets the last words go out. */
function hangUp(socket: Socket): void {
  if (socket.destroyed) return;
  socket.end();
  setTimeout(() => socket.destroy(), 1_000).unref();
}
