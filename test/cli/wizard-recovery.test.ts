/**
 * After any mistake at a terminal the wizard leads on: the answer at fault is asked for again, wherever it came from, and
 * the right one ends the set-up. The person answers in this process; what a terminal shows of it is in test/wizard.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Interviewer } from '../../src/flows/interviewer.js';
import { Secret } from '../../src/words/secret.js';
import { freePorts } from '../servers/ports.js';
import {
  browserOf,
  type Home,
  MAILBOX,
  type Name,
  openTown,
  type ProviderTown,
  type Values,
  WRONG,
} from './provider-town.js';

let town: ProviderTown;

beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town.close());

interface Person {
  readonly answers: Partial<Interviewer>;
  /** The questions of the guide, in the order in which they were asked. */
  readonly asked: readonly string[];
  /** What was decided, by its message. */
  readonly decided: readonly string[];
}

/** Somebody who answers each question from its list, the last answer for good; takes proposals; decides so; and goes back once to what they regret. */
function person(
  name: Name,
  lists: Readonly<Record<string, readonly string[]>>,
  decisions: Readonly<Record<string, string>> = {},
  regretted?: string,
): Person {
  const asked: string[] = [];
  const decided: string[] = [];
  const left = new Map(Object.entries(lists).map(([id, list]) => [id, [...list]]));
  const answerTo = (id: string): string | undefined => {
    const list = left.get(id);
    return list !== undefined && list.length > 1 ? list.shift() : list?.[0];
  };
  return {
    asked,
    decided,
    answers: {
      ...browserOf(town.providers[name]),
      attended: true,
      async instruct() {
        const isRegretted = asked.at(-1) === regretted && asked.filter((id) => id === regretted).length === 1;
        if (isRegretted) return { kind: 'back' };
        return { kind: 'answer', value: 'whole step' };
      },
      async ask({ question }, _, proposed) {
        asked.push(question.id);
        if (asked.length > 200) throw new Error(`asked for ever: ${asked.slice(-6)}`);
        const text = answerTo(question.id) ?? String(proposed ?? question.choices?.[0]?.value ?? '');
        const value = question.kind === 'secret' ? new Secret(text) : text;
        return { kind: 'answer', value: { value, learnt: {} } };
      },
      async choose(message, choices, scripted) {
        decided.push(message);
        if (decided.length > 50) throw new Error(`decided for ever: ${decided.slice(-3)}`);
        const wanted = Object.entries(decisions).find(([part]) => message.includes(part))?.[1];
        const choice = choices.find(({ value }) => value === wanted);
        if (choice !== undefined) return choice.value;
        throw scripted instanceof Error ? scripted : new Error(`nobody decides: ${message}`);
      },
    },
  };
}

/** What stays a flag for a person too: the servers of this test, and no token that is brought along. */
function serversOf({ right }: Home): Values {
  const {
    '--account': _,
    '--client-id': __,
    '--client-secret-file': ___,
    '--refresh-token-file': ____,
    ...rest
  } = right;
  const { '--tenant': _____, ...servers } = rest;
  return servers;
}

const idOf = (flag: string): string => flag.slice(2);

/** The right answers, by question. */
function rightOf(home: Home): Record<string, readonly string[]> {
  const ids = ['--account', '--client-id', '--tenant', '--client-secret-file'];
  const known = Object.entries(home.right).filter(([flag]) => ids.includes(flag));
  return {
    ...Object.fromEntries(known.map(([flag, value]) => [idOf(flag), [value]])),
    'used-by': ['mailauth'],
    'secret-expires': ['2028-10-31'],
  };
}

const TYPED = ['--client-id', '--tenant', '--client-secret-file'];
const CASES = (['gmail', 'outlook', 'custom'] as const).flatMap((name) =>
  Object.entries(WRONG[name])
    .filter(([flag]) => TYPED.includes(flag))
    .map(([flag, value]) => ({ name, flag, value })),
);

