/**
 * A person in front of the wizard: the real program in a real pseudo-terminal, on played providers. The person reads
 * what is asked, never counts, and answers from a table.
 */
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { compiledProgram } from '../process/program.js';
import { type AuthorizationServer, startAuthorizationServer } from '../servers/authorization-server.js';
import { describe, type Secrets, scanDirectory, scanText } from '../servers/canary.js';
import { makeAuthority } from '../servers/certificates.js';
import { type GoogleRegistration, registerAtGoogle, registerAtMicrosoft } from '../servers/consoles.js';
import { startImapServer } from '../servers/imap-server.js';
import { type BrowserSettings, redirectAddress, signIn } from '../servers/scripted-browser.js';
import { startSmtpServer } from '../servers/smtp-server.js';
import { KEY, run, type Terminal, type TerminalOptions } from '../servers/terminal.js';

export const APP_URI = 'https://vpms.example/oauth2/callback';

/** A machine under load may take its time; a prompt that never comes is told by the screen that stands there. */
const PATIENCE = 30_000;

export interface Stage {
  readonly address: string;
  readonly other: string;
  readonly authorization: AuthorizationServer;
  readonly caFile: string;
  /** The flags that point `setup` at this computer. */
  readonly flags: readonly string[];
  /** An empty home folder with its own key file. */
  home(): Home;
  signIn(url: string, settings?: Partial<BrowserSettings>): Promise<unknown>;
  /** Signs in on another computer, whose browser cannot reach the program: the address it ends on. */
  signInElsewhere(url: string): Promise<string>;
  clear(): Promise<void>;
}

export interface Home {
  readonly path: string;
  readonly keyFile: string;
  /** The whole environment of the program. */
  readonly env: Readonly<Record<string, string>>;
  copy(): Home;
  /** The unfinished set-ups, as they are saved. */
  drafts(): readonly Draft[];
  /** Loses credentials, as a keychain that was cleared by hand. */
  forget(credentials: readonly string[]): void;
  files(): readonly string[];
}

export interface Draft {
  readonly answers: Readonly<Record<string, unknown>>;
  readonly done: readonly string[];
  readonly credentials: Readonly<Record<string, string>>;
}

/** Both played providers and the compiled program, for the tests of one file. */
export interface Scene {
  readonly google: Stage;
  readonly microsoft: Stage;
  /** Starts `mailauth setup` at a terminal. */
  begin(home: Home, args: readonly string[], options?: BeginOptions): Wizard;
}

export interface BeginOptions {
  readonly cols?: number;
  /** Added to the environment of the home. */
  readonly env?: Readonly<Record<string, string>>;
  /** A command that runs the program. */
  readonly under?: readonly string[];
  /** How long a second lasts for the person, in milliseconds; default: as long as it does. */
  readonly second?: number;
}

/** To be called at the top of a test file. */
export function setScene(): Scene {
  const program = compiledProgram();
  let stages: readonly Stage[] = [];
  beforeAll(async () => {
    stages = await Promise.all([setStage('google'), setStage('microsoft')]);
  }, 60_000);
  afterAll(() => Promise.all(stages.map((stage) => stage.clear())));
  return {
    get google() {
      return stages[0] as Stage;
    },
    get microsoft() {
      return stages[1] as Stage;
    },
    begin(home, args, { env = {}, second, ...options } = {}) {
      const bin = second === undefined ? join('bin', 'mailauth.js') : hastyBin(program.folder(), second);
      const all = { ...options, env: { ...home.env, ...env } };
      return openWizard(join(program.folder(), bin), ['setup', ...args], all);
    },
  };
}

/** The program with a clock of its own: what a person would wait a minute for is over at once. */
function hastyBin(folder: string, second: number): string {
  const name = `hasty-${second}.cjs`;
  const text = `require('./dist/program.cjs').main(process.argv.slice(2), { second: ${second} });\n`;
  // Once: a program that was started a moment ago may be reading it.
  if (!existsSync(join(folder, name))) writeFileSync(join(folder, name), text);
  return name;
}

/** Goes on to the first question that `asks` fits. */
export async function until(wizard: Wizard, table: readonly Row[], asks: RegExp): Promise<Place> {
  const place = (await walk(wizard, table, (one) => asks.test(nameOf(one)))).at(-1);
  if (place === undefined || !asks.test(nameOf(place))) throw new Error(`never asked:\n${wizard.terminal.text()}`);
  return place;
}

