/**
 * Node's own modules, loaded where they are first used: crypto, streams and the like take as long to load as a whole quick
 * token takes, and most commands need few of them.
 */

/**
 * For rolldown, which loads at the beginning of a file what any part of it may need.
 *
 * @type {import('rolldown').Plugin}
 */
export const lateModules = {
  name: 'late-modules',
  renderChunk(code) {
    const loads = /^(?:let|const) (node_\w+) = require\(("node:[^"]+")\);$/gm;
    return Array.from(code.matchAll(loads)).reduce((text, [load, name, id]) => {
      // A module that is handed on as a whole stays as it is.
      if (new RegExp(`\\b${name}\\b(?! = require|\\.)`).test(text)) return text;
      const later = `const ${name} = { get late() { return Object.defineProperty(this, 'late', { value: require(${id}) }).late; } };`;
      return text.replaceAll(`${name}.`, `${name}.late.`).replace(load, later);
    }, code);
  },
};
