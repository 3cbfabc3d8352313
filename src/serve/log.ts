import type { Protocol } from '../words/protocol.js';
import type { Outcome } from './ending.js';

/** What is kept of one connection: a line, and never a word of its conversation. */
export interface ConnectionRecord {
  readonly time: string;
  readonly protocol: Protocol;
  readonly account?: string;
  readonly peer: string;
  /** Of the password that let it in. */
  readonly label?: string;
  readonly outcome: Outcome | string;
  /** Octets from the program, and to it. */
  readonly received: number;
  readonly sent: number;
  readonly seconds: number;
}

export function logLine(record: ConnectionRecord): string {
  const { time, protocol, account = '-', peer, label, outcome, received, sent, seconds } = record;
  const by = label === undefined ? '' : ` by ${JSON.stringify(label)}`;
  return `${time}  ${protocol}  ${account}  ${peer}${by}  ${outcome}  ${received} in, ${sent} out  ${seconds.toFixed(1)} s`;
}
