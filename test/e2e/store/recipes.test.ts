/** What docs/fleet.md tells an administrator to type, or to hand to Kubernetes. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ROLE, startVault } from '../../servers/vault.js';
import { openHosts } from '../../swarm/hosts.js';
import { openHome, started } from '../../swarm/scene.js';

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

interface Container {
  readonly command?: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}

/** The manifests, as Kubernetes reads them. */
function manifests() {
  const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(PAGE) ?? [];
  const script = 'import json,sys,yaml; print(json.dumps(list(yaml.safe_load_all(sys.stdin))))';
  const [config, pod] = JSON.parse(execFileSync('/usr/bin/python3', ['-c', script], { input: yaml, encoding: 'utf8' }));
  const [init, main]: readonly Container[] = [...pod.spec.initContainers, ...pod.spec.containers];
  if (init === undefined || main === undefined) throw new Error('a container is missing');
  return { config, pod, init, main };
}

it('the manifests for Kubernetes are YAML in which every name leads somewhere', () => {
  const { config, pod, init, main } = manifests();
  expect([config.apiVersion, config.kind, Object.keys(config.data)]).toEqual(['v1', 'ConfigMap', ['gmail.json']]);
  expect([pod.apiVersion, pod.kind, Object.keys(pod.spec).sort()]).toEqual([
    'v1',
    'Pod',
    ['containers', 'initContainers', 'serviceAccountName', 'volumes'],
  ]);
  const { volumes } = pod.spec;
  const names = volumes.map(({ name }: { name: string }) => name);
  expect(volumes[0].configMap.name).toBe(config.metadata.name);
  for (const { volumeMounts, env: given } of [init, main]) {
    expect(volumeMounts.map(({ name }) => name).filter((name) => !names.includes(name))).toEqual([]);
    const env = Object.fromEntries(given.map(({ name, value }) => [name, value]));
    const paths = volumeMounts.map(({ mountPath }) => mountPath);
    expect(paths.some((path) => env['MAILAUTH_CONFIG_DIR']?.startsWith(`${path}/`))).toBe(true);
    expect(paths.some((path) => env['VAULT_CACERT']?.startsWith(`${path}/`))).toBe(true);
  }
});

it('the containers of Kubernetes, run as programs with its variables and files, import the account and print a token', async () => {
  const vault = await startVault();
  const folder = mkdtempSync(join(tmpdir(), 'mailauth-pod-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['record', 'config', 'vault-ca']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'vault-ca/ca.pem'), vault.authority.cert);
  writeFileSync(join(folder, 'token'), ROLE.jwt);
  // What somebody has set up elsewhere, and exported.
  const set = { VAULT_CACERT: join(folder, 'vault-ca/ca.pem'), VAULT_TOKEN: 'the-token' };
  const { hosts } = await openHosts({ kind: 'vault', at: `${vault.origin}/secret/team` }, set, { count: 1 });
  const record = await hosts[0]?.run(['export', 'outlook', '--format', 'account']);
  writeFileSync(join(folder, 'record/gmail.json'), record?.stdout ?? '');
  const { init, main } = manifests();
  const here = (path: string): string => (path.startsWith('/') ? join(folder, path) : path);
  const inside = ({ env }: Container): NodeJS.ProcessEnv => ({
    PATH: '/usr/bin:/bin',
    HOME: folder,
    // The place of the pod's own token is fixed, and not ours to write to.
    VAULT_KUBERNETES_TOKEN_FILE: join(folder, 'token'),
    ...Object.fromEntries(env.map(({ name, value }) => [name, here(value)])),
  });
  const [program, ...args] = init.command ?? [];
  expect(program).toBe('mailauth');
  const imported = await started(args.map(here), inside(init)).ended;
  expect([imported.code, imported.stdout], imported.stderr).toEqual([0, '']);
  expect(await started(['token', 'outlook'], inside(main)).ended).toMatchObject({
    code: 0,
    stdout: 'access-1-2\n',
    stderr: '',
  });
  expect(vault.requests).toContain('POST /v1/auth/kubernetes/login');
});
