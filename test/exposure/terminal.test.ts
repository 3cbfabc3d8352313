/** What servers say, in each place where they can say something, and what of it reaches the terminal. */
import { describe, expect, it } from 'vitest';
import { compiledProgram, type Ran, type Running } from '../process/program.js';
import { makeAuthority } from '../servers/certificates.js';
import type { ScriptedAnswer } from '../servers/scripted-token-endpoint.js';
import { issuerMetadata, mailServer, newTokens, type Scene, setScene } from './scene.js';

const program = compiledProgram();

/** Clears, colours, titles, links, the clipboard, eight-bit escapes, turned text, hidden text. */
const ACTS = [
  '\x1b[2J\x1b[1;1H',
  '\x1b[31m',
  '\x1b]0;title\x07',
  '\x1b]8;;http://evil.example\x07link\x1b]8;;\x07',
  '\x1b]52;c;ZXZpbA==\x07',
  '\x1bP$q"p\x1b\\',
  '\x9b31m',
  '\x9d52;c;ZXZpbA==\x9c',
  '\x08\x08\x08\x7f',
  '\u202etxt\u2066',
  '\u200b\u{e0041}\u2028',
  '\0',
].join('');
/** A line that looks like the program's own. */
const FORGED = 'OK    send     mail.example:587  logged in';
const HOSTILE = `${ACTS}\r${FORGED}\n  ${FORGED}\r\nmailauth: ${FORGED}`;

