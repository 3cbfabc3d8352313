import type { Account, Configuration } from '../../account/account.js';
import type { FreshToken } from '../../account/credential.js';
import { secondsLeft } from '../../account/lifetime.js';
import { loginUser } from '../../account/login-user.js';
import type { Evidence } from '../../explain/evidence.js';
import { MailauthError } from '../../explain/problem.js';
import { openConfiguration } from '../../flows/configuration.js';
import { openStore, storeOf } from '../../flows/open.js';
import { usableToken } from '../../flows/token/usable.js';
import type { OpenAccount, TokenWish } from '../../flows/token/wish.js';
import { openNetworks, type Subject } from '../../flows/workbench.js';
import { oauthbearer, xoauth2 } from '../../mail/sasl.js';
import { isProtocol, PROTOCOLS, type Protocol, protocols } from '../../words/protocol.js';
import { type Context, wholeNumber } from '../context.js';
import { json } from '../output.js';

const MIN_TTL = 120;

/** Mail programs wait for this command, so nothing is loaded that a token still good does not need. */
export async function run({ world, output, args, options }: Context): Promise<number> {
  const configuration = await openConfiguration(world);
  const subject = () => subjectOf(configuration, args[0] as string);
  const { account, client } = named(configuration, args[0] as string) ?? (await subject());
  const format = output.json ? 'json' : String(options['format'] ?? 'token');
  const form = await formFor(format, account, protocolOf(options['for']), subject);
  const wish: TokenWish = {
    minTtl: wholeNumber(options['minTtl'], '--min-ttl') ?? MIN_TTL,
    want: options['forceRefresh'] === true ? 'newer' : 'lasting',
  };
  const store = await openStore(world, storeOf(world, account));
  const networks = openNetworks(world);
  const open: OpenAccount = { account, client, store, network: () => networks.trusting(account.ca) };
  try {
    const refreshing = usableToken(world, open, wish, explained);
    const token = await world.interviewer.waitFor({ what: `a new token for ${account.name}`, seconds: 60 }, refreshing);
    if (token.trouble !== undefined) {
      const left = secondsLeft(token.credential, world.now());
      world.interviewer.tell('warn', `${token.trouble.message}; the stored token still works for ${left} seconds`);
    }
    output.result(form(token));
    return 0;
  } finally {
    await networks.close();
  }

  async function explained(evidence: Evidence): Promise<MailauthError> {
    const { refreshFailure } = await import('../../flows/dates.js');
    return MailauthError.of(await refreshFailure(await subject(), evidence, world.now()));
  }
}

/** The account by its exact name, which needs nothing but the file just read. */
function named({ accounts, clients }: Configuration, name: string): Pick<Subject, 'account' | 'client'> | undefined {
  const account = accounts.find((candidate) => candidate.name === name);
  const client = clients.find((candidate) => candidate.id === account?.client);
  return account === undefined || client === undefined ? undefined : { account, client };
}

async function subjectOf(configuration: Configuration, given: string): Promise<Subject> {
  return (await import('../subject.js')).subjectOf(configuration, given);
}

function protocolOf(given: unknown): Protocol | undefined {
  if (given === undefined || isProtocol(given)) return given;
  throw new MailauthError('usage', `--for takes ${protocols.join(' or ')}, not "${String(given)}"`);
}

/** How the token is printed. Throws before anything is asked of a server when the format cannot be had. */
async function formFor(
  format: string,
  account: Account,
  protocol: Protocol | undefined,
  subject: () => Promise<Subject>,
): Promise<(token: FreshToken) => string> {
  const user = protocol === undefined ? account.address : loginUser(account, protocol);
  switch (format) {
    case 'token':
      return ({ accessToken }) => accessToken.reveal();
    case 'json':
      return ({ accessToken, expires }) =>
        json({
          schema: 'mailauth.token/1',
          account: account.name,
          address: account.address,
          accessToken: accessToken.reveal(),
          expires: new Date(expires * 1000).toISOString().replace(/\.\d{3}Z$/, 'Z'),
        });
    case 'xoauth2':
      return ({ accessToken }) => xoauth2(user, accessToken).reveal();
    case 'oauthbearer': {
      const peer = await bearerPeer(await subject(), protocol);
      return ({ accessToken }) => oauthbearer(user, accessToken, peer).reveal();
    }
    default:
      throw new MailauthError('usage', `--format takes token, xoauth2, oauthbearer or json, not "${format}"`);
  }
}

/** The server an OAUTHBEARER string names (RFC 7628 section 3.1). */
async function bearerPeer(
  { account, provider }: Subject,
  protocol: Protocol | undefined,
): Promise<{ readonly host: string; readonly port: number }> {
  if (!provider.mechanisms.includes('oauthbearer')) {
    throw new MailauthError('policy_blocked', `${provider.title} does not offer the OAUTHBEARER mechanism`, {
      fix: [{ text: 'use its own one', command: `mailauth token ${account.name} --format xoauth2` }],
    });
  }
  // A program may well speak POP with an account that is set up without it.
  const serverFor = (one: Protocol) => account[one] ?? (PROTOCOLS[one].isUsual ? undefined : provider[one]);
  const server = protocol && serverFor(protocol);
  if (server !== undefined) return server;
  const known = protocols.filter((one) => serverFor(one) !== undefined).join(' or ');
  throw new MailauthError(
    'usage',
    protocol === undefined
      ? `--format oauthbearer names the server: add --for ${known}`
      : `${account.name} has no ${protocol.toUpperCase()} server to name: --for takes ${known} here`,
  );
}
