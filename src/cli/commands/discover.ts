import { MailauthError } from '../../explain/problem.js';
import type { Discovery } from '../../flows/discover/discover.js';
import { discoverFrom } from '../../flows/discover/places.js';
import { guard } from '../../guide/guard.js';
import { account } from '../../guide/questions.js';
import { findProvider } from '../../providers/directory.js';
import { wrap } from '../../render/wrap.js';
import { hostPort } from '../../words/host.js';
import { PROTOCOLS, protocols } from '../../words/protocol.js';
import type { Context } from '../context.js';
import { json } from '../output.js';

/** Asks the mail domain, and nobody for a secret. What it says is shown with its source, and used by nothing. */
export async function run({ world, output, args }: Context): Promise<number> {
  const found = await discoverFrom(world, addressIn(args[0] ?? ''));
  const lines = linesOf(found);
  if (output.json) output.result(json(documentOf(found)));
  else if (lines.length > 0) output.result(lines.join('\n'));
  if (output.json) return 0;
  const next = found.advice ?? nextOf(found, lines.length > 0);
  output.progress(
    next
      .split('\n')
      .flatMap((line) => fitted(line, output.err.width))
      .join('\n'),
  );
  return 0;
}

/** Words wrap; a command stands whole on its line. */
function fitted(line: string, width: number): readonly string[] {
  return line.startsWith('      ') ? [line] : wrap(line.trim(), width, '', '    ');
}

function addressIn(typed: string): string {
  const guarded = guard(account, typed, {});
  if (guarded.ok) return guarded.guarded.value;
  throw new MailauthError('bad_input', `"${typed}" is not an e-mail address`, {
    fix: [{ text: 'give the whole address', command: 'mailauth discover ADDRESS' }],
  });
}

/** Schema mailauth.discovery/1. */
function documentOf({ servers, ...found }: Discovery): object {
  const known = Object.fromEntries(protocols.map((protocol) => [protocol, servers[protocol] ?? null]));
  return { schema: 'mailauth.discovery/1', ...found, ...known };
}

function linesOf({ provider, servers, tenant, cloud, issuer, registration, sources }: Discovery): readonly string[] {
  const from = (value: string): string => sources.find((one) => one.value === value)?.source ?? '';
  const line = (label: string, value: string, of: string): string => `${label.padEnd(13)} ${value}  (${from(of)})`;
  return [
    ...(provider === null ? [] : [line('provider', findProvider(provider)?.title ?? provider, 'provider')]),
    ...(tenant === null ? [] : [line('tenant', tenant, 'tenant')]),
    ...(cloud === null ? [] : [line('cloud', cloud, 'cloud')]),
    ...protocols.flatMap((protocol) => {
      const server = servers[protocol];
      if (server === undefined) return [];
      const security = server.security === 'tls' ? 'TLS' : 'STARTTLS';
      return [line(PROTOCOLS[protocol].title, `${hostPort(server.host, server.port)} ${security}`, protocol)];
    }),
    ...(issuer === null ? [] : [line('issuer', issuer, 'issuer')]),
    ...(registration === null ? [] : [line('registration', registration, 'registration')]),
  ];
}

function nextOf({ address, issuer }: Discovery, isKnown: boolean): string {
  if (!isKnown) {
    return `the domain of ${address} says nothing of its mail servers\n  do: ask the administrator of the domain for the servers and the issuer, then\n      mailauth setup custom --account ${address}`;
  }
  const missing = issuer === null ? '; who signs people in (the issuer) is not published, its administrator knows' : '';
  return `do: set it up${missing}\n      mailauth setup ${address}`;
}
