/** The units of systemd and the property list of launchd that docs/running.md prints, read by programs that know them. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'mailauth-units-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const page = readFileSync(new URL('../../../docs/running.md', import.meta.url), 'utf8');
const blocksOf = (language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, text = '']) => text);

/** The units by the file names that stand before them; those of IMAP and POP differ from SMTP's in the port alone, as the page says. */
function units(): ReadonlyMap<string, string> {
  const names = [...page.matchAll(/`\/etc\/systemd\/system\/([\w.-]+)`/g)].map(([, name = '']) => name);
  const found = new Map(blocksOf('ini').map((text, index) => [names[index] ?? '', text]));
  const smtp = found.get('mailauth-smtp.socket') ?? '';
  for (const [protocol, port] of [
    ['imap', '1143'],
    ['pop', '1110'],
  ] as const) {
    found.set(`mailauth-${protocol}.socket`, smtp.replace('1587', port));
  }
  return found;
}

test('systemd takes every unit without a word', () => {
  const found = units();
  expect([...found.keys()].sort()).toEqual([
    'mailauth-check.service',
    'mailauth-check.timer',
    'mailauth-imap.socket',
    'mailauth-pop.socket',
    'mailauth-smtp.socket',
    'mailauth.service',
  ]);
  for (const [name, text] of found) {
    // The program and the person of the page are not on this machine.
    const here = text.replaceAll('/usr/local/bin/mailauth', process.execPath).replaceAll('User=pat', 'User=root');
    writeFileSync(join(folder, name), here);
  }
  const paths = [...found.keys()].map((name) => join(folder, name));
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', ...paths], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  // It is heard where something is wrong, which it only warns of.
  writeFileSync(join(folder, 'wrong.service'), `${readFileSync(join(folder, 'mailauth.service'), 'utf8')}Bogus=1\n`);
  const wrong = spawnSync('systemd-analyze', ['verify', join(folder, 'wrong.service')], { encoding: 'utf8' });
  expect(wrong.stderr).toContain("Unknown key 'Bogus'");
});

// launchd itself and its plutil are on a Mac alone; Python reads the same format.
test('the property list for launchd is one, and starts the server', () => {
  const [plist = ''] = blocksOf('xml');
  const script = 'import sys, json, plistlib; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))';
  const { stdout, stderr } = spawnSync('python3', ['-c', script], { input: plist, encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toMatchObject({
    Label: 'mailauth.serve',
    ProgramArguments: ['/usr/local/bin/mailauth', 'serve'],
    RunAtLoad: true,
    KeepAlive: true,
  });
});
