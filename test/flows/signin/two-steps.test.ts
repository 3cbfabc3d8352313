/** `authorize --begin` in one process, `--finish` in another, the browser anywhere. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SAYS_WHEN_SIGNALS_ARE_HEARD } from '../../process/preload.js';
import { compiledProgram } from '../../process/program.js';
import { signIn } from '../../servers/scripted-browser.js';
import { KEY, run, type Terminal } from '../../servers/terminal.js';
import { type Ended, type Stage, setStage } from '../stage.js';

let gmail: Stage;
let outlook: Stage;
beforeAll(async () => {
  [gmail, outlook] = await Promise.all([setStage('gmail'), setStage('outlook')]);
}, 60_000);
afterAll(() => Promise.all([gmail.clear(), outlook.clear()]));

/** The address to open. */
async function begin(stage: Stage): Promise<string> {
  const { exit, stdout, error } = await stage.authorize(['--begin']);
  expect(exit, error?.message).toBe(0);
  return stdout.trim();
}

const finish = (stage: Stage, address: string): Promise<Ended> =>
  stage.authorize(['--finish', '--callback-url-file', 'ADDRESS'], { address });

const accessToken = async (stage: Stage): Promise<string | undefined> =>
  (await stage.credential()).accessToken?.reveal();

const BEGIN_AGAIN = expect.arrayContaining([expect.objectContaining({ command: 'mailauth authorize gmail --begin' })]);

