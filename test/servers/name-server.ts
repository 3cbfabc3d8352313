/**
 * A name server for one test (RFC 1035): it answers for the records it was given, says of every other name that it does
 * not exist, and remembers what it was asked.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export interface ZoneRecords {
  readonly A?: readonly string[];
  readonly MX?: readonly (readonly [preference: number, exchanger: string])[];
  readonly SRV?: readonly (readonly [priority: number, weight: number, port: number, target: string])[];
}

export interface NameServer {
  /** As `mailNames` takes it. */
  readonly address: string;
  /** `MX example.org`, in the order in which they came. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

const TYPES = { 1: 'A', 15: 'MX', 33: 'SRV' } as const;
type Type = keyof ZoneRecords;

/** @param port 0: any; 53 where programs of the system are to ask it */
export async function startNameServer(zone: Readonly<Record<string, ZoneRecords>>, port = 0): Promise<NameServer> {
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (query, peer) => socket.send(answer(query, zone, asked), peer.port, peer.address));
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    close: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}

function answer(query: Buffer, zone: Readonly<Record<string, ZoneRecords>>, asked: string[]): Buffer {
  if (query.readUInt16BE(4) !== 1) throw new Error('a query with more than one question');
  const { name, end } = nameAt(query, 12);
  const code = query.readUInt16BE(end);
  const type: Type | undefined = TYPES[code as keyof typeof TYPES];
  asked.push(`${type ?? code} ${name}`);
  const records = zone[name.toLowerCase()];
  const data = type === undefined ? [] : dataOf(type, records ?? {});
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  // A response, with the recursion that was asked for; 3: there is no such name (section 4.1.1).
  header.writeUInt16BE(0x8180 | (records === undefined ? 3 : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(data.length, 6);
  return Buffer.concat([header, query.subarray(12, end + 4), ...data.map((bytes) => record(code, bytes))]);
}

function nameAt(query: Buffer, start: number): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = start;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.'), end: at + 1 };
}

function dataOf(type: Type, { A = [], MX = [], SRV = [] }: ZoneRecords): readonly Buffer[] {
  if (type === 'A') return A.map((address) => Buffer.from(address.split('.').map(Number)));
  if (type === 'MX') return MX.map(([preference, name]) => Buffer.concat([uint16(preference), encoded(name)]));
  return SRV.map(([priority, weight, port, target]) =>
    Buffer.concat([uint16(priority, weight, port), encoded(target)]),
  );
}

/** The name is a pointer to that of the question (section 4.1.4), the class IN, a minute to live. */
function record(type: number, data: Buffer): Buffer {
  return Buffer.concat([uint16(0xc00c, type, 1, 0, 60, data.length), data]);
}

function encoded(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  return Buffer.concat([
    ...labels.map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label)])),
    Buffer.of(0),
  ]);
}

function uint16(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 2);
  for (const [index, number] of numbers.entries()) bytes.writeUInt16BE(number, index * 2);
  return bytes;
}
