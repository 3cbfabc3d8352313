/**
 * Breaks the parts that everything else relies on, one small way at a time, in a copy of the sources, and runs their
 * tests: `npm run mutate`, or of some files alone: `npm run mutate store/ echo.ts`. Every change must make one fail.
 * Ends with 1 when one goes unnoticed.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export interface Mutation {
  readonly file: string;
  /** What is broken, in words. */
  readonly breaks: string;
  /** Occurs exactly once in the file. */
  readonly from: string;
  readonly to: string;
  readonly tests: readonly string[];
}

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

const mutationsOf =
  (file: string, ...tests: readonly string[]) =>
  (breaks: string, from: string, to: string): Mutation => ({ file, breaks, from, to, tests });

const judge = mutationsOf('src/oauth/response.ts', 'test/oauth/response.test.ts');
const redactor = mutationsOf('src/words/redact.ts', 'test/words/redact.test.ts');
const echo = mutationsOf('src/words/echo.ts', 'test/words/redact.test.ts');
const sanitiser = mutationsOf('src/words/sanitise.ts', 'test/words/sanitise.test.ts');
const lock = mutationsOf('src/store/lock.ts', 'test/store/lock.test.ts');
const sealed = mutationsOf('src/store/file/sealed.ts', 'test/store/file/file-store.test.ts');
const bug = mutationsOf('src/render/bug.ts', 'test/exposure/crash.test.ts');
const wire = mutationsOf('src/mail/connection.ts', 'test/mail/starttls.test.ts', 'test/mail/tls.test.ts');
const network = mutationsOf('src/system/network.ts', 'test/system/network.test.ts');
const handshake = mutationsOf('src/system/handshake.ts', 'test/system/network.test.ts', 'test/system/tunnel.test.ts');
const proxy = mutationsOf('src/system/proxy.ts', 'test/system/proxy.test.ts');
const tunnel = mutationsOf('src/system/tunnel.ts', 'test/system/tunnel.test.ts');

const recovery = mutationsOf('src/flows/setup/recover.ts', 'test/flows/setup/recover.test.ts');
const answers = mutationsOf('src/flows/setup/answers.ts', 'test/flows/setup/recover.test.ts');
const draft = mutationsOf('src/flows/setup/draft.ts', 'test/cli/recovery.test.ts');
const setupState = mutationsOf('src/flows/setup/state.ts', 'test/cli/recovery.test.ts');
const given = mutationsOf('src/flows/setup/secrets.ts', 'test/cli/recovery.test.ts');

