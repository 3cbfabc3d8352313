/** An object of JSON (RFC 8259 section 4): no list, and not null. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object that a text is; undefined where it is anything else. No error: the parser's message would quote the text. */
export function recordIn(text: string): Record<string, unknown> | undefined {
  try {
    // RFC 8259 section 8.1: a byte order mark may be overlooked.
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
