import type { OwnField } from '../../account/record.js';

/** What only this provider's accounts and clients keep. */
export const ownFields: readonly OwnField[] = [
  { of: 'client', key: 'tenant', question: 'tenant', json: true },
  { of: 'client', key: 'cloud', question: 'cloud', json: false },
  { of: 'client', key: 'objectId', question: 'object-id', json: false },
  { of: 'account', key: 'mailboxKind', question: 'mailbox-kind', json: false },
];
