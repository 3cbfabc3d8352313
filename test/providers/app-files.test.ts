/** Files that an app proves itself with: each wrong kind is named before anything is sent, and never repeated. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { guard } from '../../src/guide/guard.js';
import { questionOf } from '../../src/guide/plan.js';
import type { Provider } from '../../src/guide/provider.js';
import type { Answers, Question } from '../../src/guide/step.js';
import { makePair, type Pair } from '../../src/oauth/certificate.js';
import { issuedValuesFor } from '../../src/providers/directory.js';
import { gmail } from '../../src/providers/gmail/provider.js';
import { outlook } from '../../src/providers/outlook/provider.js';

const NOW = new Date('2026-11-26T09:00:00Z');
const TODAY: Answers = { today: '2026-11-26' };
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const pem = (key: KeyObject, type: 'pkcs8' | 'pkcs1' = 'pkcs8'): string =>
  key.export({ format: 'pem', type }).toString();

let pair: Pair;
let expired: Pair;
beforeAll(async () => {
  [pair, expired] = await Promise.all([
    makePair('mailauth', NOW, 730),
    makePair('old', new Date('2023-01-01T00:00:00Z'), 30),
  ]);
});

function given(provider: Provider, id: string, text: string, answers: Answers = TODAY) {
  return guard(questionOf(provider, id) as Question, text, answers, issuedValuesFor(provider));
}

function reason(...asked: Parameters<typeof given>): string {
  const result = given(...asked);
  return result.ok ? 'taken' : result.reason;
}

describe('a certificate', () => {
  const about = (text: string) => reason(outlook, 'client-certificate-file', text);

  it('is taken in PEM, alone or in a chain, and with Windows’ line ends', () => {
    const text = pair.certificate.toString();
    expect(about(text)).toBe('taken');
    expect(about(text.replaceAll('\n', '\r\n'))).toBe('taken');
    expect(about(`${pem(pair.key)}${text}${expired.certificate.toString()}`)).toBe('taken');
  });

  it('is told from everything else', () => {
    expect(about(pem(pair.key))).toContain('that is the key');
    expect(about('-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----')).toContain('request');
    expect(about('{"type":"service_account"}')).toContain('JSON');
    expect(about('MIIKcQIBAzCCCi0GCSqGSIb3')).toContain('openssl pkcs12');
    expect(about(pair.certificate.toString().replace(/\n.{30}/, '\n'))).toContain('damaged');
    expect(about(expired.certificate.toString())).toBe('the certificate has ended, on 2023-01-31; make a new one');
  });
});

describe('its key', () => {
  const about = (text: string, certificate = pair.certificate) =>
    reason(outlook, 'client-key-file', text, { ...TODAY, 'client-certificate': certificate.raw.toString('base64') });

  it('is taken in both of its forms, and brings the pair and its end', () => {
    expect(about(pem(pair.key, 'pkcs1'))).toBe('taken');
    const result = given(outlook, 'client-key-file', pem(pair.key), {
      ...TODAY,
      'client-certificate': pair.certificate.raw.toString('base64'),
    });
    expect(result).toMatchObject({ ok: true, guarded: { value: 'read', warnings: [] } });
    const { learnt } = (result as Extract<typeof result, { ok: true }>).guarded;
    expect(learnt).toMatchObject({ credential: 'certificate', 'secret-expires': '2028-11-25' });
    expect(JSON.parse(learnt['client-secret'] ?? '')).toEqual({
      kind: 'certificate',
      certificate: pair.certificate.raw.toString('base64'),
      key: pair.key.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
    });
  });

  it('is told from everything else, and the key is never repeated', () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
    const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const locked = rsa.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' }).toString();
    const reasons = [
      [pem(rsa), 'not a pair'],
      [pair.certificate.toString(), 'that is the certificate'],
      [locked, 'passphrase'],
      [pem(weak), '1024 bits'],
      [pem(curve), 'not an RSA key'],
      [pem(pair.key).slice(0, 400), 'BEGIN PRIVATE KEY'],
      [pem(pair.key).replace(/\n.{40}/, '\n'), 'damaged'],
    ] as const;
    for (const [text, words] of reasons) {
      expect(about(text)).toContain(words);
      expect(about(text)).not.toMatch(/MII[A-Za-z0-9+/]{20}/);
    }
    expect(reason(outlook, 'client-key-file', pem(pair.key))).toContain('give its certificate too');
  });
});

describe('T27 the key of a service account', () => {
  const FILE = {
    type: 'service_account',
    project_id: 'clinic-4711',
    private_key_id: 'a1b2c3d4e5f60718293a4b5c6d7e8f9001122334',
    private_key: pem(rsa),
    client_email: 'mailauth@clinic-4711.iam.gserviceaccount.com',
    client_id: '123456789012345678901',
    token_uri: 'https://oauth2.googleapis.com/token',
    universe_domain: 'googleapis.com',
  };
  const about = (changes: object, answers: Answers = TODAY) =>
    reason(gmail, 'service-account-file', JSON.stringify({ ...FILE, ...changes }, null, 2), answers);

  it('is taken, and says whose it is', () => {
    const result = given(gmail, 'service-account-file', JSON.stringify(FILE, null, 2));
    expect(result).toMatchObject({
      ok: true,
      guarded: { learnt: { 'client-id': FILE.client_id, project: 'clinic-4711', credential: 'service-account' } },
    });
    expect(about({ private_key: pem(rsa).replaceAll('\n', '\\n') })).toBe('taken');
    // Another authorization server stands in for Google's, and was named by the person.
    expect(about({ token_uri: 'https://localhost/token' }, { ...TODAY, issuer: 'https://localhost' })).toBe('taken');
  });

  it.each([
    [{ token_uri: 'https://oauth2.googleapis.com.evil.example/token' }, 'a server that is not Google'],
    [{ token_uri: 'http://oauth2.googleapis.com/token' }, 'a server that is not Google'],
    [{ token_uri: 'https://oauth2.googleapis.com:8443/token' }, 'a server that is not Google'],
    [{ universe_domain: 'cloud.example' }, 'where Gmail is not'],
    [{ type: 'authorized_user' }, 'a sign-in of the gcloud program'],
    [{ type: 'external_account' }, 'holds no key'],
    [{ type: 'impersonated_service_account' }, 'holds no key'],
    [{ type: undefined, installed: {} }, 'an OAuth client'],
    [{ key_type: 'yubikey', private_key: '' }, 'in a YubiKey'],
    [{ key_type: 'signjwt', private_key: '' }, 'without a key'],
    [{ client_email: 'pat@gmail.com' }, 'does not name a service account'],
    [{ client_id: 'abc' }, 'Unique ID'],
    [{ private_key_id: '' }, 'private_key_id'],
    [{ private_key: '' }, 'holds no key'],
    [{ private_key: pem(rsa).slice(0, 300) }, 'BEGIN PRIVATE KEY'],
  ])('is refused by name: %j', (changes, words) => {
    expect(about(changes)).toContain(words);
    expect(about(changes)).not.toMatch(/MII[A-Za-z0-9+/]{20}/);
  });

  it('is told from texts that are no such file', () => {
    const text = (given: string) => reason(gmail, 'service-account-file', given);
    expect(text(pem(rsa))).toContain('a key alone');
    expect(text('{"type":"service_acc')).toContain('cut off');
    expect(text('hello')).toContain('no key file');
  });
});
