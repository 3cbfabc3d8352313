import { MailauthError } from '../../core/errors.js';
import { explain } from '../../core/explain.js';
import { oauthbearer, xoauth2 } from '../../core/sasl.js';
import { openAccountNetwork, type Subject } from '../../flows/authorize.js';
import { contextOf, failureFrom } from '../../flows/failure.js';
import { type FreshToken, freshToken, secondsLeft } from '../../flows/fresh-token.js';
import { openStore, readCredential } from '../../flows/vault.js';
import { readConfiguration } from '../../store/accounts.js';
import { type Context, seconds } from '../context.js';
import { json } from '../output.js';
import { subjectOf } from '../subject.js';

const MIN_TTL = 120;

export async function run({ world, output, args, options }: Context): Promise<number> {
  const subject = subjectOf(await readConfiguration(world.configDir), args[0] as string);
  const format = output.json ? 'json' : String(options['format'] ?? 'token');
  const form = formFor(format, subject, options['for']);
  const minTtl = seconds(options['minTtl'], '--min-ttl') ?? MIN_TTL;
  const store = await openStore(world, subject.account.store);
  const network = await openAccountNetwork(world, subject.account);
  try {
    const outcome = await freshToken(
      world,
      { ...subject, store, network },
      { minTtl, force: options['forceRefresh'] === true },
    );
    if (outcome.ok) {
      output.result(form(outcome.value));
      return 0;
    }
    const context = contextOf(subject.provider, subject.account, subject.client);
    const credential = await readCredential(store, subject.account);
    const usable = options['forceRefresh'] !== true && secondsLeft(credential, world.now()) > 0;
    if (!usable || credential.accessToken === undefined) throw failureFrom(outcome.evidence, context);
    world.interviewer.tell(
      'warn',
      `${explain(outcome.evidence, context).message}; the old token is valid for ${secondsLeft(credential, world.now())} more seconds`,
    );
    output.result(
      form({ accessToken: credential.accessToken, expires: credential.accessTokenExpires ?? 0, credential }),
    );
    return 0;
  } finally {
    await network.close();
  }
}

/** How the token is printed. Throws before anything is asked of a server when the format cannot be had. */
function formFor(format: string, { account, provider }: Subject, protocol: unknown): (token: FreshToken) => string {
  const user = account.address;
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
        }).trimEnd();
    case 'xoauth2':
      return ({ accessToken }) => xoauth2(user, accessToken).reveal();
    case 'oauthbearer': {
      if (!provider.mechanisms.includes('oauthbearer')) {
        throw new MailauthError('policy_blocked', `${provider.title} does not offer the OAUTHBEARER mechanism`, {
          fix: [{ text: 'use its own one', command: `mailauth token ${account.name} --format xoauth2` }],
        });
      }
      const server =
        protocol === 'smtp' || protocol === 'imap' ? account[protocol] : protocol === 'pop' ? provider.pop : undefined;
      if (server === undefined)
        throw new MailauthError(
          'usage',
          '--format oauthbearer needs --for smtp, imap or pop, a server this account has',
        );
      return ({ accessToken }) => oauthbearer(user, accessToken, server).reveal();
    }
    default:
      throw new MailauthError('usage', `--format takes token, xoauth2, oauthbearer or json, not "${format}"`);
  }
}
