/** The local server: who is connected, who may be, and how it ends. */
import type { Socket } from 'node:net';
import { type Account, type Configuration, type MailServer, storeWord } from '../account/account.js';
import { MailauthError, throwBugs } from '../explain/problem.js';
import { subjectIn } from '../flows/accounts.js';
import { openStore } from '../flows/open.js';
import { type Networks, openNetworks } from '../flows/workbench.js';
import type { World } from '../flows/world.js';
import { smtpOffers } from '../mail/logged-in.js';
import { readConfiguration } from '../store/accounts.js';
import { isRunning } from '../store/files.js';
import { noteServing, readServing, strikeServing } from '../store/serving.js';
import { hostPort } from '../words/host.js';
import { PROTOCOLS, type Protocol } from '../words/protocol.js';
import { type ConnectionOptions, type Ended, serveConnection } from './connection.js';
import { type Admitted, type Door, openDoor } from './door.js';
import { Ending } from './ending.js';
import type { Login, Refusal } from './greeter.js';
import { GREETERS } from './greeters.js';
import { needsTls, servedAlready } from './listen-failure.js';
import { type Listener, listen, type Reach } from './listener.js';
import type { ConnectionRecord } from './log.js';
import { knownOffers, type Offers } from './offers.js';
import { nameOf, type Place } from './place.js';
import { logInAtProvider, refusalOf } from './provider-login.js';
import type { Certificate } from './tls.js';
import { openTokens, type Tokens } from './tokens.js';

/** Milliseconds that open connections get when the server is told to stop. */
const DRAIN_MS = 30_000;
/** Milliseconds between two looks at whether the passwords of open connections are still there. */
const LOOK_MS = 2_000;

interface ServeWish {
  readonly places: readonly Place[];
  /** Credentials of the accounts that are served; undefined: every account, also those to come. */
  readonly only: ReadonlySet<string> | undefined;
  readonly tls: Certificate | undefined;
  readonly maxConnections: number;
}

/** Told about what a person who runs it wants to know. */
export interface ServeReport {
  listening(listener: Listener): void;
  /** Everything that is to be listened at is. */
  ready(): void;
  ended(record: ConnectionRecord): void;
  /** Nobody new is taken. So many connections that are in use get `seconds` to end. */
  stopping(connections: number, seconds: number): void;
  warn(text: string): void;
  /** A mistake of ours: everybody else is served on. */
  bug(error: unknown): void;
}

/** A connection that is open. */
interface Open {
  readonly end: AbortController;
  readonly turnAway: (why: string) => string;
  /** Since its password was found right. */
  admitted: Admitted | undefined;
  /** Whose user name a wrong password came with. */
  named: Account | undefined;
}

interface Running {
  readonly world: World;
  readonly wish: ServeWish;
  readonly report: ServeReport;
  readonly networks: Networks;
  readonly tokens: Tokens;
  readonly door: Door;
  readonly offers: Offers;
  readonly open: Set<Open>;
  /** Why the last login at a provider was refused, where it was. */
  readonly refusals: Map<string, string>;
  stopping: boolean;
}

/**
 * Serves until the program is told to stop: then nobody new is taken, and the open connections get half a minute.
 * @throws MailauthError port_busy, cannot_write: a place cannot be listened at
 */
export async function serve(world: World, wish: ServeWish, report: ServeReport): Promise<void> {
  const networks = openNetworks(world);
  const running: Running = {
    world,
    wish,
    report,
    networks,
    tokens: openTokens(world, networks, report.warn),
    door: openDoor(async () => servedIn(await readConfiguration(world.configDir), wish)),
    offers: knownOffers(),
    open: new Set(),
    refusals: new Map(),
    stopping: false,
  };
  const listeners: Listener[] = [];
  const looking = setInterval(() => void endDeleted(running), LOOK_MS);
  try {
    const accounts = servedIn(await readConfiguration(world.configDir), wish);
    await warmUp(running, accounts);
    for (const place of wish.places) {
      const onSocket = (socket: Socket, reach: Reach) => void take(running, place.protocol, socket, reach);
      const listener = await listen(place, onSocket).catch((error) => refused(world, place, error));
      listeners.push(listener);
      if (listener.reach === 'network' && wish.tls === undefined) throw needsTls(listener, place);
      report.listening(listener);
    }
    // `check` reads it; where it cannot be written, programs are served all the same.
    const served = { tls: wish.tls !== undefined, ...(wish.only && { only: [...wish.only] }) };
    await noteServing(world.configDir, { listening: listeners, ...served }).catch(throwBugs);
    await askOffers(running, accounts);
    report.ready();
    await aborted(world.signal);
  } finally {
    running.stopping = true;
    const closing = listeners.map((listener) => listener.close());
    await strikeServing(world.configDir).catch(throwBugs);
    await drain(running);
    clearInterval(looking);
    await Promise.all([...closing, networks.close()]);
  }
}

