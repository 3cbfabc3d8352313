import { describe, expect, test, vi } from 'vitest';
import { watchFlights } from '../../../src/flows/token/in-flight.js';

const forever = () => new Promise<void>(() => undefined);

describe('a token in flight', () => {
  test('without one a stop is passed on at once', () => {
    const stop = new AbortController();
    const flights = watchFlights(stop.signal);
    expect([flights.busy, flights.signal.aborted]).toEqual([false, false]);
    stop.abort('stopped');
    expect([flights.busy, flights.signal.reason]).toEqual([false, 'stopped']);
  });

  test('with one a stop is passed on once it has landed', async () => {
    const stop = new AbortController();
    const flights = watchFlights(stop.signal);
    let land: () => void = () => undefined;
    const flying = flights.guard(() => new Promise<void>((resolve) => (land = resolve)));
    stop.abort('stopped');
    expect([flights.busy, flights.signal.aborted]).toEqual([true, false]);
    land();
    await flying;
    expect([flights.busy, flights.signal.reason]).toEqual([false, 'stopped']);
  });

  test('that never lands has five seconds, and storing what came five more', () => {
    vi.useFakeTimers();
    const stop = new AbortController();
    const flights = watchFlights(stop.signal);
    void flights.guard(forever);
    stop.abort('stopped');
    vi.advanceTimersByTime(4_900);
    expect([flights.busy, flights.signal.aborted]).toEqual([true, false]);
    vi.advanceTimersByTime(200);
    expect([flights.busy, flights.signal.aborted]).toEqual([true, true]);
    vi.advanceTimersByTime(5_000);
    expect(flights.busy).toBe(false);
    vi.useRealTimers();
  });
});
