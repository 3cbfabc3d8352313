import type { Configuration } from '../account/account.js';
import { MailauthError } from '../explain/problem.js';
import { findAccount } from '../flows/find-account.js';
import type { Subject } from '../flows/workbench.js';
import type { Provider } from '../guide/provider.js';
import type { Answers } from '../guide/step.js';
import {
  findProvider,
  proposeProvider,
  providerNamed,
  providerOfExchangers,
  providers,
} from '../providers/directory.js';
import { providerChoice } from '../providers/outline.js';
import { mailExchangers } from '../system/mail-exchange.js';
import type { Context } from './context.js';
import { providerOf, subjectOf } from './subject.js';

/** What `setup` is asked to set up. */
export interface Target {
  readonly provider: Provider;
  readonly existing?: Subject;
  /** The address, where it was asked for to find the provider. */
  readonly address?: string;
}

/** PROVIDER, ACCOUNT, or neither: then the address proposes the provider. */
export async function targetOf(context: Context, configuration: Configuration, raw: Answers): Promise<Target> {
  const [given] = context.args;
  return given === undefined ? byAddress(context, raw) : byName(given, configuration);
}

function byName(given: string, configuration: Configuration): Target {
  const provider =
    findAccount(configuration.accounts, given) === undefined ? providerNamed(given) : findProvider(given);
  if (provider !== undefined) return { provider };
  if (findAccount(configuration.accounts, given) !== undefined) {
    const existing = subjectOf(configuration, given);
    return { provider: existing.provider, existing };
  }
  throw new MailauthError('no_such_account', `"${given}" is neither a provider nor an account that is set up`, {
    fix: [{ text: `choose one of: ${providers.map(({ id }) => id).join(', ')}`, command: 'mailauth setup' }],
  });
}

/** A public domain names its provider; that of an organisation is proposed by the servers that take its mail. */
async function byAddress({ world }: Context, raw: Answers): Promise<Target> {
  const { interviewer } = world;
  const unknown = new MailauthError('missing_input', 'which provider the mailbox belongs to was not said', {
    fix: [{ text: `name the provider: ${providerChoice()}`, command: `mailauth setup ${providers[0]?.id}` }],
  });
  const address = typeof raw['account'] === 'string' ? raw['account'] : await interviewer.address(unknown);
  const certain = proposeProvider(address);
  if (certain !== undefined) {
    interviewer.tell('info', `${address} is a ${certain.title} mailbox`);
    return { provider: certain, address };
  }
  const domain = address.slice(address.lastIndexOf('@') + 1);
  const likely = providerOfExchangers(await mailExchangers(domain, world.signal));
  const ordered = likely === undefined ? providers : [likely, ...providers.filter((other) => other !== likely)];
  const choices = ordered.map((provider) => ({
    value: provider.id,
    label: provider === likely ? `${provider.title}: its servers take the mail of ${domain}` : provider.title,
  }));
  return { provider: providerOf(await interviewer.choose('Who provides the mailbox?', choices, unknown)), address };
}
