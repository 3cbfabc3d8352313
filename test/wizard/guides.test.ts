/** Both guides from the first to the last step, as a person sees them at terminals of different widths. */
import { describe, expect, test } from 'vitest';
import { fill, itemsOf } from '../../src/guide/plan.js';
import type { Provider } from '../../src/guide/provider.js';
import type { Answers } from '../../src/guide/step.js';
import { gmail } from '../../src/providers/gmail/provider.js';
import { outlook } from '../../src/providers/outlook/provider.js';
import { freePorts } from '../servers/ports.js';
import { makeScreen } from '../servers/screen.js';
import {
  APP_URI,
  gmailTable,
  type Home,
  leaks,
  nameOf,
  outlookTable,
  type Place,
  type Row,
  type Stage,
  setScene,
  until,
  urlIn,
  type Wizard,
  walk,
} from './stage.js';

const scene = setScene();

interface Walked {
  readonly places: readonly Place[];
  readonly wizard: Wizard;
  readonly code: number;
  readonly home: Home;
}

async function setUp(
  stage: Stage,
  provider: string,
  table: readonly Row[],
  options: { cols?: number; args?: readonly string[]; env?: Record<string, string> } = {},
): Promise<Walked> {
  const home = stage.home();
  const args = [provider, '--no-browser', ...stage.flags, ...(options.args ?? [])];
  const wizard = scene.begin(home, args, {
    env: options.env ?? {},
    ...(options.cols !== undefined && { cols: options.cols }),
  });
  const places = await walk(wizard, table);
  const { code } = await wizard.terminal.exited();
  return { places, wizard, code, home };
}

/** Every heading and every roman number that was shown, in order; `6.i to iv` where they fell away. */
function numbersIn(shown: string): readonly string[] {
  let step = '';
  return shown.split('\n').flatMap((line) => {
    const heading = /^STEP (\d+) of \d+ {2}/.exec(line)?.[1];
    if (heading !== undefined) {
      step = heading;
      return [heading];
    }
    const part = /^ {2}(?:SKIP {2})?([ivx]+(?: to [ivx]+)?)[.:] /.exec(line)?.[1];
    return part === undefined ? [] : [`${step}.${part}`];
  });
}

const GMAIL = [
  ['1', '1.i', '1.ii', '2', '2.i', '3', '3.i', '3.ii', '3.iii', '4', '4.i', '4.ii', '4.iii', '4.iv', '4.v'],
  ['5', '5.i', '5.ii', '5.iii', '5.iv', '5.v', '5.vi', '5.vii', '5.viii', '6', '6.i to iv', '6.v', '6.vi', '6.vii'],
  ['7', '7.i', '7.ii', '7.iii', '7.iv', '7.v', '8', '9'],
].flat();

const OUTLOOK = [
  ['1', '1.i', '1.ii', '2', '2.i', '3', '3.i', '3.ii', '4', '5', '5.i', '5.ii', '5.iii', '6', '6.i', '6.ii'],
  [
    '7',
    '8',
    '8.i',
    '8.ii',
    '8.iii',
    '9',
    '9.i',
    '10',
    '11',
    '11.i',
    '12',
    '12.i',
    '12.ii',
    '12.iii',
    '12.iv',
    '12.v',
    '12.vi',
    '13',
    '14',
  ],
].flat();

/** What a person needs is read before the first question; nothing of it may have scrolled away by then. */
const rowsOf = (place: Place | undefined): number => (place?.shown ?? '').split('\n').length;

