import type { Client } from './client.js';
import { Ending } from './ending.js';

import { COMMANDS_LIMIT, type Entrance, type Greeter, type Login, type Refusal } from './greeter.js';
import { exchange } from './sasl.js';

/** A command line may hold the whole of a SASL exchange (RFC 4954 section 4). */
const LINE = 12_288;
/** No name that a relay could take for its own. */
const NAME = 'mailauth.localhost';

const REFUSED: Readonly<Record<Refusal['kind'], string>> = {
  password: '535 5.7.8',
  later: '454 4.7.0',
  person: '535 5.7.0',
};

/** RFC 5321, RFC 3207, RFC 4954: nothing but EHLO, STARTTLS, NOOP, RSET and QUIT before the login. */
export const smtp: Greeter = {
  turnAway: (why) => `421 4.7.0 ${NAME} ${why}`,
  async greet(client, at) {
    client.say(`220 ${NAME} ESMTP mailauth`);
    for (let count = 0; count < COMMANDS_LIMIT; count += 1) {
      const line = await client.line(LINE);
      const login = await answer(client, at, line);
      if (login !== undefined) return login;
    }
    throw new Ending('malformed', smtp.turnAway('too many commands without a login'));
  },
};

async function answer(client: Client, at: Entrance, line: string): Promise<Login | undefined> {
  const [verb = '', ...words] = line.trim().split(/ +/);
  switch (verb.toUpperCase()) {
    case 'EHLO':
      return void client.say(...multiline([NAME, ...offersOf(client, at)]));
    case 'HELO':
      return void client.say(`250 ${NAME}`);
    case 'NOOP':
    case 'RSET':
      return void client.say('250 2.0.0 ok');
    case 'QUIT':
      throw new Ending('no_login', '221 2.0.0 bye');
    case 'STARTTLS':
      if (!at.offersTls || client.isSecure) return void client.say('502 5.5.1 not offered');
      if (client.hasMore) throw new Ending('starttls_injection', '554 5.5.1 nothing may follow STARTTLS');
      client.say('220 2.0.0 go on');
      return void (await at.startTls());
    case 'AUTH':
      return authenticate(client, at, words);
    default:
      return void client.say('530 5.7.0 log in first');
  }
}

/** RFC 5321 section 4.2.1. */
function multiline(texts: readonly string[]): readonly string[] {
  return texts.map((text, index) => `250${index === texts.length - 1 ? ' ' : '-'}${text}`);
}

function offersOf(client: Client, at: Entrance): readonly string[] {
  return [
    ...at.offers,
    ...(at.offersTls && !client.isSecure ? ['STARTTLS'] : []),
    ...(at.needsTls && !client.isSecure ? [] : ['AUTH PLAIN LOGIN']),
  ];
}

async function authenticate(client: Client, at: Entrance, words: readonly string[]): Promise<Login | undefined> {
  if (at.needsTls && !client.isSecure) return void client.say('538 5.7.11 STARTTLS first');
  const credentials = await exchange(client, words, (challenge) => client.say(`334 ${challenge}`));
  if (credentials === 'cancelled') return void client.say('501 5.7.0 cancelled');
  if (credentials === 'malformed') return void client.say('501 5.5.2 that is no login');
  if (credentials === 'unknown') return void client.say('504 5.5.4 PLAIN or LOGIN');
  const login = await at.logIn(credentials.user, credentials.password);
  if (login.taken) {
    client.say('235 2.7.0 logged in');
    return login;
  }
  return void client.say(`${REFUSED[login.kind]} ${login.text}`);
}
