/** How a server is named beside its port: an IPv6 literal stands in brackets (RFC 3986 section 3.2.2). */
export function hostPort(host: string, port: number | string): string {
  return `${isLiteral(host) ? `[${host}]` : host}:${port}`;
}

/** As the network and certificates want it: without the brackets that a URL puts around an IPv6 literal. */
export function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}

/** No other host holds a colon. */
function isLiteral(host: string): boolean {
  return host.includes(':') && !host.startsWith('[');
}

/**
 * A host as DNS, TLS and other programs spell it: lower case, and letters beyond ASCII as `xn--` (RFC 5891). What no
 * host can be is left as it is, for its reader to refuse.
 */
export function asciiHost(host: string): string {
  if (/^[\x21-\x7e]*$/.test(host)) return host.toLowerCase();
  const spelled = `http://${host}`;
  return URL.canParse(spelled) ? new URL(spelled).hostname : host;
}

/** Whether the text is the full name of a machine: two labels at least (RFC 1123 section 2.1), and no address. */
export function isHostName(text: string): boolean {
  return (
    text.length <= 253 && /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(text)
  );
}
