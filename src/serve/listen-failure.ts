/** Why a place cannot be listened at, in words for whoever chose it. */
import { MailauthError } from '../explain/problem.js';
import { portHolder } from '../system/port-holder.js';
import { PROTOCOLS, type Protocol } from '../words/protocol.js';
import { shownPath } from '../words/sanitise.js';
import { nameOf, type Place } from './place.js';

const OTHER_PORTS = 'mailauth serve --smtp 2587 --imap 2143 --pop 2110';

/** Passwords would cross the network in clear. */
export function needsTls({ protocol, address }: { protocol: Protocol; address: string }, place: Place): MailauthError {
  const port = Number(/:(\d+)$/.exec(address)?.[1]) || PROTOCOLS[protocol].servePort;
  const here = `127.0.0.1:${port}`;
  const alone = 'fd' in place ? `ListenStream=${here} in its socket unit` : `--${protocol} ${here}`;
  return new MailauthError(
    'usage',
    `other computers can reach ${address}, and passwords would cross the network in clear`,
    {
      fix: [
        { text: 'name a certificate for it: --tls-cert FILE --tls-key FILE' },
        { text: `or serve this computer alone: ${alone}` },
      ],
    },
  );
}

const REASONS: Readonly<Record<string, { readonly why: string; readonly fix: string }>> = {
  EADDRNOTAVAIL: {
    why: 'this computer has no such address',
    fix: 'name an address of this computer, or 0.0.0.0 for all that it has',
  },
  ENOTFOUND: { why: 'no address is known for that name', fix: 'name an address of this computer in its place' },
  EAI_AGAIN: { why: 'the name server does not answer', fix: 'name an address of this computer in place of its name' },
  EACCES: { why: 'the system does not permit it, or keeps it for itself', fix: 'choose another one' },
  EPERM: { why: 'the system does not permit it', fix: 'choose another one' },
  EMFILE: { why: 'this process may open no more files', fix: 'raise the limit on open files (ulimit -n)' },
  EBADF: { why: 'there is no such socket', fix: 'let systemd start it, as docs/running.md shows' },
  EINVAL: {
    why: 'it is no socket that waits for connections',
    fix: 'use a socket unit with ListenStream= and Accept=no',
  },
  ENOTSOCK: { why: 'it is no socket', fix: 'use a socket unit with ListenStream= and Accept=no' },
};

export async function notListening(place: Place, error: unknown): Promise<MailauthError> {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (code === '') throw error;
  if (code === 'EADDRINUSE') return busy(place);
  const isPrivileged = code === 'EACCES' && 'port' in place && place.port < 1024;
  const known = isPrivileged
    ? {
        why: 'ports below 1024 are for the administrator',
        fix: 'choose a higher one, or let systemd hold the port, as docs/running.md shows',
      }
    : REASONS[code];
  return new MailauthError('cannot_write', `cannot listen at ${nameOf(place)}: ${known?.why ?? code}`, {
    fix: [{ text: known?.fix ?? 'choose another place' }],
    cause: error,
  });
}

async function busy(place: Place): Promise<MailauthError> {
  if (!('port' in place)) return busyPath(nameOf(place));
  const holder = await portHolder(place.port);
  const program = holder === undefined ? 'another program' : `${holder.program} (process ${holder.pid})`;
  return new MailauthError('port_busy', `${program} listens at ${nameOf(place)} already`, {
    fix: [{ text: 'end it, or choose other ports, for example', command: OTHER_PORTS }],
  });
}

export function busyPath(path: string): MailauthError {
  return new MailauthError('port_busy', `another program listens at ${shownPath(path)} already`, {
    fix: [{ text: 'end it, or name another folder with --socket' }],
  });
}

/** The places are taken by another `serve`, which has said so in its note. */
export function servedAlready(pid: number, places: readonly string[]): MailauthError {
  return new MailauthError('port_busy', `mailauth serve runs already (process ${pid}), at ${places.join(', ')}`, {
    fix: [{ text: 'let it run, or end it; a second one needs other ports, for example', command: OTHER_PORTS }],
  });
}

export function pathTooLong(path: string, limit: number): MailauthError {
  return new MailauthError('bad_input', `${shownPath(path)} is too long for a socket: ${limit} octets is the most`, {
    fix: [{ text: 'name a folder with a shorter path' }],
  });
}
