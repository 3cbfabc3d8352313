/**
 * What V8 has compiled of the program is kept at the end of a start, a file for each part, its checksum behind it: V8
 * itself refuses only what is of another V8 or of a text of another length. `module.enableCompileCache` does the same from
 * Node 22.8 on, and takes longer.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type PartFile, type Parts, partsFrom } from './parts.js';

/** One for each V8: whoever changes between two versions of Node keeps both. */
const PREFIX = `v8-${process.versions.v8}-`;
/** Bytes. */
const CHECKSUM = 4;

interface Kept {
  /** A folder of the user's own. */
  readonly folder: string;
  /** Another one for each content of the program. */
  readonly build: string;
}

/** Loads `file` and the parts that it asks for as `require` does. */
export function loadKeptParts(file: string, { folder, build }: Kept): object {
  const place = join(folder, `${PREFIX}${build}`);
  const root = dirname(file);
  const read = (name: string): PartFile => ({
    code: `(function(module,exports,require,__filename){${readFileSync(join(root, name), 'utf8')}\n})`,
    options: { filename: join(root, name), cachedData: readKept(join(place, keptName(name))) },
  });
  const parts = partsFrom(read, createRequire(file) as (name: string) => object);
  process.once('exit', () => keepNew(parts, place));
  return parts.load(basename(file));
}

function keptName(part: string): string {
  return part.replace(/[\\/]/g, '-');
}

/** Undefined where it is missing, cut or damaged. */
function readKept(path: string): Buffer | undefined {
  try {
    const bytes = readFileSync(path);
    const end = bytes.length - CHECKSUM;
    const data = bytes.subarray(0, end);
    return crc32(data) === bytes.readUInt32BE(end) ? data : undefined;
  } catch {
    return undefined;
  }
}

/** Says nothing where it cannot: the next start takes as long as this one. */
function keepNew({ scripts }: Parts, place: string): void {
  const fresh = [...scripts].filter(([, script]) => script.cachedDataRejected !== false);
  if (fresh.length === 0) return;
  try {
    const isFirst = mkdirSync(place, { recursive: true, mode: 0o700 }) !== undefined;
    if (isFirst) forgetOthers(place);
    for (const [name, script] of fresh) keep(join(place, keptName(name)), script.createCachedData());
  } catch {
    return;
  }
}

function forgetOthers(place: string): void {
  const folder = dirname(place);
  const others = readdirSync(folder).filter((name) => name.startsWith(PREFIX) && name !== basename(place));
  for (const name of others) rmSync(join(folder, name), { recursive: true, force: true });
}

/** Another process may read it at this moment. */
function keep(path: string, data: Buffer): void {
  const checksum = Buffer.alloc(CHECKSUM);
  checksum.writeUInt32BE(crc32(data));
  const draft = `${path}.${process.pid}`;
  try {
    writeFileSync(draft, Buffer.concat([data, checksum]), { mode: 0o600 });
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
