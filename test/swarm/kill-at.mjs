/**
 * Loaded into the program before it starts (NODE_OPTIONS): counts everything it does that others can see, and kills it
 * in front of step KILL_AT. With KILL_AT=0 nothing is killed, and the names of the steps are written to KILL_REPORT.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

const at = Number(process.env.KILL_AT);
const steps = [];

/** How many pieces a message travels in is the network's choice: together they are one step. */
function step(name) {
  if (name === steps.at(-1) && / (?:to|from) the server$/.test(name)) return;
  steps.push(name);
  if (steps.length === at) process.kill(process.pid, 'SIGKILL');
}

/** Calls `name` a step wherever `counts` says so; the work itself is done as before. */
function watch(owner, method, name, counts = () => true) {
  const usual = owner[method];
  owner[method] = function watched(...args) {
    if (counts(this, args)) step(name(args, this));
    return usual.apply(this, args);
  };
}

const base = (path) => String(path).replace(/.*\//, '');
for (const method of ['rename', 'link', 'unlink', 'mkdir', 'chmod']) {
  watch(fs.promises, method, ([path]) => `${method} ${base(path)}`);
}
const writes = (flags) => typeof flags === 'string' || (flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR)) !== 0;
watch(
  fs.promises,
  'open',
  ([path]) => `create ${base(path)}`,
  (_, [, flags]) => flags !== undefined && writes(flags),
);
const handle = await fs.promises.open(process.execPath);
for (const method of ['write', 'writeFile', 'sync', 'chmod']) {
  watch(Object.getPrototypeOf(handle), method, () => `${method} a file`);
}
await handle.close();
const peer = (_, socket) => (socket instanceof TLSSocket ? 'the server' : 'the caller');
for (const method of ['_write', '_writev'])
  watch(Socket.prototype, method, (args, socket) => `send to ${peer(args, socket)}`);
watch(TLSSocket.prototype, 'push', () => 'receive from the server');
syncBuiltinESMExports();

process.on('exit', () => {
  if (process.env.KILL_REPORT) fs.writeFileSync(process.env.KILL_REPORT, JSON.stringify(steps));
});
