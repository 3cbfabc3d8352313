import { describe, expect, it } from 'vitest';
import { compiledProgram } from '../process/program.js';
import { CANARY, newTokens, setScene } from './scene.js';

const program = compiledProgram();
const now = Math.floor(Date.now() / 1000);
const VALID = { accessTokenIssued: now, accessTokenExpires: now + 3600 };

describe('token', () => {
  it('X03 prints the token and one line end, and says nothing, from the store as from the server', async () => {
    const scene = await setScene({ credential: VALID });
    const stored = await program.run(['token', 'outlook'], { env: scene.env });
    expect(stored).toMatchObject({ code: 0, stdout: `${CANARY.accessToken}\n`, stderr: '' });
    scene.endpoint.answer('/token', newTokens());
    const fresh = await program.run(['token', 'outlook', '--force-refresh'], { env: scene.env });
    expect(fresh).toMatchObject({ code: 0, stdout: `${CANARY.newAccessToken}\n`, stderr: '' });
    scene.expectClean('token', stored, ['accessToken']);
    scene.expectClean('token', fresh, ['newAccessToken']);
  });

  it('X03 prints the same whatever the environment says about colour, warnings and debugging', async () => {
    const scene = await setScene({ credential: VALID });
    const loud = {
      FORCE_COLOR: '3',
      NODE_DEBUG: '*',
      DEBUG: '*',
      NODE_PENDING_DEPRECATION: '1',
      NODE_OPTIONS: '--trace-warnings --pending-deprecation --enable-source-maps',
      TERM: 'xterm-256color',
    };
    const stored = await program.run(['token', 'outlook'], { env: { ...scene.env, ...loud } });
    expect(stored).toMatchObject({ code: 0, stdout: `${CANARY.accessToken}\n` });
    scene.endpoint.answer('/token', newTokens());
    const env = { ...scene.env, ...loud };
    const fresh = await program.run(['token', 'outlook', '--force-refresh', '--verbose'], { env });
    expect(fresh).toMatchObject({ code: 0, stdout: `${CANARY.newAccessToken}\n` });
    scene.expectClean('token', stored, ['accessToken']);
    scene.expectClean('token --verbose', fresh, ['newAccessToken']);
  });

  it('X03 prints one document and nothing else with --json', async () => {
    const scene = await setScene({ credential: VALID });
    const { stdout, stderr } = await program.run(['token', 'outlook', '--json'], { env: scene.env });
    const { accessToken, schema } = JSON.parse(stdout);
    expect([schema, accessToken, stdout.trimEnd().includes('\n'), stderr]).toEqual([
      'mailauth.token/1',
      CANARY.accessToken,
      false,
      '',
    ]);
  });

  it('X03 N14 ends with an error where its output goes nowhere', async () => {
    const scene = await setScene({ credential: VALID });
    const full = await program.run(['token', 'outlook'], { env: scene.env, shell: 'exec "$@" >/dev/full' });
    expect(full).toMatchObject({ code: 74, stderr: expect.stringContaining('cannot write to standard output') });
    // The other end of the pipe is gone before anything is written.
    const broken = await program.run(['token', 'outlook'], {
      env: scene.env,
      shell: '{ sleep 0.2; "$@"; echo "exit $?" >&2; } | true',
    });
    expect(broken.stderr).toBe('exit 74\n');
    const json = await program.run(['check', '--json', '--only', 'smtp'], {
      env: { ...scene.env, MAILAUTH_KEY_FILE: '/nonexistent' },
      shell: 'exec "$@" >/dev/full',
    });
    expect(json.code).toBe(74);
    scene.expectClean('token', full);
    scene.expectClean('token', broken);
  });

  it('X03 N14 still prints its result where nobody can read its talk', async () => {
    const scene = await setScene({ credential: { accessTokenIssued: now, accessTokenExpires: now + 60 } });
    for (const shell of ['exec "$@" 2>/dev/full', 'exec "$@" 2>&-']) {
      // The refresh fails, which is worth a warning: the stored token is good for another minute.
      scene.endpoint.answer('/token', { status: 503, body: 'busy' });
      const ran = await program.run(['token', 'outlook'], { env: scene.env, shell });
      expect(ran).toMatchObject({ code: 0, stdout: `${CANARY.accessToken}\n` });
    }
  });

  it('X03 ends with an error and prints nothing where there is no token', async () => {
    const scene = await setScene();
    scene.endpoint.answer('/token', { status: 400, body: { error: 'invalid_grant' } });
    const ran = await program.run(['token', 'outlook', '--force-refresh'], { env: scene.env });
    expect(ran).toMatchObject({ code: 77, stdout: '' });
  });
});
