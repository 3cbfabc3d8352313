import { Resolver } from 'node:dns/promises';

/** An answer that is only there to propose something is not worth waiting for. */
const PATIENCE_MS = 3_000;

/**
 * The names of the servers that take mail for a domain (RFC 5321 section 5.1), in lower case. Empty where there are
 * none, or where the question cannot be answered here and now: nothing depends on it but a proposal.
 */
export async function mailExchangers(domain: string, signal: AbortSignal): Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: PATIENCE_MS, tries: 1 });
  const cancel = (): void => resolver.cancel();
  const timer = setTimeout(cancel, PATIENCE_MS);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const records = await resolver.resolveMx(domain);
    return records.sort((a, b) => a.priority - b.priority).map(({ exchange }) => exchange.toLowerCase());
  } catch {
    return [];
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
  }
}
