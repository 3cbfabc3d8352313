import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { proveImap } from '../../src/mail/imap.js';
import { proveSmtp } from '../../src/mail/smtp.js';
import { startImapServer } from '../servers/imap-server.js';
import { startSmtpServer } from '../servers/smtp-server.js';
import { startTcpProxy } from '../servers/tcp-proxy.js';
import { LEAF, loginTo } from './login-to.js';

/** The cuts of one conversation: each falls into another state of TLS, greeting, login or mailbox. */
const CUTS = 16;

const verify = async () => true;
const cases = (['tls', 'starttls'] as const).flatMap((security) => [
  { name: `smtp ${security}`, security, start: startSmtpServer, prove: proveSmtp },
  { name: `imap ${security}`, security, start: startImapServer, prove: proveImap },
]);

describe.each(cases)('$name', ({ security, start, prove }) => {
  let server: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    server = await start({ leaf: LEAF, security, verify });
  });
  afterAll(() => server.close());

  async function through(options: { cutAfter?: number; slowAfter?: number; pause?: number }) {
    const proxy = await startTcpProxy({ target: server.port, ...options });
    const outcome = await prove(loginTo({ port: proxy.port, security }));
    const passed = proxy.passed();
    await proxy.close();
    return { outcome, passed };
  }

  test('M14 a connection cut anywhere is an outcome that names its stage', async () => {
    const whole = await through({});
    expect(whole.outcome.ok).toBe(true);
    const step = Math.ceil(whole.passed / CUTS);
    const stages = new Set<string>();
    for (let cutAfter = 0; cutAfter < whole.passed - step; cutAfter += step) {
      const { outcome } = await through({ cutAfter });
      if (outcome.ok) continue;
      expect(outcome.evidence.error).toMatch(/^(ECONNRESET|EPIPE|CLOSED)$/);
      stages.add(outcome.evidence.stage);
    }
    expect(stages).toContain('tls');
    expect([...stages].some((stage) => ['greeting', 'capability', 'auth', 'mailbox'].includes(stage))).toBe(true);
  });

  test('a conversation that arrives byte by byte is understood all the same', async () => {
    expect((await through({ slowAfter: 1_400, pause: 1 })).outcome.ok).toBe(true);
  });
});
