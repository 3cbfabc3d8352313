import { dirname, join } from 'node:path';
import { Script, type ScriptOptions } from 'node:vm';

/** What a part asks for by another name than `./part`: a module of Node, or a library that stands beside the program. */
type Require = (name: string) => object;

export interface PartFile {
  /** A function of `module`, `exports`, `require` and `__filename`. */
  readonly code: string;
  readonly options: ScriptOptions;
}

export interface Parts {
  load(name: string): object;
  /** Of those that were loaded, for their code caches. */
  readonly scripts: ReadonlyMap<string, Script>;
}

/**
 * Loads the program part by part, as the build has cut it so that a command loads its own alone. Names are paths from its
 * root.
 */
export function partsFrom(read: (name: string) => PartFile, otherwise: Require): Parts {
  const modules = new Map<string, { exports: object }>();
  const scripts = new Map<string, Script>();
  const load = (name: string): object => {
    const known = modules.get(name);
    if (known !== undefined) return known.exports;
    const { code, options } = read(name);
    const script = new Script(code, options);
    const module = { exports: {} };
    modules.set(name, module);
    scripts.set(name, script);
    const wanted: Require = (other) => (other.startsWith('.') ? load(join(dirname(name), other)) : otherwise(other));
    script.runInThisContext()(module, module.exports, wanted, options.filename);
    return module.exports;
  };
  return { load, scripts };
}
