import { type Fix, MailauthError } from '../explain/problem.js';
import { hostPort, withoutBrackets } from '../words/host.js';
import { Secret } from '../words/secret.js';

/** A proxy that the environment names. */
export interface NamedProxy {
  /** `http`: CONNECT in plain text; `https`: CONNECT inside TLS; the others speak SOCKS (RFC 1928). */
  readonly kind: 'http' | 'https' | 'socks4' | 'socks5';
  readonly host: string;
  readonly port: number;
  readonly user?: string;
  readonly password?: Secret;
}

/** Which proxy leads to a host, and whether any is named. */
export interface Proxies {
  /** Undefined: directly. */
  leadingTo(host: string, port: number): NamedProxy | undefined;
  /** One line for `--verbose`, without user names and passwords; undefined where no proxy is named. */
  readonly description: string | undefined;
}

/** Spellings of a scheme, and what they mean: `h` and `a` leave the look-up of names to the proxy, as all do here. */
const KINDS: Readonly<Record<string, NamedProxy['kind']>> = {
  http: 'http',
  https: 'https',
  socks: 'socks5',
  socks5: 'socks5',
  socks5h: 'socks5',
  socks4: 'socks4',
  socks4a: 'socks4',
};

const PORTS: Readonly<Record<NamedProxy['kind'], number>> = { http: 80, https: 443, socks4: 1080, socks5: 1080 };

/**
 * The proxy variables as curl reads them: both cases, the small one first; ALL_PROXY where no other is set.
 *
 * @throws MailauthError bad_input: a variable does not name a proxy. Its value is never repeated: it may hold a password.
 */
export function proxiesOf(env: NodeJS.ProcessEnv): Proxies {
  const proxy = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY'].map((name) => proxyIn(env, name)).find((found) => found);
  const exceptions = (env['no_proxy'] ?? env['NO_PROXY'] ?? '').split(/[,\s]+/).filter((entry) => entry !== '');
  return {
    leadingTo: (host, port) =>
      proxy === undefined || isLoopback(host) || exceptions.some((entry) => matches(entry, host, port))
        ? undefined
        : proxy,
    description:
      proxy &&
      `requests go through the proxy ${hostPort(proxy.host, proxy.port)}, except to: ${exceptions.join(', ') || 'nobody'}`,
  };
}

function proxyIn(env: NodeJS.ProcessEnv, name: string): NamedProxy | undefined {
  const value = (env[name.toLowerCase()] ?? env[name] ?? '').trim();
  if (value === '') return undefined;
  const [, scheme = 'http', rest = ''] = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/)?(.*)$/i.exec(withScheme(value)) ?? [];
  const kind = KINDS[scheme.toLowerCase()];
  if (kind === undefined) throw notAProxy(name, `names a kind of proxy that mailauth does not speak (${scheme})`);
  // The last @ ends the user and the password: neither host nor port can hold one.
  const at = rest.lastIndexOf('@');
  const address = addressIn(name, rest.slice(at + 1));
  const [user, password] = at < 0 ? [] : credentialsIn(rest.slice(0, at));
  return {
    kind,
    host: address.host,
    port: address.port ?? PORTS[kind],
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password: new Secret(password) }),
  };
}

/** `proxy.example:3128` is a host with a port, although it reads like a scheme. */
function withScheme(value: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value.replace(/^\/\//, '')}`;
}

function addressIn(name: string, text: string): { readonly host: string; readonly port?: number } {
  const [, authority = '', path = ''] = /^([^/?#]*)(.*)$/.exec(text) ?? [];
  if (/\.(?:pac|dat)$/i.test(path)) {
    throw notAProxy(name, 'names a script that chooses a proxy (a PAC file), which mailauth cannot run');
  }
  if (!/^\/?$/.test(path)) throw notAProxy(name, 'names more than a host and a port; a proxy has no path');
  const spelled = `http://${authority}`;
  if (authority === '' || authority.includes('%') || !URL.canParse(spelled)) {
    throw notAProxy(name, 'is not the address of a proxy');
  }
  const { hostname, port } = new URL(spelled);
  // The URL parser drops port 80, the default of its own scheme.
  const isEighty = port === '' && /:0*80$/.test(authority);
  return {
    host: withoutBrackets(hostname),
    ...(port !== '' && { port: Number(port) }),
    ...(isEighty && { port: 80 }),
  };
}

/** Percent-encoded as in any address; a percent sign that encodes nothing stands for itself. */
function credentialsIn(text: string): readonly [user: string, password: string | undefined] {
  const colon = text.indexOf(':');
  const [user, password] = colon < 0 ? [text, undefined] : [text.slice(0, colon), text.slice(colon + 1)];
  return [decoded(user), password === undefined ? undefined : decoded(password)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function notAProxy(name: string, what: string): MailauthError {
  const fix: Fix = { text: `set ${name} to an address such as http://proxy.example:3128, or unset it` };
  return new MailauthError('bad_input', `the variable ${name} ${what}`, { fix: [fix] });
}

/** An entry of NO_PROXY: a host and all hosts below it, with a port or for every port; `*` stands for everything. */
function matches(entry: string, host: string, port: number): boolean {
  if (entry === '*') return true;
  const [, name = '', only] = /^(.+?)(?::(\d+))?$/.exec(entry.startsWith('[') ? entry : entry.toLowerCase()) ?? [];
  const domain = withoutBrackets(name.replace(/^\*?\./, ''));
  const isPort = only === undefined || Number(only) === port;
  return isPort && (host.toLowerCase() === domain || host.toLowerCase().endsWith(`.${domain}`));
}

/** RFC 6761 section 6.3 and RFC 1122 section 3.2.1.3: such a name never leaves this machine, so no proxy can reach it. */
function isLoopback(host: string): boolean {
  return /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|::1)$/.test(host);
}
