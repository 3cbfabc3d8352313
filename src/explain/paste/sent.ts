import type { OtherService } from '../context.js';
import type { Reading } from './segments.js';

/** What a program gave to a mail server as its login, as far as the paste shows it. */
export interface Sent {
  readonly what: 'password' | 'token' | 'empty' | 'malformed' | 'expired' | 'foreign' | 'other-service' | 'not-shown';
  /** `foreign`: whom the token belongs to; `other-service`: the service it was made for. */
  readonly detail?: string;
}

/** A login with a user name and a password: the command in a transcript, or the program that says which one it chose. */
const PASSWORD =
  /\bAUTH (?:PLAIN|LOGIN|CRAM-MD5|NTLM|DIGEST-MD5)\b|AUTHENTICATE (?:PLAIN|LOGIN|CRAM-MD5|NTLM)\b|auth(?:entication)? ?\[?(?:method)?[ =:[]{0,3}(?:PLAIN|LOGIN|CRAM-MD5|NTLM)\]|\bPASS (?:\S{1,80})$|Authenticator "?(?:LOGIN|PLAIN|CRAM-MD5)"? returned|method (?:PLAIN|LOGIN)\b|auth_(?:plain|login)\b|Password command failed|Username command failed|UGFzc3dvcmQ6|VXNlcm5hbWU6|app(?:lication-specific)? ?password|basic auth(?:entication|orization)/im;

/** The command of IMAP; in small letters the same words are anybody's. */
const LOGIN_COMMAND = /\b[A-Za-z]{0,12}\d{1,9} LOGIN ["\w]|\bLOGIN (?:Invalid|failed)|NO LOGIN\b/;

const TOKEN =
  /\bXOAUTH2?\b|\bOAUTHBEARER\b|accesstoken|access token|oauth2? (?:token|login)|SaslMechanismOAuth2|sasl_?xoauth2|auth=Bearer|"schemes"|oauthError/i;

/** A list of what a server offers is no login; neither is the list of what a program can do. */
const OFFERS =
  /"AUTH", arg "[^"]{0,200}"|250[- ]?AUTH[ =](?:[A-Z0-9-]{1,30} ?){1,12}|AUTH=[A-Z0-9-]{1,30}|using the following authenticators: [^.]{0,120}/g;

/** What stands for "nothing" where a value was filled in that is not there. */
const NOTHING = String.raw`(?:undefined|null|None|nil|NaN|false|\[object Object\]|)`;
const EMPTY_TOKEN = new RegExp(`auth=Bearer ${NOTHING}(?:[\\0\\x01\\s]|$)`);
const EMPTY_PASSWORD = new RegExp(
  `^[^\\0]{0,200}\\0(?:${NOTHING}\\0(?:[^\\0]{0,200})|[^\\0]{1,200}\\0${NOTHING})$`,
  'm',
);

/** `services`: what a token can be for besides mail, by the audience it names. */
export function sentIn({ whole, hidden, segments }: Reading, services: readonly OtherService[] = []): Sent {
  const said = whole.replace(OFFERS, ' ');
  const raw = segments.map(({ hidden: one }) => one).join('\n');
  if (EMPTY_TOKEN.test(raw)) return { what: 'empty' };
  const claims = claimsIn(hidden) ?? claimsIn(whole);
  const fromClaims = claims === undefined ? undefined : judge(claims, { hidden, whole, services });
  if (fromClaims !== undefined) return fromClaims;
  if (/AccessTokenExpired|token (?:is |has |was )?expired|expired (?:access )?token/i.test(said))
    return { what: 'expired' };
  if (/invalid sasl argument|(?<!syntax error, )cannot decode|malformed (?:auth|sasl)|invalid format/i.test(said))
    return { what: 'malformed' };
  if (isPassword(said)) return { what: EMPTY_PASSWORD.test(hidden) ? 'empty' : 'password' };
  return {
    what: TOKEN.test(said) || claims !== undefined || /"schemes"|auth=Bearer/.test(hidden) ? 'token' : 'not-shown',
  };
}

const TOKEN_COMMAND = /\bAUTH(?:ENTICATE)? (?:XOAUTH2|OAUTHBEARER)\b/g;

/** Of several attempts the last one counts: a proxy takes a password from its program and sends a token on. */
function isPassword(said: string): boolean {
  const last = Math.max(-1, ...Array.from(said.matchAll(TOKEN_COMMAND), ({ index }) => index));
  const after = said.slice(last + 1);
  return PASSWORD.test(after) || LOGIN_COMMAND.test(after);
}

interface Claims {
  readonly aud?: unknown;
  readonly exp?: unknown;
  readonly scp?: unknown;
  readonly upn?: unknown;
  readonly preferred_username?: unknown;
  readonly unique_name?: unknown;
}

/** The middle part of a JWT (RFC 7519), decoded already: it begins with a brace and names who the token is for. */
function claimsIn(text: string): Claims | undefined {
  const at = text.search(/\{"(?:aud|iss|exp|iat|nbf|ver|sub)":/);
  if (at < 0) return undefined;
  const part = text.slice(at, at + 6_000);
  const value = (name: string): string | undefined => new RegExp(`"${name}":"?([^",}]{1,300})`).exec(part)?.[1];
  return Object.fromEntries(
    ['aud', 'exp', 'scp', 'upn', 'preferred_username', 'unique_name'].map((name) => [name, value(name)]),
  );
}

interface Surroundings {
  readonly hidden: string;
  readonly whole: string;
  readonly services: readonly OtherService[];
}

function judge(claims: Claims, { hidden, whole, services }: Surroundings): Sent | undefined {
  const service = services.find(({ audience }) => audience.test(String(claims.aud ?? '')))?.title;
  if (service !== undefined) return { what: 'other-service', detail: service };
  const owner = String(claims.upn ?? claims.preferred_username ?? claims.unique_name ?? '').toLowerCase();
  const [, user = ''] = /\buser=([^\0\x01\s]{3,200})[\0\x01\s]/i.exec(`${hidden} ${whole}`) ?? [];
  if (owner.includes('@') && user.includes('@') && owner !== user.toLowerCase())
    return { what: 'foreign', detail: owner };
  const day = /\b(20\d\d-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)/.exec(whole);
  const shown = day === null ? Number.NaN : Date.parse(`${day[1]}T${day[2]}Z`) / 1000;
  // The clock of a log may be hours from UTC: only a whole day is beyond doubt.
  if (Number(claims.exp) + 86_400 < shown) return { what: 'expired' };
  return undefined;
}
