/** Both guides where nobody signs in, from the first step to the check, as a person sees them at a terminal. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { leaks, nameOf, PROPOSALS, type Row, setScene, walk } from './stage.js';

const scene = setScene();
const ADDRESS = 'scanner@happypaws.example';

/** Headings and roman numbers, in order. */
const stepsIn = (shown: string): readonly string[] =>
  [...shown.matchAll(/^STEP (\d+) of \d+/gm)].map(([, number = '']) => number);

const numbers = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => String(at + 1));

test('Outlook: a certificate is made, consent is waited for, and the mailbox opens', { timeout: 120_000 }, async () => {
  const stage = scene.microsoft;
  const home = stage.home();
  const app = await stage.authorization.registerApp();
  const path = join(home.path, 'certificate.pem');
  const table: readonly Row[] = [
    [/Mailbox to connect:/, ADDRESS],
    [/Who signs in\?/, '2'],
    [/\(client\) ID:/, app.clientId],
    [/\(tenant\) ID:/, app.tenant],
    [/File to write the certificate to/, path],
    [
      /^8\.i Enter when done/,
      async () => {
        await app.uploadCertificate(readFileSync(path, 'utf8'));
        return '';
      },
    ],
    [
      /^12 What next\?/,
      ({ shown }) => {
        expect(shown).toContain('IMAP.AccessAsApp');
        expect(shown).toContain(`adminconsent?client_id=${app.clientId}`);
        app.allow('IMAP.AccessAsApp', 'SMTP.SendAsApp');
        return '1';
      },
    ],
    // The wait for consent is a countdown, and passes by itself.
    [/^12 Enter tries now/, async () => undefined],
    [
      /^14 What next\?/,
      ({ shown }) => {
        expect(shown.replaceAll(/\s+/g, ' ')).toContain(
          'the login is accepted and scanner@happypaws.example does not open',
        );
        return '1';
      },
    ],
    // FullAccess comes while it is waited for, and a key looks for it at once.
    [
      /^14 Enter tries now/,
      ({ shown }) => {
        if (shown.match(/Next try in 300 seconds/g)?.length === 1) stage.authorization.openMailboxes.add(ADDRESS);
        return '';
      },
    ],
    ...PROPOSALS,
  ];
  const wizard = scene.begin(home, ['outlook', ...stage.flags], { second: 5 });
  const places = await walk(wizard, table);
  const { code } = await wizard.terminal.exited();
  const shown = wizard.terminal.text();
  expect(code, shown).toBe(0);
  expect(stepsIn(shown)).toEqual(numbers(14));
  // What is needed is told when it is known who signs in, and fits it.
  expect(shown.indexOf('Who signs in?')).toBeLessThan(shown.indexOf('You need:'));
  expect(shown).toContain('and for step 13 a computer with PowerShell');
  expect(shown).not.toContain('You type your password');
  expect(shown).toContain('mailauth tries again by itself until');
  expect(places.map(nameOf).filter((name) => /whole address|Client secret/.test(name))).toEqual([]);
  expect(shown).toMatch(/the certificate is in .*certificate\.pem/);
  expect(shown).toContain('lets the app in: nobody has to sign in');
  // The Object ID is read from the first token, and stands in what is pasted into PowerShell.
  expect(shown.replaceAll(/\s+/g, ' ')).toContain(`-ObjectId '${app.objectId}'`);
  expect(shown).toContain(`OK  ${ADDRESS} is set up, as outlook`);
  const [client] = JSON.parse(readFileSync(join(home.path, 'config', 'accounts.json'), 'utf8')).clients;
  expect(client).toMatchObject({ signIn: 'app', credentialKind: 'certificate', objectId: app.objectId });
  expect(home.drafts()).toEqual([]);

  // The certificate is renewed: at its step, and nobody is asked again for what stays.
  const renewed = join(home.path, 'renewed.pem');
  const again = scene.begin(home, ['outlook', '--from-step', '7']);
  const asked = await walk(again, [
    [/File to write the certificate to/, renewed],
    [
      /^8\.i Enter when done/,
      async () => {
        await app.uploadCertificate(readFileSync(renewed, 'utf8'));
        return '';
      },
    ],
    ...PROPOSALS,
  ]);
  const ended = await again.terminal.exited();
  const seen = again.terminal.text();
  expect(ended.code, seen).toBe(0);
  expect(stepsIn(seen)[0], seen).toBe('7');
  expect(
    asked.map(nameOf).filter((name) => /Mailbox to connect|Who signs in|\(client\) ID|\(tenant\) ID/.test(name)),
  ).toEqual([]);
  const [later] = JSON.parse(readFileSync(join(home.path, 'config', 'accounts.json'), 'utf8')).clients;
  expect(later).toMatchObject({ id: client.id, objectId: app.objectId });
  expect(later.secretCredential).not.toBe(client.secretCredential);
  expect(leaks(stage, home, [wizard.terminal, again.terminal])).toBe('');
});

test('Gmail: steps 5 and 6 fall away, and a delegation that is not there yet is waited for', {
  timeout: 120_000,
}, async () => {
  const stage = scene.google;
  const home = stage.home();
  const robot = await stage.authorization.makeServiceAccount();
  const file = join(home.path, 'clinic-4711.json');
  writeFileSync(file, robot.keyFile, { mode: 0o600 });
  stage.authorization.openMailboxes.add(ADDRESS);
  const table: readonly Row[] = [
    [/Mailbox to connect:/, ADDRESS],
    [/Who signs in\?/, '2'],
    [/Project ID:/, 'clinic-4711'],
    [/Key file of the service account:/, file],
    [
      /What next\?/,
      ({ shown }) => {
        expect(shown).toContain(`clientIdToAdd=${robot.clientId}`);
        robot.delegate('https://mail.google.com/');
        return '1';
      },
    ],
    // The wait is a countdown, and passes by itself.
    [/Enter tries now/, async () => undefined],
    ...PROPOSALS,
  ];
  const wizard = scene.begin(home, ['gmail', ...stage.flags], { second: 5 });
  await walk(wizard, table);
  const { code } = await wizard.terminal.exited();
  const shown = wizard.terminal.text();
  expect(code, shown).toBe(0);
  expect(stepsIn(shown)).toEqual(numbers(9));
  expect(shown).toContain('SKIP  nobody signs in, so no page asks anybody for consent');
  expect(shown).toContain('SKIP  nobody signs in, so there are no test users');
  expect(shown).toContain('once all works, delete the file');
  expect(shown).toContain(`OK  ${ADDRESS} is set up, as gmail`);

  // A new key of the service account takes the place of the old one.
  const renewed = join(home.path, 'clinic-4711-new.json');
  const next = await stage.authorization.makeServiceAccount();
  next.delegate('https://mail.google.com/');
  writeFileSync(renewed, next.keyFile, { mode: 0o600 });
  const again = scene.begin(home, ['gmail', '--from-step', '7']);
  await walk(again, [[/Key file of the service account/, renewed], ...PROPOSALS]);
  expect((await again.terminal.exited()).code, again.terminal.text()).toBe(0);
  expect(stepsIn(again.terminal.text())[0]).toBe('7');
  const [client] = JSON.parse(readFileSync(join(home.path, 'config', 'accounts.json'), 'utf8')).clients;
  expect(client.clientId).toBe(next.clientId);
  expect(
    leaks(stage, home, [wizard.terminal])
      .replaceAll(/^.*clinic-4711\.json.*$/gm, '')
      .trim(),
  ).toBe('');
});
