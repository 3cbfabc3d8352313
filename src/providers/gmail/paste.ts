import {
  accept,
  answered,
  GUID,
  hasForeignIssuer,
  type IssuedValue,
  isMasked,
  refuse,
  strangerIn,
} from '../../guide/recognise.js';
import type { Answers, Guard, Recogniser, Recognition } from '../../guide/step.js';
import { isRecord, recordIn } from '../../words/json.js';

/** What people paste where Google's console gave them something. Shapes only warn: Google does not promise them. */

const SUFFIX = '.apps.googleusercontent.com';
const CLIENT_ID = /^\d{6,}-[0-9a-z_]{20,}\.apps\.googleusercontent\.com$/;
const SECRET = /^GOCSPX-[\w-]{28}$/;
const OLD_SECRET_LENGTH = 24;

/** What Google gives out, for every box that wants something else. */
export const googleIssuedValues: readonly IssuedValue[] = [
  { what: 'a client secret of Google', shape: /^GOCSPX-[\w-]+$/, secret: true, answers: 'client-secret' },
  { what: 'a client ID of Google', shape: CLIENT_ID, secret: false, answers: 'client-id' },
  { what: 'an API key. An OAuth client has a client ID and a client secret', shape: /^AIza[\w-]{30,}$/, secret: true },
  { what: 'an access token, which ends within the hour. It is not needed here', shape: /^ya29\./, secret: true },
  {
    what: 'a refresh token. It is not needed here',
    shape: /^1\/\/0[\w-]{8,}/,
    secret: true,
    answers: 'refresh-token-file',
  },
  { what: 'an authorization code. It is not needed here', shape: /^4(?:\/|%2F)0A/i, secret: true },
];

const recogniseClientId: Recogniser = (text, answers) => {
  const special = fileOrJson(text, 'client_id', answers) ?? asAddress(text);
  if (special !== undefined) return special;
  if (text.startsWith('GOCSPX-')) {
    return refuse('that is the client secret. The client ID is still needed', { 'client-secret': text });
  }
  const stranger = strangerIn(text);
  if (stranger !== undefined) return refuse(`${stranger}. A client ID ends in ${SUFFIX}`);
  if (/^\d{6,}-[0-9a-z_]{20,}$/.test(text)) {
    return { ok: true, value: `${text}${SUFFIX}`, notes: [`added the ending ${SUFFIX}`] };
  }
  if (hasForeignIssuer(answers) || CLIENT_ID.test(text)) return accept(text);
  return accept(text, clientIdDoubt(text));
};

export const googleClientId: Guard = { recognise: recogniseClientId, inside: 'joined' };

function clientIdDoubt(text: string): string {
  if (text.endsWith(SUFFIX)) return 'the part before .apps does not look as usual. Copy it again if Google refuses it';
  if (GUID.test(text)) return 'this looks like an ID of another provider';
  if (/^\d+$/.test(text)) return `this is a number, such as a project number. A client ID ends in ${SUFFIX}`;
  return `this looks like a project ID. A client ID ends in ${SUFFIX}`;
}

const recogniseClientSecret: Recogniser = (text, answers) => {
  const special = fileOrJson(text, 'client_secret', answers);
  if (special !== undefined) return special;
  if (text.endsWith(SUFFIX))
    return refuse('that is the client ID. The client secret is the line below it', { 'client-id': text });
  if (isMasked(text)) return refuse('the page hides the secret. Click Add secret there and copy the new one');
  const stranger = strangerIn(text);
  if (stranger !== undefined) return refuse(`${stranger}. A client secret starts with GOCSPX-`);
  if (hasForeignIssuer(answers) || SECRET.test(text) || text.length === OLD_SECRET_LENGTH) return accept(text);
  return accept(text, secretDoubt(text));
};

export const googleClientSecret: Guard = { recognise: recogniseClientSecret, inside: 'joined' };

function secretDoubt(text: string): string {
  if (text.startsWith('GOCSPX-')) return `this has ${text.length} characters, and 35 are usual. It may be cut off`;
  return 'this does not start with GOCSPX-, as a client secret usually does';
}

/** The client file of its own, for `--client-file`: everything in it is learnt. */
const recogniseClientFile: Recogniser = (text, answers) => {
  if (!text.startsWith('{')) return refuse('that is no client file of Google. Click Download JSON at step 7 once more');
  const read = googleJson(text, 'client_id', answers);
  if (!read.ok) return read;
  return { ...read, value: 'read', learnt: { ...read.learnt, 'client-id': read.value } };
};

export const googleClientFile: Guard = { recognise: recogniseClientFile, inside: 'joined' };

