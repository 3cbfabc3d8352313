import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describe, scanDirectory, scanText } from './canary.js';

const SECRET = 'sEcr3t/with+odd~chars "and\u00e9"';
const secrets = { 'refresh token': SECRET };

const percentAll = Buffer.from(SECRET).toString('hex').replace(/../g, '%$&');
const planted: readonly [string, string][] = [
  ['raw', `error: token ${SECRET} refused`],
  ['base64 +0', Buffer.from(`${SECRET}!`).toString('base64')],
  ['base64 +1', Buffer.from(`user=${SECRET}\u0001\u0001`.slice(1)).toString('base64')],
  ['base64 +2', Buffer.from(`user=${SECRET}`).toString('base64')],
  ['base64url', Buffer.from(`xy${SECRET}xyz`).toString('base64url')],
  ['percent', `?token=${encodeURIComponent(SECRET)}&x=1`],
  ['percent, every byte', percentAll],
  ['hex', Buffer.from(SECRET).toString('hex').toUpperCase()],
  ['JSON', JSON.stringify({ token: SECRET })],
];

test.each(planted)('finds a secret planted as %s', (encoding, text) => {
  const findings = scanText('standard error', text, secrets);
  expect(findings.some((finding) => finding.encoding.startsWith(encoding.split(' +')[0] ?? encoding))).toBe(true);
  expect(describe(findings)).not.toContain(SECRET);
});

test('finds a secret in the bytes of UTF-8 output', () => {
  expect(scanText('file', Buffer.from(`…${SECRET}…`), secrets)).not.toEqual([]);
});

test('finds a secret that the terminal cut by a line break or a colour', () => {
  const cut = `${SECRET.slice(0, 9)}\r\n\x1b[32m${SECRET.slice(9)}`;
  expect(scanText('screen', cut, { token: SECRET })).toMatchObject([{ secret: 'token', place: 'screen' }]);
});

test('finds nothing where there is nothing', () => {
  expect(scanText('standard error', `token ${SECRET.slice(0, -1)} [secret]`, secrets)).toEqual([]);
});

test('refuses a canary that ordinary words would contain', () => {
  expect(() => scanText('x', 'y', { short: 'abc' })).toThrow('3 characters');
});

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'canary-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('reads every file below a directory, hidden ones too, and leaves out the store', () => {
  mkdirSync(join(directory, '.cache/deep'), { recursive: true });
  writeFileSync(join(directory, '.cache/deep/log'), `Bearer ${Buffer.from(SECRET).toString('base64')}`);
  writeFileSync(join(directory, 'store'), SECRET);
  const findings = scanDirectory(directory, secrets, (path) => path.endsWith('/store'));
  expect(describe(findings)).toBe(`refresh token (base64 +0) in ${join(directory, '.cache/deep/log')}`);
});