export async function setStage(layout: 'google' | 'microsoft'): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'mailauth-wizard-'));
  const authority = makeAuthority();
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, authority.cert);
  const [address, other] =
    layout === 'google'
      ? ['reception.happypaws@gmail.com', 'surgery.happypaws@gmail.com']
      : ['reception@happypaws.example', 'surgery@happypaws.example'];
  const authorization = await startAuthorizationServer({ layout, authority, accounts: [address, other] });
  const leaf = authority.issue();
  const { opens, verifierOf } = authorization;
  const smtp = await startSmtpServer({ leaf, security: 'starttls', verify: verifierOf('smtp'), opens });
  const imap = await startImapServer({ leaf, security: 'tls', verify: verifierOf('imap'), opens, messages: 7 });
  const issuer = layout === 'google' ? authorization.issuer : authorization.issuerOf('{tenant}');
  let homes = 0;
  return {
    address,
    other,
    authorization,
    caFile,
    flags: [
      ['--issuer', issuer, '--ca', caFile],
      ['--smtp-host', 'localhost', '--smtp-port', String(smtp.port)],
      ['--imap-host', 'localhost', '--imap-port', String(imap.port)],
    ].flat(),
    home: () => openHome(join(folder, `home-${++homes}`), () => join(folder, `home-${++homes}`)),
    signIn: (url, settings = {}) => signIn(url, { ca: authority.cert, ...settings }),
    signInElsewhere: (url) => redirectAddress(url, { ca: authority.cert }),
    async clear() {
      await Promise.all([authorization.stop(), smtp.close(), imap.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function openHome(path: string, another: () => string): Home {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const keyFile = join(path, 'key');
  const config = join(path, 'config');
  if (!readdirSync(path).includes('key')) writeFileSync(keyFile, randomBytes(32), { mode: 0o600 });
  return {
    path,
    keyFile,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: path,
      MAILAUTH_CONFIG_DIR: config,
      MAILAUTH_STORE: 'file',
      MAILAUTH_KEY_FILE: keyFile,
    },
    copy() {
      const copied = another();
      cpSync(path, copied, { recursive: true });
      return openHome(copied, another);
    },
    drafts: () =>
      filesIn(join(config, 'setups')).map((file) => JSON.parse(readFileSync(join(config, 'setups', file), 'utf8'))),
    forget(credentials) {
      for (const id of credentials) rmSync(join(config, 'secrets', `${id}.enc`));
    },
    files: () => filesIn(path),
  };
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
}

/** Where the wizard stands, read from the screen. */
export interface Place {
  /** `5.vi` at an instruction, else `8`; empty before the first step. */
  readonly at: string;
  /** The last line of the question. */
  readonly asks: string;
  /** What stands above a list of choices. */
  readonly about: string;
  /** Everything shown since the program began. */
  readonly shown: string;
}

export interface Wizard {
  readonly terminal: Terminal;
  /** The question that stands open, or the one that comes; undefined where the program ends instead. */
  place(): Promise<Place | undefined>;
  /** The question after the open one, which the program leaves by itself. */
  next(): Promise<Place | undefined>;
  type(text: string): void;
  /** Types, and gives the next place. */
  answer(text: string): Promise<Place | undefined>;
}

// A question stands two columns in, ends with a colon or a bracket, and perhaps with what Enter keeps.
const PROMPT = /(?:^|\n) {2}(\S[^\n]*(?::|\]))(?: \([^()]*\))?\s*$/;

/** Only a prompt puts the cursor somewhere; a line that merely ends with a colon does not. */
const CURSOR_SET = /\x1b\[\d+G$/;

export function openWizard(
  bin: string,
  args: readonly string[],
  options: TerminalOptions & { readonly under?: readonly string[] },
): Wizard {
  const [file = '', ...before] = [...(options.under ?? []), process.execPath];
  const terminal = run(file, [...before, bin, ...args], { cols: 80, timeout: PATIENCE, ...options });
  let open: Place | undefined;
  const wizard: Wizard = {
    terminal,
    async place() {
      open ??= await wizard.next();
      return open;
    },
    async next() {
      for (;;) {
        const found = await terminal.expectOrEnd(PROMPT, PATIENCE);
        if (found === undefined) {
          open = undefined;
          return undefined;
        }
        if (!CURSOR_SET.test(terminal.raw())) await terminal.settled(20);
        const isPassed = PROMPT.test(terminal.unread());
        if (!CURSOR_SET.test(terminal.raw()) || isPassed) continue;
        open = placeIn(terminal.text(), found[1] ?? '');
        return open;
      }
    },
    type(text) {
      open = undefined;
      terminal.send(`${text}${KEY.enter}`);
    },
    async answer(text) {
      wizard.type(text);
      return wizard.place();
    },
  };
  return wizard;
}

function placeIn(shown: string, asks: string): Place {
  const lines = shown.split('\n');
  const heading = lines.findLastIndex((line) => line.startsWith('STEP '));
  const step = /^STEP (\d+) /.exec(lines[heading] ?? '')?.[1] ?? '';
  const roman = lines
    .slice(heading)
    .map((line) => /^ {2}([ivx]+)\. +/.exec(line)?.[1])
    .findLast((number) => number !== undefined);
  const about = lines.slice(0, -1).findLast((line) => /^ {2}\S/.test(line)) ?? '';
  const at = asks.startsWith('Enter when done') && roman !== undefined ? `${step}.${roman}` : step;
  return { at, asks, about: about.trim(), shown };
}

/** What a place is called in an expectation: where, and what is asked there. */
export function nameOf({ at, asks, about }: Place): string {
  const question = asks.replace('; Enter keeps the stored one', '');
  return `${at} ${asks.startsWith('Number') ? `${about} ` : ''}${question}`;
}

/** The first row that fits is taken. `undefined` types nothing: the program goes on by itself. */
export type Row = readonly [asks: RegExp, type: string | ((place: Place) => string | Promise<string | undefined>)];

export async function reply(table: readonly Row[], place: Place): Promise<string | undefined> {
  const row = table.find(([asks]) => asks.test(nameOf(place)));
  if (row === undefined) throw new Error(`nobody told what to answer here:\n${place.shown}`);
  return typeof row[1] === 'string' ? row[1] : row[1](place);
}

/** Answers until the program ends, or until `stop` says so; gives the places that were passed. */
export async function walk(
  wizard: Wizard,
  table: readonly Row[],
  stop: (place: Place) => boolean = () => false,
): Promise<readonly Place[]> {
  const places: Place[] = [];
  for (let place = await wizard.place(); place !== undefined; ) {
    places.push(place);
    if (stop(place)) break;
    const text = await reply(table, place);
    place = text === undefined ? await wizard.next() : await wizard.answer(text);
  }
  return places;
}

/** Every proposal is taken; values come from the played console. */
/** Who will use the mailbox has no proposal. */
export const WHO = /Who will use this mailbox\?/;

export const PROPOSALS: readonly Row[] = [
  [/Enter when done:/, ''],
  [WHO, '2'],
  [/Number 1 to \d+:|\[(?:Y\/n|y\/N)\]/, ''],
];

/** Signs in where the address is shown, as a browser on this computer would. */
export function browser(stage: Stage, settings: Partial<BrowserSettings> = {}): Row {
  return [
    /whole address \(hidden\):/,
    async ({ shown }) => {
      await stage.signIn(urlIn(shown), settings);
      return undefined;
    },
  ];
}

/** The authorization address that was shown last. */
export function urlIn(shown: string): string {
  const urls = [...shown.matchAll(/^https:\/\/\S+$/gm)];
  return urls.at(-1)?.[0] ?? '';
}

export async function gmailTable(
  stage: Stage,
  type: 'desktop' | 'web' = 'desktop',
  redirectUris: readonly string[] = [],
): Promise<{ readonly console: GoogleRegistration; readonly table: readonly Row[] }> {
  const console = await registerAtGoogle(stage.authorization, {
    type,
    appName: 'OpenVPMS',
    ...(type === 'web' && { redirectUris }),
  });
  const table: readonly Row[] = [
    [/Mailbox to connect:/, stage.address],
    [/Project ID:/, console.pageAddress],
    [/Client ID:/, console.clientId],
    [/Client secret/, console.clientSecret],
    browser(stage),
    ...PROPOSALS,
  ];
  return { console, table };
}

export async function outlookTable(
  stage: Stage,
  type: 'web' | 'public' = 'web',
): Promise<{
  readonly console: Awaited<ReturnType<typeof registerAtMicrosoft>>;
  readonly table: readonly Row[];
}> {
  const console = await registerAtMicrosoft(stage.authorization, {
    type,
    appName: 'OpenVPMS',
    // The provider ignores the port of this one.
    redirectUris: ['http://localhost:8765/callback', APP_URI],
  });
  const table: readonly Row[] = [
    [/Mailbox to connect:/, stage.address],
    [/\(client\) ID:/, console.clientId],
    [/\(tenant\) ID:/, console.tenant],
    [/Client secret Value/, console.secretValue],
    [/Expiry date/, console.secretExpires],
    browser(stage),
    ...PROPOSALS,
  ];
  return { console, table };
}

/** Every secret that the provider handed out or was sent. */
export function secretsOf(stage: Stage): Secrets {
  return Object.fromEntries([...stage.authorization.secrets].map((secret, index) => [`secret ${index + 1}`, secret]));
}

/** Where a secret was seen that may not be there: one line each, and nothing where all is well. */
export function leaks(stage: Stage, home: Home, terminals: readonly Terminal[]): string {
  const secrets = secretsOf(stage);
  const shown = terminals.flatMap((terminal, index) => scanText(`terminal ${index + 1}`, terminal.raw(), secrets));
  return describe([...shown, ...scanDirectory(home.path, secrets)]);
}
