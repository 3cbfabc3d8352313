/**
 * bcryptprimitives.dll, which wine 8 has not and a library of the test runner asks for its random numbers. A library
 * without code: its one function is forwarded to the same one of advapi32.dll (PE Format, "The .edata Section").
 */

const NAME = 'ProcessPrng';
const FORWARDED_TO = 'advapi32.SystemFunction036';

const HEADERS = 0x200;
/** Where the one section is once it is loaded. */
const SECTION = 0x1000;
const DIRECTORY_SIZE = 40;

export function randomLibrary(): Buffer {
  const exports = exportSection();
  const file = Buffer.alloc(HEADERS + 0x200);
  file.write('MZ', 0);
  file.writeUInt32LE(0x40, 0x3c);
  file.write('PE\0\0', 0x40);
  // The file header: x64, one section, size of the optional header; a library, runnable, large addresses.
  put16(file, 0x44, [0x8664, 1]);
  put16(file, 0x54, [0xf0, 0x2022]);
  optionalHeader(file.subarray(0x58), exports.length);
  // The section table: name, size, place in memory, size and place in the file, initialised data to read.
  const section = file.subarray(0x148);
  section.write('.edata', 0);
  put32(section, 8, [exports.length, SECTION, 0x200, HEADERS]);
  section.writeUInt32LE(0x40000040, 36);
  exports.copy(file, HEADERS);
  return file;
}

function optionalHeader(header: Buffer, exportsSize: number): void {
  // PE32+.
  header.writeUInt16LE(0x20b, 0);
  header.writeBigUInt64LE(0x180000000n, 24);
  // Alignments, then versions of the system (6.0).
  put32(header, 32, [SECTION, 0x200, 6, 0, 6, 0, SECTION * 2, HEADERS]);
  // A window system, without executable data.
  put16(header, 68, [2, 0x100]);
  for (const [at, size] of [0x100000n, 0x1000n, 0x100000n, 0x1000n].entries())
    header.writeBigUInt64LE(size, 72 + at * 8);
  // Sixteen directories, of which the first is that of the exports.
  put32(header, 108, [16, SECTION, exportsSize]);
}

function exportSection(): Buffer {
  const strings = ['bcryptprimitives.dll', NAME, FORWARDED_TO].map((text) => Buffer.from(`${text}\0`, 'latin1'));
  // The directory, then one address, one name, one ordinal.
  const [address, name, ordinal, text] = [0, 4, 8, 12].map((at) => SECTION + DIRECTORY_SIZE + at) as [
    number,
    number,
    number,
    number,
  ];
  const places = strings.map((_, index) => text + Buffer.concat(strings.slice(0, index)).length);
  const head = Buffer.alloc(DIRECTORY_SIZE + 12);
  put32(head, 12, [places[0] ?? 0, 1, 1, 1, address, name, ordinal]);
  put32(head, DIRECTORY_SIZE, [places[2] ?? 0, places[1] ?? 0, 0]);
  return Buffer.concat([head, ...strings]);
}

function put16(buffer: Buffer, at: number, values: readonly number[]): void {
  for (const [index, value] of values.entries()) buffer.writeUInt16LE(value, at + index * 2);
}

function put32(buffer: Buffer, at: number, values: readonly number[]): void {
  for (const [index, value] of values.entries()) buffer.writeUInt32LE(value, at + index * 4);
}
