/**
 * The bytes of the encrypted file. Integers are big-endian; nothing has two spellings.
 *
 *     data key     "mailauth" 01 'K'  kdf:1 log2N:1 r:1 p:1 salt:16  key id:16  path length:2 path  nonce:12  ciphertext:32
 *     credential   "mailauth" 01 'C'  key id:16  generation:8  id length:1 id                       nonce:12  ciphertext
 *     both end in  tag:16  checksum:32
 *
 * AES-256-GCM (NIST SP 800-38D); all before the ciphertext is authenticated with it, so no field can be changed and no
 * file can take another's place. The checksum (SHA-256 of all before it) needs no key: it tells a damaged file from a
 * wrong passphrase, which the tag alone cannot.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { MailauthError } from '../../explain/problem.js';
import { defuse, shownPath } from '../../words/sanitise.js';

const MAGIC = Buffer.from('mailauth');
const VERSION = 1;
const DATA_KEY = 0x4b;
const CREDENTIAL = 0x43;
const CIPHER = 'aes-256-gcm';
const NONCE = 12;
const TAG = 16;
const CHECKSUM = 32;

export const KEY_BYTES = 32;
const KEY_ID = 16;
const SALT = 16;

/** How the data key is wrapped. A passphrase is stretched by scrypt (RFC 7914) with exactly these costs: 32 MiB, about 0.1 s. */
export const SCRYPT = { log2N: 15, r: 8, p: 3 } as const;
const KDF_NONE = 0;
const KDF_SCRYPT = 1;

export interface WrapHeader {
  readonly kind: 'key-file' | 'passphrase';
  readonly salt: Buffer;
  readonly keyId: Buffer;
  /** Where the key file, or the file with the passphrase, was when the store was made; a hint for people. */
  readonly path: string;
}

interface CredentialHeader {
  readonly keyId: Buffer;
  readonly generation: bigint;
  readonly id: string;
}

/** A file whose checksum holds, taken apart and not yet decrypted. */
export interface Sealed<Header> {
  readonly header: Header;
  /** All bytes before the ciphertext. */
  readonly authenticated: Buffer;
  readonly nonce: Buffer;
  readonly ciphertext: Buffer;
  readonly tag: Buffer;
}

export function newWrapHeader(kind: WrapHeader['kind'], path: string): WrapHeader {
  return { kind, salt: randomBytes(SALT), keyId: randomBytes(KEY_ID), path };
}

export function sealDataKey(header: WrapHeader, wrappingKey: Buffer, dataKey: Buffer): Buffer {
  const kdf = header.kind === 'passphrase' ? [KDF_SCRYPT, SCRYPT.log2N, SCRYPT.r, SCRYPT.p] : [KDF_NONE, 0, 0, 0];
  const path = Buffer.from(header.path);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(path.length);
  return seal([prologue(DATA_KEY), Buffer.from(kdf), header.salt, header.keyId, length, path], wrappingKey, dataKey);
}

export function sealCredential(header: CredentialHeader, dataKey: Buffer, plaintext: Buffer): Buffer {
  const generation = Buffer.alloc(8);
  generation.writeBigUInt64BE(header.generation);
  const id = Buffer.from(header.id);
  return seal([prologue(CREDENTIAL), header.keyId, generation, Buffer.from([id.length]), id], dataKey, plaintext);
}

/** Throws `store_damaged` for anything `sealDataKey` cannot have written, before a single byte is derived from it. */
export function parseDataKey(bytes: Buffer, path: string): Sealed<WrapHeader> {
  const reader = readerOf(bytes, DATA_KEY, path);
  const [kdf, log2N, r, p] = reader.take(4);
  const plain = kdf === KDF_NONE && log2N === 0 && r === 0 && p === 0;
  const stretched = kdf === KDF_SCRYPT && log2N === SCRYPT.log2N && r === SCRYPT.r && p === SCRYPT.p;
  if (!plain && !stretched) throw damaged(path, 'it asks for a key derivation that mailauth never writes');
  const salt = reader.take(SALT);
  const keyId = reader.take(KEY_ID);
  // Not yet authenticated, and only ever shown: of a form that accounts.json can take.
  const hint = defuse(shownPath(reader.take(reader.take(2).readUInt16BE()).toString('utf8')));
  const sealed = reader.rest({
    kind: stretched ? ('passphrase' as const) : ('key-file' as const),
    salt,
    keyId,
    path: hint,
  });
  if (sealed.ciphertext.length !== KEY_BYTES) throw damaged(path, 'its length is wrong');
  return sealed;
}

