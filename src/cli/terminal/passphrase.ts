import { Secret } from '../../words/secret.js';
import { keyIn } from './keys.js';
import { stopped } from './prompts.js';
import { paragraph, type Terminal } from './terminal.js';

/** Shorter ones are found by trying (NIST SP 800-63B-4, section 3.1.1.2, asks for eight where nothing else protects). */
const SHORTEST = 8;

const HELP =
  'It protects the file that holds your secrets, and is asked for whenever one is needed. A mail program or cron cannot type it: for those stop here, make a key file with mailauth key FILE, and begin again.';

/** A passphrase; a new one is typed twice. No key is ever taken for one. */
export async function askPassphrase(terminal: Terminal, isNew: boolean): Promise<Secret> {
  const { tell } = terminal;
  if (!isNew) return new Secret(await read(terminal, 'Passphrase of the encrypted file (hidden):'));
  tell('info', 'The passphrase is asked for whenever a secret is needed. Nobody can recover a lost one.');
  tell('info', 'Programs that run by themselves cannot type it: they need a key file instead (? says how).');
  for (;;) {
    const one = await read(terminal, 'Passphrase of the encrypted file (hidden):');
    if (one.length < SHORTEST) {
      tell('fail', one === '' ? 'an empty passphrase protects nothing' : `take at least ${SHORTEST} characters`);
      continue;
    }
    const two = await read(terminal, 'The same passphrase once more (hidden):');
    if (one === two) return new Secret(one);
    tell('fail', 'the two passphrases differ');
  }
}

async function read(terminal: Terminal, message: string): Promise<string> {
  for (;;) {
    const typed = await terminal.prompts.hidden(message);
    const key = keyIn(typed);
    if (key === undefined) return typed;
    if (key === 'quit' || key === 'back') throw stopped();
    terminal.say(...paragraph(terminal, HELP));
  }
}