export const MUTATIONS: readonly Mutation[] = [
  judge('an answer without our state is judged all the same', 'if (!knowsState) {', 'if (query.has("never")) {'),
  judge(
    'an error is heard before the issuer is looked at',
    'if (iss !== null && !isIssuer',
    'if (!query.has("error") && iss !== null && !isIssuer',
  ),
  judge('any issuer will do', 'if (iss === issuer) return true;', 'if (iss !== "") return true;'),
  judge(
    'a missing issuer is forgiven',
    'if (iss === null && expected.issInResponse) {',
    'if (iss === "" && expected.issInResponse) {',
  ),
  judge('doubled parameters are taken', 'query.getAll(name).length > 1', 'query.getAll(name).length > 2'),
  judge(
    'a beginning of the state is enough',
    'a.length === b.length && a.length > 0 && timingSafeEqual(a, b)',
    'a.length > 0 && b.subarray(0, a.length).equals(a)',
  ),
  judge('the empty state equals itself', 'a.length === b.length && a.length > 0 &&', 'a.length === b.length &&'),
  judge('a code may be anything', '/^[\\x20-\\x7e]+$/.test(code)', '/^/.test(code)'),
  judge(
    'a pasted address may be anybody\u2019s',
    'url.host !== redirect.host || url.pathname !== redirect.pathname',
    'url.pathname !== redirect.pathname',
  ),
  redactor('what was sent stays', 'redactKnownShapes(maskEchoes(text, values))', 'redactKnownShapes(text)'),
  echo('one alignment of base64 is forgotten', '[0, 1, 2, 3].map', '[0, 1, 2].map'),
  echo('hexadecimal stays', 'return [...base64, ...hex];', 'return base64;'),
  echo('percent signs stay', '|%([0-9a-f]{2})|', '|%%([0-9a-f]{2})|'),
  echo('base64url stays', '/[A-Za-z0-9+/_-]{11,}/g', '/[A-Za-z0-9+/]{11,}/g'),
  echo(
    'only a whole secret is found',
    'at + PART <= spelling.length; at++',
    'at + PART <= spelling.length; at += spelling.length',
  ),
  sanitiser('bidi and zero width pass', '\\\\p{Cf}', ''),
  sanitiser('controls pass', '\\\\p{Cc}', ''),
  sanitiser('line ends stay', '[\\\\r\\\\n\\\\t\\\\p{Zs}', '[\\\\t\\\\p{Zs}'),
  sanitiser('there is no limit', ').length > limit', ').length > 1e9'),
  lock('a living holder is broken', 'if (!(await isDead(path, body, leaseMs))) return false;', ''),
  lock(
    'what is broken is not looked at again',
    '(await readBody(path)) === body && (await isDead(path, body, leaseMs))',
    'body !== ""',
  ),
  lock(
    'the start time of a process does not count',
    "if (found !== '-') return found !== started;",
    "if (found !== '-') return found === undefined;",
  ),
  lock(
    'a lock that was taken away is not noticed',
    'if ((await readBody(claim.path)) === claim.body) return;',
    'return;',
  ),
  lock(
    'whoever leaves takes the lock of another along',
    'if ((await readBody(claim.path)) === claim.body) await retryOnWindows(() => unlink(claim.path));',
    'await unlink(claim.path);',
  ),
  sealed('the header is not authenticated', 'decipher.setAAD(sealed.authenticated);', ''),
  sealed('any stretching is done', 'log2N === SCRYPT.log2N && ', ''),
  sealed('a key of the other kind is taken', 'const plain = kdf === KDF_NONE &&', 'const plain ='),
  bug('every message is shown', "(code ?? '(words kept back)')", 'error.message'),
  wire(
    'STARTTLS need not be offered',
    "if (!state.heard.some((line) => syntax.offersStarttls.test(line))) throw failure('STARTTLS_MISSING');",
    '',
  ),
  wire('a refused STARTTLS is passed over', "throw failure('STARTTLS_REFUSED');", '{}'),
  wire('a common name is enough', 'if (certificate.subjectaltname !== undefined) return', 'return'),
  wire('the environment may switch the check off', 'rejectUnauthorized: true,', ''),
  handshake('the environment may switch the check off', 'rejectUnauthorized: true,', ''),
  handshake('a server or a proxy may be anybody', 'rejectUnauthorized: true,', 'rejectUnauthorized: false,'),
  network(
    'redirects are followed',
    'answerTo(asking, init.body)',
    "answerTo(asking, init.body).then((answer) => (answer.status > 300 ? requesting(agent, deadlines, options)(String(answer.headers.get('location')), init) : answer))",
  ),
  network('an answer may have any length', 'if (size > BODY_LIMIT)', 'if (size > 1e12)'),
  proxy('loopback goes through the proxy', 'proxy === undefined || isLoopback(host) ||', 'proxy === undefined ||'),
  recovery('an answer at fault stays', "if (choice === 'correct') {", "if (choice === 'never') {"),
  recovery('whoever stops goes on', "if (choice === 'stop') throw ending;", ''),
  recovery('a refused secret is not asked for', 'client_secret_wrong: [CLIENT_SECRET],', ''),
  recovery('the last answer is proposed again', 'questions.length === 1);', 'false);'),
  recovery('a wait whose time is over goes on', "if (waited === 'over') throw ending;", ''),
  recovery('a wait does not go on', "if (waited === 'again') return;", ''),
  recovery('whoever goes back stays', "if (choice === 'back') stepBack(setup);", ''),
  recovery('a busy port stays', "if (choice === 'port') await moveListener(setup);", ''),
  recovery('a wait that is broken off asks nobody', "=== 'declined') await recover", "=== 'again') await recover"),
  recovery('a step that is named is named over', 'problem.fix.some((fix) => fix.step !== undefined)', 'false'),
  recovery('who cannot fix it is sent to a step', "problem.who !== 'you' ||", ''),
  recovery('nobody is told to come back', 'problem.settles ? withPatience(problem, setup) : problem', 'problem'),
  recovery('steps that show the old port stay done', 'shows.some((item) => item.id === id)', 'false'),
  answers(
    'a refused secret is proposed again',
    'if (isAlone || question === CLIENT_SECRET) forget',
    'if (isAlone) forget',
  ),
  answers('a refused secret stays in the store', 'noteReplaced(setup, question, before.entry);', ''),
  draft('secrets of an account go with a draft', 'return ids.filter((id) => !named.has(id));', 'return ids;'),
  draft('a spent token goes with a refused change', 'question === REFRESH_TOKEN || !isStored', '!isStored'),
  given('a spent token is sent again', 'broughtAs === hashOf(secret) ||', ''),
  given('the successor in another draft is not found', ': await broughtElsewhere(setup)', ': []'),
  setupState('a proof holds for other answers', '=== proofNow(setup, verification);', '!== undefined;'),
  tunnel('words of the proxy enter the tunnel', 'else if (head.length > 0) reject', 'else if (head.length < 0) reject'),
];

