/** What docs/fleet.md tells an administrator to type, or to hand to Kubernetes. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openHome } from '../../swarm/scene.js';

const PAGE = readFileSync(new URL('../../../docs/fleet.md', import.meta.url), 'utf8');

it('a key file that systemd has sealed to the machine opens the store, and another name does not', async () => {
  const now = Math.floor(Date.now() / 1000);
  const home = await openHome({ credential: { accessTokenIssued: now, accessTokenExpires: now + 3600 } });
  const [sealed, handed] = [join(home.folder, 'mailauth-key'), join(home.folder, 'credentials')];
  const open = join(home.mailbox.configDir, 'key');
  const typed = `systemd-creds encrypt --name=mailauth-key ~/.config/mailauth.key /etc/credstore.encrypted/mailauth-key`;
  expect(PAGE).toContain(typed);
  execFileSync('systemd-creds', ['encrypt', '--name=mailauth-key', open, sealed], { stdio: 'pipe' });
  mkdirSync(handed, { mode: 0o700 });
  // What the system manager does for LoadCredentialEncrypted=, which runs only where it is the first process.
  execFileSync('systemd-creds', ['decrypt', '--name=mailauth-key', sealed, join(handed, 'mailauth-key')]);
  chmodSync(join(handed, 'mailauth-key'), 0o400);
  expect(spawnSync('systemd-creds', ['decrypt', '--name=other', sealed, '-']).status).not.toBe(0);
  unlinkSync(open);
  const { MAILAUTH_KEY_FILE: _, ...env } = home.env;
  const run = (more: NodeJS.ProcessEnv) =>
    spawnSync(process.execPath, ['bin/mailauth.js', 'token', 'outlook'], {
      env: { ...env, ...more },
      encoding: 'utf8',
    });
  expect(run({ CREDENTIALS_DIRECTORY: handed })).toMatchObject({
    status: 0,
    stdout: 'the-first-access-token\n',
    stderr: '',
  });
  expect(run({})).toMatchObject({ status: 74, stdout: '' });
});

it('the manifests for Kubernetes are YAML in which every name leads somewhere', () => {
  const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(PAGE) ?? [];
  const script = 'import json,sys,yaml; print(json.dumps(list(yaml.safe_load_all(sys.stdin))))';
  const [config, pod] = JSON.parse(execFileSync('/usr/bin/python3', ['-c', script], { input: yaml, encoding: 'utf8' }));
  expect([config.kind, Object.keys(config.data), pod.kind]).toEqual(['ConfigMap', ['gmail.json'], 'Pod']);
  const { volumes, initContainers, containers } = pod.spec;
  const names = volumes.map(({ name }: { name: string }) => name);
  expect(volumes[0].configMap.name).toBe(config.metadata.name);
  for (const container of [...initContainers, ...containers]) {
    const mounts: readonly { name: string; mountPath: string }[] = container.volumeMounts;
    expect(mounts.map(({ name }) => name).filter((name) => !names.includes(name))).toEqual([]);
    const env = Object.fromEntries(container.env.map(({ name, value }: Record<string, string>) => [name, value]));
    const paths = mounts.map(({ mountPath }) => mountPath);
    expect(paths.some((path) => env.MAILAUTH_CONFIG_DIR.startsWith(`${path}/`))).toBe(true);
    expect(paths.some((path) => env.VAULT_CACERT.startsWith(`${path}/`))).toBe(true);
    expect(env.VAULT_ROLE).toBeTruthy();
  }
  expect(initContainers[0].command).toEqual(['mailauth', 'import', '/record/gmail.json']);
});
