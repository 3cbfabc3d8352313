import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { makeKeyFile } from '../../../src/store/file/key.js';
import { compiledProgram } from '../../process/program.js';
import { KEY, run } from '../../servers/terminal.js';

const program = compiledProgram();
const folder = mkdtempSync(join(tmpdir(), 'mailauth-domain-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The program in namespaces in which the domain is all there is. What is in them ends with it. */
const DOMAIN = `
  ip link set lo up
  mount --bind "$FOLDER/resolv.conf" /etc/resolv.conf
  "$NODE" --import tsx "$SCRIPT" "$FOLDER" >"$FOLDER/log" 2>&1 &
  tries=0
  until [ -e "$FOLDER/ready" ]; do
    tries=$((tries + 1))
    [ $tries -lt 150 ] || { cat "$FOLDER/log" >&2; exit 99; }
    sleep 0.2
  done
  "$@"`;

/** A program alone in a folder of its own, beside the domain. */
const BESIDE = 'unshare --net --mount --pid --fork --kill-child --mount-proc sh -ec "$DOMAIN" sh "$@"';

function placeIn(name: string) {
  const home = join(folder, name);
  mkdirSync(home);
  writeFileSync(join(home, 'resolv.conf'), 'nameserver 127.0.0.1\n');
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    FOLDER: home,
    NODE: process.execPath,
    SCRIPT: fileURLToPath(new URL('./domain.ts', import.meta.url)),
    NODE_EXTRA_CA_CERTS: join(home, 'ca.pem'),
    DOMAIN,
  };
  return { home, env };
}

test('a domain tells its servers, its mail server the issuer, and the issuer that programs may register', async () => {
  const { home, env } = placeIn('asked');
  const ran = await program.run(['discover', 'reception@happypaws.example', '--json'], { env, shell: BESIDE });
  expect(ran).toMatchObject({ code: 0, stderr: expect.not.stringMatching(/Error/) });
  const port = Number(readFileSync(join(home, 'ready'), 'utf8'));
  const document = 'https://id.happypaws.example/.well-known/openid-configuration';
  expect(JSON.parse(ran.stdout)).toEqual({
    schema: 'mailauth.discovery/1',
    address: 'reception@happypaws.example',
    provider: null,
    tenant: null,
    cloud: null,
    advice: null,
    smtp: { host: 'smtp.happypaws.example', port: 465, security: 'tls' },
    imap: { host: 'imap.happypaws.example', port, security: 'tls' },
    pop: null,
    issuer: 'https://id.happypaws.example',
    registration: 'https://id.happypaws.example/reg',
    sources: [
      { value: 'smtp', source: 'SRV _submissions._tcp.happypaws.example' },
      { value: 'imap', source: 'SRV _imaps._tcp.happypaws.example' },
      { value: 'issuer', source: `the IMAP server imap.happypaws.example: ${document}` },
      { value: 'registration', source: 'https://id.happypaws.example/.well-known/oauth-authorization-server' },
    ],
  });
});

test('a person who types the address, confirms what the domain says and signs in has a mailbox that works', async () => {
  const { home, env } = placeIn('at-a-terminal');
  const key = join(home, 'key');
  await makeKeyFile(key);
  const command = [process.execPath, join(program.folder(), 'bin', 'mailauth.js')];
  const typed = ['setup', 'reception@happypaws.example', '--store', 'file'];
  const settings = { ...env, MAILAUTH_KEY_FILE: key, BROWSER: join(home, 'browser') };
  const script = [...command, ...typed];
  const terminal = run('/bin/sh', ['-c', BESIDE, 'sh', ...script], { env: settings, timeout: 40_000 });
  onTestFinished(() => terminal.kill('SIGKILL'));
  await terminal.expect('Other provider: happypaws.example names its servers');
  const prompts: readonly (readonly [RegExp, string?])[] = [
    [/Number 1 to \d+:/],
    [/Issuer:.*id\.happypaws\.example/],
    // Nobody answers at the server for sending.
    [/Leave out sending/, 'y'],
    [/Leave out receiving/],
    [/IMAP host.*imap\.happypaws\.example/],
    [/IMAP port:/],
    [/Number 1 to 2:/],
    [/Use POP/],
    [/Enter when done:/],
    [/Keep these details[\s\S]*Number 1 to 2:/],
    [/OK {2}the issuer answers[\s\S]*lets programs register themselves\.[\s\S]*Number 1 to 2:/],
    // Those that tell who signs in are enough here.
    [/Scope:/],
    [/Press Enter to open it:/],
  ];
  for (const [prompt, answer = ''] of prompts) {
    await terminal.expect(prompt);
    await terminal.settled();
    terminal.send(`${answer}${KEY.enter}`);
  }
  await terminal.expect(/OK +receive +imap\.happypaws\.example:\d+ +inbox opened/);
  await terminal.expect('OK  reception@happypaws.example is set up, as custom');
  expect(await terminal.exited()).toMatchObject({ code: 0 });
  // Nobody has opened a console, or typed anything but the address.
  expect(terminal.text()).not.toMatch(/Client (?:ID|secret):/i);
});
