import { createServer, type Server } from 'node:net';

/**
 * Where the ports begin that a test can name beforehand. A port that the system has just given and got back it soon
 * gives to another test: these lie below all that it gives, and each process has a few of its own.
 */
const FIRST = 20_000;
const EACH = 50;
const PROCESSES = 200;

const own = FIRST + (process.pid % PROCESSES) * EACH;
let given = 0;

/** A port that nobody uses. */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < EACH; tried++) {
    const port = own + (given++ % EACH);
    const server = await holdPort(port).catch(() => undefined);
    if (server === undefined) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
  throw new Error(`all ${EACH} ports from ${own} on are in use`);
}

export function freePorts(count: number): Promise<readonly number[]> {
  return Promise.all(Array.from({ length: count }, freePort));
}

export function holdPort(port: number): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
