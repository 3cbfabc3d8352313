import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { registerAtGoogle, registerAtMicrosoft } from '../servers/consoles.js';
import type { Programme } from './programme.js';
import { PROGRAM, type Scene, type Stage } from './stage.js';

/** The provider ignores the port of this one, so it holds whichever port the wizard shows. */
const MICROSOFT_REDIRECT = 'http://localhost/callback';

/** One provider's turn: the values that its consoles would have given the reader. */
interface Turn {
  readonly scene: Scene;
  readonly values: Readonly<Record<string, string>>;
}

type Mailauth = (...args: readonly string[]) => Promise<number>;

/**
 * The servers run and the reader has the keyboard and the browser: the program gets this very terminal, the reader's
 * own environment, and a configuration folder of its own. `first` is the provider to begin with. The servers and the
 * folder stay until the reader ends the rehearsal, so that anything can be tried beside and after the wizard.
 */
export async function byHand(stage: Stage, programme: Programme, first: Scene['provider']): Promise<number> {
  if (process.stdin.isTTY !== true || process.stdout.isTTY !== true) {
    programme.say('', '--by-hand needs a terminal; without it the rehearsal plays by itself');
    return 64;
  }
  const settings = { MAILAUTH_CONFIG_DIR: stage.home, MAILAUTH_STORE: 'file', MAILAUTH_KEY_FILE: stage.keyFile };
  const mailauth: Mailauth = (...args) => {
    programme.say('', `$ mailauth ${args.join(' ')}`);
    return inherit(args, { ...process.env, ...settings });
  };
  const turns = await registerAll(stage);
  if (first === 'outlook') turns.reverse();
  programme.say(
    '',
    'Take each proposal of the wizard, and copy these values where it asks for them.',
    'The links to the consoles need not be opened: these values are what the consoles would give you.',
    'Your browser will not know the certificate of the played sign-in pages, which are on this computer: go on past its warning.',
    'Ctrl-C stops the wizard; you are then asked whether it goes on where it stopped.',
  );
  explainSecondTerminal(stage, programme, settings, turns);
  let worst = await mailauth('key', stage.keyFile);
  for (const turn of turns) worst = Math.max(worst, await setUp(turn, mailauth, programme));
  worst = Math.max(worst, await mailauth('check'));
  programme.say(
    '',
    worst === 0
      ? 'both mailboxes are set up and proven'
      : 'not everything was proven; each line above that failed names the next command',
  );
  await ask('The servers run on, for a second terminal. Press Enter to end the rehearsal:');
  return worst;
}

async function registerAll(stage: Stage): Promise<Turn[]> {
  const google = await registerAtGoogle(stage.gmail.authorization, { type: 'desktop', appName: 'mailauth' });
  const microsoft = await registerAtMicrosoft(stage.outlook.authorization, {
    type: 'web',
    appName: 'mailauth',
    redirectUris: [MICROSOFT_REDIRECT],
  });
  return [
    {
      scene: stage.gmail,
      values: {
        Mailbox: stage.gmail.address,
        'Project ID': google.projectId,
        'Client ID': google.clientId,
        'Client secret': google.clientSecret,
      },
    },
    {
      scene: stage.outlook,
      values: {
        Mailbox: stage.outlook.address,
        'Client ID': microsoft.clientId,
        'Tenant ID': microsoft.tenant,
        'Client secret': microsoft.secretValue,
        'Secret expires': microsoft.secretExpires,
      },
    },
  ];
}

/** A wizard scrolls the values away, and whatever else the reader wants to try needs the same folder and servers. */
function explainSecondTerminal(
  stage: Stage,
  programme: Programme,
  settings: Readonly<Record<string, string>>,
  turns: readonly Turn[],
): void {
  const values = join(stage.home, 'values.txt');
  writeFileSync(
    values,
    turns.map(({ scene, values: rows }) => [scene.title, ...table(rows), ''].join('\n')).join('\n'),
  );
  programme.heading('For a second terminal');
  programme.say(
    ...Object.entries(settings).map(([name, value]) => `export ${name}='${value}'`),
    `mailauth() { '${process.execPath}' '${PROGRAM}' "$@"; }`,
    '',
    `The values stand in ${values}.`,
  );
}

/** The same command goes on where it was stopped, as often as the reader likes. */
async function setUp({ scene, values }: Turn, mailauth: Mailauth, programme: Programme): Promise<number> {
  for (;;) {
    programme.heading(`Values for ${scene.title}`);
    programme.say(...table(values));
    const code = await mailauth('setup', scene.provider, ...scene.flags);
    if (code === 0) return code;
    const answer = await ask('Press Enter to run the same command again, or n and Enter for what comes next:');
    if (answer.trim().toLowerCase().startsWith('n')) return code;
  }
}

/** One line from the reader. Ctrl-C and Ctrl-D here end the rehearsal as its signal does. */
async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGTERM'));
  try {
    return await lines.question(`\n${question} `);
  } finally {
    lines.close();
  }
}

function inherit(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], { env, stdio: 'inherit' });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

function table(values: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(values).map(([label, value]) => `  ${label.padEnd(16)}${value}`);
}
