#!/usr/bin/env node
/**
 * A program for `--store command:`, with versions: one JSON file an entry in the folder that FOLDER names. Two of them
 * at once meet at a folder that only one can make. TROUBLE makes it fail, TRACE has a line for each call.
 */
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const { FOLDER = '', TRACE, TROUBLE, UNVERSIONED } = process.env;
const [verb, key = '', ...more] = process.argv.slice(2);
if (!['get', 'put', 'delete'].includes(verb) || !/^[0-9a-z-]{1,64}$/.test(key) || more.length > 0) process.exit(64);
if (TRACE) appendFileSync(TRACE, `${verb} ${key}\n`);
const leaked = Object.keys(process.env).filter((name) =>
  /^MAILAUTH_(?:CLIENT_SECRET|REFRESH_TOKEN|PASSPHRASE)$/.test(name),
);
if (leaked.length > 0) process.exit(66);
const path = join(FOLDER, `${key}.json`);

function read() {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function alone(work) {
  for (;;) {
    try {
      mkdirSync(`${path}.lock`);
      break;
    } catch {
      await sleep(2);
    }
  }
  try {
    return work();
  } finally {
    rmdirSync(`${path}.lock`);
  }
}

const shown = (entry) => JSON.stringify(UNVERSIONED ? { value: entry.value } : entry);

async function perform() {
  if (verb === 'get') {
    const entry = read();
    if (entry === undefined) return 3;
    process.stdout.write(shown(entry));
    return 0;
  }
  if (verb === 'delete') {
    const there = read() !== undefined;
    rmSync(path, { force: true });
    return there ? 0 : 3;
  }
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  if (TROUBLE) {
    process.stderr.write(`${TROUBLE}\n${TROUBLE} ${text}\n`);
    return 1;
  }
  const given = JSON.parse(text);
  return alone(() => {
    const entry = read();
    if (!UNVERSIONED && entry?.version !== given.version) return 4;
    const version = String(Number(entry?.version ?? 0) + 1);
    writeFileSync(`${path}.new`, JSON.stringify({ version, value: given.value }));
    renameSync(`${path}.new`, path);
    if (!UNVERSIONED) process.stdout.write(JSON.stringify({ version }));
    return 0;
  });
}

process.exitCode = await perform();
