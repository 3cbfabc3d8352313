/** What a person chooses after a proof failed, and what becomes of the answers at fault. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { Code } from '../../../src/explain/codes.js';
import { MailauthError, type Problem } from '../../../src/explain/problem.js';
import { recover } from '../../../src/flows/setup/recover.js';
import { CLIENT_SECRET, givenAnswers, type Setup } from '../../../src/flows/setup/state.js';
import type { AnswerRecords } from '../../../src/guide/answer-record.js';
import { itemsOf } from '../../../src/guide/plan.js';
import { findProvider } from '../../../src/providers/directory.js';

const RECORDS: AnswerRecords = {
  account: { value: 'ann@example.com', from: 'paste', state: 'given' },
  users: { value: 'mailauth', from: 'paste', state: 'given' },
  'client-id': { value: '11111111-2222-3333-4444-555555555555', from: 'paste', state: 'given' },
  tenant: { value: '99999999-2222-3333-4444-555555555555', from: 'paste', state: 'given' },
  [CLIENT_SECRET]: { value: { entry: 'first' }, from: 'paste', state: 'given' },
  'secret-expires': { value: '2027-01-01', from: 'paste', state: 'given' },
};

interface Told {
  readonly offered: readonly (readonly string[])[];
  readonly labels: readonly string[];
  readonly explained: readonly Problem[];
  readonly pauses: readonly number[];
}

/** A set-up at whose terminal somebody makes these choices, in turn, and waits or does not. */
function setupWith(id: string, ...choices: readonly string[]) {
  const offered: (readonly string[])[] = [];
  const labels: string[] = [];
  const explained: Problem[] = [];
  const pauses: number[] = [];
  const left = [...choices];
  const interviewer = {
    explain: (problem: Problem) => explained.push(problem),
    countdown: async ({ seconds }: { readonly seconds: number }) => {
      pauses.push(seconds);
      return left.shift();
    },
    choose: async (_: string, among: readonly { readonly value: string; readonly label: string }[]) => {
      offered.push(among.map(({ value }) => value));
      labels.push(...among.map(({ label }) => label));
      const choice = left.shift();
      expect(offered.at(-1)).toContain(choice);
      return choice;
    },
  };
  const setup = {
    world: { interviewer, signal: new AbortController().signal, now: () => new Date('2026-11-26T09:00:00Z') },
    provider: findProvider(id),
    context: {},
    records: RECORDS,
    stored: {},
    done: [],
    proofs: {},
    entries: {},
  } as unknown as Setup;
  return { setup, told: { offered, labels, explained, pauses } satisfies Told };
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
    const { setup, told } = setupWith('gmail', 'again');
    await recover(setup, failing('imap_disabled'));
    expect(told.offered).toEqual([['again', 'back', 'stop']]);
    expect(setup.records).toEqual(RECORDS);
  });

  test('whoever stops gets the error, with the step that asks for what was wrong', async () => {
    const { setup } = setupWith('outlook', 'stop');
    const error = await recover(setup, failing('client_secret_wrong')).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'client_secret_wrong' });
    expect((error as MailauthError).problem.fix[0]?.step).toMatch(/^\d+$/);
    expect(setup.records).toEqual(RECORDS);
  });

  test('the step to go back to is named in what is told and in what is offered, once', async () => {
    const { setup, told } = setupWith('outlook', 'again');
    await recover(setup, failing('client_secret_wrong'));
    expect(told.explained[0]?.fix[0]?.step).toBe('9');
    expect(told.labels[0]).toBe('go back to step 9 and enter it again');
    // What the diagnosis knows better stands.
    const known = setupWith('outlook', 'again');
    const fix = [{ text: 'look at it', step: '3' }];
    await recover(known.setup, new MailauthError('client_secret_wrong', 'it was refused', { fix }));
    expect(known.told.explained[0]?.fix).toEqual(fix);
    // And nobody is sent to a step for what an administrator has to do.
    const theirs = setupWith('outlook', 'again');
    await recover(
      theirs.setup,
      new MailauthError('tenant_wrong', 'it was refused', { who: 'admin', fix: [{ text: 'ask' }] }),
    );
    expect(theirs.told.explained[0]?.fix).toEqual([{ text: 'ask' }]);
  });

  test('two answers of one step are entered again together, and those of other steps are left', async () => {
    const { setup, told } = setupWith('outlook', 'correct');
    await recover(setup, failing('client_not_found'));
    expect(told.labels[0]).toBe('go back to step 6 and enter both again');
    expect(setup.records['account']).toEqual(RECORDS['account']);
  });

  test('what a client file had brought along is asked for, and so the file no longer stands for it', async () => {
    const { setup, told } = setupWith('gmail', 'correct');
    setup.records = { ...RECORDS, 'client-file': { value: '/home/ann/client.json', from: 'flag', state: 'given' } };
    await recover(setup, failing('client_secret_wrong'));
    expect(told.labels[0]).toBe('go back to step 8 and enter it again');
    expect(setup.records['client-file']).toBeUndefined();
    expect(setup.records['client-id']).toEqual(RECORDS['client-id']);
  });

  test('of a registration that is used again the registration is chosen again, not its secret', async () => {
    const { setup, told } = setupWith('gmail', 'correct');
    Object.assign(setup, { context: { 'stored-client': 'yes' } });
    setup.records = { ...RECORDS, 'client-from': { value: 'gmail', from: 'paste', state: 'given' } };
    await recover(setup, failing('client_secret_wrong'));
    expect(told.labels[0]).toBe('go back to step 2 and choose the registration again');
    expect(setup.records['client-from']).toBeUndefined();
  });

  test('what nobody would be asked for again is not offered for correction', async () => {
    const { setup, told } = setupWith('outlook', 'again');
    const uri = { value: ['https://vpms.example/oauth'], from: 'flag', state: 'given' } as const;
    setup.records = {
      ...RECORDS,
      'app-redirect-uri': uri,
      'client-type': { value: 'desktop', from: 'flag', state: 'given' },
    };
    await recover(setup, failing('client_type_mismatch'));
    expect(told.offered).toEqual([['again', 'back', 'stop']]);
  });

  test('a value that may only be too new can be waited for; whoever breaks the wait off is asked again', async () => {
    const fix = [{ text: 'look at it' }];
    const settling = new MailauthError('client_secret_wrong', 'it was refused', { fix, settles: true });
    const { setup, told } = setupWith('gmail', 'wait', 'declined', 'wait', 'over');
    await recover(setup, settling);
    expect(told.offered).toEqual([['correct', 'wait', 'again', 'back', 'stop'], told.offered[0]]);
    expect(told.pauses).toEqual([30, 30]);
    expect(setup.records).toEqual(RECORDS);
    const stopping = setupWith('gmail', 'stop');
    const error = await recover(stopping.setup, settling).catch((thrown: unknown) => thrown);
    expect((error as MailauthError).problem.fix.at(-1)?.text).toMatch(/if it was made a moment ago, wait/);
    expect(told.explained[0]?.fix).toHaveLength(1);
  });

  test('back is the last question, and a busy port is the one thing that another port helps', async () => {
    const { setup, told } = setupWith('outlook', 'back');
    setup.done = ['1.i', '2.i', '3.i', '4', '5.i', '6.i', '7', '8.i', '9.i'];
    await recover(setup, failing('port_busy'));
    expect(told.offered).toEqual([['port', 'again', 'back', 'stop']]);
    expect(setup.records).not.toEqual(RECORDS);
  });

  test.each([
    ['outlook', 'tenant_wrong', '6', ['tenant']],
    ['outlook', 'client_type_mismatch', '2', ['client-type']],
    ['custom', 'dns_failed', '1', ['issuer']],
    ['custom', 'connect_refused', '1', ['issuer']],
    ['custom', 'connect_timeout', '1', ['issuer']],
  ] as const)('%s, %s: step %s asks for %j again', async (id, code, step, forgotten) => {
    const { setup, told } = setupWith(id, 'correct');
    const more = { issuer: 'https://sso.example', 'client-type': 'desktop', 'client-from': '' };
    const given = Object.entries(more).map(
      ([name, value]) => [name, { value, from: 'paste', state: 'given' }] as const,
    );
    setup.records = { ...RECORDS, ...Object.fromEntries(given) };
    await recover(setup, failing(code));
    expect(told.labels[0]).toBe(`go back to step ${step} and enter it again`);
    const gone = Object.keys({ ...RECORDS, ...more }).filter((name) => setup.records[name] === undefined);
    expect(gone).toEqual(forgotten);
  });

  /** What a new client is refused with until the provider's servers know it. */
  const settling = new MailauthError('client_not_found', 'not known', { settles: true, fix: [{ text: 'look at it' }] });

  test('a wait goes on by itself, and asks nobody', async () => {
    const { setup, told } = setupWith('outlook', 'over');
    const waiting = { what: 'signin', until: new Date('2026-11-26T10:00:00Z') } as const;
    setup.waiting = waiting;
    await recover(setup, settling);
    expect([told.offered, told.explained, setup.waiting]).toEqual([[], [], waiting]);
  });

  test('a wait whose time is over ends with the error', async () => {
    const { setup, told } = setupWith('outlook');
    setup.records = { ...RECORDS, 'sign-in': { value: 'app', from: 'flag', state: 'given' } };
    setup.waiting = { what: 'signin', until: new Date('2026-11-26T08:00:00Z') };
    await expect(recover(setup, settling)).rejects.toMatchObject({ code: 'client_not_found' });
    expect([told.offered, setup.waiting]).toEqual([[], undefined]);
  });

  test('another port is a free one, and the steps that show the address are gone through again', async () => {
    const { setup } = setupWith('outlook', 'port');
    const instructions = itemsOf(setup.provider, givenAnswers(setup)).filter((item) => item.kind === 'instruction');
    const shows = instructions
      .filter(({ instruction }) => JSON.stringify(instruction).includes('{redirect-uri}'))
      .map(({ id }) => id);
    setup.done = instructions.map(({ id }) => id);
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const redirect = { host: '127.0.0.1', port, anyPort: false, path: '/callback' } as const;
    Object.assign(setup, { bench: { redirect: () => redirect } });
    await recover(setup, failing('port_busy'));
    other.close();
    expect(setup.records['redirect-port']?.value).toMatch(/^\d+$/);
    expect(setup.records['redirect-port']?.value).not.toBe(String(port));
    expect(shows).not.toEqual([]);
    expect(setup.done.filter((id) => shows.includes(id))).toEqual([]);
    expect(setup.done).not.toEqual([]);
  });
});
