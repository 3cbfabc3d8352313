/** The passwords of `serve`, as `mailauth password` makes, lists and deletes them. */
import { randomBytes } from 'node:crypto';
import type { Account } from '../account/account.js';
import { hashOf, PASSWORD_BYTES, type StoredPassword, spellPassword } from '../account/password.js';
import { MailauthError } from '../explain/problem.js';
import { changeAccount } from '../store/accounts.js';
import { oneLine } from '../words/sanitise.js';
import { Secret } from '../words/secret.js';
import { quoted, shellOf } from '../words/shell.js';
import type { World } from './world.js';

/** A password a program or device; hundreds of them would be a mistake of a script. */
const MOST = 200;
const DEFAULT_LABEL = 'device';

interface MadePassword {
  readonly stored: StoredPassword;
  /** Shown once and kept nowhere. */
  readonly password: Secret;
}

/** @throws MailauthError usage: the label is taken, or there are too many; no_such_account: removed meanwhile */
export async function makePassword(world: World, account: Account, label: string | undefined): Promise<MadePassword> {
  const password = spellPassword(randomBytes(PASSWORD_BYTES));
  let stored: StoredPassword | undefined;
  const kept = await changeAccount(world.configDir, account.credential, (current) => {
    const { passwords = [] } = current;
    if (passwords.length >= MOST)
      throw new MailauthError('usage', `${current.name} has ${MOST} passwords already`, {
        fix: [{ text: 'delete what nobody uses', command: `mailauth password ${current.name} --list` }],
      });
    stored = { label: freeLabel(world, current, label), hash: hashOf(password), created: world.now().toISOString() };
    return { ...current, passwords: [...passwords, stored] };
  });
  if (kept === undefined || stored === undefined) throw removed(account);
  return { stored, password: new Secret(password) };
}

function freeLabel({ env, platform }: World, { name, passwords = [] }: Account, label: string | undefined): string {
  const isFree = (candidate: string) => passwords.every((one) => one.label !== candidate);
  if (label === undefined) {
    for (let number = 1; ; number += 1) {
      const candidate = number === 1 ? DEFAULT_LABEL : `${DEFAULT_LABEL}-${number}`;
      if (isFree(candidate)) return candidate;
    }
  }
  if (isFree(label)) return label;
  throw new MailauthError('usage', `${name} has a password called "${label}" already`, {
    fix: [
      { text: 'choose another label' },
      {
        text: 'or delete the old one first',
        command: `mailauth password ${name} --delete ${quoted(shellOf(env, platform), label)}`,
      },
    ],
  });
}

/** @throws MailauthError usage: there is none of that label */
export async function deletePassword(world: World, account: Account, label: string): Promise<void> {
  const kept = await changeAccount(world.configDir, account.credential, (current) => {
    const { passwords = [], ...rest } = current;
    const others = passwords.filter((one) => one.label !== label);
    if (others.length === passwords.length) throw noSuchPassword(current, label);
    return others.length === 0 ? rest : { ...rest, passwords: others };
  });
  if (kept === undefined) throw removed(account);
}

function noSuchPassword({ name, passwords = [] }: Account, label: string): MailauthError {
  const labels = passwords.map((one) => one.label);
  return new MailauthError('usage', `${name} has no password called "${oneLine(label)}"`, {
    fix: [
      labels.length === 0
        ? { text: `${name} has none at all` }
        : { text: `choose one of: ${labels.join(', ')}`, command: `mailauth password ${name} --list` },
    ],
  });
}

function removed({ name }: Account): MailauthError {
  return new MailauthError('no_such_account', `another mailauth has just removed ${name}`, {
    fix: [{ text: 'see what is there', command: 'mailauth list' }],
  });
}
