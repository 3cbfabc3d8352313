import { describe, expect, it } from 'vitest';
import { type MachineFacts, type Place, reachHints, surroundingsOf } from '../../src/system/surroundings.js';

const desktop: MachineFacts = {
  env: { HOME: '/home/pat', DISPLAY: ':0', SSH_AUTH_SOCK: '/run/agent' },
  kernel: '6.1.0-25-amd64',
  containerMark: false,
  user: 'pat',
  host: 'clinic',
};
const SSH = { SSH_CONNECTION: '203.0.113.7 51234 192.0.2.10 22' };
const ways = { redirectUri: 'http://localhost:8766/callback', canPaste: true };

const at = (env: Record<string, string>, more: Partial<MachineFacts> = {}) =>
  surroundingsOf({ ...desktop, env: { ...desktop.env, ...env }, ...more });
const said = (hints: ReturnType<typeof reachHints>): string => hints.map(({ text }) => text).join(' ');

describe('L34 where the program runs', () => {
  it.each<[Place, Record<string, string>, Partial<MachineFacts>]>([
    ['here', {}, {}],
    ['here', { CODESPACES: 'false', CLOUD_SHELL: '', SSH_TTY: '' }, {}],
    ['ssh', SSH, {}],
    ['ssh', { SSH_CLIENT: '203.0.113.7 51234 22' }, {}],
    ['ssh', { SSH_TTY: '/dev/pts/0' }, {}],
    ['container', {}, { containerMark: true }],
    ['container', { container: 'podman' }, {}],
    ['container', { KUBERNETES_SERVICE_HOST: '10.0.0.1' }, {}],
    ['wsl', { WSL_DISTRO_NAME: 'Debian' }, {}],
    ['wsl', {}, { kernel: '5.15.153.1-microsoft-standard-WSL2' }],
    ['codespace', { CODESPACES: 'true' }, { containerMark: true }],
    ['cloud-shell', { CLOUD_SHELL: 'true' }, { containerMark: true }],
    ['cloud-shell', { ACC_CLOUD: 'PROD' }, {}],
    ['cloud-shell', { AZUREPS_HOST_ENVIRONMENT: 'cloud-shell/1.0' }, {}],
    ['cloud-shell', { AWS_EXECUTION_ENV: 'CloudShell' }, {}],
    ['here', { AWS_EXECUTION_ENV: 'AWS_ECS_EC2' }, {}],
    // A container engine on Windows runs on WSL's kernel, and a server may be a container with an SSH server.
    ['container', {}, { containerMark: true, kernel: '5.15.153.1-microsoft-standard-WSL2' }],
    ['ssh', SSH, { containerMark: true }],
    ['ssh', { ...SSH, WSL_DISTRO_NAME: 'Debian' }, {}],
    ['codespace', { ...SSH, CODESPACES: 'true' }, {}],
  ])('%s: %j %j', (place, env, more) => {
    expect(at(env, more).place).toBe(place);
  });
});

describe('L34 what is said under the address', () => {
  it('nothing where the browser is most likely here', () => {
    expect(reachHints(at({}), { ...ways, begin: 'mailauth authorize x --begin' })).toEqual([]);
  });

  it('over SSH the exact line, with the port of the address', () => {
    const [first] = reachHints(at(SSH), ways);
    expect(first?.command).toBe('ssh -L 8766:localhost:8766 pat@clinic');
    const [other] = reachHints(at(SSH), { ...ways, redirectUri: 'http://127.0.0.1:40123/callback' });
    expect(other?.command).toBe('ssh -L 40123:localhost:40123 pat@clinic');
  });

  it('names the port of the SSH server where it is not the usual one', () => {
    const [first] = reachHints(at({ SSH_CONNECTION: '203.0.113.7 51234 192.0.2.10 2222' }), ways);
    expect(first?.command).toBe('ssh -L 8766:localhost:8766 pat@clinic -p 2222');
  });

  it.each([
    ['$(reboot)', 'clinic'],
    ['pat', 'clinic; reboot'],
    ['-oProxyCommand=x', 'clinic'],
    [undefined, 'clinic'],
    ['pat', ''],
  ])('a line to copy holds no name that a shell would read otherwise: %s@%s', (user, host) => {
    const facts = at({ SSH_CONNECTION: '1 2 3 $(reboot)' }, { user, host });
    expect(reachHints(facts, ways)[0]?.command).toBe('ssh -L 8766:localhost:8766 USER@HOST');
  });

  const elsewhere = [SSH, { CODESPACES: 'true' }, { CLOUD_SHELL: '1' }, { container: 'x' }, { WSL_INTEROP: 'x' }];

  it.each(elsewhere)('with a prompt the paste is named, and the code where there is one: %j', (env) => {
    const hints = reachHints(at(env), { ...ways, begin: 'BEGIN', device: 'DEVICE' });
    expect(said(hints)).toContain('paste its whole address below');
    expect(hints.map(({ command }) => command)).toContain('DEVICE');
    expect(hints.map(({ command }) => command)).not.toContain('BEGIN');
    expect(reachHints(at(env), ways).map(({ command }) => command)).not.toContain('DEVICE');
  });

  it.each(elsewhere)('without a prompt the two steps are named: %j', (env) => {
    const hints = reachHints(at(env), { ...ways, canPaste: false, begin: 'BEGIN' });
    expect(said(hints)).not.toContain('paste');
    expect(hints.map(({ command }) => command)).toContain('BEGIN');
  });
});
