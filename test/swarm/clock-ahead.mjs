/** Loaded into the program before it starts (NODE_OPTIONS): the clock of the day is four minutes ahead, the steady one is not. */
const now = Date.now;
const AHEAD_MS = 4 * 60_000;
globalThis.Date = class extends Date {
  constructor(...parts) {
    super(...(parts.length === 0 ? [now() + AHEAD_MS] : parts));
  }
  static now() {
    return now() + AHEAD_MS;
  }
};
