/** Where programs knock: ports, unix sockets, and the sockets that systemd hands over. */
import { stat } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { MailauthError } from '../explain/problem.js';
import { ensurePrivateDirectory } from '../store/files.js';
import { hostPort } from '../words/host.js';
import type { Protocol } from '../words/protocol.js';
import { shownPath } from '../words/sanitise.js';

/** One place to listen at. */
export type Place =
  | { readonly protocol: Protocol; readonly host: string; readonly port: number }
  | { readonly protocol: Protocol; readonly path: string }
  | { readonly protocol: Protocol; readonly fd: number };

export function nameOf(place: Place): string {
  if ('path' in place) return shownPath(place.path);
  return 'fd' in place ? `socket ${place.fd}` : hostPort(place.host, place.port);
}

/** 127.0.0.0/8 and ::1 reach no further than this machine. */
export function isLoopback(host: string): boolean {
  if (isIP(host) === 6) return /^(?:0*:)*0*1$/.test(host);
  return host === 'localhost' || (isIP(host) === 4 && host.startsWith('127.'));
}

/**
 * The sockets of a folder, one a protocol, for the owner alone. A folder that is there keeps its rights.
 * @throws MailauthError bad_input: it is no folder; cannot_write: there is none, and none can be made
 */
export async function socketPaths(folder: string, protocols: readonly Protocol[]): Promise<readonly Place[]> {
  const status = await stat(folder).catch(() => undefined);
  if (status === undefined) await ensurePrivateDirectory(folder);
  else if (!status.isDirectory()) {
    throw new MailauthError('bad_input', `--socket takes a folder, and ${shownPath(folder)} is none`, {
      fix: [{ text: 'name a folder; where there is none, it is made' }],
    });
  }
  return protocols.map((protocol) => ({ protocol, path: join(folder, `${protocol}.sock`) }));
}

/** The first descriptor that systemd hands over (sd_listen_fds(3)). */
const FIRST_FD = 3;

/**
 * The sockets that systemd holds for this process, taken out of the environment so that no child takes them for its own.
 * Each is called after its protocol: `FileDescriptorName=smtp`, or the name of a unit such as `mailauth-smtp.socket`.
 * @throws MailauthError usage: a name says no protocol
 */
export function handedOver(env: NodeJS.ProcessEnv, pid: number): readonly Place[] {
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES = '' } = env;
  delete env['LISTEN_PID'];
  delete env['LISTEN_FDS'];
  delete env['LISTEN_FDNAMES'];
  if (LISTEN_FDS === undefined || LISTEN_PID !== String(pid)) return [];
  const names = LISTEN_FDNAMES.split(':');
  return Array.from({ length: Number(LISTEN_FDS) || 0 }, (_, index) => {
    const name = names[index] ?? '';
    const words = name.toLowerCase().match(/smtp|imap|pop/g) ?? [];
    const [protocol] = words;
    if (protocol === undefined || words.length > 1) {
      throw new MailauthError('usage', `systemd hands over a socket called "${name}", which names no protocol`, {
        fix: [{ text: 'write FileDescriptorName=smtp, imap or pop into its socket unit' }],
      });
    }
    return { protocol: protocol as Protocol, fd: FIRST_FD + index };
  });
}
