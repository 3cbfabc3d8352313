/**
 * A Secret Service of this test's own: a private D-Bus and gnome-keyring in a throw-away home folder, without a display.
 * Debian: apt-get install --no-install-recommends dbus gnome-keyring libsecret-1-0 libglib2.0-bin
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Keyring {
  /** The environment of a program in this session. */
  readonly env: NodeJS.ProcessEnv;
  /** Locks the keyring; without a display nobody can unlock it. */
  lock(): Promise<void>;
  /** As signing in to the desktop does. */
  unlock(): Promise<void>;
  /** Suspends the keyring: it is there and never answers. */
  freeze(): void;
  thaw(): void;
  /** The accounts of all items of this service. */
  accounts(service: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

/**
 * `unlocked`: as after signing in. `empty`: a keyring program that holds no keyring yet. `none`: a bus on which nobody
 * keeps secrets. `no bus`: not even that.
 */
export type Session = 'unlocked' | 'empty' | 'none' | 'no bus';

/** Of gnome-keyring's control protocol. */
const UNLOCK = 1;
const PASSWORD = 'the password of the keyring';

const BUS_CONFIG = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
  </policy>
</busconfig>`;

export async function startKeyring(session: Session): Promise<Keyring> {
  const home = mkdtempSync(join(tmpdir(), 'mailauth-keyring-'));
  const env = bareEnvironment(home);
  const started: ChildProcess[] = [];
  let daemon: ChildProcess | undefined;
  const close = async (): Promise<void> => {
    daemon?.kill('SIGCONT');
    for (const child of started.reverse()) await stopped(child);
    rmSync(home, { recursive: true, force: true });
  };
  try {
    if (session !== 'no bus') {
      const bus = await startBus(home, env);
      started.push(bus.child);
      env['DBUS_SESSION_BUS_ADDRESS'] = bus.address;
    }
    if (session === 'unlocked' || session === 'empty') {
      daemon = startDaemon(env, session === 'unlocked' ? PASSWORD : undefined);
      started.push(daemon);
      await run('gdbus', ['wait', '--session', '--timeout', '10', 'org.freedesktop.secrets'], { env });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    env,
    lock: async () => {
      await secretService(env, 'Lock', ["['/org/freedesktop/secrets/collection/login']"]);
    },
    unlock: () => unlock(join(home, 'run', 'keyring', 'control')),
    freeze: () => void daemon?.kill('SIGSTOP'),
    thaw: () => void daemon?.kill('SIGCONT'),
    accounts: (service) => accountsOf(env, service),
    close,
  };
}

function bareEnvironment(home: string): NodeJS.ProcessEnv {
  const runtime = join(home, 'run');
  mkdirSync(runtime, { mode: 0o700 });
  mkdirSync(join(home, '.local', 'share'), { recursive: true });
  return {
    PATH: process.env['PATH'],
    HOME: home,
    XDG_RUNTIME_DIR: runtime,
    XDG_DATA_HOME: join(home, '.local', 'share'),
    XDG_CACHE_HOME: join(home, '.cache'),
    LANG: 'C.UTF-8',
  };
}

async function startBus(home: string, env: NodeJS.ProcessEnv): Promise<{ child: ChildProcess; address: string }> {
  const config = join(home, 'bus.conf');
  writeFileSync(config, BUS_CONFIG);
  const child = spawn('dbus-daemon', ['--nofork', '--print-address=1', `--config-file=${config}`], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const lines = createInterface({ input: child.stdout });
  const address = await new Promise<string>((resolve, reject) => {
    lines.once('line', resolve);
    child.once('error', reject);
    child.once('exit', () => reject(new Error('dbus-daemon ended before it said its address')));
  });
  return { child, address };
}

/** With a password the daemon makes and unlocks the login keyring, as PAM does at sign-in. */
function startDaemon(env: NodeJS.ProcessEnv, password: string | undefined): ChildProcess {
  const unlock = password === undefined ? [] : ['--unlock'];
  const child = spawn('gnome-keyring-daemon', ['--foreground', '--components=secrets', ...unlock], {
    env,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin.end(password ?? '');
  return child;
}

/** What PAM says to gnome-keyring's control socket: a byte for its credentials, then lengths, the order and a text. */
async function unlock(control: string): Promise<void> {
  const password = Buffer.from(PASSWORD);
  const order = Buffer.alloc(13);
  order.writeUInt32BE(12 + password.length, 1);
  order.writeUInt32BE(UNLOCK, 5);
  order.writeUInt32BE(password.length, 9);
  const socket = connect(control);
  socket.end(Buffer.concat([order, password]));
  socket.setTimeout(5000, () => socket.destroy(new Error('the keyring does not answer on its control socket')));
  const answer = Buffer.concat(await socket.toArray());
  if (answer.readUInt32BE(4) !== 0) throw new Error(`the keyring refused to unlock: ${answer.toString('hex')}`);
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const last = setTimeout(() => child.kill('SIGKILL'), 2000);
  await gone;
  clearTimeout(last);
}

async function call(env: NodeJS.ProcessEnv, path: string, method: string, args: readonly string[]): Promise<string> {
  const target = ['--session', '-d', 'org.freedesktop.secrets', '-o', path, '-m', method];
  const { stdout } = await run('gdbus', ['call', '--timeout', '5', ...target, ...args], { env });
  return stdout;
}

function secretService(env: NodeJS.ProcessEnv, method: string, args: readonly string[]): Promise<string> {
  return call(env, '/org/freedesktop/secrets', `org.freedesktop.Secret.Service.${method}`, args);
}

async function accountsOf(env: NodeJS.ProcessEnv, service: string): Promise<readonly string[]> {
  const found = await secretService(env, 'SearchItems', [`{'service': '${service}'}`]);
  const accounts: string[] = [];
  for (const [item] of found.matchAll(/\/org\/freedesktop\/secrets\/collection\/\w+\/\w+/g)) {
    const attributes = await call(env, item, 'org.freedesktop.DBus.Properties.Get', [
      'org.freedesktop.Secret.Item',
      'Attributes',
    ]);
    accounts.push(/'account': '([^']*)'/.exec(attributes)?.[1] ?? '');
  }
  return accounts.sort();
}