describe('at 80 columns', () => {
  test('Gmail is set up, every step and roman number of the guide told in order', async () => {
    const { console, table } = await gmailTable(scene.google);
    const { wizard, code, home, places } = await setUp(scene.google, 'gmail', table);
    const shown = wizard.terminal.text();
    expect(code, shown).toBe(0);
    expect(rowsOf(places[0])).toBeLessThanOrEqual(24);
    expect(numbersIn(shown)).toEqual(GMAIL);
    // One more opens the browser, which this set-up does without.
    const enters = places.filter(({ asks }) => !/^(?:Mailbox|.*Project ID|Client|.*whole address)/.test(asks));
    expect(enters.map(nameOf)).toHaveLength(Math.min(enters.length, 19));
    expect(shown).toContain('SKIP  i to iv: the app is published, so it needs no test users');
    expect(shown).toContain(`OK  ${scene.google.address} is set up, as gmail`);
    expect(shown).toMatch(
      /mailauth check gmail\n[\s\S]*mailauth export gmail --format list[\s\S]*only a user[\s\S]*mailauth password gmail\b/,
    );
    expect(shown.split('\n')).toContain(`        Open: ${console.pageAddress}`);
    expect(home.drafts()).toEqual([]);
    expect(leaks(scene.google, home, [wizard.terminal])).toBe('');
  });

  test('Outlook is set up, every step and roman number told in order', async () => {
    const { table } = await outlookTable(scene.microsoft);
    const { wizard, code, home, places } = await setUp(scene.microsoft, 'outlook', table);
    const shown = wizard.terminal.text();
    expect(code, shown).toBe(0);
    expect(rowsOf(places[0])).toBeLessThanOrEqual(24);
    expect(numbersIn(shown)).toEqual(OUTLOOK);
    expect(shown).toContain(`OK  the directory ${scene.microsoft.authorization.tenant} exists`);
    expect(shown).toContain(`OK  ${scene.microsoft.address} is set up, as outlook`);
    expect(home.drafts()).toEqual([]);
    expect(leaks(scene.microsoft, home, [wizard.terminal])).toBe('');
  });
});

/** What the program wrote, line by line, whatever the terminal made of it: redrawn prompts as they stand at last. */
function linesOf({ wizard }: Walked): readonly string[] {
  const paper = makeScreen(10_000, 10_000);
  paper.write(wizard.terminal.raw());
  return paper.lines();
}

/** Wider than the terminal, and neither one unbroken word nor to be copied: a value ten columns in, or a command. */
function tooWide(walked: Walked, columns: number): readonly string[] {
  return linesOf(walked).filter((line) => {
    const isOneWord = !line.replace(/^ *(Open: )?/, '').includes(' ');
    const isToCopy = /^ {10}|^ {6}mailauth /.test(line);
    return line.length > columns && !isToCopy && !isOneWord;
  });
}

/** The links of the guide that are in the bytes nowhere in one piece, with the answers known then or later. */
function brokenLinks({ wizard }: Walked, provider: Provider, early: Answers, late: Answers): readonly string[] {
  const raw = wizard.terminal.raw();
  const links = itemsOf(provider, late).flatMap((item) => {
    const own = item.kind === 'instruction' ? item.instruction.url : undefined;
    const url = own ?? (item.step.instructions.some((one) => one.url !== undefined) ? undefined : item.step.url);
    return url === undefined ? [] : [[fill(url, early, provider), fill(url, late, provider)]];
  });
  expect(links.length).toBeGreaterThan(6);
  return links.filter((spellings) => !spellings.some((link) => raw.includes(link))).flat();
}

function authorizationUrl({ wizard }: Walked): URL {
  const url = urlIn(wizard.terminal.text());
  expect(wizard.terminal.raw()).toContain(url);
  return new URL(url);
}

