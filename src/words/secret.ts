/**
 * A value that must not be seen. It prints as `[secret]` wherever it is logged, joined or serialised by mistake;
 * `reveal` is called only where the bytes go to the store, to a server over TLS, or to `token`'s own output.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]';
  }
}
