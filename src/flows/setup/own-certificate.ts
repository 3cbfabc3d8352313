import { MailauthError } from '../../explain/problem.js';
import { pairOf } from '../../guide/app-credential.js';
import { writeAtomically } from '../../store/files.js';
import { shownPath } from '../../words/sanitise.js';
import { Secret } from '../../words/secret.js';
import { give, learn } from './answers.js';
import { CLIENT_SECRET, type Setup } from './state.js';

/** Two years, as the provider's own secrets: long enough to forget, and then warned of in time. */
const DAYS = 730;

/**
 * Makes the key of an app and its certificate. The key goes the way of a client secret, into the store as soon as there
 * is one, and exists nowhere else; the certificate, which is not secret, goes where the person wants it.
 *
 * @throws MailauthError cannot_write: a file is there already, or none can be made; then there is no key either
 */
export async function makeCertificate(setup: Setup, path: string): Promise<void> {
  const { world } = setup;
  const { makePair } = await import('../../oauth/certificate.js');
  const name = String(setup.records['app-name']?.value ?? 'mailauth');
  const making = makePair(name, world.now(), DAYS);
  const { certificate, key } = await world.interviewer.waitFor({ what: 'a new key', seconds: 20 }, making);
  await writeAtomically(path, certificate.toString(), { exclusive: true, replaceWith: 'another name' });
  const { 'client-secret': pair = '', ...open } = pairOf(certificate, key);
  learn(setup, open);
  give(setup, CLIENT_SECRET, new Secret(pair), { from: 'learnt' });
  world.interviewer.tell(
    'ok',
    `the certificate is in ${shownPath(path)}; its key is kept in the store of secrets only`,
  );
  world.interviewer.tell('info', `it ends on ${open['secret-expires']}; mailauth check warns before that`);
}

/** A script makes one in two runs: the first writes the certificate, and the second comes when it was uploaded. */
export async function makeCertificateForScript(setup: Setup): Promise<void> {
  const { records, account, world } = setup;
  const path = records['certificate-out']?.value;
  if (world.interviewer.attended || typeof path !== 'string' || records[CLIENT_SECRET] !== undefined) return;
  if (account !== undefined) throw needsUpload();
  await makeCertificate(setup, path);
}

function needsUpload(): MailauthError {
  return new MailauthError('usage', 'a new certificate has to be uploaded before it replaces the old one', {
    fix: [
      {
        text: 'make the pair yourself, upload the certificate, and give --client-certificate-file and --client-key-file',
      },
    ],
  });
}
