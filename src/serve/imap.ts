import type { Client } from './client.js';
import { Ending } from './ending.js';

import { COMMANDS_LIMIT, type Entrance, type Greeter, type Login, type Refusal } from './greeter.js';
import { exchange } from './sasl.js';

/** Octets of a command line (RFC 7162 section 4); one of SASL may be longer. */
const LINE = 12_288;
/** Octets of a literal: a user name or a password. */
const LITERAL = 1_024;

/** RFC 5530. */
const REFUSED: Readonly<Record<Refusal['kind'], string>> = {
  password: 'NO [AUTHENTICATIONFAILED]',
  later: 'NO [UNAVAILABLE]',
  person: 'NO [CONTACTADMIN]',
};

/** RFC 9051, RFC 3501: CAPABILITY, ID, NOOP, LOGOUT, STARTTLS and the login. */
export const imap: Greeter = {
  turnAway: (why) => `* BYE [UNAVAILABLE] ${why}`,
  async greet(client, at) {
    client.say(`* OK [CAPABILITY ${capability(client, at)}] mailauth ready`);
    for (let count = 0; count < COMMANDS_LIMIT; count += 1) {
      const login = await answer(client, at, await command(client));
      if (login !== undefined) return login;
    }
    throw new Ending('malformed', imap.turnAway('too many commands without a login'));
  },
};

function capability(client: Client, { offersTls, needsTls }: Entrance): string {
  return [
    'IMAP4rev1 LITERAL+ SASL-IR ID',
    ...(offersTls && !client.isSecure ? ['STARTTLS'] : []),
    ...(needsTls && !client.isSecure ? ['LOGINDISABLED'] : ['AUTH=PLAIN AUTH=LOGIN']),
  ].join(' ');
}

/** A command, its arguments unquoted; undefined arguments where they could not be read. */
interface Command {
  readonly tag: string;
  readonly verb: string;
  readonly words: readonly string[] | undefined;
}

/** Reads one command with its literals, synchronising or not (RFC 9051 section 4.3, RFC 7888). */
async function command(client: Client): Promise<Command> {
  const words: string[] = [];
  let line = await client.line(LINE);
  const [, tag = '*', verb = '', rest = ''] = /^([^\s(){%*"\\+]+) +([A-Za-z]+)(.*)$/.exec(line) ?? [];
  line = rest;
  for (let literals = 0; ; literals += 1) {
    const [, before = line, size, isWaiting] = /^(.*)\{(\d{1,10})(\+?)\}$/.exec(line) ?? [];
    const read = wordsIn(before);
    if (read === undefined) return { tag, verb, words: undefined };
    words.push(...read);
    if (size === undefined) return { tag, verb: verb.toUpperCase(), words };
    if (Number(size) > LITERAL || literals > 8)
      throw new Ending('malformed', imap.turnAway('that literal is too long'));
    if (isWaiting === '') client.say('+ go on');
    words.push((await client.octets(Number(size))).toString('latin1'));
    line = await client.line(LINE);
  }
}

/** Atoms and quoted strings; what stands in parentheses is read as words too, since nobody acts on it. */
function wordsIn(text: string): readonly string[] | undefined {
  const words: string[] = [];
  const word = /[\s()]*(?:"((?:[^"\\]|\\["\\])*)"|([^\s()"]+))/y;
  for (;;) {
    const from = word.lastIndex;
    const found = word.exec(text);
    if (found === null) return /^[\s()]*$/.test(text.slice(from)) ? words : undefined;
    words.push(found[2] ?? (found[1] ?? '').replace(/\\(["\\])/g, '$1'));
  }
}

async function answer(client: Client, at: Entrance, { tag, verb, words }: Command): Promise<Login | undefined> {
  if (words === undefined || tag === '*') return void client.say(`${tag} BAD that is no command`);
  switch (verb) {
    case 'CAPABILITY':
      return void client.say(`* CAPABILITY ${capability(client, at)}`, `${tag} OK done`);
    case 'ID':
      return void client.say('* ID ("name" "mailauth")', `${tag} OK done`);
    case 'NOOP':
      return void client.say(`${tag} OK done`);
    case 'LOGOUT':
      client.say('* BYE mailauth', `${tag} OK done`);
      throw new Ending('no_login');
    case 'STARTTLS':
      if (!at.offersTls || client.isSecure) return void client.say(`${tag} BAD not offered`);
      if (client.hasMore) throw new Ending('starttls_injection', '* BYE nothing may follow STARTTLS');
      client.say(`${tag} OK go on`);
      return void (await at.startTls());
    case 'LOGIN':
    case 'AUTHENTICATE':
      return logIn(client, at, { tag, verb, words });
    default:
      return void client.say(`${tag} BAD log in first`);
  }
}

async function logIn(
  client: Client,
  at: Entrance,
  { tag, verb, words }: { readonly tag: string; readonly verb: string; readonly words: readonly string[] },
): Promise<Login | undefined> {
  if (at.needsTls && !client.isSecure) return void client.say(`${tag} NO [PRIVACYREQUIRED] STARTTLS first`);
  const credentials =
    verb === 'LOGIN' ? pair(words) : await exchange(client, words, (challenge) => client.say(`+ ${challenge}`));
  if (credentials === 'cancelled') return void client.say(`${tag} BAD cancelled`);
  if (credentials === 'malformed') return void client.say(`${tag} BAD that is no login`);
  if (credentials === 'unknown') return void client.say(`${tag} NO PLAIN or LOGIN`);
  const login = await at.logIn(credentials.user, credentials.password);
  if (!login.taken) return void client.say(`${tag} ${REFUSED[login.kind]} ${login.text}`);
  // The login is over, and so is what only belongs to it.
  const offers = login.offers.filter((word) => !/^(?:AUTH=.*|STARTTLS|LOGINDISABLED|SASL-IR)$/.test(word));
  client.say(`${tag} OK ${offers.length > 0 ? `[CAPABILITY ${offers.join(' ')}] ` : ''}logged in`);
  return login;
}

function pair(words: readonly string[]) {
  const [user, password, ...more] = words.map((word) => Buffer.from(word, 'latin1').toString('utf8'));
  return user === undefined || password === undefined || more.length > 0 ? 'malformed' : { user, password };
}
