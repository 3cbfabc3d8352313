import { cpus, loadavg, release, type as system, totalmem } from 'node:os';

export interface Row {
  readonly what: string;
  /** Milliseconds. */
  readonly median: number;
  /** What it is compared with, in milliseconds. */
  readonly base: number;
  /** The ratio it must not exceed. */
  readonly bar?: number;
}

export interface Table {
  readonly title: string;
  /** What the ratio is a ratio of. */
  readonly over: string;
  readonly text: string;
  /** What is measured, where it is not milliseconds. */
  readonly unit?: string;
  readonly rows: readonly Row[];
}

export function isHeld({ median, base, bar }: Row): boolean {
  return bar === undefined || median <= bar * base;
}

/** docs/performance.md. */
export function renderPage(tables: readonly Table[], run: { readonly date: string; readonly rounds: string }): string {
  return `${[
    '<!-- made by npm run bench -->',
    '# Performance',
    '',
    'Mail programs call `mailauth token` every few minutes and wait for it, so its start counts. Everything here is the',
    'time of whole processes, as a ratio over what nobody can avoid.',
    '',
    '    npm run bench',
    '',
    run.rounds,
    'Every round runs each line once, so that a busy moment strikes all of them alike; a line is the median of its rounds.',
    '`NODE_EXTRA_CA_CERTS` is unset, because Node 20 reads such a file at every start. The servers run on the same machine,',
    'the far ones behind a proxy that holds back everything they say. The keychain is a gnome-keyring of the run’s own',
    '(Debian: `apt-get install --no-install-recommends dbus gnome-keyring libsecret-1-0 libglib2.0-bin`).',
    '',
    `Measured on ${run.date}: ${machine()}.`,
    `${load()} The ratios are made of turns that the same load struck; the milliseconds are those of a busy machine.`,
    ...tables.flatMap(renderTable),
  ].join('\n')}\n`;
}

function renderTable({ title, over, text, unit = 'ms', rows }: Table): string[] {
  return [
    '',
    `## ${title}`,
    '',
    text,
    '',
    `| | ${unit} | × ${over} | bar | |`,
    '|---|---:|---:|---:|---|',
    ...rows.map((row) => {
      const bar = row.bar === undefined ? '' : `${row.bar.toFixed(2)}`;
      const verdict = row.bar === undefined ? '' : isHeld(row) ? 'held' : '**not held**';
      return `| ${row.what} | ${row.median.toFixed(0)} | ${(row.median / row.base).toFixed(2)} | ${bar} | ${verdict} |`;
    }),
  ];
}

/** Of the last fifteen minutes, which the run itself takes a part of. */
function load(): string {
  const [, , quarter = 0] = loadavg();
  return `On average ${quarter.toFixed(1)} processes wanted one of its ${cpus().length} processors meanwhile.`;
}

function machine(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${first?.model.trim() ?? 'an unknown processor'}, ${memory} GiB, ${system()} ${release()}, Node ${process.version}`;
}
