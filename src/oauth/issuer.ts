import { Configuration, type CustomFetch, clockTolerance, customFetch, discovery } from 'openid-client';
import type { Endpoints } from '../account/account.js';
import { type Evidence, withoutSecrets } from '../explain/evidence.js';
import type { Outcome } from '../explain/outcome.js';
import { MailauthError } from '../explain/problem.js';
import { isTenantIssuer } from '../providers/directory.js';
import { networkEvidence } from '../system/connection-failure.js';
import type { Network } from '../system/network.js';
import { faultOfIssuer } from '../words/issuer.js';
import { authenticationOf, type ClientCredentials, methodsIn, type SecretMethod } from './client-authentication.js';
import { type Answer, answerEvidence, type Fetch, observe } from './evidence.js';

/** Seconds that the issuer's clock may be ahead or behind in an ID token, as `clock_skew` has it. */
const CLOCK = { [clockTolerance]: 300 };

/** An authorization server whose discovery document has been read and accepted. */
export interface Issuer {
  /** With the way to send the client secret that was last told to `use`. */
  readonly endpoints: Endpoints;
  readonly network: Network;
  /** Where programs register themselves (RFC 7591), where the document offers it on a host of the issuer's. */
  readonly registration?: string;
  /** Takes a request only from the program itself, before the browser comes (RFC 9126 section 5). */
  readonly mustPush: boolean;
  /** The one thing that its tokens are for (RFC 9728 section 4), which a request then names (RFC 8707 section 2). */
  readonly resource?: string;
  /** Ways to send the client secret that the document allows, the preferred one first. */
  readonly secretMethods: readonly SecretMethod[];
  /** Sends the secret this way from now on: the issuer knows what the client was registered for, its document does not. */
  use(method: SecretMethod): void;
  /** What openid-client needs to speak for one client; `fetch` is the network's, or a watched one. */
  configuration(client: ClientCredentials, fetch?: Fetch): Promise<Configuration>;
}

/**
 * Reads `<issuer>/.well-known/openid-configuration` (OpenID Connect Discovery section 4), or where there is none the
 * metadata of RFC 8414, and accepts the document only when it speaks for the issuer that was asked and every endpoint is
 * https on the issuer's host or an allowed one.
 *
 * @throws MailauthError bad_input: the issuer is not an https address without user, query and fragment
 */
export async function discover(
  issuerUrl: string,
  options: {
    readonly network: Network;
    /** Asks for the document in the place of the network's own. */
    readonly fetch?: Network['fetch'];
    readonly allowedHosts: readonly string[];
    /** The one way in which every client sends its secret there; otherwise the document names the ways. */
    readonly secretMethod?: SecretMethod | undefined;
    /** Stands for the document of an issuer that publishes none. */
    readonly metadata?: Readonly<Record<string, unknown>> | undefined;
    /** Decides about endpoints on other hosts than these; rejects where they are not to be used. */
    readonly allow?: (hosts: readonly string[]) => Promise<void>;
    readonly signal?: AbortSignal;
  },
): Promise<Outcome<Issuer>> {
  const url = issuerAddress(issuerUrl);
  const peer = { host: url.hostname, port: Number(url.port || 443) };
  const { answer: document, error } = await documentOf(url, options);
  if (error !== undefined) {
    options.signal?.throwIfAborted();
    if (document === undefined) return { ok: false, evidence: networkEvidence(error, 'discovery', peer) };
    return { ok: false, evidence: documentEvidence(document, issuerUrl, peer) };
  }
  const refused = ([error, text]: Fault) => ({ ok: false, evidence: documentFinding(error, text, peer) }) as const;
  if (document === undefined) return refused(['intercepted', 'an empty answer']);
  const accepted = readDocument(document.json ?? {}, issuerUrl);
  if ('fault' in accepted) return refused(accepted.fault);
  const strangers = elsewhere(accepted.found, [url.hostname, ...options.allowedHosts]);
  if (strangers.length > 0) {
    if (options.allow === undefined) return refused(['endpoint_refused', strangers.map(onAnotherHost).join('; ')]);
    await options.allow([...new Set(strangers.map(([, host]) => host))]);
  }
  const methods = options.secretMethod === undefined ? methodsIn(document.json ?? {}) : [options.secretMethod];
  const found = {
    ...{ network: options.network, methods },
    ...registrationIn(document.json ?? {}, url.hostname),
    ...demandsIn(document.json ?? {}),
  };
  return { ok: true, value: issuerOf(url, accepted.endpoints, document.json ?? {}, found) };
}

