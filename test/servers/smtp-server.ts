/**
 * SMTP submission that logs in with XOAUTH2 alone and asks the given function about each token. It keeps the mails it
 * is sent and every command, so that a test can say what a client must never do.
 */
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerAuthenticationResponse } from 'smtp-server';
import type { Leaf } from './certificates.js';
import type { Verify } from './imap-server.js';

export interface SmtpServerOptions {
  readonly leaf: Leaf;
  readonly security: 'tls' | 'starttls';
  readonly verify: Verify;
  /** Whether a mailbox opens after its login was taken; where not, Exchange refuses the whole message. Default: it does. */
  readonly opens?: (user: string, token: string) => boolean;
  /** The reply to MAIL FROM, where it is not taken. */
  readonly refuses?: (user: string, from: string) => string | undefined;
}

export interface SmtpServer {
  readonly port: number;
  /** Every command of every connection in order; what follows `AUTH XOAUTH2` is cut off. */
  readonly commands: readonly string[];
  readonly mails: readonly { readonly from: string; readonly to: readonly string[]; readonly text: string }[];
  close(): Promise<void>;
}

/** What Dovecot says with a refusal. */
const REFUSED = { status: '401', schemes: 'bearer', scope: 'mail' };

/** What Exchange says where an app has no FullAccess to the mailbox. */
const NO_ACCESS =
  '4.2.0 STOREDRV; mailbox logon failure; failure code: 1144; failure reason: MapiExceptionLogonFailed; Cannot open mailbox';

/** Milliseconds in which a client that talks before it is greeted has done so: it is on this machine. */
const EARLY = 10;

/** What the library keeps of a connection, beyond its types. */
interface Connection {
  connectionReady(): void;
}

/** The library greets after 100 ms, and refuses who talks meanwhile: most of the time that a check here would take. */
function greetSooner(server: SMTPServer): void {
  const opening = server as unknown as { connect(...given: unknown[]): void };
  const connect = opening.connect.bind(server);
  opening.connect = (...given) => {
    connect(...given);
    const connection = [...server.connections].at(-1) as Connection;
    const greet = connection.connectionReady.bind(connection);
    connection.connectionReady = () => {};
    setTimeout(greet, EARLY).unref();
  };
}

/** What the library answers with. */
function refusal(code: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode: code });
}

export async function startSmtpServer(options: SmtpServerOptions): Promise<SmtpServer> {
  const { leaf, security, verify, opens = () => true, refuses = () => undefined } = options;
  // By user, since the session keeps no more of a login.
  const closed = new Set<string>();
  const commands: string[] = [];
  const mails: { from: string; to: string[]; text: string }[] = [];
  const log = (entry: { tnx?: string }, format: string, line: unknown) => {
    if (entry.tnx === 'command' && format === 'C:') commands.push(String(line).replace(/^(AUTH XOAUTH2) .*/, '$1'));
  };
  const silent = () => {};
  const server = new SMTPServer({
    secure: security === 'tls',
    ...leaf,
    authMethods: ['XOAUTH2'],
    disableReverseLookup: true,
    hideSTARTTLS: false,
    logger: { level: silent, trace: silent, debug: log, info: silent, warn: silent, error: silent, fatal: silent },
    onAuth({ username = '', accessToken = '' }, _session, done) {
      verify(username, accessToken).then(
        (good) => {
          if (opens(username, accessToken)) closed.delete(username);
          else closed.add(username);
          done(null, good ? { user: username } : ({ data: REFUSED } as SMTPServerAuthenticationResponse));
        },
        (error: Error) => done(error),
      );
    },
    onMailFrom({ address }, { user }, done) {
      const reply = refuses(String(user), address);
      done(reply === undefined ? null : refusal(Number(reply.slice(0, 3)), reply.slice(4)));
    },
    onData(stream, { envelope, user }, done) {
      let text = '';
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      stream.on('end', () => {
        if (closed.has(String(user))) return done(refusal(430, NO_ACCESS));
        mails.push({
          from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
          to: envelope.rcptTo.map(({ address }) => address),
          text,
        });
        done();
      });
    },
  });
  server.on('error', silent);
  greetSooner(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    port: (server.server.address() as AddressInfo).port,
    commands,
    mails,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