describe('an answer that was refused', () => {
  it.each(CASES)(
    '$name: a wrong $flag is asked for again, and the right one ends it',
    async ({ name, flag, value }) => {
      const home = await town.openHome(name);
      const right = rightOf(home);
      const someone = person(
        name,
        { ...right, [idOf(flag)]: [value, home.right[flag] ?? ''] },
        { 'What next': 'correct' },
      );
      const port = name === 'custom' ? { '--redirect-port': String((await freePorts(1))[0]) } : {};
      const ended = await home.run(['setup', name], { ...serversOf(home), ...port }, { answers: someone.answers });
      expect(ended.code, ended.stderr).toBe(0);
      expect(someone.asked.filter((id) => id === idOf(flag))).toHaveLength(2);
      expect(home.read().accounts).toMatchObject([{ address: MAILBOX }]);
      expect([home.left(), home.lost()]).toEqual([[], []]);
    },
  );

  it.each(CASES)('$name: a wrong $flag of the command line is asked for, too', async ({ name, flag, value }) => {
    const home = await town.openHome(name);
    const someone = person(name, rightOf(home), { 'What next': 'correct' });
    const port = name === 'custom' ? { '--redirect-port': String((await freePorts(1))[0]) } : {};
    const flags = { ...serversOf(home), ...port, [flag]: value };
    const ended = await home.run(['setup', name], flags, { answers: someone.answers });
    expect(ended.code, ended.stderr).toBe(0);
    expect(someone.asked.filter((id) => id === idOf(flag))).toHaveLength(1);
    expect([home.left(), home.lost()]).toEqual([[], []]);
  });

  it.each(['client_id', 'client_secret'] as const)('gmail: a client file with a wrong %s', async (wrong) => {
    const home = await town.openHome('gmail');
    const installed = { client_id: home.right['--client-id'], client_secret: home.right['--client-secret-file'] };
    const spoilt = {
      ...installed,
      [wrong]: WRONG.gmail[wrong === 'client_id' ? '--client-id' : '--client-secret-file'],
    };
    const file = join(home.configDir, 'client.json');
    writeFileSync(file, JSON.stringify({ installed: { ...spoilt, redirect_uris: ['http://localhost'] } }));
    const someone = person('gmail', rightOf(home), { 'What next': 'correct' });
    const flags = { ...serversOf(home), '--client-file': file };
    const ended = await home.run(['setup', 'gmail'], flags, { answers: someone.answers });
    expect(ended.code, ended.stderr).toBe(0);
    expect(someone.asked).toContain(wrong === 'client_id' ? 'client-id' : 'client-secret-file');
    expect([home.left(), home.lost()]).toEqual([[], []]);
  });
});

describe.each(['gmail', 'outlook'] as const)('%s: a stored registration', (name) => {
  const OTHER = 'surgery@happypaws.example';
  const renewed = { gmail: 'GOCSPX-renewed0000abcdefghijklmnopqr', outlook: `nEw8Q~${'z'.repeat(34)}` }[name];

  async function withOne(): Promise<Home> {
    const home = await town.openHome(name);
    expect((await home.set(home.right)).code).toBe(0);
    return home;
  }

  it('that is refused is chosen again, and a new one asked for', async () => {
    const home = await withOne();
    const provider = town.providers[name];
    const was = provider.secret;
    provider.secret = renewed;
    try {
      const answers = {
        ...rightOf(home),
        account: [OTHER],
        'client-from': [name, ''],
        'client-secret-file': [renewed],
      };
      const someone = person(name, answers, { 'What next': 'correct', 'is set up': 'use' });
      const flags = { ...serversOf(home), '--refresh-token-file': provider.issue(OTHER) };
      const ended = await home.run(['setup', name], flags, { answers: someone.answers });
      expect(ended.code, ended.stderr).toBe(0);
      expect(someone.asked.filter((id) => id === 'client-from')).toHaveLength(2);
      expect(someone.asked).toContain('client-secret-file');
      expect([home.left(), home.lost()]).toEqual([[], []]);
    } finally {
      provider.secret = was;
    }
  });

  it('that was chosen, and then was not, brings nothing along', async () => {
    const home = await withOne();
    const provider = town.providers[name];
    const answers = { ...rightOf(home), account: [OTHER], 'client-from': [name, ''] };
    const someone = person(name, answers, {}, 'client-from');
    const flags = { ...serversOf(home), '--refresh-token-file': provider.issue(OTHER) };
    const ended = await home.run(['setup', name], flags, { answers: someone.answers });
    expect(ended.code, ended.stderr).toBe(0);
    for (const id of ['client-id', 'client-secret-file']) expect(someone.asked).toContain(id);
  });
});
