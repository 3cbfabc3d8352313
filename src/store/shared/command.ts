/**
 * A store that a program of the user reaches: `PROGRAM get KEY`, `put KEY`, `delete KEY`. `get` prints
 * `{"version":"7","value":"..."}`, `put` reads the same, where `version` is the one it replaces (absent: only if there is
 * no entry), and prints `{"version":"8"}`. Exit 0 done, 3 not found, 4 lost the race; anything else is trouble, in the
 * words of its standard error. A program that knows no versions leaves them out.
 */
import { spawn } from 'node:child_process';
import { isAbsolute } from 'node:path';
import type { Readable } from 'node:stream';
import { MailauthError } from '../../explain/problem.js';
import { recordIn } from '../../words/json.js';
import { redact } from '../../words/redact.js';
import { oneLine, shownPath } from '../../words/sanitise.js';
import { Secret } from '../../words/secret.js';
import { errnoOf } from '../files.js';
import type { Opening } from '../store.js';
import { type Engine, LOST_RACE } from './engine.js';
import { damaged } from './entry.js';

const NOT_FOUND = 3;
const LOST = 4;
/** A program may have to ask a server, or a person for the password of a key. */
const DEADLINE_MS = 60_000;
const OUTPUT_LIMIT = 1024 * 1024;

export function openCommand(path: string, opening: Pick<Opening, 'env' | 'signal' | 'waitFor'>): Engine {
  const name = shownPath(path);
  const run = async (verb: string, key: string, input?: Secret): Promise<Ended> => {
    const wait = { what: `${name} ${verb}`, seconds: DEADLINE_MS / 1000 };
    const ended = await opening.waitFor(wait, runProgram(path, [verb, key], input, opening));
    if ([0, NOT_FOUND, LOST].includes(ended.code ?? -1)) return ended;
    throw failed(name, verb, ended, input);
  };
  return {
    choice: { kind: 'command', at: path },
    describe: () => `the store behind ${name}`,
    async get(key) {
      const { code, stdout } = await run('get', key);
      if (code === NOT_FOUND) return undefined;
      const { version, value } = parse(stdout, name);
      if (code === LOST || typeof value !== 'string') throw damaged(name, 'its get printed no value');
      return { text: new Secret(value), version: versionIn(version, name) };
    },
    async put(key, text, replaces) {
      const document = { ...(replaces !== undefined && { version: replaces }), value: text.reveal() };
      const { code, stdout } = await run('put', key, new Secret(JSON.stringify(document)));
      // Not found: the version that was to be replaced is gone with its entry.
      if (code !== 0) return LOST_RACE;
      return stdout.trim() === '' ? undefined : versionIn(parse(stdout, name)['version'], name);
    },
    async delete(key) {
      const { code } = await run('delete', key);
      return code === 0;
    },
  };
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** No shell; what is stored goes through standard input. Its environment is ours, from which our secrets are gone. */
function runProgram(
  path: string,
  args: readonly string[],
  input: Secret | undefined,
  { env, signal }: Pick<Opening, 'env' | 'signal'>,
): Promise<Ended> {
  if (!isAbsolute(path)) throw new MailauthError('bad_input', `${shownPath(path)} is not a full path`);
  return new Promise((resolve, reject) => {
    const child = start(path, args, { env, signal });
    const out = gathered(child.stdout, () => stop());
    const err = gathered(child.stderr, () => undefined);
    // What it has started may live on and keep its pipes open.
    const letGo = (): void => {
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const stop = (): void => {
      child.kill('SIGKILL');
      letGo();
    };
    const late = setTimeout(stop, DEADLINE_MS);
    // A program that does not read what it is given.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input?.reveal() ?? '');
    child.once('error', (error) => {
      clearTimeout(late);
      reject(signal.aborted ? signal.reason : notStarted(path, error));
    });
    child.once('exit', () => setTimeout(letGo, 1_000).unref());
    child.once('close', (code) => {
      clearTimeout(late);
      resolve({ code, stdout: out(), stderr: err() });
    });
  });
}

/** Node throws some of the reasons why a program cannot be started, and tells the others as an event. */
function start(path: string, args: readonly string[], settings: Pick<Opening, 'env' | 'signal'>) {
  try {
    return spawn(path, args, { ...settings, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
  } catch (error) {
    throw notStarted(path, error as Error);
  }
}

/** The text of a stream, as far as it is wanted; `full` is called when there is more. */
function gathered(stream: Readable, full: () => void): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= OUTPUT_LIMIT) chunks.push(chunk);
    else full();
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

function parse(stdout: string, name: string): Record<string, unknown> {
  const record = recordIn(stdout);
  if (record === undefined) throw damaged(name, 'it printed no JSON object');
  return record;
}

function versionIn(version: unknown, name: string): string | undefined {
  if (version === undefined || version === null) return undefined;
  if (typeof version === 'string' && /^[\x21-\x7d]{1,200}$/.test(version)) return version;
  throw damaged(name, 'the version it printed is not a short text without blanks');
}

/** Every text in a document and in the documents that stand in it as texts: the program may quote any of them. */
function secretsWithin(text: string): readonly Secret[] {
  let inner: unknown;
  try {
    inner = JSON.parse(text);
  } catch {
    inner = undefined;
  }
  const values = typeof inner === 'object' && inner !== null ? Object.values(inner) : [];
  const texts = values.flatMap((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value)));
  return [new Secret(text), ...texts.filter((one) => one.length >= 8).flatMap(secretsWithin)];
}

function notStarted(path: string, error: Error): MailauthError {
  const errno = errnoOf(error) ?? error.message;
  const why =
    errno === 'ENOENT' ? 'there is no such program' : ['EACCES', 'EPERM'].includes(errno) ? 'it may not be run' : errno;
  return new MailauthError(
    'store_unavailable',
    `${shownPath(path)}, which reaches the store, cannot be started: ${why}`,
    {
      who: 'you',
      fix: [{ text: `put the program there and make it executable, then run the same command again` }],
      cause: error,
    },
  );
}

function failed(name: string, verb: string, { code, stderr }: Ended, input: Secret | undefined): MailauthError {
  const lines = redact(stderr, input === undefined ? [] : secretsWithin(input.reveal()))
    .trim()
    .split('\n');
  const words = oneLine(lines.at(-1) ?? '');
  const how = code === null ? 'was stopped after a minute, or by a signal' : `ended with ${code}`;
  return new MailauthError('store_unavailable', `${name} ${verb} ${how}${words === '' ? '' : `: "${words}"`}`, {
    who: 'you',
    fix: [{ text: `run it by hand to see more: ${name} get test` }],
  });
}
