import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { PROVIDER_NAMES } from '../src/providers/outline.js';

const SRC = fileURLToPath(new URL('../src/', import.meta.url));

/** The rooms from the ground up (docs/architecture.md). A file may import from its own room and from those before it. */
const ROOMS = [
  'words',
  'explain',
  'account',
  'guide',
  'providers',
  'system',
  'store',
  'mail',
  'oauth',
  'render',
  'export',
  'flows',
  'serve',
  'cli',
] as const;

/** Rooms that could see each other and must not: renderers and exports turn data into text and reach for nothing. */
const STRANGERS: readonly (readonly [string, string])[] = [
  ['oauth', 'mail'],
  ['oauth', 'store'],
  ['mail', 'store'],
  ['render', 'store'],
  ['render', 'mail'],
  ['render', 'oauth'],
  ['render', 'system'],
  ['export', 'store'],
  ['export', 'system'],
];

/** Rooms without input, output, clock, randomness or environment. */
const PURE = new Set(['words', 'explain', 'account', 'guide', 'providers']);

/** Modules of Node that do nothing but compute; what else node:crypto can do is caught by the words below. */
const PURE_MODULES = new Set(['node:util', 'node:crypto']);

/** The libraries, and the one room each may be used in. */
const HOME_OF: Readonly<Record<string, string>> = {
  commander: 'cli',
  '@inquirer/core': 'cli',
  '@inquirer/prompts': 'cli',
  'fast-string-width': 'render',
  chalk: 'render',
  open: 'system',
  socks: 'system',
  'openid-client': 'oauth',
  nodemailer: 'mail',
  'nodemailer/lib/smtp-transport': 'mail',
  imapflow: 'mail',
  keytar: 'store',
};

interface Arrow {
  readonly file: string;
  readonly target: string;
  /** Needed only by the compiler, or only once the program runs: neither can make a circle at start. */
  readonly late: boolean;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.split(sep).join('/'));

