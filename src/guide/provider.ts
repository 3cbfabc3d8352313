import type { MailServers } from '../account/account.js';
import type { ClientType } from '../account/client.js';
import type { OwnField } from '../account/record.js';
import type { ProviderWords } from '../explain/context.js';
import type { Protocol } from '../words/protocol.js';
import type { IssuedValue } from './recognise.js';
import type { Answers, Question, Remark, Step, When } from './step.js';

/** How this computer can be named in a redirect URI (RFC 8252 section 7.3), the usual one first. */
export const LOOPBACK_HOSTS = ['127.0.0.1', 'localhost', '::1'] as const;
type LoopbackHost = (typeof LOOPBACK_HOSTS)[number];

/** Where the browser is sent back to. `port: 0` lets the system choose; `alternatives` may be tried when `port` is busy. */
export interface Redirect {
  /** `localhost` listens on 127.0.0.1 and ::1 alike; an IP literal on itself only. */
  readonly host: LoopbackHost;
  readonly port: number;
  /** The provider ignores the port of a registered loopback URI (RFC 8252 section 7.3), so another may be used. */
  readonly anyPort: boolean;
  readonly path: string;
}

/**
 * Everything mailauth knows about one provider, as data: adding a provider is adding a record.
 * Where the code would ask which provider this is, this record lacks a field.
 */
export interface Provider extends ProviderWords, MailServers {
  /** As the guide's field Authentication Method shows it. */
  readonly authenticationMethod: string;
  /** The day on which the steps were last compared with public sources as a whole. */
  readonly lastChecked: string;
  /** Other names that people type for it, in small letters. */
  readonly aliases: readonly string[];
  /** Domains whose mailboxes belong here, for proposing a provider from an address. */
  readonly domains: readonly string[];
  /** Domains of the servers that take mail for organisations here (MX records), for proposing likewise. */
  readonly mailExchangers: readonly string[];
  /**
   * Where the provider says which tenant an organisation's domain belongs to: a discovery document, its address with
   * `{domain}` in it, how the tenant stands in its issuer, and which fields tell of a cloud other than the usual one: the
   * first that fits counts.
   */
  readonly tenantDirectory?: {
    readonly url: string;
    readonly tenant: RegExp;
    readonly clouds?: readonly { readonly field: string; readonly is: RegExp; readonly cloud: string }[];
  };
  /** Different spellings of one address: these domains are one, and full stops before the @ may not count. */
  readonly sameMailbox?: { readonly domains: readonly string[]; readonly ignoresDots: boolean };
  /** What it gives out, for every box that wants something else. */
  readonly issuedValues: readonly IssuedValue[];
  /** Issuer identifier; may hold `{tenant}`. Undefined: the user gives it. */
  readonly issuer?: string;
  /**
   * Issuers that its discovery documents name instead of the one that was asked, at the same origin: an authority that
   * serves many tenants leaves a place for the tenant.
   */
  readonly tenantIssuer?: RegExp;
  /** What its metadata would say (RFC 8414 section 2), for an issuer that publishes none; read in their place. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Hosts the discovery document may name besides the issuer's own. */
  readonly endpointHosts: readonly string[];
  readonly authorizationParameters: Readonly<Record<string, string>>;
  /** Scopes by need. Those of a protocol are asked for only when it is used. */
  readonly scopes: { readonly [Need in 'identity' | Protocol]: readonly string[] };
  /** Beginnings of scopes that mean the same, each with the usual one. */
  readonly scopeAliases?: Readonly<Record<string, string>>;
  /** Hosts of the provider's own mail servers; any other is announced before a token is sent to it. */
  readonly mailHosts: readonly string[];
  readonly client: {
    readonly defaultType: ClientType;
    /** Whether a client of this type has a secret. */
    readonly secret: Readonly<Record<ClientType, boolean>>;
    /** How every client here sends its secret; absent where the issuer's metadata decide, and each way is tried once. */
    readonly secretMethod?: 'client_secret_post';
    readonly redirect: Readonly<Record<ClientType, Redirect>>;
    /** Whether another program's redirect URI can be registered with this type. */
    readonly sharesRedirects: Readonly<Record<ClientType, boolean>>;
  };
  /**
   * How a client is proved before the browser opens. `probe`: exchange a bogus code and read the error.
   * `client-credentials`: ask for an application token with `scope` and throw it away unread; only where the tenant is
   * a real one and the client has a secret, otherwise a probe. `knownBy` are errors or texts that prove the client in
   * a probe, `refusedBy` those that name client, secret or tenant besides OAuth's own client errors.
   */
  readonly preflight:
    | { readonly kind: 'probe'; readonly knownBy: readonly string[]; readonly refusedBy?: readonly string[] }
    | { readonly kind: 'client-credentials'; readonly scope: string; readonly refusedBy?: readonly string[] };
  /**
   * How long a new client or secret is usually refused, because the provider's servers learn of it one after the other:
   * in words, and as the pauses (seconds) after which it is tried again. Absent where it works at once.
   */
  readonly settling?: { readonly usually: string; readonly pauses: readonly number[] };
  /** The same provider at other addresses, by the answer to a question; undefined where the record itself fits. */
  readonly variants?: { readonly question: string; of(record: Provider, answer: string): Provider | undefined };
  /** After so many days the provider ends each sign-in to a client that is only being tried. */
  readonly trialDays?: number;
  /** Answers of one shape, so that nobody can tell them apart by looking. */
  readonly lookAlikes?: LookAlikes;
  /** Tenants that stand for several directories and so cannot prove a client. */
  readonly sharedTenants?: readonly string[];
  /** What stands for every organisation in the address for administrators, where the tenant is none of them alone. */
  readonly consentTenant?: string;
  /** Services whose access tokens the mail servers refuse, by the audience a token names, as people call them. */
  readonly foreignAudiences?: Readonly<Record<string, string>>;
  /** SASL mechanisms `token --format` may print (RFC 7628). */
  readonly mechanisms: readonly ('xoauth2' | 'oauthbearer')[];
  readonly deviceGrant: boolean;
  /** Hosts of the pages, besides the issuer's own, where a person types the code of a device. */
  readonly verificationHosts?: readonly string[];
  /** Where a person ends the grant by hand, as it stands after "you can end it by hand ". */
  readonly revocationPlace: string;
  /** Said before step 1. */
  readonly needs: readonly Remark[];
  readonly minutes: number;
  readonly questions: readonly Question[];
  /** What an administrator can let in so that nobody signs in; absent where that is not to be had. */
  readonly app?: AppAccess;
  /** Further formats of `guide`. */
  readonly scripts?: Readonly<Record<string, GuideScript>>;
  /** What is stored of an account or a client here, and of no other provider's. */
  readonly ownFields: readonly OwnField[];
  readonly steps: readonly Step[];
  /** The step at which making a new client secret begins. */
  readonly secretStep: string;
  /** Errors the provider shows on its own page and never sends back: offered when the browser does not return. */
  readonly pageErrors: readonly PageError[];
  /** How a sign-in looks on the provider's pages, one line each, shown beside the address. */
  readonly signInHints: readonly Remark[];
  /** Every button, page and field that the steps name in quotation marks, with the day it was last seen in a public source. */
  readonly labels: Readonly<Record<string, string>>;
}

