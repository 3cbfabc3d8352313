import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { MailauthError } from '../../../src/explain/problem.js';
import { checkAccounts } from '../../../src/flows/check/accounts.js';
import { outlook } from '../../../src/providers/outlook/provider.js';
import { Secret } from '../../../src/words/secret.js';
import { makeMailbox } from '../../swarm/mailbox.js';
import { granted, setTable } from '../token/table.js';

it('S06 N11 a check of several accounts that is stopped still stores the refresh token that is on its way', async () => {
  const reached = signalled();
  const silent = createServer((socket) => {
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => {});
    reached.resolve();
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as { port: number };
  const table = await setTable();
  const { mailbox, world } = table;
  // The second account stands at its mail server when the program is stopped, and the first at the token endpoint.
  const other = await makeMailbox(mailbox.configDir, mailbox.store, {
    name: 'other',
    ...(mailbox.account.ca && { ca: mailbox.account.ca }),
    tokenEndpoint: `${table.endpoint.origin}/other`,
    credential: { refreshToken: new Secret('refresh-other') },
    account: { imap: { host: '127.0.0.1', port, security: 'tls' } },
  });
  const asked = signalled();
  table.endpoint.answer('/other', granted('other'));
  table.endpoint.answer('/token', async () => {
    asked.resolve();
    await sleep(600);
    return granted('new');
  });
  const stop = new AbortController();
  const subjects = [mailbox, other].map(({ account, client }) => ({ provider: outlook, account, client }));
  const env = { MAILAUTH_KEY_FILE: join(mailbox.configDir, 'key') };
  const heard: string[] = [];
  const checking = checkAccounts({ ...world, env, signal: stop.signal }, subjects, {
    only: ['imap'],
    warnDays: 60,
    finished: ({ name }, { id, status }) => heard.push(`${name} ${id} ${status}`),
  });
  await Promise.all([asked.promise, reached.promise]);
  // What is finished is heard of while other lines are still waited for.
  expect(heard).toEqual(['other store ok', 'other client ok', 'other signin ok']);
  const reason = new MailauthError('interrupted', 'stopped');
  stop.abort(reason);
  await expect(checking).rejects.toBe(reason);
  expect((await mailbox.credential()).refreshToken?.reveal()).toBe('refresh-new');
});

/** Promise.withResolvers, which Node 20 lacks. */
function signalled(): { readonly promise: Promise<void>; resolve(): void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve: () => resolve() };
}
