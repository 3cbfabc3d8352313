import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { carriesState, type ExpectedResponse, judgeResponse, parsePastedResponse } from '../../src/oauth/response.js';

const STATE = 'pXw0uT5kq3rVJ9mZ2bYcH7dLeF1sGiNaOoQxRtUvWyA';
const ISSUER = 'https://accounts.example.com';
const expected: ExpectedResponse = { state: STATE, issuer: ISSUER, issInResponse: false };
const advertised: ExpectedResponse = { ...expected, issInResponse: true };

const judge = (query: string, against = expected) => judgeResponse(new URLSearchParams(query), against);
const kinds = (queries: readonly string[], against = expected) => queries.map((query) => judge(query, against).kind);

/** A parameter list as a stranger might send it, its state never ours. */
const strangeQuery = fc
  .array(
    fc.tuple(
      fc.oneof(fc.constantFrom('state', 'code', 'error', 'iss', 'error_description', 'scope'), fc.string()),
      fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(ISSUER, 'access_denied', '', STATE.slice(0, -1))),
    ),
    { maxLength: 8 },
  )
  .map((pairs) => new URLSearchParams(pairs))
  .filter((query) => !query.getAll('state').includes(STATE));

describe('judgeResponse', () => {
  it('takes the code of an answer that carries our state', () => {
    expect(judge(`code=4%2F0AbC&state=${STATE}&scope=a+b`)).toEqual({ kind: 'code', code: '4/0AbC' });
  });

  it('L01 a forged error with no state or a wrong one changes nothing', () => {
    const forged = ['error=access_denied', 'error=x&state=', 'error=x&state=wrong', `error=x&state=${STATE}x`];
    expect(kinds(forged)).toEqual(['ignore', 'ignore', 'ignore', 'ignore']);
  });

  it('L01 an error that carries our state ends the wait even without iss', () => {
    const query = `error=access_denied&error_description=nope&state=${STATE}`;
    expect(judge(query, advertised)).toEqual({ kind: 'error', error: 'access_denied', description: 'nope' });
  });

  it('L01 the state is looked at before the error, the issuer and the code', () => {
    const everything = 'error=access_denied&iss=https://evil.example&code=abc';
    expect(judge(everything).kind).toBe('ignore');
    expect(judge(`${everything}&state=${STATE}`).kind).toBe('reject');
    expect(judge(`error=access_denied&code=abc&state=${STATE}`).kind).toBe('error');
  });

  it('L02 no query without our state ever settles the wait', () => {
    fc.assert(fc.property(strangeQuery, (query) => judgeResponse(query, expected).kind === 'ignore'));
  });

  it('L02 the reason never repeats what came or what was expected', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 5, unit: fc.constantFrom(...'0123456789XYZ') }), (value) => {
        const verdict = judge(`state=${value}&code=${value}&iss=${value}`);
        expect(verdict.kind).toBe('ignore');
        expect(JSON.stringify(verdict)).not.toContain(value);
        expect(JSON.stringify(verdict)).not.toContain(STATE);
      }),
    );
  });

  it('L03 the state is compared byte for byte', () => {
    const changed = [
      STATE.toLowerCase(),
      ` ${STATE}`,
      `${STATE} `,
      `${STATE}\0`,
      STATE.slice(0, -1),
      `${STATE}a`,
      STATE.replace('a', '\u0430'),
      STATE.repeat(20_000),
      '',
    ];
    for (const state of changed) expect(carriesState(new URLSearchParams({ state }), STATE)).toBe(false);
  });

  it('L03 no mutation of the true state passes for it', () => {
    const mutation = fc
      .tuple(fc.nat({ max: STATE.length }), fc.nat({ max: 3 }), fc.string({ unit: 'binary', maxLength: 3 }))
      .map(([at, drop, put]) => STATE.slice(0, at) + put + STATE.slice(at + drop))
      .filter((state) => state !== STATE);
    fc.assert(fc.property(mutation, (state) => !carriesState(new URLSearchParams({ state }), STATE)));
  });

  it('L03 percent-encoding does not change which bytes are meant', () => {
    const encoded = [...STATE].map((char) => `%${char.charCodeAt(0).toString(16)}`).join('');
    expect(judge(`code=abc&state=${encoded}`).kind).toBe('code');
  });

  it('L04 doubled parameters are never used, and told only where the state was right', () => {
    for (const name of ['code', 'iss', 'error']) {
      const doubled = `${name}=a&${name}=b`;
      expect(judge(`${doubled}&state=${STATE}`).kind).toBe('reject');
      expect(judge(`${doubled}&state=other`).kind).toBe('ignore');
    }
    expect(judge(`code=abc&state=${STATE}&state=${STATE}`).kind).toBe('ignore');
    expect(judge(`code=abc&state=${STATE}&state=other`).kind).toBe('ignore');
  });

  it('L04 parameters we do not know may come in any number', () => {
    expect(judge(`code=abc&state=${STATE}&scope=a&scope=b&hd=x`).kind).toBe('code');
  });

  it('L33 an answer of another issuer is turned away and the wait goes on, its error too', () => {
    for (const rest of ['code=abc', 'error=access_denied']) {
      expect(judge(`${rest}&state=${STATE}&iss=https://evil.example`).kind).toBe('reject');
      expect(judge(`${rest}&state=${STATE}&iss=${ISSUER}/`).kind).toBe('reject');
      expect(judge(`${rest}&state=${STATE}&iss=`).kind).toBe('reject');
    }
  });

  it('L33 a missing issuer is turned away where the metadata promise it', () => {
    expect(judge(`code=abc&state=${STATE}`, advertised).kind).toBe('reject');
    expect(judge(`code=abc&state=${STATE}&iss=${ISSUER}`, advertised).kind).toBe('code');
  });

  it('L33 a shared Entra authority accepts the issuer of a tenant and of nothing else', () => {
    const entra = { ...expected, issuer: 'https://login.example.com/{tenantid}/v2.0' };
    const from = (iss: string) => judge(`code=abc&state=${STATE}&iss=${encodeURIComponent(iss)}`, entra).kind;
    expect(from('https://login.example.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0')).toBe('code');
    expect(from('https://login.example.com/../v2.0')).toBe('reject');
    expect(from('https://evil.example/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0')).toBe('reject');
    expect(from('https://login.example.com/v2.0')).toBe('reject');
  });

  it('turns away an answer without a usable code', () => {
    const rest = ['', 'code=', 'code=a%0d%0ab', 'code=%C3%A9'];
    expect(kinds(rest.map((part) => `${part}&state=${STATE}`))).toEqual(rest.map(() => 'reject'));
  });

  it('an expected state that is empty is carried by nobody', () => {
    expect(carriesState(new URLSearchParams('state='), '')).toBe(false);
  });
});

