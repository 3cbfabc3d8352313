/** What other programs get to see: the browser and whatever finds it, and every document about the accounts. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { compiledProgram } from '../process/program.js';
import { scanText, describe as tell } from '../servers/canary.js';
import { CANARY, issuerMetadata, type Scene, SECRETS, setScene } from './scene.js';

const program = compiledProgram();

/** A program that notes how it was started. */
function recorder(scene: Scene, name: string): { readonly path: string; note(): Promise<string> } {
  const path = join(scene.home, name);
  const record = join(scene.home, `${name}.record`);
  const note = async (): Promise<string> => {
    while (!existsSync(record)) await sleep(20);
    return readFileSync(record, 'utf8');
  };
  writeFileSync(
    path,
    `#!/bin/sh\n{ for word in "$0" "$@"; do echo "argument: $word"; done; env; } > '${record}.new'; mv '${record}.new' '${record}'\n`,
  );
  chmodSync(path, 0o700);
  return { path, note };
}

describe('the browser', () => {
  const given = {
    MAILAUTH_CLIENT_SECRET: CANARY.clientSecret,
    MAILAUTH_REFRESH_TOKEN: CANARY.refreshToken,
    SOME_OTHER_PASSWORD: CANARY.newRefreshToken,
    LD_PRELOAD: '',
    NODE_EXTRA_CA_CERTS: '',
  };

  it('X02 X01 gets the address and no secret', async () => {
    const scene = await setScene();
    scene.endpoint.answer('/.well-known/openid-configuration', issuerMetadata(scene));
    const browser = recorder(scene, 'browser');
    const env = { ...scene.env, ...given, BROWSER: browser.path };
    const running = program.start(['authorize', 'outlook', '--verbose'], { env });
    const note = await browser.note();
    running.child.kill('SIGTERM');
    const ran = await running.ended;
    expect(ran.code).toBe(143);
    const [address = '', ...more] = [...note.matchAll(/^argument: (.*)$/gm)].slice(1).map(([, word]) => word);
    expect(more).toEqual([]);
    expect(new URL(address).origin).toBe(scene.endpoint.origin);
    expect(note).not.toMatch(/^(?:MAILAUTH_|SOME_OTHER)/m);
    expect(tell(scanText('the record', note, SECRETS))).toBe('');
    scene.expectClean('authorize', ran);
  });
});

describe('a document about the accounts', () => {
  const commands = [
    ['--json'],
    ['list'],
    ['list', '--json'],
    ['export', 'outlook', '--format', 'list'],
    ['export', 'outlook', '--format', 'form'],
    ['export', 'outlook', '--format', 'postfix'],
    ['guide', 'outlook', '--account', 'ann@happypaws.example', '--format', 'json'],
  ];
  it('X12 holds no secret', async () => {
    const scene = await setScene();
    for (const args of commands) {
      const ran = await program.run(args, { env: { ...scene.env, MAILAUTH_CLIENT_SECRET: CANARY.clientSecret } });
      expect([args, ran.code]).toEqual([args, 0]);
      expect(ran.stdout).not.toBe('');
      scene.expectClean(args.join(' '), ran);
    }
  });

  it('X12 holds a secret where somebody said so twice, and says so', async () => {
    const scene = await setScene();
    const args = ['export', 'outlook', '--format', 'form', '--show-secret'];
    const ran = await program.run(args, { env: scene.env });
    expect(ran.stdout).toContain(CANARY.clientSecret);
    scene.expectClean(args.join(' '), ran, ['clientSecret']);
  });
});
