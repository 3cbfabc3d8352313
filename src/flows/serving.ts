import { connect, isIPv6 } from 'node:net';
import { readServing, type ServingNote } from '../store/serving.js';
import { withoutBrackets } from '../words/host.js';

/** Milliseconds a server of this computer has to greet; it waits a moment for TLS where it has a certificate. */
const GREETING_MS = 1_000;

/** Where `serve` answers now; undefined where none does. Costs nothing where no server has ever noted itself. */
export async function runningServer(configDir: string): Promise<ServingNote | undefined> {
  const note = await readServing(configDir);
  const [first] = note?.listening ?? [];
  if (note === undefined || first === undefined) return undefined;
  return (await greets(first.address)) ? note : undefined;
}

function greets(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(targetOf(address));
    let heard = '';
    const end = (answer: boolean) => (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(end(false), GREETING_MS);
    socket.once('error', end(false)).once('end', end(false));
    socket.on('data', (chunk: Buffer) => {
      heard += chunk.toString('latin1');
      if (heard.includes('mailauth')) end(true)();
      else if (heard.length > 512) end(false)();
    });
  });
}

/** What listens on every address of the computer also listens on loopback. */
function targetOf(address: string): { readonly path: string } | { readonly host: string; readonly port: number } {
  const [, host = '', port] = /^(.*):(\d{1,5})$/.exec(address) ?? [];
  if (port === undefined) return { path: address };
  const plain = withoutBrackets(host);
  const any = isIPv6(plain) ? plain === '::' : plain === '0.0.0.0';
  return { host: any ? (isIPv6(plain) ? '::1' : '127.0.0.1') : plain, port: Number(port) };
}