/** Whether the tests pass. */
function pass(copy: string, tests: readonly string[]): boolean {
  const vitest = join(copy, 'node_modules/vitest/vitest.mjs');
  const args = ['run', '--config', 'test/vitest.config.ts', '--bail=1', '--silent=true', ...tests];
  const { status } = spawnSync(process.execPath, [vitest, ...args], { cwd: copy, stdio: 'ignore', timeout: 600_000 });
  if (status === null) throw new Error(`${tests.join(' and ')} did not come to an end`);
  return status === 0;
}

/** Whether the tests notice. */
function isNoticed(copy: string, { file, from, to, tests }: Mutation): boolean {
  const path = join(copy, file);
  const whole = readFileSync(path, 'utf8');
  // A replacement by a function, since `$` has a meaning in a text.
  writeFileSync(
    path,
    whole.replace(from, () => to),
  );
  const noticed = !pass(copy, tests);
  writeFileSync(path, whole);
  return noticed;
}

function main(): number {
  const named = process.argv.slice(2);
  const chosen = MUTATIONS.filter(({ file }) => named.length === 0 || named.some((name) => file.includes(name)));
  const copy = mkdtempSync(join(tmpdir(), 'mailauth-mutations-'));
  try {
    for (const part of [
      'src',
      'test',
      'bin',
      'docs',
      'man',
      'build.js',
      'packaging',
      'package.json',
      'package-lock.json',
      'tsconfig.json',
      'README.md',
      'LICENSE',
      'SECURITY.md',
    ]) {
      cpSync(join(ROOT, part), join(copy, part), { recursive: true });
    }
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    const all = [...new Set(chosen.flatMap(({ tests }) => tests))];
    if (!pass(copy, all)) throw new Error('the tests fail before anything is broken');
    const survivors = chosen.filter((mutation) => {
      const noticed = isNoticed(copy, mutation);
      process.stdout.write(`${noticed ? 'noticed  ' : 'UNNOTICED'}  ${mutation.file}: ${mutation.breaks}\n`);
      return !noticed;
    });
    process.stdout.write(`${chosen.length - survivors.length} of ${chosen.length} noticed\n`);
    return survivors.length === 0 ? 0 : 1;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.exitCode = main();
