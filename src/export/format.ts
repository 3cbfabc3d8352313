import { createHash } from 'node:crypto';
import { domainToASCII } from 'node:url';
import type { Account, MailServer } from '../account/account.js';
import type { Client } from '../account/client.js';
import { loginUser } from '../account/login-user.js';
import { MailauthError } from '../explain/problem.js';
import type { Provider } from '../guide/provider.js';
import { PROTOCOLS, type Protocol } from '../words/protocol.js';
import type { Secret } from '../words/secret.js';
import { oneLine } from './quoting.js';

/** What an export is made of. Everything but `secrets` may be seen by anybody. */
export interface ExportInput {
  readonly account: Account;
  readonly client: Client;
  readonly provider: Provider;
  /** The command that prints an access token, as separate arguments: `mailauth`, `token`, the account's name. */
  readonly tokenCommand: readonly string[];
  /** Where the other program runs; undefined where that makes no difference. */
  readonly platform?: NodeJS.Platform;
  /** Over which protocol a program that knows several is to collect mail. Undefined: IMAP where there is one. */
  readonly collectsOver?: 'imap' | 'pop';
  /** Given only when the user asked to see them. */
  readonly secrets?: { readonly clientSecret?: Secret; readonly refreshToken?: Secret };
}

/** Configuration for one other program. */
export interface ExportFormat {
  readonly id: string;
  /** What it configures, for `export --format list`. */
  readonly title: string;
  /** Shows a client secret or refresh token when `secrets` are given, and says where it would stand when they are not. */
  readonly carriesSecret: boolean;
  /** What the account must have. */
  readonly needs: 'smtp' | 'imap' | 'smtp or imap' | 'imap or pop';
  /** @throws MailauthError `usage` when the account lacks what is needed, `bad_input` for a value the file cannot hold */
  render(input: ExportInput): string;
}

/** One mail server of an account, with the name its login uses. */
export interface Login {
  readonly server: MailServer;
  readonly user: string;
}

/** The login of a protocol, or undefined where the account does without it. */
export function loginOf(account: Account, protocol: Protocol): Login | undefined {
  const server = account[protocol];
  if (server === undefined) return undefined;
  // Few programs know the name with letters such as an umlaut; each of them knows its xn-- form (RFC 5890).
  return { server: { ...server, host: domainToASCII(server.host) || server.host }, user: loginUser(account, protocol) };
}

/** The login that a format cannot do without. */
export function requireLogin(account: Account, protocol: Protocol, program: string): Login {
  const login = loginOf(account, protocol);
  if (login !== undefined) return login;
  const { title, isUsual } = PROTOCOLS[protocol];
  throw new MailauthError('usage', `${account.name} was set up without ${title}, and ${program} needs it`, {
    fix: [
      {
        text: 'set the account up again with it',
        command: `mailauth setup ${account.name}${isUsual ? '' : ` --${protocol}`}`,
      },
    ],
  });
}

/** All logins for a program that makes do with one of those it knows. */
export function requireAnyLogin(
  account: Account,
  program: string,
  known: readonly Protocol[] = ['smtp', 'imap'],
): { readonly [P in Protocol]?: Login } {
  if (known.every((protocol) => account[protocol] === undefined)) requireLogin(account, 'imap', program);
  const logins = known.map((protocol) => [protocol, loginOf(account, protocol)]);
  return Object.fromEntries(logins.filter(([, login]) => login !== undefined));
}

/** The login for a program that collects mail over IMAP or POP. */
export function requireCollecting({ account, collectsOver }: ExportInput, program: string) {
  const protocol = collectsOver ?? (account.imap === undefined && account.pop !== undefined ? 'pop' : 'imap');
  return { protocol, ...requireLogin(account, protocol, program) };
}

/** Lines as comments, then an empty line. */
export function comment(mark: string, lines: readonly string[]): string {
  return `${lines.map((line) => `${mark} ${oneLine(line)}`.trimEnd()).join('\n')}\n\n`;
}

/**
 * The account's name as a part of file names and of identifiers: letters, digits, `-` and `_`. A name that had to be
 * changed for that ends in a number of its own, so that `front.desk` and `front-desk` stay two.
 */
export function slug({ name }: Account): string {
  const plain = name.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^-+/, '');
  if (plain === name) return name;
  return `${plain || 'mail'}-${createHash('sha256').update(name).digest('hex').slice(0, 6)}`;
}

/**
 * Lines of a shell script that put the token into `$token`, or end it: what is no token (RFC 6750 section 2.1) never
 * reaches the file or the protocol that the script writes.
 */
export function shellToken(command: string): readonly string[] {
  return [
    `token=$(${command})`,
    `case $token in '' | *[!A-Za-z0-9._~+/=-]*) echo 'mailauth gave no token' >&2; exit 75 ;; esac`,
  ];
}

/** What stands where a secret would, until the user asks for it. */
export const HIDDEN = '(hidden: add --show-secret)';

/** For what runs without a terminal. */
export const CRON = 'cron has a short PATH: write the full path of mailauth there if it is not found.';

/** For code that gets its tokens from the command. */
export const ONE_REFRESHER =
  'mailauth alone holds the sign-in: a refresh token that is used up is replaced there and nowhere else.';

/** Text for a person to read. */
export function plainLines(text: readonly string[]): string {
  return `${text.map(oneLine).join('\n')}\n`;
}
