import { readdirSync, readlinkSync } from 'node:fs';

const FOLDER = '/proc/self/fd';

/** The numbers of all files and sockets that this process has open; none where the system does not say. */
export function openDescriptors(): ReadonlySet<number> {
  // On Windows the path would be one of the current drive, and anybody's.
  if (process.platform !== 'linux') return new Set();
  try {
    return new Set(readdirSync(FOLDER).map(Number));
  } catch {
    return new Set();
  }
}

/** Time for a call to come back once its connection has ended, and then for the signal that GLib raised. */
const LETTING_GO_MS = 1_000;
const SIGNAL_MS = 100;

/**
 * Ends the connection to D-Bus, which libsecret made after `before` was looked at: the bus lets go of it, and the `call`
 * that waits for a frozen keyring comes back with an error. Otherwise it would hold a thread, and so the process, for 50 s.
 */
export async function endBus(before: ReadonlySet<number>, call: Promise<unknown>): Promise<void> {
  if (before.size === 0) return;
  const sockets = [...openDescriptors()].filter((number) => !before.has(number) && isSocket(number));
  if (sockets.length === 0) return;
  const { Socket } = await import('node:net');
  // GLib sends its own process SIGTERM when the bus lets go of it (g_dbus_connection_set_exit_on_close).
  const listeners = process.listeners('SIGTERM');
  process.on('SIGTERM', ignore);
  for (const listener of listeners) process.off('SIGTERM', listener);
  for (const fd of sockets) {
    try {
      // Only what is written is closed: the number itself is still libsecret's.
      new Socket({ fd, readable: false, writable: true }).on('error', ignore).end();
    } catch {
      // Not one of Node's kinds of socket, so not the bus.
    }
  }
  await Promise.race([call.catch(ignore), pause(LETTING_GO_MS)]);
  await pause(SIGNAL_MS);
  for (const listener of listeners) process.on('SIGTERM', listener);
  process.off('SIGTERM', ignore);
}

const ignore = (): void => undefined;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function isSocket(fd: number): boolean {
  try {
    return readlinkSync(`${FOLDER}/${fd}`).startsWith('socket:');
  } catch {
    return false;
  }
}
