import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import { Ending } from './ending.js';

/** Octets held on the way to a program before its server has to wait. */
export const BUFFER_BYTES = 64 * 1024;
/** Octets a client may send before its login is taken, whatever they are. */
const TOTAL_LIMIT = 64 * 1024;
/** Milliseconds the handshake may take. */
const TLS_MS = 10_000;

/**
 * The program at the other end, up to its login: what it says comes in lines and counted octets, never more than was
 * asked for, so that one which sends without end fills its own buffers and not ours.
 */
export class Client {
  #socket: Socket;
  #held: Buffer = Buffer.alloc(0);
  #total = 0;
  readonly #end: AbortSignal;

  /** @param end aborted with an Ending when the time is over or the server stops */
  constructor(socket: Socket, end: AbortSignal) {
    this.#socket = socket;
    this.#end = end;
    socket.pause();
  }

  get socket(): Socket {
    return this.#socket;
  }

  get isSecure(): boolean {
    return this.#socket instanceof TLSSocket;
  }

  /**
   * The next line, one character an octet, without its line end.
   * @throws Ending no_login: the client has left; malformed: the line is longer than `limit` octets
   */
  async line(limit: number): Promise<string> {
    for (;;) {
      const at = this.#held.indexOf(0x0a);
      if (at > limit || (at < 0 && this.#held.length > limit)) throw new Ending('malformed');
      if (at >= 0)
        return this.#read(at + 1)
          .toString('latin1')
          .replace(/\r?\n$/, '');
      await this.#more();
    }
  }

  /** So many octets, whatever they are. */
  async octets(count: number): Promise<Buffer> {
    while (this.#held.length < count) await this.#more();
    return this.#read(count);
  }

  /** Sends whole lines; each gets its CRLF. */
  say(...lines: readonly string[]): void {
    if (this.#socket.writable) this.#socket.write(lines.map((line) => `${line}\r\n`).join(''));
  }

  /** The octets that have come and belong to whoever goes on. */
  rest(): Buffer {
    return this.#take(this.#held.length);
  }

  /** Whether anything has come that nobody has read. */
  get hasMore(): boolean {
    return this.#held.length > 0 || this.#socket.readableLength > 0;
  }

  /**
   * Goes on under TLS. What was sent behind the command, in plain text, would be taken for a part of what is protected
   * (RFC 3207 section 5, RFC 9051 section 11.1), so it ends the connection.
   */
  async startTls(secureContext: SecureContext): Promise<void> {
    if (this.hasMore) throw new Ending('starttls_injection');
    await this.secure(secureContext);
  }

  /** The TLS handshake, with what has come of it already. */
  async secure(secureContext: SecureContext): Promise<void> {
    const held = this.rest();
    if (held.length > 0) this.#socket.unshift(held);
    const options = { isServer: true, secureContext, highWaterMark: BUFFER_BYTES };
    const secured = new TLSSocket(this.#socket, options);
    secured.on('error', () => {});
    const late = AbortSignal.any([this.#end, AbortSignal.timeout(TLS_MS)]);
    try {
      await once(secured, 'secure', { signal: late });
    } catch {
      secured.destroy();
      throw this.#end.aborted ? this.#end.reason : new Ending('tls_failed');
    }
    secured.pause();
    this.#socket = secured;
  }

  /** Waits until something has come, or until `ms` are over. Says whether something has. */
  async waits(ms: number): Promise<boolean> {
    if (this.hasMore) return true;
    return this.#readable(AbortSignal.any([this.#end, AbortSignal.timeout(ms)])).then(
      () => true,
      () => {
        if (this.#end.aborted) throw this.#end.reason;
        return false;
      },
    );
  }

  /** The first octet that has come, without taking it. */
  async peek(): Promise<number | undefined> {
    if (this.#held.length === 0) await this.#more();
    return this.#held[0];
  }

  /** Counts what was a part of the login, and not what came behind it: that is for the provider's server. */
  #read(count: number): Buffer {
    this.#total += count;
    if (this.#total > TOTAL_LIMIT) throw new Ending('malformed');
    return this.#take(count);
  }

  #take(count: number): Buffer {
    const taken = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    return taken;
  }

  async #more(): Promise<void> {
    const chunk = this.#socket.read() as Buffer | null;
    if (chunk === null) {
      await this.#readable(this.#end);
      return;
    }
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
  }

  #readable(signal: AbortSignal): Promise<void> {
    const socket = this.#socket;
    return new Promise((resolve, reject) => {
      const stop = (settle: () => void) => () => {
        socket.off('readable', ready).off('end', left).off('close', left).off('error', left);
        signal.removeEventListener('abort', over);
        settle();
      };
      const ready = stop(resolve);
      const left = stop(() => reject(new Ending('no_login')));
      const over = stop(() => reject(signal.reason));
      if (signal.aborted) return over();
      if (socket.destroyed || socket.readableEnded) return left();
      socket.on('readable', ready).on('end', left).on('close', left).on('error', left);
      signal.addEventListener('abort', over);
    });
  }
}
