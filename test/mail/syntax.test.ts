import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { explain } from '../../src/explain/explain.js';
import { evidenceOf } from '../../src/mail/evidence.js';
import { LINE_LIMIT, LineCutter, TOTAL_LIMIT } from '../../src/mail/lines.js';
import { POP } from '../../src/mail/pop.js';
import { type ConversationState, IMAP, SMTP } from '../../src/mail/syntax.js';
import { providers } from '../../src/providers/directory.js';
import { Secret } from '../../src/words/secret.js';
import { LONG_TOKEN, loginTo, saslString, TOKEN, USER } from './login-to.js';

/** What a server may send as a line: near a reply, and anything at all. */
const line = fc
  .oneof(
    fc
      .tuple(
        fc.constantFrom(
          '220',
          '235',
          '250',
          '334',
          '421',
          '454',
          '500',
          '535',
          '554',
          '999',
          '4',
          '+',
          '* BYE',
          '* NO',
        ),
        fc.constantFrom(' ', '-', ''),
        fc.constantFrom('', '5.7.8 ', '4.3.2 ', '9.9.9 ', '5.7.', '5.7.8888 '),
        fc.string({ unit: 'binary', maxLength: 40 }),
      )
      .map((parts) => parts.join('')),
    fc
      .tuple(
        fc.constantFrom('A1', '*', '+', 'tag', ''),
        fc.constantFrom(' OK', ' NO', ' BAD', ' BYE', ' PREAUTH', ' no', ''),
        fc.constantFrom('', ' [AUTHENTICATIONFAILED]', ' [', ' []', ' [A B]', ' [x]', ' [LIMIT'),
        fc.string({ unit: 'binary', maxLength: 40 }),
      )
      .map((parts) => parts.join('')),
    fc.base64String().map((text) => `334 ${text}`),
    fc.base64String().map((text) => `+ ${text}`),
    fc.string({ unit: 'binary', maxLength: 60 }),
  )
  .map((text) => text.replace(/[\r\n]/g, ' '));

const stage = fc.constantFrom<ConversationState['stage']>(
  'greeting',
  'starttls',
  'tls',
  'capability',
  'auth',
  'mailbox',
  'response',
);

