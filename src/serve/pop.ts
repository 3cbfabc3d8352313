import type { Client } from './client.js';
import { Ending } from './ending.js';

import { COMMANDS_LIMIT, type Entrance, type Greeter, type Login, type Refusal } from './greeter.js';
import { type Credentials, exchange } from './sasl.js';

/** A command has 255 octets (RFC 2449 section 4); one of SASL may be longer. */
const LINE = 12_288;

/** RFC 3206, RFC 2449 section 8. */
const REFUSED: Readonly<Record<Refusal['kind'], string>> = {
  password: '-ERR [AUTH]',
  later: '-ERR [SYS/TEMP]',
  person: '-ERR [SYS/PERM]',
};

/** RFC 1939, RFC 2449, RFC 2595, RFC 5034: the AUTHORIZATION state. */
export const pop: Greeter = {
  turnAway: (why) => `-ERR [SYS/TEMP] ${why}`,
  async greet(client, at) {
    client.say('+OK mailauth ready');
    let user: string | undefined;
    for (let count = 0; count < COMMANDS_LIMIT; count += 1) {
      const line = await client.line(LINE);
      const [, verb = '', rest = ''] = /^(\S*) ?(.*)$/.exec(line) ?? [];
      if (verb.toUpperCase() === 'USER') {
        user = rest;
        client.say(at.needsTls && !client.isSecure ? '-ERR STLS first' : '+OK and the password');
        continue;
      }
      const login = await answer(client, at, { verb: verb.toUpperCase(), rest, user });
      if (login !== undefined) return login;
      if (verb.toUpperCase() === 'PASS') user = undefined;
    }
    throw new Ending('malformed', pop.turnAway('too many commands without a login'));
  },
};

interface Command {
  readonly verb: string;
  readonly rest: string;
  /** What USER said before. */
  readonly user: string | undefined;
}

async function answer(client: Client, at: Entrance, { verb, rest, user }: Command): Promise<Login | undefined> {
  switch (verb) {
    case 'CAPA':
      return void client.say('+OK', ...capability(client, at), '.');
    case 'QUIT':
      throw new Ending('no_login', '+OK bye');
    case 'STLS':
      if (!at.offersTls || client.isSecure) return void client.say('-ERR not offered');
      if (client.hasMore) throw new Ending('starttls_injection', '-ERR nothing may follow STLS');
      client.say('+OK go on');
      return void (await at.startTls());
    case 'PASS':
      if (user === undefined) return void client.say('-ERR USER first');
      return logIn(client, at, { user: utf8(user), password: utf8(rest) });
    case 'AUTH':
      if (rest === '') return void client.say('+OK', ...(isOpen(client, at) ? ['PLAIN', 'LOGIN'] : []), '.');
      return authenticate(client, at, rest.split(/ +/));
    default:
      return void client.say('-ERR log in first');
  }
}

function capability(client: Client, at: Entrance): readonly string[] {
  return [
    ...(isOpen(client, at) ? ['USER', 'SASL PLAIN LOGIN'] : []),
    ...(at.offersTls && !client.isSecure ? ['STLS'] : []),
    'RESP-CODES',
    'AUTH-RESP-CODE',
  ];
}

function isOpen(client: Client, { needsTls }: Entrance): boolean {
  return client.isSecure || !needsTls;
}

async function authenticate(client: Client, at: Entrance, words: readonly string[]): Promise<Login | undefined> {
  if (!isOpen(client, at)) return void client.say('-ERR STLS first');
  const credentials = await exchange(client, words, (challenge) => client.say(`+ ${challenge}`));
  if (credentials === 'cancelled') return void client.say('-ERR cancelled');
  if (credentials === 'malformed') return void client.say('-ERR that is no login');
  if (credentials === 'unknown') return void client.say('-ERR PLAIN or LOGIN');
  return logIn(client, at, credentials);
}

async function logIn(client: Client, at: Entrance, { user, password }: Credentials): Promise<Login | undefined> {
  if (!isOpen(client, at)) return void client.say('-ERR STLS first');
  const login = await at.logIn(user, password);
  client.say(login.taken ? '+OK logged in' : `${REFUSED[login.kind]} ${login.text}`);
  return login.taken ? login : undefined;
}

function utf8(octets: string): string {
  return Buffer.from(octets, 'latin1').toString('utf8');
}
