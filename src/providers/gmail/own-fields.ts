import type { OwnField } from '../../account/record.js';

/** What only this provider's accounts and clients keep. */
export const ownFields: readonly OwnField[] = [
  { of: 'client', key: 'project', question: 'project', json: false },
  { of: 'client', key: 'audience', question: 'audience', json: false },
];
