import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { needsTls } from '../../src/serve/listen-failure.js';
import { listen } from '../../src/serve/listener.js';
import { handedOver, isLoopback, type Place, socketPaths } from '../../src/serve/place.js';

describe('sockets that systemd hands over', () => {
  it('D14 are those of this process, by the names of their units, and nobody inherits them', () => {
    const env = { LISTEN_PID: '7', LISTEN_FDS: '2', LISTEN_FDNAMES: 'imap:mailauth-smtp.socket', OTHER: 'x' };
    expect(handedOver(env, 7)).toEqual([
      { protocol: 'imap', fd: 3 },
      { protocol: 'smtp', fd: 4 },
    ]);
    expect(env).toEqual({ OTHER: 'x' });
  });

  it.each([
    [{}],
    [{ LISTEN_FDS: '1', LISTEN_FDNAMES: 'smtp' }],
    [{ LISTEN_PID: '8', LISTEN_FDS: '1', LISTEN_FDNAMES: 'smtp' }],
    [{ LISTEN_PID: '7', LISTEN_FDS: 'x' }],
  ])('D14 are none where they were meant for another: %j', (env) => {
    expect(handedOver(env, 7)).toEqual([]);
  });

  it.each(['unknown', '', 'smtp-imap'])('are refused by the name %j', (name) => {
    const env = { LISTEN_PID: '7', LISTEN_FDS: '1', LISTEN_FDNAMES: name };
    expect(() => handedOver(env, 7)).toThrow(/names no protocol/);
  });
});

describe('loopback', () => {
  it.each(['127.0.0.1', '127.9.9.9', '::1', 'localhost', '0:0:0:0:0:0:0:1'])('D11 is %s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });
  it.each(['0.0.0.0', '::', '192.168.0.1', '1270.0.0.1', '127.0.0.1.example', '::ffff:192.0.2.1', '::11', '1'])(
    'D11 is not %s',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );
});

describe('a unix socket', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mailauth-listener-'));

  it('takes the place of one that a killed server left, and of nothing else', async () => {
    const path = join(folder, 'smtp.sock');
    const first = await listen({ protocol: 'smtp', path }, (socket) => socket.destroy());
    await expect(listen({ protocol: 'smtp', path }, () => undefined)).rejects.toMatchObject({ code: 'port_busy' });
    await first.close();
    const file = join(folder, 'imap.sock');
    writeFileSync(file, 'precious');
    await expect(listen({ protocol: 'imap', path: file }, () => undefined)).rejects.toThrow(/is no socket/);
  });
});

describe('a place that cannot be listened at', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mailauth-listener-'));
  const ignored = () => undefined;

  it('is named, with the program that holds it', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const place = { protocol: 'smtp', host: '127.0.0.1', port } as const;
    const refusal = listen(place, ignored);
    await expect(refusal).rejects.toMatchObject({ code: 'port_busy' });
    if (process.platform === 'linux') await expect(refusal).rejects.toThrow(`(process ${process.pid}) listens at`);
    other.close();
  });

  it('may reach other computers, and says how it would reach this one alone', () => {
    const listener = { protocol: 'imap', address: '0.0.0.0:2143' } as const;
    const last = (place: Place) => needsTls(listener, place).problem.fix.at(-1)?.text;
    expect(last({ protocol: 'imap', host: '0.0.0.0', port: 2143 })).toMatch(/: --imap 127\.0\.0\.1:2143$/);
    expect(last({ protocol: 'imap', fd: 3 })).toMatch(/: ListenStream=127\.0\.0\.1:2143 in its socket unit$/);
  });

  it('may be an address of another computer', async () => {
    const place = { protocol: 'smtp', host: '192.0.2.1', port: 2587 } as const;
    await expect(listen(place, ignored)).rejects.toThrow(/192\.0\.2\.1:2587: this computer has no such address/);
  });

  it('may be a path that the system would cut off', async () => {
    const path = join(folder, 'x'.repeat(120), 'smtp.sock');
    await expect(listen({ protocol: 'smtp', path }, ignored)).rejects.toMatchObject({ code: 'bad_input' });
  });

  it('may be no folder, or one that cannot be made', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    await expect(socketPaths(file, ['smtp'])).rejects.toMatchObject({ code: 'bad_input' });
    await expect(socketPaths(join(file, 'below'), ['smtp'])).rejects.toMatchObject({ code: 'cannot_write' });
  });
});
