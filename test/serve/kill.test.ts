import { afterEach, describe, expect, it } from 'vitest';
import { ADDRESS, authPlain, buildHouse, type House, type Program, program, type ServedApart } from './house.js';

let house: House;
afterEach(() => house?.close());

async function opened(at: ServedApart): Promise<Program> {
  const one = program(at.ports['smtp'] as number);
  one.send('EHLO scanner', authPlain(ADDRESS, house.password));
  await one.hears(/^235 /m);
  return one;
}

async function begins(one: Program, subject: string): Promise<void> {
  one.send('MAIL FROM:<ann@happypaws.example>', 'RCPT TO:<pat@happypaws.example>', 'DATA');
  await one.hears(/^354 /m);
  one.send(`Subject: ${subject}`, '', 'a page');
}

describe('a server that is killed', () => {
  it('D06 in the middle of a message has lost nothing that was acknowledged, and acknowledged nothing that was lost', async () => {
    house = await buildHouse();
    const at = await house.serveApart();
    const one = await opened(at);
    await begins(one, 'first');
    one.send('.');
    await one.hears(/^250 .*\r\n.*^250 .*\r\n.*^354.*\r\n250 /ms);
    await begins(await opened(at), 'second');
    at.child.kill('SIGKILL');
    await one.closed;
    expect(house.smtp.mails.map(({ text }) => text)).toEqual(['Subject: first\r\n\r\na page\r\n']);
    // The next server finds everything as it was.
    const next = await house.serveApart();
    const again = await opened(next);
    await begins(again, 'second');
    again.send('.', 'QUIT');
    await again.closed;
    expect(house.smtp.mails).toHaveLength(2);
    expect(house.endpoint.refreshes()).toBe(1);
    expect(house.endpoint.wrong).toEqual([]);
  });

  it('D13 by SIGTERM ends with 0 once those who are in have left', async () => {
    house = await buildHouse();
    const at = await house.serveApart();
    const one = await opened(at);
    await begins(one, 'the last');
    at.child.kill('SIGTERM');
    one.send('.', 'QUIT');
    await one.closed;
    expect(one.heard()).toMatch(/^221 /m);
    expect(await at.ended).toBe(0);
    expect(house.smtp.mails).toHaveLength(1);
  });

  it('goes on where nobody reads its log any more', async () => {
    house = await buildHouse();
    const at = await house.serveApart();
    at.child.stderr?.destroy();
    for (const subject of ['first', 'second']) {
      const one = await opened(at);
      await begins(one, subject);
      one.send('.', 'QUIT');
      await one.closed;
    }
    expect(house.smtp.mails).toHaveLength(2);
    expect(at.child.exitCode).toBeNull();
  });
});
