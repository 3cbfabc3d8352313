/** How large the parts of the house may be: a function fits a screen and can be called without counting. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseAst } from 'vitest/node';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const MOST_LINES = 60;
const MOST_PARAMETERS = 4;

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly id?: { readonly name?: string } | null;
  readonly key?: { readonly name?: string };
  readonly value?: Node;
  readonly params?: readonly { readonly type: string }[];
  readonly [child: string]: unknown;
}

interface Measured {
  /** `file.ts:12 name` */
  readonly place: string;
  readonly lines: number;
  readonly parameters: number;
}

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

/** Every function of a text, also those inside others: what is inside counts for the outer one too. */
function functionsIn(file: string, text: string): readonly Measured[] {
  const found: Measured[] = [];
  const lineOf = (offset: number): number => text.slice(0, offset).split('\n').length;
  const visit = (node: Node, name: string): void => {
    const own = node.id?.name ?? node.key?.name ?? name;
    if (FUNCTIONS.has(node.type)) {
      const first = lineOf(node.start);
      const lines = lineOf(node.end) - first + 1;
      found.push({ place: `${file}:${first} ${own}`, lines, parameters: node.params?.length ?? 0 });
    }
    for (const child of Object.values(node).flat()) if (isNode(child)) visit(child, own);
  };
  visit(parseAst(text, { lang: 'ts' }) as unknown as Node, '');
  return found;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

function textsBelow(folder: string): readonly { readonly file: string; readonly text: string }[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(?:ts|js)$/.test(file))
    .map((file) => ({
      file: `${folder}/${file.split(sep).join('/')}`,
      text: readFileSync(join(ROOT, folder, file), 'utf8'),
    }));
}

const sources = textsBelow('src');
const all = sources.flatMap(({ file, text }) => functionsIn(file, text));

describe('the parts of the house', () => {
  it('are found', () => {
    const text = 'const long = async (a: number, [b]: string[] = []) => {\n  return a;\n};\nclass A { m() {} }\n';
    expect(functionsIn('x.ts', text)).toEqual([
      { place: 'x.ts:1 long', lines: 3, parameters: 2 },
      { place: 'x.ts:4 m', lines: 1, parameters: 0 },
    ]);
    expect(all.length).toBeGreaterThan(1_000);
  });

  it('fit a screen', () => {
    expect(all.filter(({ lines }) => lines > MOST_LINES)).toEqual([]);
  });

  it('are offered only where another file takes them', () => {
    const others = ['test', 'packaging', 'bin'].flatMap(textsBelow);
    const takenBy = new Map<string, number>();
    for (const { text } of [...sources, ...others])
      for (const word of new Set(text.match(/\w+/g))) takenBy.set(word, (takenBy.get(word) ?? 0) + 1);
    const offered = sources.flatMap(({ file, text }) =>
      [...text.matchAll(/^export (?:async )?(?:const|function\*?|class|interface|type) (\w+)/gm)].map(
        ([, name = '']) => ({ file, name }),
      ),
    );
    expect(offered.length).toBeGreaterThan(1_000);
    expect(offered.filter(({ name }) => takenBy.get(name) === 1)).toEqual([]);
  });

  it('are called with few words', () => {
    expect(all.filter(({ parameters }) => parameters > MOST_PARAMETERS)).toEqual([]);
  });
});