interface Read {
  readonly answer: Answer | undefined;
  /** Why the library makes nothing of it. */
  readonly error?: unknown;
}

/** An authorization server need not speak OpenID Connect: RFC 8414 section 3 has a place of its own for its metadata. */
async function documentOf(
  url: URL,
  options: Pick<Parameters<typeof discover>[1], 'network' | 'fetch' | 'metadata' | 'signal'>,
): Promise<Read> {
  const { network, metadata, signal } = options;
  const fetch = metadata === undefined ? (options.fetch ?? network.fetch) : async () => Response.json(metadata);
  const read = async (algorithm: 'oidc' | 'oauth2'): Promise<Read> => {
    const watch = observe(followingAtHome(fetch), { signal });
    const options = { algorithm, [customFetch]: watch.fetch as CustomFetch };
    return discovery(url, 'discovery', undefined, undefined, options).then(
      () => ({ answer: watch.answer() }),
      (error: unknown) => ({ answer: watch.answer(), error }),
    );
  };
  const first = await read('oidc');
  if (first.answer?.status !== 404) return first;
  const second = await read('oauth2');
  return second.error === undefined ? second : first;
}

/** Follows one redirect, where it stays on the host that was asked: many issuers send an address without its slash on. */
function followingAtHome(fetch: Network['fetch']): Network['fetch'] {
  return async (input, init) => {
    const answer = await fetch(input, init);
    const location = answer.headers.get('location') ?? '';
    const asked = new URL(input instanceof Request ? input.url : input);
    if (answer.status < 300 || answer.status >= 400 || !URL.canParse(location, asked.href)) return answer;
    const next = new URL(location, asked);
    return next.origin === asked.origin ? fetch(next.href, init) : answer;
  };
}

function issuerOf(
  url: URL,
  found: Endpoints,
  document: Readonly<Record<string, unknown>>,
  {
    network,
    methods,
    ...offered
  }: Pick<Issuer, 'network' | 'registration' | 'mustPush' | 'resource'> & { readonly methods: Issuer['secretMethods'] },
): Issuer {
  let endpoints = withMethod(found, methods[0]);
  return {
    get endpoints() {
      return endpoints;
    },
    network,
    ...offered,
    secretMethods: methods,
    use: (method) => {
      endpoints = withMethod(found, method);
    },
    configuration: async (client, fetch = network.fetch as Fetch) => {
      // Only discovery() knows how to fill `{tenantid}` from the claim `tid`; it gets the accepted document again, from memory.
      const replay: CustomFetch = async () => Response.json(document);
      const made = await discovery(url, client.clientId, CLOCK, authenticationOf(client, endpoints), {
        [customFetch]: replay,
      });
      made[customFetch] = fetch as CustomFetch;
      return made;
    },
  };
}

function withMethod({ clientAuthentication: _, ...endpoints }: Endpoints, method: SecretMethod | undefined): Endpoints {
  return method === 'client_secret_basic' ? { ...endpoints, clientAuthentication: method } : endpoints;
}

/** A configuration from what the account keeps, for requests that need no discovery. */
export function storedConfiguration(
  endpoints: Endpoints,
  client: ClientCredentials,
  fetch: Fetch,
  authentication = authenticationOf(client, endpoints),
): Configuration {
  const made = new Configuration(
    {
      issuer: endpoints.issuer,
      token_endpoint: endpoints.token,
      ...(endpoints.revocation === undefined ? {} : { revocation_endpoint: endpoints.revocation }),
      ...(endpoints.deviceAuthorization === undefined
        ? {}
        : { device_authorization_endpoint: endpoints.deviceAuthorization }),
    },
    client.clientId,
    {},
    authentication,
  );
  made[customFetch] = fetch as CustomFetch;
  return made;
}

function issuerAddress(issuerUrl: string): URL {
  const fault = faultOfIssuer(issuerUrl);
  if (fault === undefined) return new URL(issuerUrl);
  throw new MailauthError('bad_input', `the issuer ${fault}`, {
    fix: [{ text: 'give it as the provider writes it, such as https://login.example.com' }],
  });
}

function documentEvidence(answer: Answer, issuerUrl: string, peer: { host: string; port: number }): Evidence {
  const claimed = answer.json?.['issuer'];
  if (answer.status === 200 && typeof claimed === 'string' && claimed !== issuerUrl) {
    const [error, text] = issuerMismatch(claimed, issuerUrl);
    return documentFinding(error, text, peer);
  }
  if (answer.status === 404) {
    return { ...answerEvidence(answer, { where: 'discovery' }, []), error: 'not_found', ...peer };
  }
  return answerEvidence(answer, { where: 'discovery' }, []);
}

