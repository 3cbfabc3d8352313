import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openHosts } from './hosts.js';

const PROGRAM = fileURLToPath(new URL('../servers/command-store.mjs', import.meta.url));

describe('two hosts that share a store', () => {
  it('refresh once, however many of their programs come together', async () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'mailauth-store-')));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const trace = join(folder, 'trace');
    const { hosts, endpoint, mailbox } = await openHosts(
      { kind: 'command', at: PROGRAM },
      { FOLDER: folder, TRACE: trace },
      { latency: 300 },
    );
    const callers = hosts.flatMap((host) => [1, 2, 3].map(() => host.run(['token', 'outlook'])));
    const ended = await Promise.all(callers);
    expect(ended).toEqual(callers.map(() => ({ code: 0, signal: null, stdout: 'access-1-2\n', stderr: '' })));
    expect([endpoint.refreshes(), endpoint.wrong]).toEqual([1, []]);
    const { credential } = mailbox.account;
    const text = readFileSync(join(folder, `${credential}.json`), 'utf8');
    // No lease and no note is left.
    expect(Object.keys(JSON.parse(JSON.parse(text).value))).toEqual(['v', 'value']);
    // One took the lease, and stored what came of it.
    const puts = readFileSync(trace, 'utf8').match(new RegExp(`^put ${credential}$`, 'gm')) ?? [];
    expect(puts.length).toBeLessThanOrEqual(2 + 2 + 3);
  });
});