/**
 * Before anybody knocks: making out whom to trust takes as long as a login, and loading what renews a token even longer.
 * What fails here fails again, and is told, at the login that needs it.
 */
async function warmUp({ world, networks }: Running, accounts: readonly Account[]): Promise<void> {
  const files = new Set(accounts.map(({ ca }) => ca));
  // One of each store: a passphrase is asked for, and stretched, before the first program waits for it.
  const stores = new Map(accounts.map((account) => [storeWord(account.store), account]));
  await Promise.allSettled([...files].map((file) => networks.trusting(file)));
  await Promise.allSettled([
    ...[...stores.values()].map((account) => openStore(world, account.store)),
    import('../flows/token/refresh.js'),
    import('../oauth/tokens.js'),
  ]);
}

/** Milliseconds for the SMTP servers behind to say what they offer; programs may come meanwhile. */
const OFFERS_MS = 3_000;

/**
 * What the SMTP servers behind offer, before the first login has shown it: programs decide by it how large a message may
 * be. Each server is asked once, and says the same to everybody. One that does not answer in time is learnt of at a login.
 */
async function askOffers({ world, wish, networks, offers }: Running, accounts: readonly Account[]): Promise<void> {
  if (!wish.places.some(({ protocol }) => protocol === 'smtp')) return;
  const servers = new Map(accounts.flatMap((account) => (account.smtp ? [[serverOf(account), account]] : [])));
  const late = AbortSignal.any([world.signal, AbortSignal.timeout(OFFERS_MS)]);
  const asking = [...servers].map(async ([name, account]) => {
    const { trust } = await networks.trusting(account.ca);
    const server = account.smtp as MailServer;
    const answer = await smtpOffers({ server, trust, deadline: OFFERS_MS, signal: late });
    if (answer.ok) offers.learn(name, answer.value);
    return answer.ok;
  });
  const answers = await Promise.allSettled(asking);
  // As long as one is unknown, nothing can be promised for all of them.
  answers.forEach((answer, index) => {
    const isKnown = answer.status === 'fulfilled' && answer.value;
    if (!isKnown) offers.learn([...servers.keys()][index] as string, []);
  });
}

const serverOf = ({ smtp }: Account): string => hostPort(smtp?.host ?? '', smtp?.port ?? 0);

/** Most often it is another `serve` that listens at its port. */
async function refused({ configDir }: World, place: Place, error: unknown): Promise<never> {
  const isBusy = error instanceof MailauthError && error.code === 'port_busy';
  const note = isBusy ? await readServing(configDir) : undefined;
  const places = note?.listening.map(({ address }) => address) ?? [];
  if (note !== undefined && places.includes(nameOf(place)) && isRunning(note.pid))
    throw servedAlready(note.pid, places);
  throw error;
}

