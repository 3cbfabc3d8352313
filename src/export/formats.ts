import { MailauthError } from '../explain/problem.js';
import { nearest } from '../words/nearest.js';
import { aerc } from './aerc.js';
import { curl } from './curl.js';
import { fetchmail } from './fetchmail.js';
import type { ExportFormat } from './format.js';
import { formFormats } from './forms.js';
import { getmail6 } from './getmail6.js';
import { gitSendEmail, gitSendEmailMsmtp } from './git-send-email.js';
import { himalaya } from './himalaya.js';
import { imapflow } from './imapflow.js';
import { isync } from './isync.js';
import { msmtp } from './msmtp.js';
import { mutt, neomutt } from './mutt.js';
import { nodemailer } from './nodemailer.js';
import { offlineimap } from './offlineimap.js';
import { outlookProgram } from './outlook.js';
import { phpmailer } from './phpmailer.js';
import { postfixFormats } from './postfix.js';
import { python } from './python.js';
import { thunderbird } from './thunderbird.js';

export type { ExportFormat, ExportInput } from './format.js';

/** Every format of `export`, in the order in which they are listed. */
export const exportFormats: readonly ExportFormat[] = [
  msmtp,
  gitSendEmail,
  gitSendEmailMsmtp,
  ...postfixFormats,
  curl,
  isync,
  getmail6,
  fetchmail,
  offlineimap,
  mutt,
  neomutt,
  aerc,
  himalaya,
  nodemailer,
  imapflow,
  phpmailer,
  python,
  thunderbird,
  outlookProgram,
  ...formFormats,
];

/** No program's configuration but the account's own record, for `import` on another machine. */
export const ACCOUNT_FORMAT = 'account';

const LISTED: readonly Pick<ExportFormat, 'id' | 'title' | 'needs' | 'carriesSecret'>[] = [
  ...exportFormats,
  { id: ACCOUNT_FORMAT, title: 'mailauth on another machine (import)', needs: 'smtp or imap', carriesSecret: false },
];

const ALIASES: Readonly<Record<string, string>> = { mbsync: 'isync', getmail: 'getmail6', git: 'git-send-email' };

/** The format of that name. @throws MailauthError `usage` for a name that is none */
export function exportFormat(name: string): ExportFormat {
  const id = ALIASES[name] ?? name;
  const format = exportFormats.find((candidate) => candidate.id === id);
  if (format !== undefined) return format;
  const ids = exportFormats.map((candidate) => candidate.id);
  // A program with a form of its own is asked for by its name.
  const names = [...ids, ...ids.map((one) => one.replace(/^form-/, '')), ...Object.keys(ALIASES)];
  const near = nearest(name, names);
  const meant = near !== undefined && ids.includes(`form-${near}`) ? `form-${near}` : near;
  const text = meant === undefined ? 'see all of them' : `did you mean ${meant}? See all of them`;
  throw new MailauthError('usage', `there is no export format ${JSON.stringify(name)}`, {
    fix: [{ text, command: 'mailauth export --format list' }],
  });
}

/** The formats for a program: what the account must have, and whether a secret can be in it. */
export function exportList(): readonly object[] {
  return LISTED.map(({ id, title, needs, carriesSecret }) => ({
    name: id,
    title,
    needs,
    secret: carriesSecret,
  }));
}

/** One line a format: name, what it configures, what the account must have, whether a secret can be in it. */
export function renderExportList(): string {
  const rows = LISTED.map(({ id, title, needs, carriesSecret }) => [
    id,
    needs.toUpperCase().replace(' OR ', ' or '),
    carriesSecret ? `${title} (has a secret: --show-secret)` : title,
  ]);
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows
    .map(([id = '', needs = '', title = '']) => `${id.padEnd(width(0))}  ${needs.padEnd(width(1))}  ${title}\n`)
    .join('');
}
