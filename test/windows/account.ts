/** An account on Windows' drive C:, made here: its files are the same on every system, and only its key is elsewhere. */
import { Secret } from '../../src/words/secret.js';
import { makeAuthority } from '../servers/certificates.js';
import { type RotatingEndpoint, startRotatingEndpoint } from '../servers/rotating-endpoint.js';
import { fileStoreIn, type Mailbox, makeMailbox, OVER } from '../swarm/mailbox.js';
import { hostPath, type StartOptions, windowsPath, writeFile } from './windows.js';

const CLIENT = { clientId: 'the-client', clientSecret: 'the-client-secret' };

export type Pace = Pick<Parameters<typeof startRotatingEndpoint>[1], 'latency' | 'answersLate'>;

export interface WindowsAccount {
  readonly mailbox: Mailbox;
  /** Revokes the whole sign-in when a spent refresh token comes back. */
  readonly endpoint: RotatingEndpoint;
  readonly options: StartOptions;
  /** A new sign-in, whose access token is over. */
  renew(): Promise<void>;
}

/** In the working folder, under this name. `pace`: how soon its server answers. */
export async function openAccount(name: string, pace: Pace = {}): Promise<WindowsAccount> {
  const authority = makeAuthority('the authority of a test on Windows');
  const endpoint = await startRotatingEndpoint(authority, { ...CLIENT, ...pace });
  const configDir = hostPath(name);
  const mailbox = await makeMailbox(configDir, await fileStoreIn(configDir), {
    ...CLIENT,
    tokenEndpoint: `${endpoint.origin}/token`,
    ca: writeFile(`${name} ca.pem`, authority.cert),
  });
  const env = { MAILAUTH_CONFIG_DIR: windowsPath(name), MAILAUTH_KEY_FILE: windowsPath(`${name}/key`) };
  const renew = async (): Promise<void> => {
    const { refreshToken } = endpoint.signIn();
    await mailbox.save({
      refreshToken: new Secret(refreshToken),
      accessToken: new Secret('over'),
      ...OVER,
      generation: 1,
    });
  };
  await renew();
  return { mailbox, endpoint, options: { env }, renew };
}
