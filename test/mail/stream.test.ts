import { PassThrough } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { MailStream } from '../../src/mail/stream.js';
import { IMAP } from '../../src/mail/syntax.js';

function open() {
  const socket = Object.assign(new PassThrough(), { authorized: true, unref: () => undefined });
  const state = { stage: 'tls' as const, heard: [] };
  const stream = new MailStream(socket as unknown as TLSSocket, IMAP, state, Buffer.alloc(0));
  const closed = new Promise<void>((resolve) => stream.once('close', () => resolve()));
  return { socket, stream, closed };
}

describe('a stream whose connection is gone', () => {
  test('without an end and without an error was closed by the other side', async () => {
    const { socket, stream, closed } = open();
    socket.destroy();
    await closed;
    expect(stream.failure).toMatchObject({ code: 'CLOSED' });
  });

  test('because this side has let it go has no failure', async () => {
    for (const leave of ['destroy', 'finish'] as const) {
      const { socket, stream, closed } = open();
      stream[leave]();
      socket.destroy();
      await closed;
      expect(stream.failure).toBeUndefined();
    }
  });
});
