import { setTimeout as sleep } from 'node:timers/promises';
import { genericGrantRequest, initiateDeviceAuthorization } from 'openid-client';
import type { Grant } from '../account/grant.js';
import { type Evidence, withoutSecrets } from '../explain/evidence.js';
import type { Outcome } from '../explain/outcome.js';
import { networkEvidence } from '../system/connection-failure.js';
import { Secret } from '../words/secret.js';
import type { ClientCredentials } from './client-authentication.js';
import { answerEvidence, observe } from './evidence.js';
import type { Issuer } from './issuer.js';
import { readableTokens } from './token-response.js';
import { tokenRequest } from './tokens.js';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
/** RFC 8628 section 3.2: where the server names no interval; section 3.5: what `slow_down` adds. Seconds. */
const DEFAULT_INTERVAL = 5;
const SLOWER = 5;
/** Of a code whose end was not told. */
const DEFAULT_LIFETIME = 600;
/** Beyond this, a failed connection no longer doubles the interval. */
const LONGEST_BACKOFF = 60;
/** A server that is always busier than that is no trouble worth hearing of a third time. */
const WORTH_TELLING = 2;

/** A sign-in that a person finishes on any other device (RFC 8628 section 3.2). Times are seconds. */
export interface DeviceAuthorization {
  /** Shown, and typed over there. */
  readonly userCode: string;
  readonly verificationUri: string;
  readonly deviceCode: Secret;
  readonly expiresIn: number;
  readonly interval: number;
}

/**
 * Asks for a code to type on another device. The address a person is sent to must be https and, where hosts are
 * given, on one of them: it comes from a server and is opened in good faith.
 */
export async function beginDevice(
  issuer: Issuer,
  client: ClientCredentials,
  options: {
    readonly scopes: readonly string[];
    readonly verificationHosts?: readonly string[];
    readonly signal?: AbortSignal;
  },
): Promise<Outcome<DeviceAuthorization>> {
  const address = new URL(issuer.endpoints.deviceAuthorization ?? issuer.endpoints.token);
  const peer = { host: address.hostname, port: Number(address.port || 443) };
  const refused = (error: string, text: string): Outcome<never> => ({
    ok: false,
    evidence: withoutSecrets(
      { where: 'device', stage: 'response', grant: 'device_code', error, finding: true, text, ...peer },
      [client.clientSecret],
    ),
  });
  if (issuer.endpoints.deviceAuthorization === undefined) {
    return refused('unsupported_grant_type', 'the server offers no sign-in on another device');
  }
  const watch = observe(issuer.network.fetch, { signal: options.signal, amend: readableDevice });
  try {
    const configuration = await issuer.configuration(client, watch.fetch);
    const answer = await initiateDeviceAuthorization(configuration, { scope: options.scopes.join(' ') });
    const fault = addressFault(answer.verification_uri, options.verificationHosts);
    if (fault !== undefined) return refused('endpoint_refused', fault);
    return {
      ok: true,
      value: {
        userCode: answer.user_code,
        verificationUri: new URL(answer.verification_uri).href,
        deviceCode: new Secret(answer.device_code),
        expiresIn: answer.expires_in,
        // A server that asks for no pause at all does not mean it.
        interval: Math.max(1, answer.interval ?? DEFAULT_INTERVAL),
      },
    };
  } catch (error) {
    options.signal?.throwIfAborted();
    const answer = watch.answer();
    const about = { where: 'device', grant: 'device_code' } as const;
    const evidence: Evidence =
      answer === undefined
        ? withoutSecrets({ ...networkEvidence(error, 'device', peer), grant: 'device_code' }, [client.clientSecret])
        : answerEvidence(answer, about, [client.clientSecret]);
    return { ok: false, evidence };
  }
}

