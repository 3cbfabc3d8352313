/** Files that a run loads before the program: what the surroundings of a process do, when a test cannot be them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The flag of node that loads this code first. */
export function preload(folder: string, name: string, code: string): string {
  const path = join(folder, `${name}.mjs`);
  writeFileSync(path, code);
  return `--import=${path}`;
}

/**
 * A resolver of the test's own. `answer` is the code of a function from a host name to a list of addresses, an error
 * code, or undefined for no answer ever; names it does not know are the system's.
 */
export function resolver(folder: string, answer: string): string {
  return preload(
    folder,
    'resolver',
    `import dns from 'node:dns';
     import { isIPv6 } from 'node:net';
     import { syncBuiltinESMExports } from 'node:module';
     const answer = ${answer};
     const real = dns.lookup;
     const fail = (hostname, code) =>
       Object.assign(new Error('getaddrinfo ' + code + ' ' + hostname), { code, errno: -3001, syscall: 'getaddrinfo', hostname });
     dns.lookup = (hostname, options, done) => {
       const callback = done ?? options;
       const { all = false } = typeof options === 'object' ? options : {};
       const found = answer(hostname);
       if (found === 'ask the system') return real(hostname, options, callback);
       if (found === undefined) return;
       if (typeof found === 'string') return setImmediate(() => callback(fail(hostname, found)));
       const list = found.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
       setImmediate(() => (all ? callback(null, list) : callback(null, list[0].address, list[0].family)));
     };
     dns.promises.lookup = (hostname, options) =>
       new Promise((resolve, reject) =>
         dns.lookup(hostname, options, (error, ...found) =>
           error ? reject(error) : resolve(options?.all ? found[0] : { address: found[0], family: found[1] })));
     syncBuiltinESMExports();`,
  );
}

/** For `--import`. A signal before that would end the process, as it ends any other. */
export const SAYS_WHEN_SIGNALS_ARE_HEARD = `data:text/javascript,${encodeURIComponent(
  "process.on('newListener', (name) => name === 'SIGHUP' && process.stderr.write('signals are heard'))",
)}`;
