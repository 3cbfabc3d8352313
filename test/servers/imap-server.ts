/**
 * A small IMAP server (RFC 9051) that knows one thing well: logging in with XOAUTH2. It asks the given function about
 * each token, serves one read-only INBOX, and records every command, so that a test can say what a client must never do.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import type { Leaf } from './certificates.js';

/** Who a token belongs to, or why it is refused. */
export type Verify = (user: string, token: string) => Promise<boolean>;

export interface ImapServerOptions {
  readonly leaf: Leaf;
  readonly security: 'tls' | 'starttls';
  readonly verify: Verify;
  /** SASL mechanisms to announce; only XOAUTH2 can be used. */
  readonly mechanisms?: readonly string[];
  readonly messages?: number;
  /** Whether a mailbox opens after its login was taken, as Exchange has it; default: it does. */
  readonly opens?: (user: string, token: string) => boolean;
  /** The reply to EXAMINE without its tag, where the mailbox is not to open. */
  readonly examineReply?: string;
}

export interface ImapServer {
  readonly port: number;
  /** Every command of every connection without its tag; the token of AUTHENTICATE is cut off. */
  readonly commands: readonly string[];
  /** Everything that came before TLS. */
  readonly plaintext: readonly string[];
  close(): Promise<void>;
}

/** The challenge Gmail sends with a refusal. */
export const REFUSED = JSON.stringify({ status: '400', schemes: 'Bearer', scope: 'https://mail.google.com/' });

export async function startImapServer(options: ImapServerOptions): Promise<ImapServer> {
  const commands: string[] = [];
  const plaintext: string[] = [];
  const sockets = new Set<Socket>();
  const context = createSecureContext(options.leaf);
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    if (options.security === 'tls') serve(secure(socket, context), options, commands);
    else greetInPlainText(socket, options, commands, plaintext);
  });
  const port = await listening(server);
  return {
    port,
    commands,
    plaintext,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
}

function secure(socket: Socket, secureContext: SecureContext): TLSSocket {
  const secured = new TLSSocket(socket, { isServer: true, secureContext });
  return secured.on('error', () => {});
}

function greetInPlainText(socket: Socket, options: ImapServerOptions, commands: string[], plaintext: string[]): void {
  socket.write('* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] test server ready\r\n');
  const lines = createInterface({ input: socket });
  lines.on('error', () => {});
  lines.on('line', (line) => {
    plaintext.push(line);
    const [tag = '', verb = ''] = line.split(' ');
    commands.push(line.slice(tag.length + 1));
    if (verb === 'CAPABILITY') {
      socket.write(`* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\n${tag} OK done\r\n`);
    } else if (verb === 'STARTTLS') {
      lines.close();
      socket.removeAllListeners('data');
      socket.write(`${tag} OK begin TLS\r\n`);
      serve(secure(socket, createSecureContext(options.leaf)), options, commands, { greet: false });
    } else {
      socket.write(`${tag} BAD only after STARTTLS\r\n`);
    }
  });
}

function serve(socket: TLSSocket, options: ImapServerOptions, commands: string[], { greet = true } = {}): void {
  const mechanisms = options.mechanisms ?? ['XOAUTH2', 'PLAIN'];
  const capabilities = `CAPABILITY IMAP4rev1 SASL-IR ID NAMESPACE ${mechanisms.map((name) => `AUTH=${name}`).join(' ')}`;
  const say = (...lines: string[]) => socket.write(lines.map((line) => `${line}\r\n`).join(''));
  let state: 'new' | 'authenticated' = 'new';
  let refusedTag: string | undefined;
  let isConnected = true;

  const authenticate = async (tag: string, response: string) => {
    const [, user = '', token = ''] =
      /^user=([^\x01]*)\x01auth=Bearer ([^\x01]*)\x01\x01$/.exec(Buffer.from(response, 'base64').toString()) ?? [];
    if (await options.verify(user, token)) {
      state = 'authenticated';
      isConnected = options.opens?.(user, token) ?? true;
      say('* CAPABILITY IMAP4rev1 ID NAMESPACE UIDPLUS MOVE', `${tag} OK logged in`);
    } else {
      refusedTag = tag;
      say(`+ ${Buffer.from(REFUSED).toString('base64')}`);
    }
  };

  const answer = async (line: string) => {
    if (refusedTag !== undefined) {
      const tag = refusedTag;
      refusedTag = undefined;
      // XOAUTH2 wants an empty line after the challenge.
      say(
        line === '' ? `${tag} NO [AUTHENTICATIONFAILED] Invalid credentials` : `${tag} BAD an empty line was expected`,
      );
      return;
    }
    const [tag = '', verb = '', ...rest] = line.split(' ');
    commands.push(verb === 'AUTHENTICATE' ? `${verb} ${rest[0]}` : line.slice(tag.length + 1));
    const ok = (...untagged: string[]) => say(...untagged, `${tag} OK ${verb} done`);
    if (verb === 'CAPABILITY') ok(`* ${capabilities}`);
    else if (verb === 'ID') ok('* ID ("name" "mailauth test server")');
    else if (verb === 'NOOP') ok();
    else if (verb === 'LOGOUT') {
      ok('* BYE good day');
      socket.end();
    } else if (verb === 'AUTHENTICATE' && rest[0] === 'XOAUTH2' && state === 'new') {
      if (rest[1] === undefined) {
        say('+ ');
        const [response = ''] = await nextLine();
        await authenticate(tag, response);
      } else await authenticate(tag, rest[1]);
    } else if (state !== 'authenticated') say(`${tag} BAD log in first`);
    else if (verb === 'NAMESPACE') ok('* NAMESPACE (("" "/")) NIL NIL');
    else if (verb === 'LIST' || verb === 'LSUB') ok(`* ${verb} (\\HasNoChildren) "/" INBOX`);
    else if (verb === 'EXAMINE') {
      if (!isConnected) {
        say(`${tag} BAD User is authenticated but not connected.`, '* BYE Connection closed. 14');
        socket.end();
      } else if (options.examineReply !== undefined) say(`${tag} ${options.examineReply}`);
      else ok(`* ${options.messages ?? 0} EXISTS`, '* 0 RECENT', '* FLAGS (\\Seen)', '* OK [UIDVALIDITY 1] fine');
    } else say(`${tag} BAD this server only lets itself be looked at`);
  };

  let waiting: ((lines: string[]) => void) | undefined;
  const nextLine = () =>
    new Promise<string[]>((resolve) => {
      waiting = resolve;
    });
  const lines = createInterface({ input: socket });
  // A client that hangs up without a goodbye is no fault of the server's.
  lines.on('error', () => {});
  lines.on('line', (line) => {
    if (waiting === undefined) void answer(line);
    else {
      const resolve = waiting;
      waiting = undefined;
      resolve([line]);
    }
  });
  if (greet) say('* OK test server ready');
}
