import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { registerAtGoogle, registerAtMicrosoft } from '../servers/consoles.js';
import type { Programme } from './programme.js';
import { PROGRAM, type Scene, type Stage } from './stage.js';

/** The provider ignores the port of this one, so it holds whichever port the wizard shows. */
const MICROSOFT_REDIRECT = 'http://localhost/callback';

/**
 * The servers run and the reader has the keyboard and the browser: the program gets this very terminal, the reader's
 * own environment, and a configuration folder of its own.
 */
export async function byHand(stage: Stage, programme: Programme): Promise<number> {
  if (process.stdin.isTTY !== true || process.stdout.isTTY !== true) {
    programme.say('', '--by-hand needs a terminal; without it the rehearsal plays by itself');
    return 64;
  }
  const env = {
    ...process.env,
    MAILAUTH_CONFIG_DIR: stage.home,
    MAILAUTH_STORE: 'file',
    MAILAUTH_KEY_FILE: stage.keyFile,
  };
  const mailauth = (...args: readonly string[]): Promise<number> => {
    programme.say('', `$ mailauth ${args.join(' ')}`);
    return inherit(args, env);
  };
  const google = await registerAtGoogle(stage.gmail.authorization, { type: 'desktop', appName: 'mailauth' });
  const microsoft = await registerAtMicrosoft(stage.outlook.authorization, {
    type: 'web',
    appName: 'mailauth',
    redirectUris: [MICROSOFT_REDIRECT],
  });
  programme.say(
    '',
    'You have the keyboard and the browser. Take each proposal of the wizard, and copy these values where it asks for them.',
    'The links to the consoles need not be opened: these values are what the consoles would give you.',
    'Your browser will not know the certificate of the played sign-in pages, which are on this computer: go on past its warning.',
    'Ctrl-C stops the wizard, and the same command goes on where it stopped.',
  );
  // A wizard of fourteen steps scrolls the values away.
  const values = join(stage.home, 'values.txt');
  const handOut = (title: string, rows: Readonly<Record<string, string>>): void => {
    programme.heading(`Values for ${title}`);
    programme.say(...table(rows), '', `They also stand in ${values}, for a second terminal.`);
    appendFileSync(values, `${title}\n${table(rows).join('\n')}\n\n`);
  };
  let worst = await mailauth('key', stage.keyFile);
  handOut('Gmail', {
    Mailbox: stage.gmail.address,
    'Project ID': google.projectId,
    'Client ID': google.clientId,
    'Client secret': google.clientSecret,
  });
  worst = Math.max(worst, await setUp(stage.gmail, mailauth));
  handOut('Microsoft Outlook', {
    Mailbox: stage.outlook.address,
    'Client ID': microsoft.clientId,
    'Tenant ID': microsoft.tenant,
    'Client secret': microsoft.secretValue,
    'Secret expires': microsoft.secretExpires,
  });
  worst = Math.max(worst, await setUp(stage.outlook, mailauth));
  worst = Math.max(worst, await mailauth('check'));
  programme.say(
    '',
    worst === 0
      ? 'both mailboxes are set up and proven'
      : 'not everything was proven; run the rehearsal again to start over',
  );
  return worst;
}

function setUp(scene: Scene, mailauth: (...args: readonly string[]) => Promise<number>): Promise<number> {
  return mailauth('setup', scene.provider, ...scene.flags);
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
