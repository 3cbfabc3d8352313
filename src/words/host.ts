/** How a server is named beside its port: an IPv6 literal stands in brackets (RFC 3986 section 3.2.2). */
export function hostPort(host: string, port: number | string): string {
  return `${isLiteral(host) ? `[${host}]` : host}:${port}`;
}

/** No other host holds a colon. */
function isLiteral(host: string): boolean {
  return host.includes(':') && !host.startsWith('[');
}
