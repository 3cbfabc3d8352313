import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scanDirectory } from '../servers/canary.js';
import { registerAtGoogle, registerAtMicrosoft } from '../servers/consoles.js';
import type { Visit } from '../servers/scripted-browser.js';
import { answerPrompts, type Reply } from './autopilot.js';
import type { Output, Programme } from './programme.js';
import type { Scene, Stage } from './stage.js';

/** What an act proved; `wrong` says in words what it did not. */
export interface Finding {
  readonly steps: number;
  readonly mailboxes: number;
  readonly wrong: readonly string[];
}

const APP = 'OpenVPMS';

const NEXT: readonly Reply[] = [
  { prompt: /Enter when done:/, type: '' },
  { prompt: /Press Enter to open it:/, type: '' },
  // Every choice has a proposal, and the proposals are the guide's own way.
  { prompt: /\[(?:Y\/n|y\/N)\]/, type: '' },
  { prompt: /Number 1 to 3:/, about: /Who will use this mailbox/, type: '2' },
  { prompt: /Number 1 to \d+:/, type: '' },
];

export async function setUpGmail(stage: Stage, programme: Programme): Promise<Finding> {
  const { gmail } = stage;
  const console = await registerAtGoogle(gmail.authorization, { type: 'desktop', appName: APP });
  programme.heading('Gmail, steps 1 to 9');
  return setUp(stage, programme, gmail, [
    { prompt: /Mailbox to connect:/, type: gmail.address },
    { prompt: /Project ID:/, type: console.pageAddress },
    { prompt: /Client ID:/, type: console.clientId },
    { prompt: /Client secret[^\n]* \(hidden\):/, type: console.clientSecret },
    ...NEXT,
  ]);
}

export async function setUpOutlook(stage: Stage, programme: Programme): Promise<Finding> {
  const { outlook } = stage;
  programme.heading('Microsoft Outlook, steps 1 to 14');
  let registration: ReturnType<typeof registerAtMicrosoft> | undefined;
  // The console is filled in as the person would do it: with the redirect URI that stands on the screen by then.
  const register = (everythingShown: string): ReturnType<typeof registerAtMicrosoft> => {
    registration ??= registerAtMicrosoft(outlook.authorization, {
      type: 'web',
      appName: APP,
      redirectUris: [/Redirect URI:\s+(http:\S+)/.exec(everythingShown)?.[1] ?? 'http://nowhere.invalid/'],
    });
    return registration;
  };
  const finding = await setUp(stage, programme, outlook, [
    { prompt: /Mailbox to connect:/, type: outlook.address },
    { prompt: /\(client\) ID:/, type: async (shown) => (await register(shown)).clientId },
    { prompt: /\(tenant\) ID:/, type: async (shown) => (await register(shown)).tenant },
    { prompt: /Client secret[^\n]* \(hidden\):/, type: async (shown) => (await register(shown)).secretValue },
    { prompt: /Expiry date[^\n]*:/, type: async (shown) => (await register(shown)).secretExpires },
    ...NEXT,
  ]);
  return finding;
}

async function setUp(stage: Stage, programme: Programme, scene: Scene, replies: readonly Reply[]): Promise<Finding> {
  const args = ['setup', scene.provider, '--app-name', APP, ...scene.flags];
  const output = await programme.inTerminal(args, (terminal) => answerPrompts(terminal, replies));
  const numbers = Array.from({ length: scene.steps }, (_, index) => index + 1);
  const missed = numbers.filter((number) => !output.shown.includes(`STEP ${number} of ${scene.steps} `));
  const visit = JSON.parse(readFileSync(stage.browserRecord, 'utf8')) as Partial<Visit>;
  programme.say('', `(the browser ended on the page "${visit.pages?.at(-1)?.title ?? 'none'}": ${visit.text ?? ''})`);
  return {
    steps: scene.steps - missed.length,
    mailboxes: 0,
    wrong: [
      ...ended(output, 0),
      ...missed.map((number) => `step ${number} of ${scene.title} was not shown`),
      ...(visit.status === 200 ? [] : [`the browser did not reach the page of mailauth at ${scene.title}`]),
    ],
  };
}

const CHECKS = ['store', 'client', 'signin', 'smtp', 'imap'];

/** The parts of `check --json` that are looked at; the whole is in the command reference. */
interface CheckDocument {
  readonly ok: boolean;
  readonly accounts: readonly {
    readonly name: string;
    readonly checks: readonly { readonly id: string; readonly status: string; readonly code?: string }[];
  }[];
}

/** A mailbox counts as proven when `check` says so and its mail servers say so too. */
export async function checkBoth(stage: Stage, programme: Programme): Promise<Finding> {
  programme.heading('Check again, for a person and for a script');
  const human = await programme.inTerminal(['check']);
  const script = await programme.asScript(['check', '--json']);
  const document = parse(script);
  const good = [stage.gmail, stage.outlook].filter((scene) => {
    const checks = document?.accounts.find(({ name }) => name === scene.provider)?.checks ?? [];
    const fine = CHECKS.every((id) => checks.some((check) => check.id === id && check.status === 'ok'));
    return fine && scene.loggedIn().length === 2;
  });
  const wrong = [...ended(human, 0), ...ended(script, 0)];
  return { steps: 0, mailboxes: good.length, wrong };
}

