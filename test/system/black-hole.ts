import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { says } from '../store/processes.js';

/** A port that swallows packets, on Linux: a full queue of connections, in front of a program that stands still. */
export async function blackHole(host: string): Promise<number> {
  const script = `
    const server = require('node:net').createServer().listen(0, '${host}', 1, () => console.log(server.address().port + '\\nready'));`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  let told = '';
  child.stdout.on('data', (chunk: Buffer) => {
    told += chunk.toString();
  });
  await says(child, 'ready');
  child.kill('SIGSTOP');
  const port = Number.parseInt(told, 10);
  const fillers = [1, 2, 3, 4].map(() => connect(port, host).on('error', () => {}));
  onTestFinished(() => {
    for (const filler of fillers) filler.destroy();
    child.kill('SIGKILL');
  });
  await sleep(100);
  return port;
}
