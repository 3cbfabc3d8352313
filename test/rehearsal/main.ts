/** The rehearsal: the main job from nothing to two proven mailboxes, on this computer alone. */
import {
  checkBoth,
  failOnPurpose,
  findLeaks,
  letAppsIn,
  removeBoth,
  setUpGmail,
  setUpOutlook,
  takeToken,
} from './acts.js';
import { byHand } from './by-hand.js';
import { openProgramme, type Programme } from './programme.js';
import { type Stage, setStage } from './stage.js';

const OPENING = `mailauth, rehearsed on this computer: two mailboxes from nothing to proven.

Real    the program (bin/mailauth.js) in a terminal, with every step of both guides
        OAuth 2.0 by an authorization server (oidc-provider) over TLS, in Google's and Microsoft's layout
        XOAUTH2 logins to an SMTP server and to an IMAP server over TLS, which ask about each token
        the encrypted file with a key file, in a home folder that is deleted at the end
%PLAYED%
Left    your keychain, your home folder and the internet are not touched`;

const PLAYED = `Played  Google's and Microsoft's consoles and sign-in pages, the person at the keyboard, and the browser (a script named in BROWSER)`;
const PLAYED_BY_HAND = `Played  Google's and Microsoft's consoles and sign-in pages
You     have the keyboard and the browser`;

const isByHand = process.argv.includes('--by-hand');
/** Whose set-up comes first, where the reader has a wish: `--by-hand outlook`. */
const first = process.argv.includes('outlook') ? 'outlook' : 'gmail';

async function playByItself(stage: Stage, programme: Programme): Promise<number> {
  programme.heading('A key for the encrypted file');
  await programme.inTerminal(['key', stage.keyFile]);
  const gmail = await setUpGmail(stage, programme);
  const outlook = await setUpOutlook(stage, programme);
  const check = await checkBoth(stage, programme);
  const rest = [
    await takeToken(stage, programme),
    await failOnPurpose(stage, programme),
    await removeBoth(stage, programme),
  ];
  const apps = await letAppsIn(stage, programme);
  const leaks = findLeaks(stage, programme);
  const wrong = [gmail, outlook, check, ...rest, apps].flatMap((finding) => finding.wrong).concat(leaks);
  const proven = wrong.length === 0 && check.mailboxes === 2 && apps.mailboxes === 2;
  const seconds = Math.round(performance.now() / 1000);
  programme.say(
    '',
    ...wrong.map((line) => `wrong: ${line}`),
    `${proven ? 'proven' : 'NOT proven'}: ${gmail.steps} + ${outlook.steps} steps walked, ${check.mailboxes} mailboxes proven by SMTP and IMAP, ${apps.mailboxes} more without any sign-in, ${leaks.length} secrets in any output (${seconds} s)`,
  );
  return proven ? 0 : 1;
}

/** A window that is closed leaves nothing behind either. Ctrl-C with the keyboard in hand is for the wizard. */
function clearWhenStopped(stage: Stage, programme: Programme): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (signal === 'SIGINT' && isByHand) return;
      programme.stop();
      stage.clear().finally(() => process.exit(1));
    });
  }
}

async function main(): Promise<number> {
  const stage = await setStage();
  const programme = openProgramme(stage);
  clearWhenStopped(stage, programme);
  try {
    programme.say(OPENING.replace('%PLAYED%', isByHand ? PLAYED_BY_HAND : PLAYED));
    return await (isByHand ? byHand(stage, programme, first) : playByItself(stage, programme));
  } catch (error) {
    programme.say('', `NOT proven: the rehearsal stopped: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    await stage.clear();
  }
}

process.exitCode = await main();