/** Throws `store_damaged` for anything `sealCredential` cannot have written. */
export function parseCredential(bytes: Buffer, path: string): Sealed<CredentialHeader> {
  const reader = readerOf(bytes, CREDENTIAL, path);
  const keyId = reader.take(KEY_ID);
  const generation = reader.take(8).readBigUInt64BE();
  const id = reader.take(reader.take(1).readUInt8()).toString('latin1');
  return reader.rest({ keyId, generation, id });
}

/** Undefined where the key is not the one it was sealed with. Nothing decrypted is released before the tag is checked. */
export function unseal(sealed: Sealed<unknown>, key: Buffer): Buffer | undefined {
  const decipher = createDecipheriv(CIPHER, key, sealed.nonce, { authTagLength: TAG });
  decipher.setAAD(sealed.authenticated);
  decipher.setAuthTag(sealed.tag);
  const plaintext = decipher.update(sealed.ciphertext);
  try {
    decipher.final();
    return plaintext;
  } catch {
    plaintext.fill(0);
    return undefined;
  }
}

/** The nonce is random: one key would have to write 2^32 files before a repetition becomes a concern. */
function seal(fields: readonly Buffer[], key: Buffer, plaintext: Buffer): Buffer {
  const nonce = randomBytes(NONCE);
  const authenticated = Buffer.concat([...fields, nonce]);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG });
  cipher.setAAD(authenticated);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const body = Buffer.concat([authenticated, ciphertext, cipher.getAuthTag()]);
  return Buffer.concat([body, checksum(body)]);
}

function prologue(kind: number): Buffer {
  return Buffer.concat([MAGIC, Buffer.from([VERSION, kind])]);
}

interface Reader {
  take(length: number): Buffer;
  rest<Header>(header: Header): Sealed<Header>;
}

function readerOf(bytes: Buffer, kind: number, path: string): Reader {
  const head = prologue(kind);
  const body = bytes.subarray(0, Math.max(0, bytes.length - CHECKSUM));
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw damaged(path, 'it does not begin as mailauth writes it');
  // A later version may end otherwise, so its number speaks before the checksum does.
  if ((bytes[MAGIC.length] ?? 0) > VERSION) throw newer(path);
  if (!checksum(body).equals(bytes.subarray(body.length))) throw damaged(path, 'it was changed or cut off');
  if (!body.subarray(0, head.length).equals(head)) throw damaged(path, 'it is another kind of file');
  let offset = head.length;
  const take = (length: number): Buffer => {
    const end = offset + length;
    if (end > body.length) throw damaged(path, 'it is too short');
    const field = body.subarray(offset, end);
    offset = end;
    return field;
  };
  return {
    take,
    rest(header) {
      const nonce = take(NONCE);
      const authenticated = body.subarray(0, offset);
      const ciphertext = take(Math.max(0, body.length - TAG - offset));
      return { header, authenticated, nonce, ciphertext, tag: take(TAG) };
    },
  };
}

function checksum(body: Buffer): Buffer {
  return createHash('sha256').update(body).digest();
}

/** `path` names the file; it is left as it is. */
export function damaged(path: string, why: string): MailauthError {
  return new MailauthError('store_damaged', `${path} is damaged: ${why}`, {
    fix: [{ text: 'restore it from a backup, or move it away and sign in again; mailauth leaves it as it is' }],
  });
}

function newer(path: string): MailauthError {
  return new MailauthError('store_damaged', `${path} was written by a newer version of mailauth, or is damaged`, {
    fix: [{ text: 'update mailauth; the file is left as it is' }],
  });
}
