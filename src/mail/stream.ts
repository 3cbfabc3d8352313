import { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { DEADLINES, timedOut } from './deadline.js';
import { failure } from './evidence.js';
import { LineCutter } from './lines.js';
import type { ConversationState, ProtocolSyntax } from './syntax.js';

/** A SASL exchange is one request for the token and one challenge; some servers ask once more. */
const CONTINUATIONS = 3;
/** Milliseconds a server may take to close the connection after our goodbye; nobody waits for it. */
const GOODBYE = 1_000;

/**
 * The only stream a mail library is ever given: verified TLS from its first byte, watched in both directions. It
 * notes the stage and the server's last words, gives the server a fixed time for each command (a drip cannot stretch
 * it, since only our own lines start the clock), and ends a conversation that grows beyond reason.
 */
export class MailStream extends Duplex {
  readonly #socket: TLSSocket;
  readonly #syntax: ProtocolSyntax;
  readonly #state: ConversationState;
  readonly #cutter = new LineCutter();
  #clock: NodeJS.Timeout | undefined;
  #continuations = 0;
  #finished = false;
  /** Why the conversation broke. A library knows only that it did. */
  failure: Error | undefined;

  constructor(socket: TLSSocket, syntax: ProtocolSyntax, state: ConversationState, unread: Buffer) {
    super({ allowHalfOpen: false });
    if (!socket.authorized) throw new Error('a mail library must be given verified TLS only');
    this.#socket = socket;
    this.#syntax = syntax;
    this.#state = state;
    // Without a listener an error of a stream that is no longer used would end the process.
    this.on('error', () => {});
    state.stage = 'capability';
    state.heard = [];
    this.push(syntax.substituteGreeting);
    if (unread.length > 0) this.#receive(unread);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('end', () => this.#end());
    socket.on('error', (error) => this.abandon(error));
    socket.on('close', () => {
      // A connection may be gone without an end and without an error, as Windows ends some.
      if (!this.destroyed && !this.#finished) this.failure ??= failure('CLOSED');
      this.destroy();
    });
    // A server may have left right after its greeting, when nobody listened for it here.
    if (socket.readableEnded || socket.destroyed) this.#end();
    else socket.resume();
  }

  override _read(): void {
    // Bytes are pushed as they come: their number is limited, so there is nothing to hold back.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const stage = this.#syntax.stageOf(chunk.toString('latin1', 0, 64), this.#state.stage);
    if (stage !== undefined) {
      this.#state.stage = stage;
      this.#state.heard = [];
      this.#continuations = 0;
    }
    clearTimeout(this.#clock);
    if (!this.#finished) {
      this.#clock = setTimeout(() => this.abandon(timedOut(DEADLINES.command, 'answer')), DEADLINES.command);
    }
    this.#socket.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#clock);
    this.#socket.destroy();
    done(error);
  }

  /** The libraries set idle timeouts of their own; the clock here is stricter than any of them. */
  setTimeout(): this {
    return this;
  }

  /** Lets the goodbye go out and the server close, without keeping the process for it. */
  finish(): void {
    this.#finished = true;
    clearTimeout(this.#clock);
    this.#socket.unref();
    setTimeout(() => this.destroy(), GOODBYE).unref();
  }

  /** Ends the conversation for a reason of ours, which the library would report under a name of its own. */
  abandon(error: Error): void {
    this.failure ??= error;
    // A library writes its own code into the error it is given, so it gets another one.
    this.destroy(new Error(error.message));
  }

  #receive(chunk: Buffer): void {
    if (this.destroyed) return;
    try {
      for (const line of this.#cutter.cut(chunk)) this.#hear(line);
    } catch (error) {
      this.abandon(error as Error);
      return;
    }
    this.push(chunk);
  }

  #end(): void {
    this.failure ??= failure('CLOSED');
    this.push(null);
  }

  #hear(line: string): void {
    this.#state.heard.push(line);
    if (this.#syntax.refuses(line, this.#state.stage)) throw failure('CAPABILITY_REFUSED');
    if (this.#state.stage === 'auth' && this.#syntax.continues.test(line)) {
      this.#continuations += 1;
      if (this.#continuations > CONTINUATIONS) throw failure('SASL_LOOP');
    }
    this.#state.stage = this.#syntax.stageAfter(line, this.#state.stage);
  }
}
