import { MailauthError } from '../../explain/problem.js';
import { openConfiguration } from '../../flows/configuration.js';
import { deletePassword, makePassword } from '../../flows/passwords.js';
import { runningServer } from '../../flows/serving.js';
import { PROTOCOLS, protocols } from '../../words/protocol.js';
import { localMinute } from '../../words/time.js';
import type { Context } from '../context.js';
import { json } from '../output.js';
import { subjectOf } from '../subject.js';

/** One word or a few: it stands in logs and lists. */
const LABEL = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]{1,64}$/u;

export async function run(context: Context): Promise<number> {
  const { world, args, options } = context;
  const { account } = subjectOf(await openConfiguration(world), args[0] as string);
  const [label, deleted] = [options['label'], options['delete']] as (string | undefined)[];
  if ([label !== undefined, deleted !== undefined, options['list'] === true].filter(Boolean).length > 1) {
    throw new MailauthError('usage', '--label, --list and --delete exclude each other', {
      fix: [{ text: 'use one of them' }],
    });
  }
  if (options['list'] === true) return list(context, account);
  if (deleted === undefined) return make(context, account, label);
  await deletePassword(world, account, deleted);
  return done(context, account.name, deleted);
}

type Account = ReturnType<typeof subjectOf>['account'];

async function make({ world, output }: Context, account: Account, label: string | undefined): Promise<number> {
  if (label !== undefined && (!LABEL.test(label) || label.trim() !== label)) {
    throw new MailauthError('bad_input', '--label takes one line of at most 64 characters');
  }
  const { stored, password } = await makePassword(world, account, label);
  output.progress(
    [
      `a password for one program or device, called ${JSON.stringify(stored.label)}; it is shown this once`,
      `  user      ${account.address}`,
      ...(await whereServed(world, account)).map((line) => `  ${line}`),
    ].join('\n'),
  );
  const document = {
    schema: 'mailauth.password/1',
    account: account.name,
    user: account.address,
    label: stored.label,
    password: password.reveal(),
  };
  output.result(output.json ? json(document) : password.reveal());
  return 0;
}

/** Where the program finds the server: where one answers now, else where it does when it is started without a flag. */
async function whereServed({ configDir }: Context['world'], account: Account): Promise<readonly string[]> {
  const running = await runningServer(configDir);
  const used = protocols.filter((protocol) => account[protocol] !== undefined);
  if (running === undefined) {
    const ports = used.map((one) => `${PROTOCOLS[one].title} port ${PROTOCOLS[one].servePort}`).join(', ');
    return [
      `server    127.0.0.1, ${ports}; no encryption`,
      'it works while mailauth serve runs on this computer, and nowhere else; the hyphens need not be typed',
      'do: start it now; docs/running.md shows how it runs for good',
      '    mailauth serve',
    ];
  }
  const { listening, tls, only } = running;
  const places = used.flatMap((one) =>
    listening.flatMap(({ protocol, address }) =>
      protocol === one ? `${PROTOCOLS[one].title} ${address.replace(EVERYWHERE, 'port $1 of this computer')}` : [],
    ),
  );
  const isServed = places.length > 0 && only?.includes(account.credential) !== false;
  if (!isServed)
    return [
      `mailauth serve runs, and not for ${account.name}: end it, and start it for all accounts`,
      '    mailauth serve',
    ];
  return [
    `server    ${places.join(', ')}; ${tls ? 'TLS or STARTTLS' : 'no encryption'}`,
    'mailauth serve runs, and takes it from now on; the hyphens need not be typed',
  ];
}

const EVERYWHERE = /^(?:0\.0\.0\.0|\[::\]):(\d+)$/;

function list({ output }: Context, { name, passwords = [] }: Account): number {
  if (output.json) {
    const shown = passwords.map(({ label, created }) => ({ label, created }));
    output.result(json({ schema: 'mailauth.passwords/1', account: name, passwords: shown }));
  } else if (passwords.length > 0) {
    output.result(passwords.map(({ label, created }) => `${localMinute(created)}  ${label}`).join('\n'));
  } else output.progress(`${name} has no password\n  do: make one\n      mailauth password ${name}`);
  return 0;
}

function done({ output }: Context, name: string, label: string): number {
  output.progress(`the password ${JSON.stringify(label)} of ${name} is deleted; what it has opened is closed`);
  if (output.json) output.result(json({ schema: 'mailauth.password/1', account: name, label, deleted: true }));
  return 0;
}
