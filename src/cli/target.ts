import type { Configuration } from '../account/account.js';
import { MailauthError } from '../explain/problem.js';
import { findAccount } from '../flows/accounts.js';
import type { Discovery } from '../flows/discover/discover.js';
import { discoverFrom } from '../flows/discover/places.js';
import type { Subject } from '../flows/workbench.js';
import type { World } from '../flows/world.js';
import { guard } from '../guide/guard.js';
import type { Provider } from '../guide/provider.js';
import { account as accountQuestion } from '../guide/questions.js';
import type { Answers } from '../guide/step.js';
import {
  elsewhereOf,
  findProvider,
  proposeProvider,
  providerMeant,
  providerNamed,
  providers,
  sameAddress,
} from '../providers/directory.js';
import type { ElsewhereWords } from '../providers/elsewhere.js';
import { PROVIDER_CHOICE } from '../providers/outline.js';
import { didYouMean } from '../words/nearest.js';
import { protocols, serverQuestions } from '../words/protocol.js';
import type { Context } from './context.js';
import { providerOf, subjectOf } from './subject.js';

/** What `setup` is asked to set up. */
export interface Target {
  readonly provider: Provider;
  readonly existing?: Subject;
  /** The address, where it was asked for to find the provider. */
  readonly address?: string;
  /** What a person has confirmed of what its domain says, before the first step. */
  readonly confirmed?: Answers;
  /** What its domain says, for a person to confirm. */
  readonly proposed?: Answers;
}

/** PROVIDER, ACCOUNT, ADDRESS, or nothing: an address, which is asked for where none is given, proposes the provider. */
export async function targetOf(context: Context, configuration: Configuration, raw: Answers): Promise<Target> {
  const [given] = context.args;
  if (given === undefined) return byAddress(context, raw);
  const provider =
    findAccount(configuration.accounts, given) === undefined ? providerNamed(given) : findProvider(given);
  if (provider !== undefined) return { provider };
  if (findAccount(configuration.accounts, given) !== undefined) {
    const existing = subjectOf(configuration, given);
    return { provider: existing.provider, existing };
  }
  if (given.includes('@')) return byAddress(context, withAddress(given, raw));
  const meant = providerMeant(given);
  throw new MailauthError(
    'no_such_account',
    `"${given}" is neither a provider nor an account that is set up${didYouMean(meant)}`,
    {
      fix: [
        meant === undefined
          ? { text: `choose one of: ${providers.map(({ id }) => id).join(', ')}`, command: 'mailauth setup' }
          : { text: 'then say', command: `mailauth setup ${meant}` },
      ],
    },
  );
}

function withAddress(given: string, raw: Answers): Answers {
  const guarded = guard(accountQuestion, given, {});
  if (!guarded.ok) throw new MailauthError('bad_input', `"${given}" is not an e-mail address: ${guarded.reason}`);
  const other = raw['account'];
  if (typeof other === 'string' && !sameAddress(other, guarded.guarded.value)) {
    throw new MailauthError('usage', `two addresses were given: ${given}, and --account ${other}`, {
      fix: [{ text: 'leave one of them out' }],
    });
  }
  return { ...raw, account: guarded.guarded.value };
}

/** A public domain names its provider; that of an organisation is asked, and a person confirms what it says. */
async function byAddress({ world }: Context, raw: Answers): Promise<Target> {
  const { interviewer } = world;
  const unknown = new MailauthError('missing_input', 'which provider the mailbox belongs to was not said', {
    fix: [{ text: `name the provider: ${PROVIDER_CHOICE}`, command: `mailauth setup ${providers[0]?.id}` }],
  });
  const address = typeof raw['account'] === 'string' ? raw['account'] : await interviewer.address(unknown);
  const certain = proposeProvider(address);
  if (certain !== undefined) {
    interviewer.tell('info', `${address} is a ${certain.title} mailbox`);
    return { provider: certain, address };
  }
  const elsewhere = elsewhereOf(address);
  if (elsewhere !== undefined && raw['issuer'] === undefined) throw noSignIn(address, elsewhere);
  return interviewer.attended
    ? asDiscovered(world, { address, ...(typeof raw['cloud'] === 'string' && { cloud: raw['cloud'] }) }, unknown)
    : Promise.reject(unknown);
}

/** Nothing is pretended: what works there is said, and how somebody who has a client of their own goes on. */
function noSignIn(address: string, { title, programs }: ElsewhereWords): MailauthError {
  return new MailauthError('policy_blocked', `${address} is a mailbox at ${title}. ${programs}`, {
    fix: [
      {
        text: 'only where you have an OAuth client of your own there, give its issuer',
        command: `mailauth setup custom --account ${address}`,
      },
    ],
  });
}

async function asDiscovered(
  world: World,
  given: { readonly address: string; readonly cloud?: string },
  unknown: MailauthError,
): Promise<Target> {
  const { address } = given;
  const found = await discoverFrom(world, address);
  const domain = address.slice(address.lastIndexOf('@') + 1);
  if (found.advice !== null) world.interviewer.tell('warn', found.advice);
  const likely = found.provider === null ? openProvider(found) : findProvider(found.provider);
  const ordered = likely === undefined ? providers : [likely, ...providers.filter((other) => other !== likely)];
  const shown = found.provider === null ? `${domain} names its servers` : `its servers take the mail of ${domain}`;
  const choices = ordered.map((provider) => ({
    value: provider.id,
    label: provider === likely ? `${provider.title}: ${shown}` : provider.title,
  }));
  const provider = providerOf(await world.interviewer.choose('Who provides the mailbox?', choices, unknown));
  if (provider !== likely) return { provider, address };
  const cloud =
    found.cloud === null || given.cloud !== undefined ? undefined : await confirmedCloud(world, provider, found.cloud);
  return { provider, address, proposed: proposedBy(found), ...(cloud && { confirmed: { cloud } }) };
}

/** Every address of the guide depends on it, and nobody who does not know it can tell from the pages. */
async function confirmedCloud({ interviewer }: World, { title, questions }: Provider, cloud: string): Promise<string> {
  const choices = questions.find(({ id }) => id === 'cloud')?.choices ?? [];
  const named = choices.filter(({ value }) => value === cloud);
  const all = [...named, ...choices.filter(({ value }) => value !== cloud)];
  return interviewer.choose(`The organisation has its mail in a cloud of its own of ${title}. Which one?`, all, cloud);
}

/** The provider whose servers are not known beforehand, where the domain told them. */
function openProvider({ sources }: Discovery): Provider | undefined {
  return sources.length === 0 ? undefined : providers.find(({ issuer }) => issuer === undefined);
}

/** What was found, as answers that a person confirms. */
function proposedBy({ provider, servers, tenant, issuer }: Discovery): Answers {
  if (provider !== null) return tenant === null ? {} : { tenant };
  const settings = protocols.flatMap((protocol) => {
    const server = servers[protocol];
    const { host, port, security } = serverQuestions(protocol);
    return server === undefined
      ? []
      : [
          [host, server.host],
          [port, String(server.port)],
          [security, server.security],
        ];
  });
  return { ...(issuer !== null && { issuer }), ...Object.fromEntries(settings) };
}
