import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { setScene } from '../../exposure/scene.js';
import { compiledProgram } from '../../process/program.js';

const program = compiledProgram();

/** A name server that takes every question and answers none, for a program in namespaces of its own. */
const SILENT = `
  ip link set lo up
  mount --bind "$RESOLV_CONF" /etc/resolv.conf
  "$NODE" -e "require('dgram').createSocket('udp4').bind(53, '127.0.0.9')" &
  sleep 0.5
  exec "$@"`;

test('N06 a question about a name that the system still has open does not keep the program long after its end', async () => {
  const scene = await setScene({ tokenEndpoint: () => 'https://login.happypaws.example/token' });
  const resolvConf = join(scene.home, 'resolv.conf');
  writeFileSync(resolvConf, 'nameserver 127.0.0.9\n');
  const ran = await program.run(['check', '--json', '--verbose', '--only', 'imap'], {
    env: { ...scene.env, PATH: process.env['PATH'], RESOLV_CONF: resolvConf, NODE: process.execPath, SILENT },
    shell: 'unshare --map-root-user --net --mount --pid --fork --kill-child --mount-proc sh -ec "$SILENT" sh "$@"',
  });
  expect(ran.code).toBe(75);
  const gaveUp = Number(/([\d.]+) s {2}POST login.happypaws.example\/token failed at dns/.exec(ran.stderr)?.[1]);
  // The system's own patience is ten seconds, five of them after the program's.
  expect(ran.milliseconds / 1000 - gaveUp).toBeLessThan(4);
});
