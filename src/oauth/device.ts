import { setTimeout as sleep } from 'node:timers/promises';
import { genericGrantRequest, initiateDeviceAuthorization } from 'openid-client';
import type { Evidence } from '../core/diagnosis.js';
import type { Grant } from '../core/grant.js';
import type { Outcome } from '../core/outcome.js';
import { Secret } from '../core/secret.js';
import { networkEvidence } from '../system/network.js';
import { answerEvidence, observe } from './evidence.js';
import type { ClientCredentials, Issuer } from './issuer.js';
import { readableTokens, tokenRequest } from './tokens.js';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
/** RFC 8628 section 3.2: where the server names no interval; and what section 3.5 adds on `slow_down`. */
const DEFAULT_INTERVAL = 5;
const LONGEST_INTERVAL = 60;

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
    evidence: { where: 'device', stage: 'response', grant: 'device_code', error, text, ...peer },
  });
  if (issuer.endpoints.deviceAuthorization === undefined) {
    return refused('unsupported_grant_type', 'the server offers no sign-in on another device');
  }
  const watch = observe(issuer.network.fetch, { signal: options.signal });
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
        interval: Math.min(answer.interval ?? DEFAULT_INTERVAL, LONGEST_INTERVAL),
      },
    };
  } catch (error) {
    options.signal?.throwIfAborted();
    const answer = watch.answer();
    const about = { where: 'device', grant: 'device_code' } as const;
    const evidence: Evidence =
      answer === undefined
        ? { ...networkEvidence(error, 'device', peer), grant: 'device_code' }
        : answerEvidence(answer, about, [client.clientSecret]);
    return { ok: false, evidence };
  }
}

/**
 * Asks until the person has finished, refused or run out of time (RFC 8628 section 3.5): never faster than the
 * interval, five seconds slower after each `slow_down`, and half as often after each failed connection.
 */
export async function awaitDevice(
  issuer: Issuer,
  client: ClientCredentials,
  device: DeviceAuthorization,
  options: {
    readonly signal?: AbortSignal;
    /** Seconds; the real clock unless a test has its own. */
    readonly wait?: (seconds: number, signal: AbortSignal | undefined) => Promise<void>;
  } = {},
): Promise<Outcome<Grant>> {
  const wait = options.wait ?? pause;
  let { interval } = device;
  for (let waited = interval; waited <= device.expiresIn; waited += interval) {
    await wait(interval, options.signal);
    options.signal?.throwIfAborted();
    const outcome = await poll(issuer, client, device, options.signal);
    if (outcome.ok) return outcome;
    const { error, stage } = outcome.evidence;
    if (error === 'slow_down') interval += 5;
    else if (stage !== 'response' || error === 'ETIMEDOUT') interval = Math.min(interval * 2, LONGEST_INTERVAL);
    else if (error !== 'authorization_pending') return outcome;
  }
  const text = 'nobody typed the code in time';
  return {
    ok: false,
    evidence: { where: 'token', stage: 'response', grant: 'device_code', error: 'expired_token', text },
  };
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

async function pause(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(seconds * 1000, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw error;
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