const SGR = /\x1b\[[\d;]*m/;

describe('at other widths', () => {
  test('what follows fits a window that was made narrower meanwhile', async () => {
    const { table } = await gmailTable(scene.google);
    const wizard = scene.begin(scene.google.home(), ['gmail', '--no-browser', ...scene.google.flags]);
    await until(wizard, table, /^2\.i /);
    wizard.terminal.resize(40, 24);
    const before = wizard.terminal.raw().length;
    await until(wizard, table, /^4\.v /);
    const paper = makeScreen(10_000, 10_000);
    paper.write(wizard.terminal.raw().slice(before));
    const prose = paper.lines().filter((line) => !/Open: |^ +\/|STEP 3 of 9 {2}Log in to https/.test(line));
    expect(prose.filter((line) => line.length > 40)).toEqual([]);
    expect(prose.length).toBeGreaterThan(20);
    wizard.terminal.kill('SIGKILL');
  });

  test('at 40 columns and without colour every address is whole, no line too wide, and the shared form stands at the end', async () => {
    const [port = 0] = await freePorts(1);
    const mine = `http://127.0.0.1:${port}/callback`;
    const { console, table } = await gmailTable(scene.google, 'web', [mine, APP_URI]);
    const args = ['--app-redirect-uri', APP_URI, '--redirect-port', String(port)];
    const walked = await setUp(scene.google, 'gmail', table, { cols: 40, args, env: { NO_COLOR: '1' } });
    const shown = walked.wizard.terminal.text();
    expect(walked.code, shown).toBe(0);
    const early = { account: scene.google.address, 'app-redirect-uri': [APP_URI], 'redirect-port': String(port) };
    expect(brokenLinks(walked, gmail, early, { ...early, project: console.projectId })).toEqual([]);
    expect(authorizationUrl(walked).searchParams.get('redirect_uri')).toBe(mine);
    expect(tooWide(walked, 40)).toEqual([]);
    expect(walked.wizard.terminal.raw()).not.toMatch(SGR);
    expect(walked.places.filter(({ asks }) => asks.includes('Who will use'))).toEqual([]);
    const [, form = ''] = shown.split('STEP 9 of 9');
    for (const value of [console.clientId, APP_URI, 'localhost', 'OAuth2 - Gmail']) expect(form).toContain(value);
    expect(form).toContain('mailauth export gmail --format form --show-secret');
    expect(leaks(scene.google, walked.home, [walked.wizard.terminal])).toBe('');
  });

  test('at 200 columns and with FORCE_COLOR the same holds, and the words stand without their colours', async () => {
    const { console, table } = await outlookTable(scene.microsoft);
    const env = { FORCE_COLOR: '1', NO_COLOR: '1', TERM: 'dumb' };
    const walked = await setUp(scene.microsoft, 'outlook', table, { cols: 200, env });
    expect(walked.code, walked.wizard.terminal.text()).toBe(0);
    const early = { account: scene.microsoft.address };
    const late = { ...early, 'client-id': console.clientId, tenant: console.tenant };
    expect(brokenLinks(walked, outlook, early, late)).toEqual([]);
    expect(authorizationUrl(walked).searchParams.get('client_id')).toBe(console.clientId);
    expect(tooWide(walked, 100)).toEqual([]);
    expect(walked.wizard.terminal.raw()).toMatch(SGR);
    expect(walked.wizard.terminal.text()).toMatch(/^ {2}OK {2}/m);
    expect(leaks(scene.microsoft, walked.home, [walked.wizard.terminal])).toBe('');
  });

  test('N13 a plain terminal and a screen reader get words first, no colour and no glyph; a public client skips steps 7 to 9', async () => {
    const { console, table } = await outlookTable(scene.microsoft, 'public');
    const publicClient: readonly Row[] = [[/Type of registration/, '2'], ...table];
    const env = { TERM: 'dumb', ACCESSIBLE: '1' };
    const walked = await setUp(scene.microsoft, 'outlook', publicClient, { cols: 40, env });
    const shown = walked.wizard.terminal.text();
    expect(walked.code, shown).toBe(0);
    expect(console.secretValue).toBe('');
    expect(shown.match(/SKIP {2}a public client has no secret/g)).toHaveLength(3);
    expect(walked.places.filter(({ asks }) => asks.includes('secret'))).toEqual([]);
    expect(tooWide(walked, 40)).toEqual([]);
    expect(walked.wizard.terminal.raw()).not.toMatch(SGR);
    expect(shown.replace(/[\x20-\x7e\n\u2019]/g, '')).toBe('');
  });
});
