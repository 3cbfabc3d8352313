import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../src/', import.meta.url));

/** Which rooms stand on which floor (docs/architecture.md). A file may import from its own floor and below. */
const FLOOR: Readonly<Record<string, number>> = {
  core: 0,
  providers: 0,
  oauth: 1,
  mail: 1,
  store: 1,
  system: 1,
  flows: 2,
  render: 2,
  cli: 3,
};

/** Rooms of one floor that must not know each other: data does not reach into code, renderers do not run flows. */
const STRANGERS: readonly (readonly [string, string])[] = [
  ['core', 'providers'],
  ['render', 'flows'],
  ['flows', 'render'],
  ['mail', 'oauth'],
  ['oauth', 'mail'],
  ['store', 'oauth'],
  ['store', 'mail'],
];

/** Modules of Node that do nothing but compute; what else node:crypto can do is caught by the words below. */
const PURE_MODULES = new Set(['node:util', 'node:crypto']);

/** The libraries, and the one room each may be used in. */
const HOME_OF: Readonly<Record<string, string>> = {
  commander: 'cli',
  '@inquirer/prompts': 'cli',
  chalk: 'render',
  open: 'system',
  undici: 'system',
  'openid-client': 'oauth',
  nodemailer: 'mail',
  imapflow: 'mail',
  keytar: 'store',
};

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const imports = files.flatMap((file) => {
  const text = readFileSync(join(SRC, file), 'utf8');
  // The import lines stand before the first declaration; a text further down may quote one.
  const [head = ''] = text.split(/^(?:export )?(?:const|function|async function|interface|type \w+ =|class)\b/m);
  const fixed = [...head.matchAll(/^(?:import|export)\b[^;']*\bfrom '([^'\n]+)'/gm)];
  const lazy = [...text.matchAll(/\bimport(?:\.meta\.resolve)?\('([^'\n]+)'\)/g)];
  return [...fixed, ...lazy].map(([, target = '']) => ({ file, target, room: file.split(sep)[0] ?? '' }));
});

function roomOf({ file, target }: { file: string; target: string }): string {
  return relative(SRC, normalize(join(SRC, dirname(file), target))).split(sep)[0] ?? '';
}

describe('the house', () => {
  it('has a floor for every room', () => {
    expect(
      [...new Set(files.map((file) => file.split(sep)[0]))].filter((room) => FLOOR[room ?? ''] === undefined),
    ).toEqual([]);
  });

  it('has no arrow that points up', () => {
    const own = imports.filter(({ target }) => target.startsWith('.'));
    expect(own.length).toBeGreaterThan(100);
    const up = own.filter((one) => (FLOOR[roomOf(one)] ?? 99) > (FLOOR[one.room] ?? -1));
    expect(up.map(({ file, target }) => `${file} -> ${target}`)).toEqual([]);
  });

  it('keeps strangers apart', () => {
    const own = imports.filter(({ target }) => target.startsWith('.'));
    const meetings = own.filter((one) => STRANGERS.some(([from, to]) => one.room === from && roomOf(one) === to));
    expect(meetings.map(({ file, target }) => `${file} -> ${target}`)).toEqual([]);
  });

  it('keeps the lowest floor pure', () => {
    const impure = imports.filter(
      ({ room, target }) => FLOOR[room] === 0 && !target.startsWith('.') && !PURE_MODULES.has(target),
    );
    expect(impure.map(({ file, target }) => `${file} -> ${target}`)).toEqual([]);
    const core = files.filter((file) => FLOOR[file.split(sep)[0] ?? ''] === 0);
    const unclean = core.filter((file) =>
      /\b(process\.[a-z]|Date\.now\(|new Date\(\)|Math\.random|random(?:Bytes|UUID|Int)|fetch\()/.test(
        readFileSync(join(SRC, file), 'utf8'),
      ),
    );
    expect(unclean).toEqual([]);
  });

  it('uses each library in one room', () => {
    const libraries = imports.filter(({ target }) => !target.startsWith('.') && !target.startsWith('node:'));
    const astray = libraries.filter(({ room, target }) => HOME_OF[target] !== room);
    expect(astray.map(({ file, target }) => `${file} -> ${target}`)).toEqual([]);
    expect(new Set(libraries.map(({ target }) => target))).toEqual(new Set(Object.keys(HOME_OF)));
  });
});
