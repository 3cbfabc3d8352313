/**
 * Runs the end-to-end tests in two halves side by side, each in a network of its own: no port and no server of one is
 * there for the other, and all else that they make has a temporary folder. Half of the time a test here only waits.
 */
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fetchTools } from '../../packaging/executable.js';
import { targetOf } from '../../packaging/targets.js';

/** The folders of one half; the other has all that is left, so that no folder can be forgotten. */
const FIRST: readonly string[] = ['whole'];

const HERE = fileURLToPath(new URL('.', import.meta.url));
const VITEST = fileURLToPath(new URL('../../node_modules/.bin/vitest', import.meta.url));
/** A network of one's own has a loopback interface that is down. */
const APART = ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'] as const;

function halves(): readonly (readonly string[])[] {
  const entries = readdirSync(HERE, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const ofHalf = (isFirst: boolean): readonly string[] =>
    folders.filter((name) => FIRST.includes(name) === isFirst).map((name) => `test/e2e/${name}/`);
  return [ofHalf(true), ofHalf(false)];
}

/** Runs the tests of these folders, and gives their exit code and all they said. */
function run(folders: readonly string[], hear: (text: string) => void): Promise<number> {
  const [file, ...args] = [...apart, VITEST, 'run', '--config', 'test/e2e/vitest.config.ts', ...folders];
  const child = spawn(file as string, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', hear);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** What the second half says is kept until the first has said all, so that they are read one after the other. */
async function sideBySide(first: readonly string[], second: readonly string[]): Promise<readonly number[]> {
  const kept: string[] = [];
  let hear = (text: string): void => void kept.push(text);
  const running = [run(first, say), run(second, (text) => hear(text))];
  const code = (await running[0]) ?? 1;
  hear = say;
  say(kept.join(''));
  return [code, (await running[1]) ?? 1];
}

function say(text: string): void {
  process.stdout.write(text);
}

// A network of one's own leads nowhere, and the program in one file is made from packages.
await fetchTools(targetOf('linux-x64'));
const [first = [], second = []] = halves();
const isAllowed = spawnSync(APART[0], [...APART.slice(1), 'true']).status === 0;
const apart = isAllowed ? APART : [];
// Who may have no network of one's own, as most who are not root, waits for one half after the other.
const codes = isAllowed ? await sideBySide(first, second) : [await run(first, say), await run(second, say)];
process.exitCode = codes.find((code) => code !== 0) ?? 0;
