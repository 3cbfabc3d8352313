import { nearest } from '../words/nearest.js';
import { COMMANDS } from './command-table.js';

/** What people call the commands elsewhere: in other programs, in British English, in their own words. */
const SYNONYMS: Readonly<Record<string, string>> = {
  authorise: 'authorize',
  authenticate: 'authorize',
  auth: 'authorize',
  login: 'authorize',
  signin: 'authorize',
  'sign-in': 'authorize',
  reauthorize: 'authorize',
  refresh: 'token',
  'access-token': 'token',
  add: 'setup',
  configure: 'setup',
  init: 'setup',
  install: 'setup',
  new: 'setup',
  create: 'setup',
  'set-up': 'setup',
  verify: 'check',
  test: 'check',
  ping: 'check',
  validate: 'check',
  ls: 'list',
  accounts: 'list',
  show: 'list',
  rm: 'remove',
  delete: 'remove',
  del: 'remove',
  logout: 'remove',
  revoke: 'remove',
  uninstall: 'remove',
  config: 'export',
  reauthorise: 'authorize',
  steps: 'guide',
  docs: 'guide',
  manual: 'guide',
  why: 'explain',
  error: 'explain',
  diagnose: 'doctor',
  debug: 'doctor',
  info: 'doctor',
  keygen: 'key',
  server: 'serve',
  proxy: 'serve',
  relay: 'serve',
  daemon: 'serve',
  passwd: 'password',
  passwords: 'password',
  'app-password': 'password',
};

/** The command that is meant by a word that names none; undefined where nobody can tell. */
export function meantCommand(word: string): string | undefined {
  const names: readonly string[] = COMMANDS.map(({ name }) => name);
  const usual = word.toLowerCase();
  if (names.includes(usual)) return usual;
  const direct = Object.hasOwn(SYNONYMS, usual) ? SYNONYMS[usual] : undefined;
  if (direct !== undefined && names.includes(direct)) return direct;
  return nearest(usual, names);
}