function servedIn({ accounts }: Configuration, { only }: ServeWish): readonly Account[] {
  return only === undefined ? accounts : accounts.filter(({ credential }) => only.has(credential));
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function take(running: Running, protocol: Protocol, socket: Socket, reach: Reach): Promise<void> {
  const greeter = GREETERS[protocol];
  const began = performance.now();
  const time = running.world.now().toISOString();
  const peer = reach === 'socket' ? 'unix' : (socket.remoteAddress ?? 'unknown');
  const one: Open = { end: new AbortController(), turnAway: greeter.turnAway, admitted: undefined, named: undefined };
  const tell = ({ outcome, admitted }: Ended): void => {
    running.report.ended({
      time,
      protocol,
      ...(one.named && { account: one.named.name }),
      ...(admitted && { account: admitted.account.name, label: admitted.password.label }),
      peer,
      outcome,
      received: socket.bytesRead,
      sent: socket.bytesWritten,
      seconds: Math.round(performance.now() - began) / 1000,
    });
  };
  if (!makeRoom(running)) {
    const words = `${greeter.turnAway('too many connections; try again later')}\r\n`;
    socket.on('error', () => {}).end(words, () => socket.destroy());
    return tell({ outcome: 'too_many_connections' });
  }
  running.open.add(one);
  const options = optionsFor(running, protocol, { one, peer, reach });
  const ended = await serveConnection(socket, options).catch((error: unknown): Ended => {
    running.report.bug(error);
    socket.destroy();
    return { outcome: 'bug' };
  });
  running.open.delete(one);
  tell(ended);
}

/** Whoever has shown no password makes room for whoever comes: a flood of silent connections keeps nobody out. */
function makeRoom({ open, wish, stopping }: Running): boolean {
  if (stopping) return false;
  if (open.size < wish.maxConnections) return true;
  const oldest = [...open].find(({ admitted }) => admitted === undefined);
  if (oldest === undefined) return false;
  open.delete(oldest);
  oldest.end.abort(new Ending('too_many_connections', oldest.turnAway('others are waiting')));
  return true;
}

function optionsFor(
  running: Running,
  protocol: Protocol,
  { one, peer, reach }: { readonly one: Open; readonly peer: string; readonly reach: Reach },
): ConnectionOptions {
  const { world, wish, door, tokens, networks, offers } = running;
  return {
    greeter: GREETERS[protocol],
    offers: protocol === 'smtp' ? offers.common() : [],
    tls: wish.tls?.context(),
    // A unix socket is as private as its folder; everything else is, with a certificate, never spoken to in clear.
    needsTls: reach === 'network' || (reach === 'computer' && wish.tls !== undefined),
    end: one.end,
    async admit(user, password) {
      const found = await door.admit({ user, password }, peer, one.end.signal).catch(asRefusal);
      if (!('taken' in found)) one.admitted = found;
      else if ('named' in found) one.named = found.named;
      return found;
    },
    async logIn({ account }, signal) {
      const configuration = await readConfiguration(world.configDir);
      const now = configuration.accounts.find(({ credential }) => credential === account.credential);
      const subject = subjectIn(configuration, now);
      if (subject === undefined) throw new Ending('password_deleted', one.turnAway('the account was removed'));
      const login = await logInAtProvider(world, tokens, networks, { subject, protocol, signal });
      tellOnce(running, `${subject.account.name}, ${PROTOCOLS[protocol].title}`, login);
      if (!login.taken) one.admitted = undefined;
      else if (protocol === 'smtp') offers.learn(serverOf(subject.account), login.offers);
      return login;
    },
  };
}

/** The program that is told why may show it to nobody, so whoever reads the log is told too: once for each cause. */
function tellOnce({ refusals, report }: Running, who: string, login: Login | Refusal): void {
  if (login.taken) return void refusals.delete(who);
  if (refusals.get(who) !== login.text) report.warn(`${who}: ${login.text}`);
  refusals.set(who, login.text);
}

/** accounts.json cannot be read now: that passes, or somebody has to look. */
function asRefusal(error: unknown): Refusal {
  if (error instanceof MailauthError) return refusalOf(error.problem);
  throw error;
}

/** A password that is deleted ends what it has opened. */
async function endDeleted({ world, open, wish }: Running): Promise<void> {
  if (![...open].some(({ admitted }) => admitted !== undefined)) return;
  // A file that cannot be read now says nothing about passwords.
  const configuration = await readConfiguration(world.configDir).catch(() => undefined);
  if (configuration === undefined) return;
  const accounts = servedIn(configuration, wish);
  const hashes = new Set(accounts.flatMap(({ passwords = [] }) => passwords.map(({ hash }) => hash)));
  for (const { admitted, end } of open) {
    if (admitted !== undefined && !hashes.has(admitted.password.hash)) end.abort(new Ending('password_deleted'));
  }
}

async function drain({ world, open, report }: Running): Promise<void> {
  for (const { admitted, end, turnAway } of open) {
    if (admitted === undefined) end.abort(new Ending('stopped', turnAway('the server stops')));
  }
  const inUse = [...open].filter(({ admitted }) => admitted !== undefined).length;
  if (world.signal.aborted) report.stopping(inUse, DRAIN_MS / 1000);
  const late = performance.now() + DRAIN_MS;
  while (open.size > 0 && performance.now() < late) await new Promise((resolve) => setTimeout(resolve, 50));
  for (const { end } of open) end.abort(new Ending('stopped'));
  while (open.size > 0) await new Promise((resolve) => setTimeout(resolve, 10));
}
