import { MailauthError } from '../../explain/problem.js';
import { openConfiguration } from '../../flows/configuration.js';
import { openStore } from '../../flows/open.js';
import { describeBug } from '../../render/bug.js';
import { needsTls } from '../../serve/listen-failure.js';
import { logLine } from '../../serve/log.js';
import { handedOver, isLoopback, nameOf, type Place, socketPaths } from '../../serve/place.js';
import { type ServeReport, serve } from '../../serve/server.js';
import { openCertificate } from '../../serve/tls.js';
import { connectionsAtOnce } from '../../system/open-files.js';
import { PROTOCOLS, type Protocol, protocols } from '../../words/protocol.js';
import { type Context, wholeNumber } from '../context.js';
import { json, type Output } from '../output.js';
import { subjectOf } from '../subject.js';

const MAX_CONNECTIONS = 200;
const LOOPBACK = '127.0.0.1';

export async function run({ world, output, args, options }: Context): Promise<number> {
  const report = reportTo(output);
  const places = await placesOf(options, world, report);
  const tls = await openCertificate(options['tlsCert'], options['tlsKey'], { signal: world.signal, report });
  const open = places.find((place) => 'host' in place && !isLoopback(place.host));
  if (open !== undefined && tls === undefined) throw needsTls({ protocol: open.protocol, address: nameOf(open) }, open);
  const maxConnections = connectionsFor(options, world, report);
  const configuration = await openConfiguration(world);
  const accounts =
    args.length > 0 ? args.map((name) => subjectOf(configuration, name).account) : configuration.accounts;
  if (accounts.length === 0) {
    throw new MailauthError('no_such_account', 'no account is set up yet', {
      fix: [{ text: 'set one up', command: 'mailauth setup' }],
    });
  }
  // Now, while somebody is there to be asked for a passphrase.
  for (const { store } of accounts) await openStore(world, store);
  if (tls !== undefined && tls.ends < world.now()) {
    const day = tls.ends.toISOString().slice(0, 10);
    report.warn(`the certificate in ${options['tlsCert']} ended on ${day}, so programs will refuse it: renew it`);
  }
  const without = accounts.filter(({ passwords = [] }) => passwords.length === 0);
  for (const { name } of without)
    report.warn(`no program can log in to ${name} yet: make it a password with mailauth password ${name}`);
  const only = args.length > 0 ? new Set(accounts.map(({ credential }) => credential)) : undefined;
  await serve(world, { places, only, tls, maxConnections }, report);
  return 0;
}

/**
 * As many as the system lets this process have; elsewhere than on Linux Node itself raises that limit, and it cannot be
 * seen.
 */
function connectionsFor(options: Context['options'], { platform }: Context['world'], report: ServeReport): number {
  const wanted = wholeNumber(options['maxConnections'], '--max-connections') ?? MAX_CONNECTIONS;
  const most = platform === 'linux' ? connectionsAtOnce(wanted) : wanted;
  if (most < wanted) {
    const raise = 'raise the limit on open files (ulimit -n, LimitNOFILE= in a unit of systemd)';
    report.warn(`${wanted} connections need more files than this process may open, so ${most} are taken: ${raise}`);
  }
  return Math.min(most, wanted);
}

/** `[HOST:]PORT`, or `off`. */
function portOf(value: unknown, protocol: Protocol): Place | undefined {
  if (value === 'off') return undefined;
  if (value === undefined) return { protocol, host: LOOPBACK, port: PROTOCOLS[protocol].servePort };
  const [, bracketed, plain, port = ''] = /^(?:(?:\[([^\]]+)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(String(value)) ?? [];
  if (port === '' || Number(port) > 65_535) {
    throw new MailauthError('usage', `--${protocol} takes [HOST:]PORT or off, not "${String(value)}"`);
  }
  return { protocol, host: bracketed ?? plain ?? LOOPBACK, port: Number(port) };
}

async function placesOf(
  options: Context['options'],
  { env, platform }: Context['world'],
  report: ServeReport,
): Promise<readonly Place[]> {
  const handed = handedOver(env, process.pid);
  const unused = ['socket', ...protocols].filter((flag) => handed.length > 0 && options[flag] !== undefined);
  if (unused.length > 0) report.warn(`systemd holds the sockets, so --${unused.join(' and --')} is not used`);
  if (handed.length > 0) return handed;
  const folder = options['socket'];
  if (folder === '') throw new MailauthError('usage', '--socket takes a folder, and none is named');
  const wanted = protocols.filter((protocol) => options[protocol] !== 'off');
  // Who names a folder wants no port, unless it is named too.
  const ports = protocols
    .filter((protocol) => folder === undefined || options[protocol] !== undefined)
    .flatMap((protocol) => portOf(options[protocol], protocol) ?? []);
  if (typeof folder === 'string' && platform === 'win32') {
    throw new MailauthError('usage', '--socket is for systems with unix sockets', {
      fix: [{ text: 'leave it out: the ports of 127.0.0.1 are open to this computer alone' }],
    });
  }
  const places = [...ports, ...(typeof folder === 'string' ? await socketPaths(folder, wanted) : [])];
  if (places.length > 0) return places;
  throw new MailauthError('usage', 'every protocol is off, so there is nothing to serve');
}

/** A line of text each, or with `--json` an object a line. */
function reportTo(output: Output): ServeReport {
  const tell = (event: object, text: string | undefined, isUsual: boolean): void => {
    const line = output.json ? json(event).trimEnd() : text;
    if (line === undefined) return;
    if (isUsual) output.progress(line);
    else output.talk(line);
  };
  return {
    listening({ protocol, address }) {
      tell({ event: 'listening', protocol, address }, `${protocol} is served at ${address}`, true);
    },
    ready: () => tell({ event: 'ready', pid: process.pid }, undefined, true),
    ended(record) {
      const isUsual = record.outcome === 'ok' || record.outcome === 'no_login';
      tell({ event: 'connection', ...record }, logLine(record), isUsual);
    },
    stopping(connections, seconds) {
      const inUse = connections === 1 ? '1 connection that is in use gets' : `${connections} connections in use get`;
      const wait =
        connections === 0 ? '' : `: ${inUse} ${seconds} seconds to end; a second signal (Ctrl-C) ends at once`;
      tell({ event: 'stopping', connections }, `stopping${wait}`, connections === 0);
    },
    warn: (text) => tell({ event: 'warning', text }, `WARN  ${text}`, false),
    bug: (error) => tell({ event: 'bug', text: describeBug(error) }, describeBug(error), false),
  };
}