describe('two steps', () => {
  it('a second beginning makes the first one void', async () => {
    const first = await gmail.redirect(await begin(gmail));
    const files = gmail.secretFiles();
    await begin(gmail);
    expect(gmail.secretFiles()).toHaveLength(files.length);
    expect(await finish(gmail, first)).toMatchObject({ exit: 65 });
  });

  it('of many beginnings at once one sign-in stays, and the record knows it', async () => {
    await begin(gmail);
    const files = gmail.secretFiles();
    await Promise.all(Array.from({ length: 6 }, () => begin(gmail)));
    expect(gmail.secretFiles()).toHaveLength(files.length);
    expect(gmail.secretFiles()).toContain(`${gmail.account().begun?.credential}.enc`);
  });

  it('is finished once, whatever is given later', async () => {
    const address = await gmail.redirect(await begin(gmail));
    expect(await finish(gmail, address)).toMatchObject({ exit: 0 });
    const before = gmail.authorization.ledger.length;
    expect((await finish(gmail, address)).error).toMatchObject({
      code: 'signin_required',
      problem: { fix: BEGIN_AGAIN },
    });
    expect(gmail.granted('authorization_code', before)).toEqual([]);
  });

  it('of two that finish at once, one does', async () => {
    const address = await gmail.redirect(await begin(gmail));
    const before = gmail.authorization.ledger.length;
    const file = ['--finish', '--callback-url-file', 'ADDRESS'];
    const both = await Promise.all([gmail.authorize(file, { address }), gmail.authorize(file, { address })]);
    expect(both.map(({ exit }) => exit).sort()).toEqual([0, 77]);
    expect(gmail.granted('authorization_code', before)).toEqual(['ok']);
  });

  it('L32 what is cut off is told, and uses nothing up', async () => {
    const url = await begin(gmail);
    const address = await gmail.redirect(url);
    const code = new URL(address).searchParams.get('code') as string;
    for (const wrong of [address.slice(0, address.indexOf('state=')), address.split('?')[1] as string, code, url]) {
      const { exit, error } = await finish(gmail, wrong);
      expect(exit).toBe(65);
      expect(error?.message).not.toContain(code);
    }
    expect(await finish(gmail, address)).toMatchObject({ exit: 0 });
  });

  it('L32 an older address is told, and leaves the newer sign-in alone', async () => {
    const older = await gmail.redirect(await begin(gmail));
    const newer = await gmail.redirect(await begin(gmail));
    const before = gmail.authorization.ledger.length;
    expect((await finish(gmail, older)).error).toMatchObject({
      code: 'bad_input',
      problem: { fix: [expect.objectContaining({ command: 'mailauth authorize gmail --finish' })] },
    });
    expect(gmail.granted('authorization_code', before)).toEqual([]);
    expect(await finish(gmail, newer)).toMatchObject({ exit: 0 });
  });

  it.each([
    ['L33 another authorization server', 'iss', 'https://elsewhere.example'],
    ['L33 no authorization server', 'iss', undefined],
  ])('%s is not exchanged, and uses up what was kept', async (_, parameter, value) => {
    const address = await gmail.redirect(await begin(gmail));
    const foreign = new URL(address);
    foreign.searchParams.delete(parameter);
    if (value !== undefined) foreign.searchParams.set(parameter, value);
    const before = gmail.authorization.ledger.length;
    expect((await finish(gmail, foreign.href)).error).toMatchObject({
      code: 'bad_input',
      problem: { fix: BEGIN_AGAIN },
    });
    expect(await finish(gmail, address)).toMatchObject({ exit: 77 });
    expect(gmail.granted('authorization_code', before)).toEqual([]);
  });

  it('after ten minutes it is over, nothing of it stays, and the next command is named', async () => {
    const files = gmail.secretFiles();
    const document = JSON.parse((await gmail.authorize(['--begin', '--json'])).stdout);
    expect(document).toMatchObject({
      schema: 'mailauth.authorize/1',
      account: { name: 'gmail', address: gmail.address },
      expires: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    const minutes = (Date.parse(document.expires) - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(9);
    expect(minutes).toBeLessThanOrEqual(10);
    const address = await gmail.redirect(document.url);
    const past = new Date(Date.now() - 1000).toISOString();
    await gmail.amend((account) => ({
      ...account,
      ...(account.begun && { begun: { ...account.begun, expires: past } }),
    }));
    const before = gmail.authorization.ledger.length;
    expect((await finish(gmail, address)).error).toMatchObject({
      code: 'signin_timeout',
      problem: { fix: BEGIN_AGAIN },
    });
    expect([gmail.secretFiles(), gmail.account().begun]).toEqual([files, undefined]);
    expect(gmail.granted('authorization_code', before)).toEqual([]);
  });

  it('an ordinary sign-in settles the one that was begun', async () => {
    await begin(gmail);
    const files = gmail.secretFiles();
    let visit: Promise<unknown> | undefined;
    const ended = await gmail.authorize(['--timeout', '10'], {
      heard: (text) => {
        const url = /^https:\S+$/m.exec(text)?.[0];
        if (url !== undefined) visit ??= signIn(url, gmail.browser());
      },
    });
    await visit;
    expect(ended.exit, ended.error?.message).toBe(0);
    expect(gmail.account().begun).toBeUndefined();
    expect(gmail.secretFiles()).toHaveLength(files.length - 1);
  });

  it('a refusal on the page is told, and keeps the old sign-in', async () => {
    const old = await accessToken(gmail);
    const address = await gmail.redirect(await begin(gmail), { action: 'cancel' });
    const before = gmail.authorization.ledger.length;
    expect((await finish(gmail, address)).error).toMatchObject({ code: 'signin_cancelled' });
    expect(gmail.granted('authorization_code', before)).toEqual([]);
    expect(await accessToken(gmail)).toBe(old);
  });

  it('L19 T23 somebody else’s sign-in is refused, and keeps the old one', async () => {
    const old = await accessToken(gmail);
    const address = await gmail.redirect(await begin(gmail), { account: 'pat@happypaws.example' });
    const { error } = await finish(gmail, address);
    expect(error).toMatchObject({ code: 'wrong_account', message: expect.stringContaining('pat@happypaws.example') });
    expect(await accessToken(gmail)).toBe(old);
    expect(gmail.account().address).toBe(gmail.address);
  });

  it('T12 a sign-in without the mail permission is refused, and keeps the old one', async () => {
    const old = await accessToken(gmail);
    const address = await gmail.redirect(await begin(gmail), { tick: [] });
    expect((await finish(gmail, address)).error).toMatchObject({ code: 'consent_missing_scope' });
    expect(await accessToken(gmail)).toBe(old);
  });

  it('L19 T23 where nobody tells whose sign-in it is, the mailbox does', async () => {
    const { claims } = outlook.authorization.circumstances;
    const nobody = { email: undefined, preferred_username: undefined };
    claims[outlook.address] = nobody;
    claims['pat@happypaws.example'] = nobody;
    const old = await accessToken(outlook);
    const foreign = await outlook.redirect(await begin(outlook), { account: 'pat@happypaws.example' });
    expect(await finish(outlook, foreign)).toMatchObject({ exit: 77 });
    expect(await accessToken(outlook)).toBe(old);
    expect(await finish(outlook, await outlook.redirect(await begin(outlook)))).toMatchObject({ exit: 0 });
    expect(await accessToken(outlook)).not.toBe(old);
    expect(outlook.imap.commands.join('\n')).toMatch(/EXAMINE/i);
    delete claims[outlook.address];
    delete claims['pat@happypaws.example'];
  });

  it('a sign-in as the mailbox itself ends the delegate’s', async () => {
    const { smtp } = gmail.account();
    const authUser = 'pat@happypaws.example';
    await gmail.amend((account) => ({ ...account, authUser, ...(smtp && { smtp: { ...smtp, user: authUser } }) }));
    expect(await finish(gmail, await gmail.redirect(await begin(gmail), { account: gmail.address }))).toMatchObject({
      exit: 0,
    });
    expect(gmail.account().authUser).toBeUndefined();
    expect(gmail.account().smtp).toEqual(smtp);
  });

  it('an account that is removed meanwhile takes the new sign-in with it, and who has its name now keeps its own', async () => {
    const stage = await setStage('gmail');
    const another = { address: 'another@happypaws.example', credential: 'another-credential' };
    const address = await stage.redirect(await begin(stage));
    stage.authorization.circumstances.answer = (request) => {
      // Between the exchange of the code and the storing of what came of it.
      if (request.url === '/token') void stage.amend((account) => ({ ...account, ...another }));
      return false;
    };
    const { error } = await finish(stage, address);
    expect(error).toMatchObject({ code: 'no_such_account' });
    expect(stage.account()).toMatchObject({ ...another, name: 'gmail' });
    expect(stage.secretFiles()).not.toContain('the-credential.enc');
    await stage.clear();
  });
});

describe('as a program', () => {
  const program = compiledProgram();
  const atTerminal = (stage: Stage, ...flags: readonly string[]): Terminal =>
    run(process.execPath, [join(program.folder(), 'bin', 'mailauth.js'), 'authorize', stage.name, ...flags], {
      env: stage.env,
    });

  it.each(['gmail', 'outlook'])(
    'X11 L32 %s: prints the address alone, and another process finishes with what the browser ended on',
    async (name) => {
      const stage = name === 'gmail' ? gmail : outlook;
      const old = await accessToken(stage);
      const files = stage.secretFiles();
      const begun = await program.run(['authorize', name, '--begin'], { env: stage.env });
      expect(begun, begun.stderr).toMatchObject({ code: 0 });
      expect(begun.stdout).toMatch(/^https:\/\/localhost:\S+\n$/);
      expect(begun.stderr).toContain(`mailauth authorize ${name} --finish`);
      const asked = new URL(begun.stdout.trim()).searchParams;
      expect(asked.get('code_challenge_method')).toBe('S256');
      expect(asked.get('redirect_uri')).toBe(stage.account().begun?.redirectUri);
      expect(stage.secretFiles()).toHaveLength(files.length + 1);
      const between = mkdtempSync(join(tmpdir(), 'mailauth-between-'));
      cpSync(stage.configDir, between, { recursive: true });

      const before = stage.authorization.ledger.length;
      const input = await stage.redirect(begun.stdout.trim());
      const finished = await program.run(['authorize', name, '--finish'], { env: stage.env, input });
      expect(finished, finished.stderr).toMatchObject({ code: 0, stdout: '' });
      expect(finished.stderr).toContain(`signed in as ${stage.address}`);
      expect(stage.granted('authorization_code', before)).toEqual(['ok']);
      expect(stage.secretFiles()).toEqual(files);
      expect(stage.account().begun).toBeUndefined();
      expect(await accessToken(stage)).not.toBe(old);

      // The verifier is known now: it was in no file, no output and on no command line while it was kept.
      stage.expectClean([begun, finished].flatMap(({ stdout, stderr, seen }) => [stdout, stderr, ...seen]));
      stage.expectClean([], between);
      rmSync(between, { recursive: true });
    },
  );

  it('X11 at a terminal it is asked for and masked, and a wrong one is asked for again', async () => {
    const address = await gmail.redirect(await begin(gmail));
    const terminal = atTerminal(gmail, '--finish');
    await terminal.expect(/\(hidden\):/);
    terminal.send(`${address.slice(0, 40)}${KEY.enter}`);
    await terminal.expect('cut off');
    await terminal.expect(/\(hidden\):/);
    terminal.send(`${address.replace('state=', 'state=x')}${KEY.enter}`);
    await terminal.expect('does not belong');
    await terminal.expect(/\(hidden\):/);
    terminal.send(`${address}${KEY.enter}`);
    await terminal.expect(`signed in as ${gmail.address}`);
    expect(await terminal.exited()).toEqual({ code: 0, signal: 0 });
    expect(terminal.raw()).not.toContain(new URL(address).searchParams.get('state'));
    gmail.expectClean([terminal.raw()]);
  });

  it('L19 at a terminal the mailbox can be an alias of whoever signed in', async () => {
    const address = await outlook.redirect(await begin(outlook), { account: 'pat@happypaws.example' });
    const terminal = atTerminal(outlook, '--finish');
    await terminal.expect(/\(hidden\):/);
    terminal.send(`${address}${KEY.enter}`);
    await terminal.expect(
      /3 {2}reception@happypaws\.example is an alias or a shared mailbox of pat@happypaws\.example/,
    );
    await terminal.expect(/Number 1 to 3:/);
    terminal.send(`3${KEY.enter}`);
    expect(await terminal.exited()).toMatchObject({ code: 0 });
    expect(outlook.account()).toMatchObject({ address: outlook.address, authUser: 'pat@happypaws.example' });
    await outlook.amend(({ authUser: _, ...account }) => account);
  });

  it('a signal ends the wait for an input at once, and keeps what was begun', async () => {
    await begin(gmail);
    const running = program.start(['authorize', 'gmail', '--finish'], {
      env: { ...gmail.env, HOME: join(gmail.home, 'tmp') },
      shell: 'mkdir -p "$HOME"; mkfifo "$HOME/pipe"; exec 3<>"$HOME/pipe"; exec "$@" <"$HOME/pipe"',
      nodeFlags: ['--import', SAYS_WHEN_SIGNALS_ARE_HEARD],
    });
    while (!running.stderr().includes('signals are heard')) await sleep(10);
    await sleep(200);
    const before = performance.now();
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 130, stdout: '' });
    expect(performance.now() - before).toBeLessThan(1500);
    expect(gmail.account().begun).toBeDefined();
  });

  it('Ctrl-C at the prompt keeps what was begun', async () => {
    await begin(gmail);
    const terminal = atTerminal(gmail, '--finish');
    await terminal.expect(/\(hidden\):/);
    terminal.send(KEY.ctrlC);
    expect(await terminal.exited(2000)).toEqual({ code: 130, signal: 0 });
    expect(gmail.account().begun).toBeDefined();
  });

  it('N13 without a terminal an empty input is named at once', async () => {
    await begin(gmail);
    const ran = await program.run(['authorize', 'gmail', '--finish'], { env: gmail.env });
    expect(ran.code).toBe(64);
    expect(ran.stderr).toContain('--callback-url-file');
    expect(ran.milliseconds).toBeLessThan(5000);
  });

  it('an input that never ends is not waited for longer than a browser', async () => {
    const ran = await program.run(['authorize', 'gmail', '--finish', '--timeout', '1'], {
      env: gmail.env,
      shell: 'mkfifo "$HOME/pipe"; exec 3<>"$HOME/pipe"; exec "$@" <"$HOME/pipe"',
    });
    expect(ran.code).toBe(77);
    expect(ran.stderr).toContain('1 second');
  });

  it('the account takes what was begun with it when it is removed', async () => {
    const stage = await setStage('outlook');
    await begin(stage);
    const credential = stage.account().begun?.credential as string;
    expect(stage.secretFiles().join(' ')).toContain(credential);
    await program.run(['remove', 'outlook', '--yes'], { env: stage.env });
    expect(stage.secretFiles().join(' ')).not.toContain(credential);
    await stage.clear();
  });
});

describe('what cannot be meant or is not there', () => {
  it.each([
    [['--begin', '--finish'], /--begin and --finish/],
    [['--device', '--begin'], /--device.*--begin/],
    [['--device', '--finish'], /--device.*--finish/],
    [['--callback-url-file', '-'], /--callback-url-file.*--finish/],
    [['--finish', '--json'], /--json.*--callback-url-file/],
    [['--finish', '--no-input'], /--no-input.*--callback-url-file/],
  ])('%j is usage, and names both sides', async (flags, words) => {
    const { error } = await gmail.authorize(flags);
    expect(error).toMatchObject({ code: 'usage', message: expect.stringMatching(words) });
  });

  it('a file that is not there, and one that is empty, are named', async () => {
    await begin(gmail);
    const missing = await gmail.authorize(['--finish', '--callback-url-file', '/nowhere/address']);
    expect(missing.error).toMatchObject({
      code: 'file_not_found',
      message: expect.stringContaining('/nowhere/address'),
    });
    expect(await finish(gmail, ' \n')).toMatchObject({ exit: 64 });
    expect(gmail.account().begun).toBeDefined();
  });
});
