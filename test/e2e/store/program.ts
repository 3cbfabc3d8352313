/** Uses the encrypted file below a folder that is a small disk of its own, and prints one result a line. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MailauthError } from '../../../src/explain/problem.js';
import { changeConfiguration, readConfiguration } from '../../../src/store/accounts.js';
import { openFileStore } from '../../../src/store/file/file-store.js';
import { withLock } from '../../../src/store/lock.js';
import { Secret } from '../../../src/words/secret.js';

const [, , disk = '', key = '', phase = ''] = process.argv;
const directory = join(disk, 'mailauth');
const store = await openFileStore({ directory, key: { kind: 'key-file', path: key } });

if (phase === 'before') {
  await store.put('ann', new Secret('the old token'));
  await changeConfiguration(directory, (configuration) => ({ ...configuration }));
} else {
  if (phase === 'full') fill(join(disk, 'filler'));
  await report('prove', store.prove(true));
  await report('set', store.put('ann', new Secret('the new token'.repeat(1000))));
  await report('delete nothing', store.delete('nobody'));
  await report(
    'configuration',
    changeConfiguration(directory, (configuration) => ({ ...configuration })),
  );
  await report(
    'lock',
    withLock(join(directory, 'secrets', 'ann.lock'), { waitMs: 100 }, async () => 'held'),
  );
  await report(
    'read',
    readConfiguration(directory).then(({ version }) => version),
  );
  await report(
    'get',
    store.get('ann').then((secret) => secret?.value.reveal()),
  );
}

function fill(path: string): void {
  for (let size = 4096; size >= 1; size /= 2) {
    try {
      for (;;) writeFileSync(path, 'x'.repeat(size), { flag: 'a' });
    } catch {
      // Full for this size; the next is smaller.
    }
  }
}

async function report(name: string, attempt: Promise<unknown>): Promise<void> {
  const result = await attempt.catch((error: unknown) => {
    if (!(error instanceof MailauthError)) throw error;
    return `${error.code}: ${error.message.replace(disk, 'DISK')}`;
  });
  console.log(`${name}: ${result}`);
}
