import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { carriesState, type ExpectedResponse, judgeResponse } from '../response.js';
import type { Page, ShownPage } from './page.js';
import { type Asked, classify, type Place } from './request.js';
import { answer, LOOK_AT_TERMINAL, NOT_ACCEPTED, NOT_HERE, OTHER_ATTEMPT, sendOn } from './responses.js';

/** What ended the wait. `settle` sends the waiting browser to its page and closes the port, within three seconds. */
export type Arrival =
  | { readonly url: URL; settle(page: Page): Promise<void> }
  | { readonly error: string; readonly description: string; settle(page: Page): Promise<void> };

/** Reasons in words; never a part of what came. */
export interface AnswerListener {
  rejected(reason: string): void;
  ignored?(reason: string): void;
}

/** How long a browser is kept waiting for the exchange of its code. */
const HOLD_MS = 20_000;
/**
 * How long the port stays open for a browser that is on its way to its page: on a busy computer it takes more than a
 * second, and a page that cannot be reached would make a person sign in once more.
 */
const FAREWELL_MS = 3_000;

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

/** The sign-in as its visitors see it: waits, holds the one right answer, sends on to the page, serves it. */
export class Visits {
  readonly #place: Place;
  /** Closes the port. */
  readonly #close: () => Promise<void>;
  #phase: Phase = { name: 'idle' };
  #ended: { readonly reason: unknown } | undefined;
  #holdTimer: NodeJS.Timeout | undefined;
  #refuse: (reason: unknown) => void = () => {};

  constructor(place: Place, close: () => Promise<void>) {
    this.#place = place;
    this.#close = close;
  }

  /** See `Listener.expect`. */
  expect(pending: ExpectedResponse, on: AnswerListener): Promise<Arrival> {
    return new Promise<Arrival>((arrived, rejected) => {
      this.#refuse = rejected;
      if (this.#ended !== undefined) rejected(this.#ended.reason);
      else this.#phase = { name: 'waiting', pending, on, arrived };
    });
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const asked = classify(request, this.#place);
    if (asked.kind === 'callback') this.#receive(asked.query, response);
    else if (asked.kind === 'done') this.#serveDone(response);
    else this.#turnAway(asked, response);
  }

  /** Whether this connection waits for the page of the sign-in, and so must not make room for another. */
  holds(socket: Socket): boolean {
    const phase = this.#phase;
    return phase.name === 'holding' && [...phase.held].some((response) => response.socket === socket);
  }

  end(reason: unknown): void {
    this.#ended ??= { reason };
    // Nobody comes to a closed port any more.
    if (this.#phase.name === 'settled') this.#phase.served();
    this.#phase = { name: 'closed' };
    clearTimeout(this.#holdTimer);
    this.#refuse(reason);
  }

  /** Somebody who knows the state came another way than a browser comes: worth a word in the terminal. */
  #turnAway({ status, query, told }: Extract<Asked, { kind: 'refused' }>, response: ServerResponse): void {
    const phase = this.#phase;
    if (phase.name === 'waiting' && told !== undefined) {
      if (carriesState(new URLSearchParams(query), phase.pending.state)) phase.on.rejected(told);
    }
    answer(response, status, status === 204 ? undefined : NOT_HERE);
  }

  #receive(query: string, response: ServerResponse): void {
    const phase = this.#phase;
    if (phase.name === 'idle' || phase.name === 'closed') answer(response, 404, NOT_HERE);
    else if (phase.name === 'holding' && query === phase.query) hold(phase.held, response);
    else if (phase.name !== 'waiting') answer(response, 400, OTHER_ATTEMPT);
    else this.#judge(query, response, phase);
  }

  #judge(query: string, response: ServerResponse, { pending, on, arrived }: Extract<Phase, { name: 'waiting' }>): void {
    const verdict = judgeResponse(new URLSearchParams(query), pending);
    if (verdict.kind === 'reject') on.rejected(verdict.reason);
    if (verdict.kind === 'ignore') on.ignored?.(verdict.reason);
    if (verdict.kind === 'ignore' || verdict.kind === 'reject') {
      answer(response, 400, verdict.kind === 'ignore' ? OTHER_ATTEMPT : NOT_ACCEPTED);
      return;
    }
    const held = new Set<ServerResponse>();
    this.#phase = { name: 'holding', query, held };
    hold(held, response);
    const settle = (page: ShownPage): Promise<void> => this.#settle(page);
    this.#holdTimer = setTimeout(() => void settle(LOOK_AT_TERMINAL), HOLD_MS);
    if (verdict.kind === 'code') arrived({ url: new URL(`${this.#place.redirectUri}?${query}`), settle });
    else arrived({ error: verdict.error, description: verdict.description, settle });
  }

  async #settle(page: ShownPage): Promise<void> {
    const phase = this.#phase;
    if (phase.name !== 'holding') return;
    clearTimeout(this.#holdTimer);
    const { held } = phase;
    await new Promise<void>((resolve) => {
      const farewell = setTimeout(resolve, FAREWELL_MS);
      const served = () => {
        clearTimeout(farewell);
        resolve();
      };
      this.#phase = { name: 'settled', page, owed: held.size, served };
      if (held.size === 0) served();
      for (const response of held) sendOn(response, this.#place.donePath);
    });
    await this.#close();
  }

  #serveDone(response: ServerResponse): void {
    const phase = this.#phase;
    if (phase.name !== 'settled' || phase.owed === 0) {
      answer(response, 404, NOT_HERE);
      return;
    }
    phase.owed -= 1;
    if (phase.owed === 0) response.once('close', phase.served);
    answer(response, phase.page.kind === 'failure' ? 400 : 200, phase.page);
  }
}

function hold(held: Set<ServerResponse>, response: ServerResponse): void {
  held.add(response);
  response.once('close', () => held.delete(response));
}
