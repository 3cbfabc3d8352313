import { basename } from 'node:path';
import { Script } from 'node:vm';

/** What a part of the program may ask for: another part by `./name`, or a module that is built into Node. */
type Require = (name: string) => object;

export interface Parts {
  load(name: string): object;
  /** Of those that were loaded, for their code caches. */
  readonly scripts: ReadonlyMap<string, Script>;
}

/**
 * Loads the parts of the program, which the bundle has cut so that a command loads its own alone. `read` gives the bytes
 * of a part in ASCII, and those of its code cache, which may be none, under its name with `.cache`.
 */
export function partsFrom(read: (name: string) => Buffer, builtIn: Require): Parts {
  const modules = new Map<string, { exports: object }>();
  const scripts = new Map<string, Script>();
  const load = (name: string): object => {
    const known = modules.get(name);
    if (known !== undefined) return known.exports;
    const cache = read(`${name}.cache`);
    const script = new Script(read(name).toString('latin1'), {
      filename: name,
      ...(cache.length > 0 && { cachedData: cache }),
    });
    const module = { exports: {} };
    modules.set(name, module);
    scripts.set(name, script);
    const wanted: Require = (other) => (other.startsWith('.') ? load(basename(other)) : builtIn(other));
    script.runInThisContext()(module, module.exports, wanted);
    return module.exports;
  };
  return { load, scripts };
}
