import { writtenCredential } from '../../account/client-credential.js';
import { oneLine, privateKeyIn } from '../../guide/app-credential.js';
import { app } from '../../guide/app-questions.js';
import { hasForeignIssuer, refuse } from '../../guide/recognise.js';
import type { Answers, Guard, Question, Recognition } from '../../guide/step.js';
import { Secret } from '../../words/secret.js';

/** The key of a service account, as Google's console saves it: read once, judged before anything is sent. */

const EMAIL = /^[a-z0-9-]+@[a-z0-9.-]+\.(?:iam\.gserviceaccount\.com|gserviceaccount\.com)$/;
/** Only Google may be asked with the key: another address in the file would lead its holder to somebody else. */
const TOKEN_HOSTS: readonly string[] = ['oauth2.googleapis.com', 'accounts.google.com', 'www.googleapis.com'];

/** Files that look alike, by their `type`, and what they are. */
const OTHER_TYPES: Readonly<Record<string, string>> = {
  authorized_user: 'that is a sign-in of the gcloud program, and not the key of a service account',
  external_account: 'that describes an identity of another cloud (workload identity federation), and holds no key',
  external_account_authorized_user: 'that is a sign-in of the gcloud program, and not the key of a service account',
  impersonated_service_account: 'that is a permission to act as a service account, and holds no key',
  gdch_service_account: 'that key is for Google Distributed Cloud, which has no mailboxes',
};

/** What another program for Workspace writes beside the key, where the key itself is elsewhere. */
const OTHER_KEYS: Readonly<Record<string, string>> = {
  yubikey: 'the key of this service account is in a YubiKey, where only the program that put it there can use it',
  signjwt: 'this file names a service account without a key: its statements are signed by Google for another program',
};

type File = Readonly<Record<string, unknown>>;

const serviceAccountKey: Guard = { recognise, inside: 'words' };

function recognise(pasted: string, answers: Answers): Recognition {
  const file = parse(pasted);
  if (typeof file === 'string') return refuse(file);
  const reason = whyNotAKey(file) ?? whyElsewhere(file, answers);
  if (reason !== undefined) return refuse(reason);
  const email = text(file, 'client_email');
  const keyId = text(file, 'private_key_id');
  const written = text(file, 'private_key');
  // Pasted out of a variable, its line ends may stand there in letters.
  const unfolded = written.replaceAll('\\n', '\n');
  const key = privateKeyIn(unfolded);
  if (typeof key === 'string') return refuse(`in this file, ${key}`);
  const credential = { kind: 'service-account', email, keyId, key: new Secret(oneLine(key)) } as const;
  return {
    ok: true,
    value: 'read',
    notes: [
      `read the key of ${email}`,
      ...(unfolded === written ? [] : ['put the line ends of the key right']),
      'once all works, delete the file: the key is in the store of secrets then',
    ],
    learnt: {
      credential: 'service-account',
      'client-id': text(file, 'client_id'),
      'client-secret': writtenCredential(credential),
      ...(text(file, 'project_id') === '' ? {} : { project: text(file, 'project_id') }),
    },
  };
}

function parse(pasted: string): File | string {
  if (/^-----BEGIN/.test(pasted)) return 'that is a key alone; the whole JSON file is needed, which says whose it is';
  if (!pasted.startsWith('{')) return 'that is no key file: the text has to begin with {. Make a key of the type JSON';
  try {
    return JSON.parse(pasted) as File;
  } catch {
    // The parser's message would quote the key.
    return 'this text is no complete JSON file. It may be cut off: give the file itself instead';
  }
}

function whyNotAKey(file: File): string | undefined {
  const type = text(file, 'type');
  if ('installed' in file || 'web' in file) {
    return 'that is the file of an OAuth client, for a person who signs in. The key of a service account is needed';
  }
  if (type !== 'service_account') return OTHER_TYPES[type] ?? 'this JSON file is not the key of a service account';
  const keyType = OTHER_KEYS[text(file, 'key_type')];
  if (keyType !== undefined) return keyType;
  if (!EMAIL.test(text(file, 'client_email'))) return 'this file does not name a service account (client_email)';
  if (!/^\d{6,32}$/.test(text(file, 'client_id'))) return 'this file does not hold the Unique ID (client_id)';
  if (!/^[0-9a-f]{8,64}$/i.test(text(file, 'private_key_id')))
    return 'this file does not name its key (private_key_id)';
  if (text(file, 'private_key') === '') return 'this file holds no key (private_key)';
  return undefined;
}

/** A file that leads somewhere else may have been made to carry the key away. */
function whyElsewhere(file: File, answers: Answers): string | undefined {
  const universe = text(file, 'universe_domain') || 'googleapis.com';
  if (universe !== 'googleapis.com') return `this key is for ${universe}, where Gmail is not`;
  const address = text(file, 'token_uri');
  if (address === '' || hasForeignIssuer(answers)) return undefined;
  const host = URL.canParse(address) ? new URL(address).host : '';
  const isGoogle = address.startsWith('https://') && TOKEN_HOSTS.includes(host);
  return isGoogle ? undefined : 'this file wants tokens to be asked for at a server that is not Google (token_uri)';
}

function text(file: File, member: string): string {
  const value = file[member];
  return typeof value === 'string' ? value.trim() : '';
}

export const serviceAccountFile = {
  id: 'service-account-file',
  kind: 'secret-file',
  label: 'Key file of the service account',
  help: 'The JSON file that Google saved when the key was made, named after the project. It is secret: it opens every mailbox that the administrator gives it. mailauth reads it once and puts the key into the store of secrets; delete the file afterwards.',
  required: true,
  guard: serviceAccountKey,
  when: app,
  suppliedBy: ['client-from', 'client-secret-file'],
  placeholder: 'FILE',
} satisfies Question;