const arrows = files.flatMap((file): Arrow[] => {
  const text = readFileSync(join(SRC, file), 'utf8');
  // The import lines stand before the first declaration; a text further down may quote one.
  const [head = ''] = text.split(/^(?:export )?(?:const|function|async function|interface|type \w+ =|class)\b/m);
  const fixed = [...head.matchAll(/^(?:import|export)\b([^;']*)\bfrom '([^'\n]+)'/gm)];
  const lazy = [...text.matchAll(/\b(?:import|createRequire\(import\.meta\.url\)\.resolve)\('([^'\n]+)'\)/g)];
  return [
    ...fixed.map(([, what = '', target = '']) => ({ file, target, late: /^\s*type\b/.test(what) })),
    ...lazy.map(([, target = '']) => ({ file, target, late: true })),
  ];
});

const own = arrows
  .filter(({ target }) => target.startsWith('.'))
  .map((arrow) => ({
    ...arrow,
    target: relative(SRC, normalize(join(SRC, dirname(arrow.file), arrow.target)))
      .split(sep)
      .join('/')
      .replace(/\.js$/, '.ts'),
  }));

const libraries = arrows.filter(({ target }) => !target.startsWith('.'));

function roomOf(file: string): string {
  return file.split('/')[0] ?? '';
}

function floorOf(file: string): number {
  return (ROOMS as readonly string[]).indexOf(roomOf(file));
}

const shown = ({ file, target }: Arrow): string => `${file} -> ${target}`;

/** Files that can be reached from themselves, each circle as the way that was walked. */
function circles(among: readonly Arrow[]): string[] {
  const next = new Map(files.map((file) => [file, among.filter((one) => one.file === file).map((one) => one.target)]));
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) found.push([...way.slice(way.indexOf(file)), file].join(' -> '));
    if (way.includes(file) || done.has(file)) return;
    for (const target of next.get(file) ?? []) walk(target, [...way, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
  return found;
}

describe('the house', () => {
  it('has a floor for every room', () => {
    expect(files.filter((file) => floorOf(file) < 0)).toEqual([]);
    expect(own.length).toBeGreaterThan(300);
    expect(own.filter(({ target }) => !files.includes(target)).map(shown)).toEqual([]);
  });

  it('has no arrow that points up', () => {
    expect(own.filter(({ file, target }) => floorOf(target) > floorOf(file)).map(shown)).toEqual([]);
  });

  it('has no circle of files', () => {
    expect(circles(own)).toEqual([]);
  });

  it('keeps strangers apart', () => {
    const meetings = own.filter((one) =>
      STRANGERS.some(([from, to]) => roomOf(one.file) === from && roomOf(one.target) === to),
    );
    expect(meetings.map(shown)).toEqual([]);
  });

  it('keeps the lowest rooms pure', () => {
    const impure = libraries.filter(({ file, target }) => PURE.has(roomOf(file)) && !PURE_MODULES.has(target));
    expect(impure.map(shown)).toEqual([]);
    const unclean = files
      .filter((file) => PURE.has(roomOf(file)))
      .filter((file) =>
        /\b(process\.[a-z]|Date\.now\(|new Date\(\)|Math\.random|random(?:Bytes|UUID|Int)|fetch\()/.test(
          readFileSync(join(SRC, file), 'utf8'),
        ),
      );
    expect(unclean).toEqual([]);
  });

  it('uses each library in one room', () => {
    const outside = libraries.filter(({ target }) => !target.startsWith('node:'));
    expect(outside.filter(({ file, target }) => HOME_OF[target] !== roomOf(file)).map(shown)).toEqual([]);
    expect(new Set(outside.map(({ target }) => target))).toEqual(new Set(Object.keys(HOME_OF)));
  });

  it("keeps each provider's name in its folder", () => {
    const ids = PROVIDER_NAMES.filter((id) => id !== 'custom').map((id) => id.replace('-', '[-.]'));
    const others = [
      'google',
      'microsoft',
      '\\bentra\\b',
      'azure',
      '\\bexchange(?: online| server)',
      'office ?365',
      'hotmail',
    ];
    const names = new RegExp([...ids, ...others].join('|'), 'i');
    // Where a word means a computer or a specification, and no mail provider: the kernel of WSL, Azure Cloud Shell, and
    // the one place where XOAUTH2 is written down.
    const elsewhere = /AZUREPS_HOST_ENVIRONMENT|\/microsoft\|wsl\/i|^ \* @see https:/;
    const strays = files
      .filter((file) => !/^(?:providers\/(?:[a-z-]+\/|(?:directory|outline|words)\.ts$)|export\/)/.test(file))
      .flatMap((file) =>
        readFileSync(join(SRC, file), 'utf8')
          .split('\n')
          // An identifier such as missingMailScopes holds the letters by chance.
          .filter((line) => names.test(line.replaceAll('missingMail', '')) && !elsewhere.test(line))
          .map((line) => `${file}: ${line.trim()}`),
      );
    expect(strays).toEqual([]);
  });

  it('lets no flow ask who signs in: what follows from it is a row of SIGN_INS', () => {
    const asks =
      /\bisApp\(|\bsignIn(?:\)|\b)[^\n]{0,20}[!=]==? ?'(?:person|app)'|'sign-in'[^\n]{0,20}[!=]==? ?'(?:person|app)'/;
    const asking = files
      .filter((file) => /^(?:flows|serve|cli)\//.test(file))
      .filter((file) => asks.test(readFileSync(join(SRC, file), 'utf8')));
    expect(asking).toEqual([]);
  });

  it('gives no two things one name', () => {
    const folders = new Set(files.map((file) => dirname(file)));
    expect(files.filter((file) => folders.has(file.replace(/\.ts$/, '')))).toEqual([]);
    expect(files.filter((file) => /(^|\/)(utils?|helpers?|common|index|misc)\.ts$/.test(file))).toEqual([]);
  });
});