describe('parsePastedResponse', () => {
  it.each([')', '"', '>'])('looks once through a long paste of %s', (bracket) => {
    const started = performance.now();
    expect(parsePastedResponse(`${bracket.repeat(60_000)}!`, 'http://127.0.0.1:8765/')).toHaveProperty('reason');
    expect(performance.now() - started).toBeLessThan(1000);
  });

  const redirectUri = 'http://127.0.0.1:8765/callback';
  const good = `${redirectUri}?state=${STATE}&code=4/0AbC&iss=${ISSUER}`;
  const reason = (text: string) => {
    const parsed = parsePastedResponse(text, redirectUri);
    return parsed instanceof URL ? parsed.href : parsed.reason;
  };

  it('L32 takes the address through terminals, chats and wrapped lines, unchanged', () => {
    const wrapped = `${good.slice(0, 40)}\r\n   ${good.slice(40)}`;
    const dressed = [
      good,
      `  ${good}\n`,
      `"${good}"`,
      `<${good}>`,
      `\x1b[200~${good}\x1b[201~`,
      `[200~${good}`,
      wrapped,
    ];
    for (const text of [...dressed, good.replace('http:', 'https:'), good.replace('http://', '')]) {
      const parsed = parsePastedResponse(text, redirectUri);
      expect(parsed).toBeInstanceOf(URL);
      expect(judgeResponse((parsed as URL).searchParams, expected)).toEqual({ kind: 'code', code: '4/0AbC' });
    }
  });

  it('L32 wants the whole address and makes up nothing', () => {
    expect(reason('')).toContain('nothing was pasted');
    expect(reason('4/0AbCdEf')).toContain('only the code');
    expect(reason(`code=abc&state=${STATE}`)).toContain('only a part of the address');
    expect(reason(`?code=abc&state=${STATE}`)).toContain('only a part of the address');
    expect(reason('hello there')).toContain('not a web address');
  });

  it('L32 a pasted answer stands before the same judge as one from the network', () => {
    const forged = good.replace(STATE, 'another');
    const parsed = parsePastedResponse(forged, redirectUri) as URL;
    expect(judgeResponse(parsed.searchParams, expected).kind).toBe('ignore');
  });

  it('names the page whose address was copied by mistake', () => {
    const page = `https://accounts.google.com/o/oauth2/v2/auth?client_id=x&state=${STATE}&redirect_uri=y`;
    expect(reason(page)).toContain('address of the sign-in page');
    expect(reason('https://example.com/callback?code=a&state=b')).toContain(`begins with ${redirectUri}`);
    expect(reason('http://127.0.0.1:9999/callback?code=a&state=b')).toContain('another page');
    expect(reason('http://127.0.0.1:8765/other?code=a&state=b')).toContain('another page');
  });

  it('says when the address looks cut off', () => {
    expect(reason(redirectUri)).toContain('cut off');
    expect(reason(`${redirectUri}?state=${STATE}`)).toContain('cut off');
    expect(reason(`${redirectUri}?code=abc`)).toContain('cut off');
    expect(reason(`${good}…`)).toContain('cut off');
  });

  it('L11 an answer behind a # is explained', () => {
    expect(reason(`${redirectUri}#code=abc&state=${STATE}`)).toContain('behind a "#"');
  });

  it('L32 no reason repeats what was pasted, and nothing pasted throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 12 }), (text) => {
        const parsed = parsePastedResponse(text, redirectUri);
        if (!(parsed instanceof URL)) expect(parsed.reason).not.toContain(text);
      }),
    );
  });
});
