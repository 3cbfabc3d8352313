/**
 * What a terminal shows for the bytes a program wrote: the part of ECMA-48 that prompts use. Rows that the terminal
 * wrapped are joined again, so that a long address is found whole. Every character counts as one column.
 */
export interface Screen {
  write(data: string): void;
  resize(columns: number): void;
  /** All logical lines since the start, scrolled ones included, without trailing blanks. */
  lines(): readonly string[];
}

interface Row {
  cells: string[];
  /** The next row continues this one, because the terminal ran out of columns. */
  wraps: boolean;
}

// A control sequence, an operating system command, another escape, a control character, or one character to show.
const TOKEN = /\x1b\[([?>=]?)([\d;]*)([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]|[\s\S]/gu;

/** Rows put together to lines; the last one may go on in the next row. */
interface Text {
  readonly lines: string[];
  open: string;
}

function join(rows: readonly Row[], text: Text): Text {
  for (const { cells, wraps } of rows) {
    text.open += Array.from(cells, (cell) => cell ?? ' ').join('');
    if (wraps) continue;
    text.lines.push(text.open.trimEnd());
    text.open = '';
  }
  return text;
}

export function makeScreen(width: number, height: number): Screen {
  let columns = width;
  const rows: Row[] = [{ cells: [], wraps: false }];
  let at = { row: 0, column: 0 };
  let unfinished = '';
  /** Rows that have scrolled off cannot change any more: so many, and the lines they make. */
  let gone = 0;
  const above: Text = { lines: [], open: '' };

  const rowAt = (index: number): Row => {
    while (rows.length <= index) rows.push({ cells: [], wraps: false });
    return rows[index] as Row;
  };
  const top = (): number => Math.max(0, rows.length - height);
  const move = (row: number, column: number): void => {
    at = { row: Math.max(top(), row), column: Math.max(0, Math.min(columns - 1, column)) };
  };
  const put = (character: string): void => {
    if (at.column >= columns) {
      rowAt(at.row).wraps = true;
      at = { row: at.row + 1, column: 0 };
    }
    const { cells } = rowAt(at.row);
    while (cells.length < at.column) cells.push(' ');
    cells[at.column] = character;
    at = { row: at.row, column: at.column + 1 };
  };
  const eraseLine = (index: number, mode: number): void => {
    const row = rowAt(index);
    if (mode === 1) row.cells.fill(' ', 0, at.column + 1);
    else row.cells.length = mode === 2 ? 0 : Math.min(row.cells.length, at.column);
    row.wraps = false;
  };
  const eraseDown = (): void => {
    eraseLine(at.row, 0);
    for (let index = at.row + 1; index < rows.length; index += 1) eraseLine(index, 2);
  };
  const control = (final: string, parameters: string): void => {
    const [first = 0, second = 0] = parameters.split(';').map(Number);
    const count = Math.max(1, first);
    if (final === 'A') move(at.row - count, at.column);
    else if (final === 'B') move(at.row + count, at.column);
    else if (final === 'C') move(at.row, at.column + count);
    else if (final === 'D') move(at.row, at.column - count);
    else if (final === 'G') move(at.row, count - 1);
    else if (final === 'H') move(top() + count - 1, Math.max(1, second) - 1);
    else if (final === 'K') eraseLine(at.row, first);
    else if (final === 'J' && first === 0) eraseDown();
  };
  const token = (
    text: string,
    prefix: string | undefined,
    parameters: string | undefined,
    final: string | undefined,
  ): void => {
    if (final !== undefined) {
      if (prefix === '') control(final, parameters ?? '');
    } else if (text === '\r') at = { row: at.row, column: 0 };
    else if (text === '\n') at = { row: at.row + 1, column: at.column };
    else if (text === '\b') move(at.row, at.column - 1);
    else if (text === '\t') move(at.row, (Math.floor(at.column / 8) + 1) * 8);
    else if (text >= ' ' && text !== '\x7f' && !text.startsWith('\x1b')) put(text);
    rowAt(at.row);
  };

  return {
    write(data) {
      const [, whole = '', rest = ''] =
        /^([\s\S]*?)(\x1b(?:\[[?>=]?[\d;]*|\][^\x07\x1b]*)?)?$/.exec(unfinished + data) ?? [];
      unfinished = rest;
      for (const [text, prefix, parameters, final] of whole.matchAll(TOKEN)) token(text, prefix, parameters, final);
    },
    resize(width) {
      columns = width;
    },
    lines() {
      join(rows.slice(gone, top()), above);
      gone = top();
      const { lines, open } = join(rows.slice(gone), { lines: [...above.lines], open: above.open });
      return open === '' ? lines : [...lines, open.trimEnd()];
    },
  };
}
