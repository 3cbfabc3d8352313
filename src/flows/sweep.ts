import { entriesOf } from '../account/record.js';
import { MailauthError } from '../explain/problem.js';
import { readConfiguration } from '../store/accounts.js';
import { entriesOfDraft, readDrafts } from '../store/drafts.js';
import { STORES } from '../store/stores.js';
import type { World } from './world.js';

/** As long as an unfinished set-up is kept: a folder that was put back from a backup names its secrets again by then. */
const UNNAMED_DAYS = 30;

/**
 * Deletes the secrets that nothing names any more, as a process leaves them that was killed between two writings. The
 * set-ups are read first: what moves from one of them to a record meanwhile is seen here or there. Where one cannot be
 * read, its secrets are not known, and nothing is deleted.
 */
export async function sweepStores({ configDir, now }: World): Promise<void> {
  try {
    let isWhole = true;
    const drafts = await readDrafts(configDir, {
      note: () => {
        isWhole = false;
      },
    });
    if (!isWhole) return;
    const named = new Set([...drafts.flatMap(entriesOfDraft), ...entriesOf(await readConfiguration(configDir))]);
    const before = new Date(now().getTime() - UNNAMED_DAYS * 86_400_000);
    for (const { sweep } of Object.values(STORES)) await sweep?.(configDir, named, before);
  } catch (error) {
    // A courtesy: what cannot be read or deleted now is found again next time.
    if (!(error instanceof MailauthError)) throw error;
  }
}
