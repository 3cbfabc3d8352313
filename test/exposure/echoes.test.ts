/** Servers that send back what they were sent, in every spelling: a confused server, a debugging one, a hostile one. */
import { describe, expect, it } from 'vitest';
import { compiledProgram } from '../process/program.js';
import { makeAuthority } from '../servers/certificates.js';
import type { ScriptedAnswer } from '../servers/scripted-token-endpoint.js';
import { ADDRESS, CANARY, mailServer, newTokens, setScene } from './scene.js';

const program = compiledProgram();

function spellings(secret: string): string {
  const bytes = Buffer.from(secret);
  return [
    secret,
    JSON.stringify(secret),
    encodeURIComponent(secret),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    Buffer.from(`user=${secret}`).toString('base64'),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
  ].join(' ');
}

const everything = [CANARY.refreshToken, CANARY.clientSecret].map(spellings).join(' ');
const COMMANDS = [
  ['check', '--json', '--verbose'],
  ['token', 'outlook', '--verbose'],
];

describe('a token endpoint', () => {
  const answers: [string, ScriptedAnswer, number][] = [
    ['in its description', { status: 400, body: { error: 'invalid_grant', error_description: everything } }, 77],
    ['in its error word', { status: 400, body: { error: everything } }, 76],
    ['in a page', { body: `<title>${everything}</title>`, headers: { 'content-type': 'text/html' } }, 75],
    [
      'in a redirect',
      { status: 302, headers: { location: `https://x.example/?${encodeURIComponent(everything)}` } },
      75,
    ],
  ];
  it.each(answers)('X04 that repeats secrets %s finds no echo, at any verbosity', async (_, answer, exit) => {
    const scene = await setScene();
    for (const args of COMMANDS) {
      scene.endpoint.answer('/token', answer);
      const ran = await program.run(args, { env: scene.env });
      expect([args, ran.code]).toEqual([args, exit]);
      scene.expectClean(args.join(' '), ran);
    }
    expect((await scene.mailbox.credential()).refreshToken?.reveal()).toBe(CANARY.refreshToken);
  });
});

describe('mail servers', () => {
  const sasl = Buffer.from(`user=${ADDRESS}\x01auth=Bearer ${CANARY.newAccessToken}\x01\x01`).toString('base64');
  const echo = `${spellings(CANARY.newAccessToken)} ${sasl}`;
  const challenge = Buffer.from(JSON.stringify({ status: '400', echo: CANARY.newAccessToken, sasl })).toString(
    'base64',
  );
  const smtp = `
    !tls
    S: 220 mail.example ESMTP
    C: EHLO *
    S: 250-mail.example
    S: 250 AUTH XOAUTH2
    C: AUTH XOAUTH2 *
    S: 334 ${challenge}
    C: 
    S: 535-5.7.8 ${echo}
    S: 535 5.7.8 you sent: AUTH XOAUTH2 ${sasl}`;
  const imap = `
    !tls
    S: * OK ready
    C: $tag CAPABILITY
    S: * CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2
    S: $tag OK done
    C: $tag AUTHENTICATE XOAUTH2 *
    S: + ${challenge}
    C: 
    S: $tag NO [AUTHENTICATIONFAILED] ${echo}`;

  it.each([[['check', '--verbose']], [['check', '--json', '--verbose']]])(
    'X04 X05 that repeat the token and the SASL string find no echo: %j',
    async (args) => {
      const [sends, receives] = [await mailServer(smtp), await mailServer(imap)];
      const scene = await setScene({ smtp: sends.server, imap: receives.server });
      scene.endpoint.answer('/token', newTokens());
      const ran = await program.run(args, { env: scene.env });
      expect(ran.code).toBe(77);
      expect(ran.stdout.match(/\[secret\]/g)?.length).toBeGreaterThan(4);
      expect([sends.script.connections(), receives.script.connections()]).toEqual([1, 1]);
      scene.expectClean(args.join(' '), ran);
    },
  );

  it('X04 that show the token in the name of their certificate find no echo', async () => {
    const { server } = await mailServer('!tls', makeAuthority(CANARY.newAccessToken).issue());
    const scene = await setScene({ smtp: server });
    scene.endpoint.answer('/token', newTokens());
    const ran = await program.run(['check', '--only', 'smtp', '--verbose'], { env: scene.env });
    expect(ran.code).toBe(76);
    scene.expectClean('check', ran);
  });
});
