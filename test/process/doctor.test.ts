import { describe, expect, it } from 'vitest';
import { compiledProgram } from './program.js';

const program = compiledProgram();
const env = {
  PATH: '/usr/bin:/bin',
  HOME: '/nonexistent',
  LANG: 'C.UTF-8',
  MAILAUTH_KEY_FILE: '/secret/place/key',
  MAILAUTH_CLIENT_SECRET: 'GOCSPX-averysecretvalue1234567890',
  HTTPS_PROXY: 'http://user:pass-word@127.0.0.1:9',
};

describe('doctor', () => {
  it('gathers what a report needs, and no value of a variable', async () => {
    const ran = await program.run(['doctor', '--json'], { env });
    expect(ran.code).toBe(0);
    const document = JSON.parse(ran.stdout);
    expect(document).toMatchObject({
      schema: 'mailauth.doctor/1',
      versions: { node: process.versions.node },
      system: { platform: process.platform, language: 'C.UTF-8' },
      configuration: { folder: 'usual', trouble: null, accounts: [] },
      reachability: [],
    });
    expect(document.variables).toEqual(expect.arrayContaining(['MAILAUTH_KEY_FILE', 'HTTPS_PROXY']));
    expect(ran.stdout + ran.stderr).not.toMatch(/GOCSPX|pass-word|secret\/place/);
  });

  it('says the same in words', async () => {
    const ran = await program.run(['doctor'], { env });
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/^mailauth \d+\.\d+\.\d+, Node \d/);
    expect(ran.stdout + ran.stderr).not.toMatch(/GOCSPX|pass-word|secret\/place/);
  });
});
