import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { compiledProgram } from '../../process/program.js';

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

test('a domain tells its servers, its mail server the issuer, and the issuer that programs may register', async () => {
  writeFileSync(join(folder, 'resolv.conf'), 'nameserver 127.0.0.1\n');
  const ran = await program.run(['discover', 'reception@happypaws.example', '--json'], {
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      FOLDER: folder,
      NODE: process.execPath,
      SCRIPT: fileURLToPath(new URL('./domain.ts', import.meta.url)),
      NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
      DOMAIN,
    },
    shell: 'unshare --net --mount --pid --fork --kill-child --mount-proc sh -ec "$DOMAIN" sh "$@"',
  });
  expect(ran).toMatchObject({ code: 0, stderr: expect.not.stringMatching(/Error/) });
  const port = Number(readFileSync(join(folder, 'ready'), 'utf8'));
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
    registration: 'https://id.happypaws.example/register',
    sources: [
      { value: 'smtp', source: 'SRV _submissions._tcp.happypaws.example' },
      { value: 'imap', source: 'SRV _imaps._tcp.happypaws.example' },
      { value: 'issuer', source: `the IMAP server imap.happypaws.example: ${document}` },
      { value: 'registration', source: document },
    ],
  });
});