const recogniseProject: Recogniser = (text, answers) => {
  if (text.startsWith('{')) return googleJson(text, 'project_id', answers);
  const fromLink = projectInLink(text);
  if (fromLink !== undefined) {
    return { ok: true, value: fromLink, notes: ['took the project ID from the address of the page'] };
  }
  if (/^https?:\/\//i.test(text)) {
    return refuse(
      'this address names no project. Select the project at the top of the page, and copy the address then',
    );
  }
  if (CLIENT_ID.test(text)) return refuse('that is a client ID. It is needed later', { 'client-id': text });
  if (text.startsWith('GOCSPX-')) {
    return refuse('that is the client secret. It is needed later', { 'client-secret': text });
  }
  const stranger = strangerIn(text);
  if (stranger !== undefined) return refuse(stranger);
  if (/[\s/?#&]/.test(text)) return refuse('a project ID has no spaces. This looks like the name of the project');
  if (/^([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/.test(text)) return accept(text);
  if (/^\d+$/.test(text)) return accept(text, 'this is the project number. It usually works; the ID is easier to read');
  return accept(text, 'a project ID usually has 6 to 30 small letters, digits and hyphens');
};

export const googleProject: Guard = { recognise: recogniseProject, inside: 'words' };

function projectInLink(text: string): string | undefined {
  const value = /[?&]project=([^&#]+)/.exec(text)?.[1];
  return value === undefined || value === '_' ? undefined : plain(value);
}

/** The page of one client carries its ID: `/auth/clients/<client ID>`. */
function asAddress(text: string): Recognition | undefined {
  if (!/^https?:\/\//i.test(text)) return undefined;
  const id = /\/clients?\/(?:oauth\/)?([^/?#]+apps\.googleusercontent\.com)/.exec(text)?.[1];
  const project = projectInLink(text);
  const learnt = project === undefined ? {} : { project };
  if (id === undefined) return refuse('that is the address of a page. Copy the client ID that the page shows', learnt);
  return { ok: true, value: plain(id), notes: ['took the client ID from the address of the page'], learnt };
}

/** Percent-decodes what is made of harmless characters; anything else stays as it is. */
function plain(encoded: string): string {
  try {
    const decoded = decodeURIComponent(encoded);
    return /^[\w.:~-]+$/.test(decoded) ? decoded : encoded.replace(/[^\w.:~%-]/g, '');
  } catch {
    return encoded.replace(/[^\w.:~-]/g, '');
  }
}

function fileOrJson(text: string, wanted: Wanted, answers: Answers): Recognition | undefined {
  if (text.startsWith('{')) return googleJson(text, wanted, answers);
  if (/\.json$/i.test(text))
    return refuse('that is the name of a file. Its text is needed here', { 'client-file': text });
  return undefined;
}

/** A member of Google's client file, and the answer it is. */
const MEMBERS = { client_id: 'client-id', client_secret: 'client-secret', project_id: 'project' } as const;
type Wanted = keyof typeof MEMBERS;

/**
 * Google's client file: `{"installed": {...}}` for a desktop client, `{"web": {...}}` for a web client. The files of
 * service accounts and of gcloud look alike and are of no use here.
 */
function googleJson(text: string, wanted: Wanted, answers: Answers): Recognition {
  const file = recordIn(text);
  if (file === undefined)
    return refuse('this text is no complete JSON file. It may be cut off: give the file itself instead');
  if (file['type'] === 'service_account') {
    return refuse('that is the key of a service account. Make an OAuth client ID at step 7 instead');
  }
  if (file['type'] === 'authorized_user') {
    return refuse('that is a sign-in of the gcloud program. Make an OAuth client ID at step 7 instead');
  }
  const [type, client] = ((): readonly [string, unknown] =>
    'installed' in file ? ['desktop', file['installed']] : ['web', file['web']])();
  if (!isRecord(client)) return refuse('this JSON file holds no OAuth client. Click Download JSON at step 7 once more');
  const found = {
    'client-id': stringIn(client, 'client_id'),
    'client-secret': stringIn(client, 'client_secret'),
    project: stringIn(client, 'project_id'),
    'client-type': type,
  };
  const value = found[MEMBERS[wanted]];
  if (value === '') return refuse(`this JSON file holds no ${wanted}. Click Download JSON at step 7 once more`);
  return {
    ok: true,
    value,
    notes: [
      `read the client file of a ${type} client`,
      ...(found['client-secret'] === '' ? [] : ['the secret in it was taken too: once all works, delete the file']),
    ],
    warnings: redirectDoubt(type, client['redirect_uris'], answers),
    learnt: Object.fromEntries(Object.entries(found).filter(([, one]) => one !== '' && one !== value)),
  };
}

/** A web client sends the browser back only to an address it lists, to the last character. */
function redirectDoubt(type: string, listed: unknown, answers: Answers): readonly string[] {
  if (type !== 'web') return [];
  const uris = Array.isArray(listed) ? listed.map(String) : [];
  const isPlannedAsWeb = answered(answers, 'client-type') === 'web';
  const wanted = isPlannedAsWeb ? answered(answers, 'redirect-uri') : '';
  if (wanted !== '') {
    return uris.includes(wanted)
      ? []
      : [`this client does not list ${wanted}. Add it at step 7 under Authorised redirect URIs`];
  }
  return uris.some((uri) => uri.startsWith('http://127.0.0.1:'))
    ? []
    : ['this is a web client, and it lists no address at http://127.0.0.1. A Desktop app needs none'];
}

function stringIn(record: Readonly<Record<string, unknown>>, key: string): string {
  const value = record[key];
  return typeof value === 'string' ? value : '';
}