/** What is wrong with a document that was given. */
function documentFinding(error: string, text: string, peer: { host: string; port: number }): Evidence {
  return withoutSecrets({ where: 'discovery', stage: 'response', status: 200, error, finding: true, text, ...peer });
}

type Fault = readonly [error: string, text: string];

function issuerMismatch(claimed: string, asked: string): Fault {
  return ['issuer_mismatch', `the discovery document is for the issuer ${claimed}, not for ${asked}`];
}

type Found = Readonly<Record<string, string>>;

function readDocument(
  document: Readonly<Record<string, unknown>>,
  issuerUrl: string,
): { readonly endpoints: Endpoints; readonly found: Found } | { readonly fault: Fault } {
  const issuer = document['issuer'];
  // Simple string comparison, as RFC 8414 section 3.3 has it: openid-client compares normalised addresses.
  const same = issuer === issuerUrl || issuer === issuerUrl.replace(/\/$/, '');
  if (typeof issuer !== 'string' || !(same || isTenantIssuer(issuer, issuerUrl)))
    return { fault: issuerMismatch(String(issuer), issuerUrl) };
  const found: Record<string, string> = {};
  for (const { field, required } of ENDPOINT_FIELDS) {
    const value = document[field];
    if (value === undefined && !required) continue;
    const fault = endpointFault(field, value);
    if (fault !== undefined) return { fault: ['endpoint_refused', fault] };
    found[field] = value as string;
  }
  return {
    found,
    endpoints: {
      issuer,
      authorization: found['authorization_endpoint'] ?? '',
      token: found['token_endpoint'] ?? '',
      ...(found['revocation_endpoint'] ? { revocation: found['revocation_endpoint'] } : {}),
      ...(found['device_authorization_endpoint']
        ? { deviceAuthorization: found['device_authorization_endpoint'] }
        : {}),
      issInResponse: document['authorization_response_iss_parameter_supported'] === true,
    },
  };
}

/** Nothing is registered on another host than the one that was confirmed. */
function registrationIn(document: Readonly<Record<string, unknown>>, host: string): Pick<Issuer, 'registration'> {
  const field = 'registration_endpoint';
  const endpoint = document[field];
  if (typeof endpoint !== 'string' || endpointFault(field, endpoint) !== undefined) return {};
  return new URL(endpoint).hostname === host ? { registration: endpoint } : {};
}

/** Where it protects several things, only the person could say which one mail is. */
function demandsIn(document: Readonly<Record<string, unknown>>): Pick<Issuer, 'mustPush' | 'resource'> {
  const { require_pushed_authorization_requests: push, protected_resources: resources } = document;
  const [resource, ...others] = Array.isArray(resources) ? (resources as readonly unknown[]) : [];
  const isOne = typeof resource === 'string' && URL.canParse(resource) && others.length === 0;
  return { mustPush: push === true, ...(isOne && { resource }) };
}

const ENDPOINT_FIELDS = [
  { field: 'authorization_endpoint', required: true },
  { field: 'token_endpoint', required: true },
  { field: 'revocation_endpoint', required: false },
  { field: 'device_authorization_endpoint', required: false },
  { field: 'pushed_authorization_request_endpoint', required: false },
] as const;

function endpointFault(field: string, value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return `the discovery document has no ${field}`;
  if (!URL.canParse(value)) return `the discovery document's ${field} is not a web address`;
  const url = new URL(value);
  if (url.protocol !== 'https:') return `the discovery document's ${field} is not an https address`;
  if (url.username !== '' || url.password !== '') return `the discovery document's ${field} holds a user name`;
  return url.hash === '' ? undefined : `the discovery document's ${field} holds a "#"`;
}

/** Fields of endpoints on other hosts than these, each with its host. */
function elsewhere(found: Found, hosts: readonly string[]): readonly (readonly [field: string, host: string])[] {
  return Object.entries(found)
    .map(([field, endpoint]) => [field, new URL(endpoint).hostname] as const)
    .filter(([, host]) => !hosts.includes(host));
}

function onAnotherHost([field, host]: readonly [field: string, host: string]): string {
  return `the discovery document's ${field} is on ${host}, another host than the issuer`;
}
