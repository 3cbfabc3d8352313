/**
 * Modules that are loaded where they are first used: those of Node, and what libraries bring along (chunks.js). Crypto,
 * streams and the like take as long to load as a whole quick token takes, and most commands need few of them.
 */

/** What loads a module of Node, or a library's part, for the name before it. */
const LOADS = [
  /^(?:const|let) (node_\w+) = (require\("node:[^"]+"\));\n(?:\1 = ([\w.]+)\(\1, 1\);\n)?/gm,
  /^const (require_library_\w+) = (require\("\.\/library-[^"]+"\));\n/gm,
  /^var (import_\w+) = (?:\/\* @__PURE__ \*\/ )?(.*\brequire_library_\w+\.late\..*);\n/gm,
];

/**
 * For rolldown, which loads at the beginning of a file what any part of it may need.
 *
 * @type {import('rolldown').Plugin}
 */
export const lateModules = {
  name: 'late-modules',
  renderChunk: (code) => LOADS.reduce(withLate, code),
};

function withLate(code, loads) {
  return Array.from(code.matchAll(loads)).reduce((text, [lines, name, load, wrap]) => {
    const rest = text.replace(lines, '');
    // A module that is handed on as a whole stays as it is.
    if (new RegExp(`\\b${name}\\b(?!\\.)`).test(rest)) return text;
    const value = wrap === undefined ? load : `${wrap}(${load}, 1)`;
    const later = `const ${name} = { get late() { return Object.defineProperty(this, 'late', { value: ${value} }).late; } };\n`;
    return text
      .replace(lines, () => '\0')
      .replace(new RegExp(`\\b${name}\\.`, 'g'), `${name}.late.`)
      .replace('\0', () => later);
  }, code);
}