/** No character that a terminal acts upon, and no line that a server wrote. */
function expectHarmless({ stdout, stderr }: Pick<Ran, 'stdout' | 'stderr'>): void {
  for (const output of [stdout, stderr]) {
    expect(output.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    const lines = output.split('\n').map((line) => line.trim().replace(/^mailauth: /, ''));
    expect(lines.filter((line) => line.startsWith(FORGED.slice(0, 20)))).toEqual([]);
  }
}

describe('a token endpoint', () => {
  const answers: [string, ScriptedAnswer][] = [
    ['its description', { status: 400, body: { error: 'invalid_grant', error_description: HOSTILE } }],
    ['its error word', { status: 400, body: { error: HOSTILE, error_description: 'plain' } }],
    ['its sub-error', { status: 400, body: { error: 'invalid_grant', suberror: HOSTILE } }],
    ['a page', { status: 200, body: `<title>${HOSTILE}</title>${HOSTILE}` }],
    ['a plain answer', { status: 503, body: HOSTILE }],
    ['the scopes it grants', newTokens({ scope: `openid ${HOSTILE}` })],
  ];
  it.each(answers)('X08 X09 that attacks through %s acts on no terminal and forges no line', async (_, answer) => {
    const scene = await setScene();
    for (const args of [
      ['check', '--verbose'],
      ['check', '--json'],
    ]) {
      scene.endpoint.answer('/token', answer);
      const ran = await program.run(args, { env: scene.env });
      expect([75, 76, 77]).toContain(ran.code);
      expectHarmless(ran);
      if (args[1] === '--json') expect(JSON.parse(ran.stdout).schema).toBe('mailauth.check/1');
    }
  });

  it('X08 X14 that sends a token with line breaks or escapes in it has sent none', async () => {
    for (const token of [`abc\n${FORGED}`, 'abc\x1b[2J', 'abc\rdef', 'abc\u009b1m']) {
      const scene = await setScene();
      scene.endpoint.answer('/token', newTokens({ access_token: token }));
      const ran = await program.run(['token', 'outlook'], { env: scene.env });
      // An answer for mail programs that comes again tomorrow (RFC 6750 section 2.1): they must not wait for a better one.
      expect(ran).toMatchObject({ code: 76, stdout: '' });
      expectHarmless(ran);
    }
  });
});

describe('mail servers', () => {
  const raw = HOSTILE.replaceAll('\n', '\\n').replaceAll('\0', '');
  /** A line of the server, byte for byte: a script's own lines are one line of text each. */
  const line = (text: string) => `!inject ${JSON.stringify(`${Buffer.from(text).toString('latin1')}\r\n`)}`;
  const challenge = Buffer.from(JSON.stringify({ status: HOSTILE, schemes: HOSTILE })).toString('base64');
  const smtp: [string, string][] = [
    ['its greeting', line(`554 ${raw}`)],
    ['its capabilities', `S: 220 hi\nC: EHLO *\n${line(`250-${raw}`)}\n${line(`250 AUTH ${raw}`)}`],
    [
      'its refusal',
      `S: 220 hi\nC: EHLO *\nS: 250 AUTH XOAUTH2\nC: AUTH *\n${line(`535-5.7.8 ${raw}`)}\n${line(`535 5.7.8 ${raw}`)}`,
    ],
    ['its challenge', `S: 220 hi\nC: EHLO *\nS: 250 AUTH XOAUTH2\nC: AUTH *\nS: 334 ${challenge}\nC: \nS: 535 no`],
  ];
  const logsIn =
    'C: $tag CAPABILITY\nS: * CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2\nS: $tag OK done\nC: $tag AUTHENTICATE *';
  const imap: [string, string][] = [
    ['its greeting', line(`* BYE [${raw}] ${raw}`)],
    [
      'its capabilities',
      `S: * OK hi\nC: $tag CAPABILITY\n${line(`* CAPABILITY IMAP4rev1 AUTH=${raw}`)}\n${line(`$tag OK ${raw}`)}`,
    ],
    ['its refusal', `S: * OK hi\n${logsIn}\n${line(`* ${raw}`)}\n${line(`$tag NO [${raw}] ${raw}`)}`],
    ['its challenge', `S: * OK hi\n${logsIn}\nS: + ${challenge}\nC: \n${line(`$tag NO ${raw}`)}`],
  ];
  const pairs = smtp.map(([place, script], index) => [place, script, imap[index]?.[1] ?? ''] as const);

  it.each(pairs)('X08 X09 that attack through %s act on no terminal and forge no line', async (_, sends, receives) => {
    const [smtpServer, imapServer] = [await mailServer(`!tls\n${sends}`), await mailServer(`!tls\n${receives}`)];
    const scene = await setScene({ smtp: smtpServer.server, imap: imapServer.server });
    scene.endpoint.answer('/token', newTokens());
    const ran = await program.run(['check', '--verbose'], { env: scene.env });
    expect([69, 76, 77]).toContain(ran.code);
    expectHarmless(ran);
  });

  it('X08 that attack through the name on their certificate act on no terminal', async () => {
    const { server } = await mailServer('!tls', makeAuthority(HOSTILE).issue());
    const scene = await setScene({ smtp: server });
    scene.endpoint.answer('/token', newTokens());
    const ran = await program.run(['check', '--only', 'smtp', '--verbose'], { env: scene.env });
    expect(ran.code).toBe(76);
    expect(ran.stdout).toContain('issued by');
    expectHarmless(ran);
  });
});

describe('a sign-in server', () => {
  const signIn = (scene: Scene): Running =>
    program.start(['authorize', 'outlook', '--no-browser', '--verbose', '--timeout', '10'], { env: scene.env });

  it.each([
    ['its issuer', { issuer: `https://x.example/${HOSTILE}` }],
    ['its endpoints', { token_endpoint: `https://x.example/${HOSTILE}`, authorization_endpoint: HOSTILE }],
    ['an endpoint that is no text', { token_endpoint: [HOSTILE] }],
  ])('X08 X09 that attacks through %s acts on no terminal', async (_, changes) => {
    const scene = await setScene();
    scene.endpoint.answer('/.well-known/openid-configuration', issuerMetadata(scene, changes));
    const ran = await signIn(scene).ended;
    expect(ran.code).not.toBe(0);
    expect(ran.code).not.toBe(1);
    expectHarmless(ran);
  });

  it('X08 X09 that attacks through the redirect acts on no terminal, nor through its page', async () => {
    const scene = await setScene();
    scene.endpoint.answer('/.well-known/openid-configuration', issuerMetadata(scene));
    const running = signIn(scene);
    const url = await shownAddress(running);
    const redirect = new URL(url.searchParams.get('redirect_uri') ?? '');
    redirect.searchParams.set('state', url.searchParams.get('state') ?? '');
    redirect.searchParams.set('error', HOSTILE);
    redirect.searchParams.set('error_description', HOSTILE);
    const page = await (await fetch(redirect)).text();
    const ran = await running.ended;
    expect([76, 77]).toContain(ran.code);
    expect(page).not.toContain('evil');
    expectHarmless(ran);
  });
});

/** The authorization address, once the program has printed it. */
async function shownAddress(running: Running): Promise<URL> {
  for (;;) {
    const [address] = /^https:\/\/\S+$/m.exec(running.stderr()) ?? [];
    if (address !== undefined) return new URL(address);
    if (running.child.exitCode !== null) throw new Error(`it ended: ${running.stderr()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
