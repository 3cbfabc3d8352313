/** What a person chooses after a proof failed, and what becomes of the answers at fault. */
import { describe, expect, test } from 'vitest';
import type { Code } from '../../../src/explain/codes.js';
import { MailauthError } from '../../../src/explain/problem.js';
import { recover } from '../../../src/flows/setup/recover.js';
import { CLIENT_SECRET, type Setup } from '../../../src/flows/setup/state.js';
import type { AnswerRecords } from '../../../src/guide/answer-record.js';
import { findProvider } from '../../../src/providers/directory.js';

const RECORDS: AnswerRecords = {
  account: { value: 'ann@example.com', from: 'paste', state: 'given' },
  users: { value: 'mailauth', from: 'paste', state: 'given' },
  'client-id': { value: '11111111-2222-3333-4444-555555555555', from: 'paste', state: 'given' },
  tenant: { value: '99999999-2222-3333-4444-555555555555', from: 'paste', state: 'given' },
  [CLIENT_SECRET]: { value: { entry: 'first' }, from: 'paste', state: 'given' },
  'secret-expires': { value: '2027-01-01', from: 'paste', state: 'given' },
};

/** A set-up at whose terminal somebody makes these choices, in turn. */
function setupWith(id: string, ...choices: readonly string[]) {
  const offered: (readonly string[])[] = [];
  const left = [...choices];
  const interviewer = {
    explain: () => undefined,
    countdown: async () => 'declined',
    choose: async (_: string, among: readonly { readonly value: string }[]) => {
      offered.push(among.map(({ value }) => value));
      const choice = left.shift();
      expect(offered.at(-1)).toContain(choice);
      return choice;
    },
  };
  const setup = {
    world: { interviewer, signal: new AbortController().signal },
    provider: findProvider(id),
    context: {},
    records: RECORDS,
    stored: {},
    done: [],
    proofs: {},
    entries: {},
  } as unknown as Setup;
  return { setup, offered };
}

const failing = (code: Code) => new MailauthError(code, 'it was refused', { fix: [{ text: 'look at it' }] });

describe('after a proof failed', () => {
  test.each(['client_secret_wrong', 'client_secret_is_id'] as const)(
    'N11 a secret that is at fault (%s) is asked for anew, and the refused one is to be deleted',
    async (code) => {
      const { setup } = setupWith('outlook', 'correct');
      await recover(setup, failing(code));
      const { [CLIENT_SECRET]: _, ...others } = RECORDS;
      expect(setup.records).toEqual(others);
      expect(Object.values(setup.entries)).toEqual(['first']);
    },
  );

  test('N11 of two answers that may be at fault each is proposed again', async () => {
    const { setup } = setupWith('outlook', 'correct');
    await recover(setup, failing('client_not_found'));
    expect(setup.records['client-id']).toEqual({ ...RECORDS['client-id'], state: 'proposed' });
    expect(setup.records['tenant']).toEqual({ ...RECORDS['tenant'], state: 'proposed' });
    expect(setup.records[CLIENT_SECRET]).toEqual(RECORDS[CLIENT_SECRET]);
  });

  test('N11 the one answer that is at fault is not proposed', async () => {
    const { setup } = setupWith('gmail', 'correct');
    await recover(setup, failing('client_not_found'));
    expect(setup.records['client-id']).toBeUndefined();
  });

  test('N11 a date goes with the secret that has expired', async () => {
    const { setup } = setupWith('outlook', 'correct');
    await recover(setup, failing('client_secret_expired'));
    expect(setup.records[CLIENT_SECRET]).toBeUndefined();
    expect(setup.records['secret-expires']?.state).not.toBe('given');
  });

  test('what no answer is to blame for offers no correction, and trying again changes nothing', async () => {
    const { setup, offered } = setupWith('gmail', 'again');
    await recover(setup, failing('imap_disabled'));
    expect(offered).toEqual([['again', 'back', 'stop']]);
    expect(setup.records).toEqual(RECORDS);
  });

  test('whoever stops gets the error, with the step that asks for what was wrong', async () => {
    const { setup } = setupWith('outlook', 'stop');
    const error = await recover(setup, failing('client_secret_wrong')).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'client_secret_wrong' });
    expect((error as MailauthError).problem.fix[0]?.step).toMatch(/^\d+$/);
    expect(setup.records).toEqual(RECORDS);
  });
});
