/** V8's own words name code and never values. Node's and a library's may quote what they were given. */
const SPEAKS_OF_CODE = [TypeError, ReferenceError, RangeError];
/** An installation that lacks a file: the message names it. */
const SPEAKS_OF_FILES = 'ERR_MODULE_NOT_FOUND';
const FRAME = /^ {4}at (?:[\w$.<>[\] ]{1,100} \()?(?:file:|node:|\/|[A-Z]:\\)[^?#]*:\d+:\d+\)?$/;

/**
 * What a maintainer needs of a mistake of ours: its kind, its place, and its words only where they cannot hold a
 * secret. One line, then the frames.
 */
export function describeBug(error: unknown): string {
  if (!(error instanceof Error)) return `thrown: a ${typeof error}, not an error`;
  const kind = error.constructor.name.replace(/\W/g, '');
  const code = 'code' in error && /^[A-Z][A-Z0-9_]{2,40}$/.test(String(error.code)) ? String(error.code) : undefined;
  const plain =
    code === SPEAKS_OF_FILES || (code === undefined && SPEAKS_OF_CODE.some((known) => error.constructor === known));
  const words = plain ? error.message.replace(/[^\x20-\x7e]/g, '?').slice(0, 200) : (code ?? '(words kept back)');
  return [`${kind}: ${words}`, ...framesOf(error)].join('\n');
}

/** The message stands in front of the frames, and may itself have lines that look like one. */
function framesOf(error: Error): string[] {
  const lines = (error.stack ?? '').split('\n');
  return lines.slice(error.message.split('\n').length).filter((line) => FRAME.test(line));
}
