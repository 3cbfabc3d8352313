/** L34: the browser is on another computer than the program. Hints change, and every way in stays open. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compiledProgram } from '../../process/program.js';
import { signIn } from '../../servers/scripted-browser.js';
import { KEY, run, type Terminal } from '../../servers/terminal.js';
import { type Stage, setStage } from '../stage.js';

const program = compiledProgram();
let stage: Stage;
beforeAll(async () => {
  stage = await setStage('outlook');
}, 60_000);
afterAll(() => stage.clear());

const PLACES = [
  ['over SSH', { SSH_CONNECTION: '203.0.113.7 51234 192.0.2.10 22', SSH_TTY: '/dev/pts/0' }, 'over SSH'],
  ['in a codespace', { CODESPACES: 'true' }, 'codespace'],
  ['in a cloud shell', { CLOUD_SHELL: 'true' }, 'cloud shell'],
  ['in a container', { container: 'podman' }, 'container'],
] as const;

/** A terminal at which the address has been shown. */
async function atPrompt(env: Readonly<Record<string, string>>): Promise<{ terminal: Terminal; url: string }> {
  const bin = join(program.folder(), 'bin', 'mailauth.js');
  const terminal = run(process.execPath, [bin, 'authorize', 'outlook', '--no-browser'], {
    env: { ...stage.env, ...env },
    rows: 60,
  });
  const [url] = await terminal.expect(/https:\/\/localhost\S+/);
  return { terminal, url };
}

describe.each(PLACES)('%s', (_, env, word) => {
  it('L34 the hint fits, and pasting the address signs in', async () => {
    const { terminal, url } = await atPrompt(env);
    const [shown] = await terminal.expect(/[\s\S]*\(hidden\):/);
    expect(shown).toContain(word);
    expect(shown).toContain('mailauth authorize outlook --device');
    terminal.send(`${await stage.redirect(url)}${KEY.enter}`);
    await terminal.expect(`signed in as ${stage.address}`);
    expect(await terminal.exited()).toMatchObject({ code: 0 });
    stage.expectClean([terminal.raw()]);
  });
});

it('L34 over SSH the line to copy has the port that really listens, and the listener takes the answer too', async () => {
  const { terminal, url } = await atPrompt(PLACES[0][1]);
  const [, here, there] = await terminal.expect(/ssh -L (\d+):localhost:(\d+) \S+@\S+/);
  const { port } = new URL(new URL(url).searchParams.get('redirect_uri') as string);
  expect([here, there]).toEqual([port, port]);
  await terminal.expect(/\(hidden\):/);
  await signIn(url, stage.browser());
  await terminal.expect(`signed in as ${stage.address}`);
  expect(await terminal.exited()).toMatchObject({ code: 0 });
});

it('L34 a script is told of the two steps', async () => {
  const { error, stderr } = await stage.authorize(['--timeout', '1'], { env: PLACES[0][1] });
  expect(error?.code).toBe('signin_timeout');
  expect(stderr).toMatch(/ssh -L \d+:localhost:\d+ \S+@\S+/);
  expect(stderr).toContain('mailauth authorize outlook --begin');
});
