/** What --verbose adds: how far it got, where, how long it took. Never a value. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { compiledProgram } from '../process/program.js';
import { CANARY, issuerMetadata, mailServer, newTokens, setScene } from './scene.js';

const program = compiledProgram();

describe('--verbose', () => {
  it('X04 X05 tells each request and each stage of a mail conversation, with no secret in it', async () => {
    const { server } = await mailServer(`
      !tls
      S: 220 mail.example ESMTP
      C: EHLO *
      S: 250-mail.example
      S: 250 AUTH XOAUTH2
      C: AUTH XOAUTH2 *
      S: 235 2.7.0 Accepted
      C: QUIT
      S: 221 bye`);
    const scene = await setScene({ smtp: server });
    scene.endpoint.answer('/token', newTokens());
    const args = ['check', '--only', 'smtp'];
    const ran = await program.run([...args, '--verbose'], { env: scene.env });
    expect(ran.code).toBe(0);
    const lines = ran.stderr.trimEnd().split('\n');
    expect(lines.filter((line) => !/^ +\d+\.\d\d s {2}\S/.test(line))).toEqual([]);
    const told = lines.map((line) => line.replace(/^ +\d+\.\d\d s {2}/, '').replace(/\d+ ms/, 'N ms'));
    const peer = `smtp localhost:${server.port}`;
    expect(told).toContain(`POST localhost:${scene.endpoint.port}/token answered 200 in N ms`);
    expect(told).toContain('stored; the refresh token was replaced');
    expect(told.filter((line) => line.startsWith(peer))).toEqual(
      ['dns', 'connect', 'tls', 'greeting', 'capability', 'auth', 'proven'].map((stage) => `${peer}: ${stage}`),
    );
    scene.expectClean('check --verbose', ran);
    scene.endpoint.answer('/token', newTokens({ refresh_token: CANARY.newRefreshToken }));
    const quiet = await program.run(['token', 'outlook', '--force-refresh'], { env: scene.env });
    expect(quiet.stderr).toBe('');
  });

  it('L02 X04 counts the strangers at the callback port, and shows neither what they sent nor what was expected', async () => {
    const scene = await setScene();
    scene.endpoint.answer('/.well-known/openid-configuration', issuerMetadata(scene));
    const running = program.start(['authorize', 'outlook', '--no-browser', '--verbose'], { env: scene.env });
    let address: string | undefined;
    while (address === undefined) {
      [address] = /^https:\/\/\S+$/m.exec(running.stderr()) ?? [];
      await sleep(20);
    }
    const { searchParams } = new URL(address);
    for (let count = 0; count < 12; count += 1) {
      const forged = `${searchParams.get('redirect_uri')}?state=a-strangers-state-${count}&code=a-strangers-code`;
      expect((await fetch(forged)).status).toBe(400);
    }
    while (!running.stderr().includes('10 answers')) await sleep(20);
    running.child.kill('SIGTERM');
    const ran = await running.ended;
    expect(ran.code).toBe(143);
    expect(ran.stderr.match(/\d+ answers at the port were not ours/g)).toHaveLength(2);
    expect(ran.stderr).not.toContain('stranger');
    expect(ran.stderr.split(searchParams.get('state') ?? '?')).toHaveLength(2);
    scene.expectClean('authorize --verbose', ran);
  });
});
