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

/** What people paste where Microsoft's portal gave them something: three GUIDs look alike, so each is told by its surroundings. */

const ANY_GUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;
const DOMAIN = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/i;
const SECRET = /^[\w~.]{3}\dQ~[\w~.-]{31,34}$/;

/** Tenants that stand for several directories. */
export const SHARED_TENANTS = ['common', 'organizations', 'consumers'];

/** What Microsoft gives out, for every box that wants something else. A GUID may be anybody's. */
export const entraIssuedValues: readonly IssuedValue[] = [
  { what: 'a client secret of Microsoft', shape: SECRET, secret: true, answers: 'client-secret' },
];

const recogniseClientId: Recogniser = (text, answers) => {
  const found = idsIn(text);
  if (found.client !== undefined) return taken(found.client, 'client ID', { tenant: found.tenant });
  if (found.object !== undefined) {
    return refuse('that is the Object ID. Copy the Application (client) ID', learntFrom({ tenant: found.tenant }));
  }
  if (found.tenant !== undefined) {
    return refuse('that is the Directory (tenant) ID. The Application (client) ID is the other one', {
      tenant: found.tenant,
    });
  }
  const id = hyphenated(text);
  if (id !== '' && id === answered(answers, 'tenant').toLowerCase()) {
    return refuse('that is the Directory (tenant) ID again. Copy the Application (client) ID');
  }
  if (id !== '')
    return { ok: true, value: id, notes: id === text.toLowerCase() ? [] : ['wrote the ID in its usual form'] };
  return notAnId(text, answers) ?? accept(text, ...shapeDoubt(text, answers, 'client ID'));
};

export const entraClientId: Guard = { recognise: recogniseClientId, inside: 'joined' };

const recogniseTenant: Recogniser = (text, answers) => {
  const found = idsIn(text);
  if (found.tenant !== undefined) return taken(found.tenant, 'tenant', { 'client-id': found.client });
  if (found.object !== undefined) return refuse('that is the Object ID. Copy the Directory (tenant) ID');
  if (found.client !== undefined) {
    return refuse('that is the Application (client) ID. The Directory (tenant) ID is the other one', {
      'client-id': found.client,
    });
  }
  const id = hyphenated(text);
  if (id !== '' && id === answered(answers, 'client-id').toLowerCase()) {
    return refuse('that is the Application (client) ID again. Copy the Directory (tenant) ID');
  }
  if (id !== '')
    return { ok: true, value: id, notes: id === text.toLowerCase() ? [] : ['wrote the ID in its usual form'] };
  const lower = text.toLowerCase();
  if (SHARED_TENANTS.includes(lower)) return accept(lower);
  const domain = /^[^@\s]+@([^@\s]+)$/.exec(lower)?.[1] ?? lower;
  if (DOMAIN.test(domain)) {
    return { ok: true, value: domain, notes: domain === lower ? [] : ['took the domain of the address'] };
  }
  return notAnId(text, answers) ?? accept(text, ...shapeDoubt(text, answers, 'tenant'));
};

const recogniseObjectId: Recogniser = (text, answers) => {
  const { client, object } = idsIn(text);
  const id = object ?? hyphenated(text);
  if (client !== undefined || id === answered(answers, 'client-id').toLowerCase()) {
    return refuse('that is the Application (client) ID. The Object ID of the enterprise application is another one');
  }
  return id === '' ? refuse('an Object ID has 32 digits and letters with four hyphens') : accept(id);
};

export const entraObjectId: Guard = { recognise: recogniseObjectId, inside: 'joined' };

export const entraTenant: Guard = { recognise: recogniseTenant, inside: 'joined' };

const recogniseClientSecret: Recogniser = (text, answers) => {
  if (GUID.test(text)) {
    return { ...refuse('that is the Secret ID. Copy the column named Value'), code: 'client_secret_is_id' };
  }
  if (isMasked(text)) {
    return refuse('the page hides this Value. Click New client secret once more and copy the new Value at once');
  }
  const stranger = strangerIn(text);
  if (stranger !== undefined) return refuse(`${stranger}. Copy the column named Value`);
  if (/^https?:\/\//i.test(text)) return refuse('that is the address of a page. Copy the column named Value');
  if (hasForeignIssuer(answers) || SECRET.test(text)) return accept(text);
  return accept(
    text,
    `this has ${text.length} characters and does not look as usual (40 characters). It may be cut off`,
  );
};

export const entraClientSecret: Guard = { recognise: recogniseClientSecret, inside: 'joined' };

function notAnId(text: string, answers: Answers): Recognition | undefined {
  if (SECRET.test(text)) {
    return refuse('that is the client secret. The ID is still needed', { 'client-secret': text });
  }
  if (/^https?:\/\//i.test(text))
    return refuse('this address holds no ID of a registration. Copy the ID that the page shows');
  if (hasForeignIssuer(answers)) return undefined;
  const stranger = strangerIn(text);
  return stranger === undefined ? undefined : refuse(stranger);
}

function shapeDoubt(text: string, answers: Answers, what: string): readonly string[] {
  if (hasForeignIssuer(answers)) return [];
  const digits = text.replace(/[^0-9a-f]/gi, '').length;
  return /^[0-9a-f-]+$/i.test(text)
    ? [`this has ${digits} of 32 digits and letters. It may be cut off`]
    : [`a ${what} usually has 32 digits and letters with four hyphens`];
}

function taken(value: string, what: string, others: Readonly<Record<string, string | undefined>>): Recognition {
  return { ok: true, value, notes: [`took the ${what} out of what you pasted`], learnt: learntFrom(others) };
}

function learntFrom(found: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(found).flatMap(([id, value]) => (value === undefined ? [] : [[id, value]])));
}

interface Ids {
  readonly client?: string;
  readonly tenant?: string;
  readonly object?: string;
}

/**
 * IDs that the paste itself names: the address of a portal page (`/appId/<ID>`, `entra.microsoft.com/<tenant>#`), the
 * address of an endpoint, or the text of the Overview page with its labels.
 */
function idsIn(text: string): Ids {
  const named = (pattern: string) => new RegExp(`${pattern}(${ANY_GUID.source})`, 'i').exec(text)?.[1]?.toLowerCase();
  const client = named('(?:appId|client_id|applicationId|application\\(client\\)ID)["\':=~/ ]*(?:%3d|%2f)?');
  const object = named('(?:objectId|Object ?ID)["\':=~/ ]*');
  const tenant =
    named('(?:tenantId|[?&"\']tid|directory\\(tenant\\)ID)["\':=~/ ]*') ??
    /^https:\/\/(?:entra|portal)\.(?:microsoft|azure)\.com\/(?:#@|@)?([\w.-]+\.[a-z]{2,})/i
      .exec(text)?.[1]
      ?.toLowerCase() ??
    /^https:\/\/(?:entra\.microsoft\.com|portal\.azure\.(?:com|us|cn)|login\.microsoftonline\.(?:com|us)|login\.partner\.microsoftonline\.cn|sts\.windows\.net)\/([\w-]{36})/i
      .exec(text)?.[1]
      ?.toLowerCase();
  return {
    ...(client === undefined ? {} : { client }),
    ...(tenant === undefined ? {} : { tenant }),
    ...(object === undefined ? {} : { object }),
  };
}

/** A GUID in its usual form, braces off and hyphens in; `''` for anything else. */
function hyphenated(text: string): string {
  const digits = text.replace(/^\{|\}$/g, '').toLowerCase();
  if (GUID.test(digits)) return digits;
  if (!/^[0-9a-f]{32}$/.test(digits)) return '';
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