/** What an administrator can run instead of clicking, filled in with the completed answers. */
interface GuideScript {
  /** A script that is only for an app. */
  readonly app?: true;
  render(answers: Answers): string;
}

/** An app: a registration with access of its own. */
export interface AppAccess {
  readonly scopes: readonly string[];
  /** What the token itself has to name (its claim `roles`), by protocol; absent where tokens are opaque. */
  readonly roles?: Readonly<Partial<Record<Protocol, string>>>;
  /** What its credential opens, and what limits that: said before it is stored. */
  readonly reach: string;
  /** Servers that let an app in and refuse it afterwards, so that a login proves less than a message. */
  readonly refusesLate?: readonly Protocol[];
  /** How long what an administrator has just allowed can take to work: for its tokens, and at the mail servers. */
  readonly spreading: Readonly<Record<'signin' | 'mailbox', Spreading>>;
  /** The steps of the guide, in the place of those for a person. */
  readonly steps: readonly Step[];
  readonly needs: readonly Remark[];
  readonly minutes: number;
}

/** Of what was just allowed, when to look for it again. All in seconds, and in words what usually is. */
export interface Spreading {
  readonly usually: string;
  readonly every: number;
  /** Nobody waits any longer. */
  readonly atMost: number;
}

/** Two answers that people give one for the other, and what is said when swapping them helps. */
export interface LookAlikes {
  readonly questions: readonly [string, string];
  readonly message: string;
}

export interface PageError {
  /** What the person sees in the browser. */
  readonly shows: string;
  readonly explanation: string;
  /** The step that fixes it. */
  readonly step: string;
  readonly fix: string;
  readonly url?: string;
  /** It happens only here. */
  readonly when?: When;
  /** An administrator has to act: the provider's `adminRequest` is shown as well. */
  readonly needsAdmin?: true;
}