export async function takeToken(stage: Stage, programme: Programme): Promise<Finding> {
  programme.heading('A token for another program');
  const wrong: string[] = [];
  for (const scene of [stage.gmail, stage.outlook]) {
    const output = await programme.asScript(['token', scene.provider], { hush: true });
    const token = output.stdout.replace(/\n$/, '');
    const taken = await scene.authorization.verify(scene.address, token);
    programme.say(
      `(${token.length} characters, not shown here; a mail server ${taken ? 'takes' : 'does not take'} them)`,
    );
    wrong.push(...ended(output, 0), ...(taken ? [] : [`the token of ${scene.title} is not taken by a mail server`]));
  }
  return { steps: 0, mailboxes: 0, wrong };
}

/** What the guide warns of: the client secret expires, and mail stops. */
export async function failOnPurpose(stage: Stage, programme: Programme): Promise<Finding> {
  programme.heading('A failure on purpose: the client secret at Microsoft expires');
  const clientId = stage.outlook.authorization.ledger.at(-1)?.clientId ?? '';
  await stage.outlook.authorization.expireSecret(clientId);
  const check = await programme.inTerminal(['check', 'outlook']);
  const script = await programme.asScript(['check', 'outlook', '--json']);
  const codes = (parse(script)?.accounts ?? []).flatMap(({ checks }) => checks.map(({ code }) => code));
  const explained = await programme.asScript(['explain', 'client_secret_expired']);
  const wrong = [...ended(check, 78), ...ended(script, 78), ...ended(explained, 0)];
  if (!codes.includes('client_secret_expired')) wrong.push('check did not find that the client secret has expired');
  return { steps: 0, mailboxes: 0, wrong };
}

export async function removeBoth(stage: Stage, programme: Programme): Promise<Finding> {
  programme.heading('Remove both');
  const gmail = await programme.inTerminal(['remove', 'gmail', '--yes']);
  const outlook = await programme.inTerminal(['remove', 'outlook', '--yes']);
  const list = await programme.asScript(['list', '--json']);
  const left = (parse(list)?.accounts ?? []).map(({ name }) => name);
  const wrong = [
    ...ended(gmail, 0),
    ...ended(outlook, 0),
    ...ended(list, 0),
    ...left.map((name) => `${name} is still listed`),
  ];
  if (stage.gmail.authorization.revocations.length === 0) wrong.push('the sign-in was not revoked at Google');
  return { steps: 0, mailboxes: 0, wrong };
}

/** A mailbox that nobody signs in to: an administrator lets an app in. */
export async function letAppsIn(stage: Stage, programme: Programme): Promise<Finding> {
  programme.heading('Nobody signs in: an app at each provider');
  const address = 'scanner@happypaws.example';
  const [robot, app] = await Promise.all([
    stage.gmail.authorization.makeServiceAccount(),
    stage.outlook.authorization.registerApp('secret'),
  ]);
  robot.delegate('https://mail.google.com/');
  app.allow('IMAP.AccessAsApp', 'SMTP.SendAsApp');
  const keep = (name: string, text: string): string => {
    const path = join(stage.folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const given = {
    gmail: ['--service-account-file', keep('service-account.json', robot.keyFile)],
    outlook: [
      ...['--tenant', app.tenant, '--client-id', app.clientId],
      ...['--client-secret-file', keep('app-secret', app.clientSecret)],
    ],
  };
  const wrong: string[] = [];
  for (const scene of [stage.gmail, stage.outlook]) {
    scene.authorization.openMailboxes.add(address);
    const args = ['setup', scene.provider, '--sign-in', 'app', '--account', address];
    wrong.push(...ended(await programme.asScript([...args, ...given[scene.provider], ...scene.flags]), 0));
  }
  const check = await programme.asScript(['check', '--json']);
  wrong.push(...ended(check, 0));
  const good = parse(check)?.accounts.filter(({ checks }) => checks.every(({ status }) => status === 'ok')) ?? [];
  for (const scene of [stage.gmail, stage.outlook]) {
    wrong.push(...ended(await programme.asScript(['remove', scene.provider, '--yes']), 0));
  }
  return { steps: 0, mailboxes: good.length, wrong };
}

/** Every secret that either provider handed out or was sent, looked for in every output and every file of the home folder. */
export function findLeaks(stage: Stage, programme: Programme): readonly string[] {
  const secrets: Record<string, string> = {};
  for (const scene of [stage.gmail, stage.outlook]) {
    for (const secret of scene.authorization.secrets)
      secrets[`secret ${Object.keys(secrets).length + 1} (${scene.title})`] = secret;
  }
  const inFiles = scanDirectory(stage.home, secrets).map(
    ({ secret, encoding, place }) => `${secret} (${encoding}) in ${place}`,
  );
  return [...programme.leaks(secrets), ...inFiles];
}

function ended(output: Output, expected: number): readonly string[] {
  return output.code === expected ? [] : [`${output.command} ended with ${output.code}, not with ${expected}`];
}

function parse(output: Output): CheckDocument | undefined {
  try {
    return JSON.parse(output.stdout) as CheckDocument;
  } catch {
    return undefined;
  }
}