describe.each([
  ['smtp', SMTP],
  ['imap', IMAP],
  ['pop', POP],
] as const)('M13 %s', (_name, syntax) => {
  test('M13 whatever was heard becomes evidence that can be explained', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 6 }),
        stage,
        fc.constantFrom(...providers),
        async (heard, at, provider) => {
          const evidence = evidenceOf(new Error('gone'), syntax, { stage: at, heard }, loginTo({ port: 993 }));
          expect(evidence).toMatchObject({ where: syntax.where, stage: at, host: 'localhost', port: 993 });
          expect(evidence.text.length).toBeLessThanOrEqual(4096);
          if (evidence.status !== undefined) expect([4, 5]).toContain(Math.floor(evidence.status / 100));
          if (evidence.enhanced !== undefined) expect(evidence.enhanced).toMatch(/^[245]\.\d{1,3}\.\d{1,3}$/);
          if (syntax !== SMTP && syntax.refusalIn(heard)) expect(evidence.error).toMatch(/^[A-Z][A-Z0-9/-]*$/);
          const told = await explain(evidence, { provider, answers: {} });
          expect(told.message).not.toMatch(/\p{Cc}|\{[a-z]/u);
          expect(told.exit).toBeGreaterThan(0);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('X05 the token and its SASL string are in no evidence, wherever a server repeats them', () => {
    const echo = (token: string) =>
      fc.constantFrom(
        token,
        saslString(token),
        encodeURIComponent(token),
        Buffer.from(token).toString('hex'),
        Buffer.from(JSON.stringify({ echo: token })).toString('base64'),
        Buffer.from(`error ${saslString(token)}`).toString('base64'),
      );
    const around = fc.tuple(line, line);
    fc.assert(
      fc.property(
        fc.constantFrom(TOKEN, LONG_TOKEN).chain((token) => fc.tuple(fc.constant(token), echo(token))),
        around,
        fc.constantFrom('535 5.7.8 bad: ', '334 ', '+ ', 'A1 NO [AUTHENTICATIONFAILED] bad: ', '* BYE '),
        ([token, sent], [before, after], says) => {
          const login = loginTo({ port: 993 }, { user: USER, accessToken: new Secret(token) });
          const heard = [before, `${says}${sent}`, after];
          const shown = JSON.stringify(evidenceOf(new Error(sent), syntax, { stage: 'auth', heard }, login));
          expect(shown).not.toContain(token.slice(0, 30));
          expect(shown).not.toContain(saslString(token).slice(60, 100));
          expect(shown).not.toContain(Buffer.from(token).toString('hex').slice(0, 60));
        },
      ),
      { numRuns: 100 },
    );
  });

  test('M13 a stage only changes to one of the conversation', () => {
    fc.assert(
      fc.property(line, stage, (text, at) => {
        expect(['capability', 'auth', 'mailbox', 'response', undefined, at]).toContain(syntax.stageOf(text, at));
        expect([at, 'mailbox']).toContain(syntax.stageAfter(text, at));
      }),
    );
  });
});

describe('M12 the cutter of lines', () => {
  test('M12 gives the same lines however the bytes are torn', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.array(fc.nat({ max: 400 })), (bytes, cuts) => {
        const whole = Buffer.from(bytes);
        const at = [0, ...cuts.map((cut) => Math.min(cut, whole.length)).sort((a, b) => a - b), whole.length];
        const pieces = at.slice(1).map((end, index) => whole.subarray(at[index], end));
        const [once, torn] = [new LineCutter(), new LineCutter()];
        expect(pieces.flatMap((piece) => torn.cut(piece))).toEqual(once.cut(whole));
        expect(torn.partial).toEqual(once.partial);
      }),
    );
  });

  test('M12 keeps every byte of a text: what is cut and what is left are what came', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]/g, '')),
          { maxLength: 8 },
        ),
        (lines) => {
          const cutter = new LineCutter();
          const cut = cutter.cut(Buffer.from(lines.join('\r\n')));
          expect([...cut, cutter.partial.toString()]).toEqual(lines.length === 0 ? [''] : lines);
        },
      ),
    );
  });

  test('M12 refuses a line and a total beyond their limits, in pieces of any size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 500, max: 100_000 }), fc.boolean(), (size, inLines) => {
        const cutter = new LineCutter();
        const piece = Buffer.alloc(size, inLines ? `${'a'.repeat(99)}\n` : 'a');
        const most = inLines ? TOTAL_LIMIT : LINE_LIMIT;
        let sent = 0;
        expect(() => {
          for (; sent <= most + size; sent += size) cutter.cut(piece);
        }).toThrow(/the server sent/);
        expect(sent + size).toBeGreaterThan(most);
      }),
      { numRuns: 30 },
    );
  });
});

test('of commands that were sent together only the first refusal says why', () => {
  const heard = ['550-5.7.60 SMTP; Client does not have', '550 5.7.60 permissions', '503 need MAIL', '503 need RCPT'];
  expect(SMTP.refusalIn(heard)).toEqual({ status: 550, enhanced: '5.7.60', text: heard.slice(0, 2).join('\n') });
  expect(SMTP.refusalIn(['250 2.1.0 ok', '550-5.1.1 no such'])).toMatchObject({ status: 550, enhanced: '5.1.1' });
});

test.each([
  ['a1 NO [XYZZY] login failed', 'NO'],
  ['a1 BAD [NOT-KNOWN x y] what', 'BAD'],
  ['a1 NO [unavailable] later', 'UNAVAILABLE'],
  ['* BYE [UNKNOWN-CTE] gone', 'BYE'],
])('a response code that is not known is not looked at: %s', (line, error) => {
  expect(IMAP.refusalIn([line])).toMatchObject({ error });
});