/** Older servers write `verification_url`, numbers as text, or no end at all (RFC 8628 section 3.2 wants one). */
function readableDevice(json: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { verification_uri: uri, verification_url: url, expires_in: lifetime, interval } = json;
  return {
    ...json,
    ...(uri === undefined && url !== undefined && { verification_uri: url }),
    ...(!(Number(lifetime) > 0) && { expires_in: DEFAULT_LIFETIME }),
    ...(interval !== undefined && { interval: Number(interval) > 0 ? Number(interval) : DEFAULT_INTERVAL }),
  };
}

/** Seconds of some clock that goes on while the computer sleeps. */
export interface Clock {
  now(): number;
  wait(seconds: number, signal: AbortSignal | undefined): Promise<void>;
}

const REAL_CLOCK: Clock = {
  now: () => Date.now() / 1000,
  wait: async (seconds, signal) => {
    await sleep(seconds * 1000, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw error;
    });
  },
};

/**
 * Asks until the person has finished, refused or run out of time (RFC 8628 section 3.5): never faster than the
 * interval, five seconds slower after each `slow_down`, half as often after each connection that failed and each
 * answer of a server in trouble, and never after the code has run out. Rejects at once with the signal's reason.
 */
export async function awaitDevice(
  issuer: Issuer,
  client: ClientCredentials,
  device: DeviceAuthorization,
  options: {
    readonly signal?: AbortSignal;
    /** Hears of what disturbs the wait without ending it. */
    readonly notice?: (evidence: Evidence) => void | Promise<void>;
    readonly clock?: Clock;
  } = {},
): Promise<Outcome<Grant>> {
  const { signal, notice, clock = REAL_CLOCK } = options;
  const ends = clock.now() + device.expiresIn;
  let { interval } = device;
  let pause = interval;
  let slowed = 0;
  while (clock.now() + pause <= ends) {
    await clock.wait(pause, signal);
    signal?.throwIfAborted();
    // The computer may have slept meanwhile.
    if (clock.now() > ends) break;
    const outcome = await poll(issuer, client, device, signal);
    if (outcome.ok) return outcome;
    const { evidence } = outcome;
    if (evidence.error === 'slow_down') {
      interval += SLOWER;
      slowed += 1;
      if (slowed === WORTH_TELLING) await notice?.(evidence);
    } else if (isPassing(evidence)) {
      interval = Math.max(interval, Math.min(interval * 2, LONGEST_BACKOFF));
      await notice?.(evidence);
    } else if (evidence.error !== 'authorization_pending') return outcome;
    pause = Math.max(interval, evidence.retryAfter ?? 0);
  }
  const text = 'nobody typed the code in time';
  return {
    ok: false,
    evidence: { where: 'token', stage: 'response', grant: 'device_code', error: 'expired_token', text },
  };
}

/** No word of the server about this sign-in: the connection failed, or the server is busy or out of order. */
function isPassing(evidence: Evidence): boolean {
  return evidence.stage !== 'response' || evidence.error === 'ETIMEDOUT' || (evidence.status ?? 0) >= 429;
}

function poll(
  issuer: Issuer,
  client: ClientCredentials,
  device: DeviceAuthorization,
  signal: AbortSignal | undefined,
): Promise<Outcome<Grant>> {
  const watch = observe(issuer.network.fetch, { signal, amend: readableTokens });
  return tokenRequest({
    grant: 'device_code',
    endpoint: issuer.endpoints.token,
    clientId: client.clientId,
    sent: [client.clientSecret, device.deviceCode],
    signal,
    answer: watch.answer,
    request: async () =>
      genericGrantRequest(await issuer.configuration(client, watch.fetch), DEVICE_GRANT, {
        device_code: device.deviceCode.reveal(),
      }),
  });
}

function addressFault(address: string, hosts: readonly string[] | undefined): string | undefined {
  if (!URL.canParse(address)) return 'the address for the other device is no web address';
  const { protocol, hostname, username, password } = new URL(address);
  if (protocol !== 'https:') return 'the address for the other device is not an https address';
  if (username !== '' || password !== '') return 'the address for the other device holds a user name';
  return hosts === undefined || hosts.includes(hostname)
    ? undefined
    : `the address for the other device is on ${hostname}, which does not belong to this issuer`;
}
