/** `authorize --device` (RFC 8628): a code that is typed on another device. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../../src/account/client.js';
import { verificationHosts } from '../../../src/flows/signin/device.js';
import { outlook } from '../../../src/providers/outlook/provider.js';
import { compiledProgram } from '../../process/program.js';
import { signIn, type Visit } from '../../servers/scripted-browser.js';
import { KEY, run } from '../../servers/terminal.js';
import { type CommandOptions, type Ended, type Stage, setStage } from '../stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await setStage('outlook');
}, 60_000);
afterAll(() => stage.clear());
afterEach(() => {
  stage.authorization.circumstances.answer = undefined;
});

const SHOWN = /(https:\/\/\S+)\s+and type this code there:\s+(\S+)/;

/** A person who reads the address and the code off the screen, and does with them as told. */
function person(settings: { account?: string; action?: 'cancel' } = {}): {
  readonly heard: NonNullable<CommandOptions['heard']>;
  visit(): Promise<Visit> | undefined;
} {
  let visit: Promise<Visit> | undefined;
  return {
    heard(text) {
      const [, url, userCode] = SHOWN.exec(text) ?? [];
      if (url !== undefined && userCode !== undefined) {
        visit ??= signIn(url, stage.browser({ ...settings, userCode }));
      }
    },
    visit: () => visit,
  };
}

async function byDevice(settings: { account?: string; action?: 'cancel' } = {}): Promise<Ended> {
  const { heard, visit } = person(settings);
  const ended = await stage.authorize(['--device'], { heard });
  await visit();
  return ended;
}

const accessToken = async (): Promise<string | undefined> => (await stage.credential()).accessToken?.reveal();

/** Answers the device authorization request itself. */
function answerDevice(status: number, body: object): void {
  stage.authorization.circumstances.answer = (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.endsWith('/devicecode') !== true) return false;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    return true;
  };
}

/** Answers every question whether the person has finished. */
function answerPoll(status: number, body: object): void {
  stage.authorization.circumstances.answer = (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.endsWith('/token') !== true) return false;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    return true;
  };
}

const client: Client = {
  id: 'the-client',
  provider: 'outlook',
  clientId: 'x',
  clientType: 'web',
  redirectUri: 'http://localhost:8765/callback',
  appRedirectUris: [],
  appName: 'mailauth',
};

const CODES = { device_code: 'the-device-code', user_code: 'ABCD-EFGH', expires_in: 900, interval: 1 };

describe('on another device', () => {
  it('R17 the address and the code are shown, and the sign-in replaces the old one', async () => {
    const old = await accessToken();
    const ended = await byDevice();
    expect(ended.exit, ended.error?.message).toBe(0);
    expect(ended.stdout).toBe('');
    expect(ended.stderr).toContain(`signed in as ${stage.address}`);
    expect(await accessToken()).not.toBe(old);
    expect(await stage.authorization.verify(stage.address, (await accessToken()) as string)).toBe(true);
    stage.expectClean([ended.stderr]);
  });

  it('R17 a public client has no secret, and signs in all the same', async () => {
    const own = await setStage('outlook', 'public');
    let visit: Promise<Visit> | undefined;
    const ended = await own.authorize(['--device', '--json'], {
      heard: (text) => {
        const [, url, userCode] = SHOWN.exec(text) ?? [];
        if (url !== undefined && userCode !== undefined) visit ??= signIn(url, own.browser({ userCode }));
      },
    });
    await visit;
    expect(ended.exit, ended.error?.message).toBe(0);
    expect(JSON.parse(ended.stdout)).toMatchObject({ schema: 'mailauth.authorize/1', account: { name: 'outlook' } });
    await own.clear();
  });

  it('T19 a refusal on the page is told, and keeps the old sign-in', async () => {
    const old = await accessToken();
    expect((await byDevice({ action: 'cancel' })).error).toMatchObject({ code: 'signin_cancelled' });
    expect(await accessToken()).toBe(old);
  });

  it('L19 T23 somebody else’s sign-in is refused, and keeps the old one', async () => {
    const old = await accessToken();
    expect((await byDevice({ account: 'pat@happypaws.example' })).error).toMatchObject({ code: 'wrong_account' });
    expect(await accessToken()).toBe(old);
  });

  it('T19 --timeout ends the wait', async () => {
    const { error } = await stage.authorize(['--device', '--timeout', '1']);
    expect(error).toMatchObject({ code: 'signin_timeout', message: expect.stringContaining('1 second') });
  });

  it('T19 the end of the code ends the wait, and names the next command', async () => {
    answerDevice(200, { ...CODES, expires_in: 1, interval: 2, verification_uri: `${stage.authorization.origin}/x` });
    const { error } = await stage.authorize(['--device']);
    expect(error?.code).toBe('signin_timeout');
    expect(error?.problem.fix[0]?.command).toBe('mailauth authorize outlook --device');
  });

  it.each([
    ['expired_token', 'AADSTS70019: Verification code expired.', 'signin_timeout'],
    [
      'invalid_grant',
      "AADSTS7000014: The provided value for the input parameter 'device_code' is not valid.",
      'signin_timeout',
    ],
    ['authorization_declined', 'the end user denied the authorization request', 'signin_cancelled'],
    ['access_denied', 'AADSTS53003: Access has been blocked by Conditional Access policies.', 'policy_blocked'],
    [
      'invalid_client',
      "AADSTS7000218: The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
      'client_type_mismatch',
    ],
    [
      'invalid_client',
      "AADSTS700025: Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
      'client_type_mismatch',
    ],
  ])('T19 %s, %s is %s', async (error, error_description, code) => {
    answerPoll(error === 'invalid_client' ? 401 : 400, { error, error_description });
    expect((await stage.authorize(['--device'])).error).toMatchObject({ code });
  });
});

describe('T20 where a person is sent', () => {
  it('T20 at Microsoft its own pages only, at an issuer that was named wherever it says', () => {
    const issuer = (origin: string) => ({
      endpoints: { issuer: `${origin}/x/v2.0`, authorization: origin, token: `${origin}/token`, issInResponse: false },
    });
    const subjectAt = (origin: string) => ({
      provider: outlook,
      client: { ...client, tenant: 'x' },
      account: { ...stage.account(), ...issuer(origin) },
    });
    const microsoft = 'https://login.microsoftonline.com';
    const hosts = verificationHosts(subjectAt(microsoft), issuer(microsoft));
    expect(hosts).toEqual(expect.arrayContaining(['login.microsoft.com', 'www.microsoft.com', 'microsoft.com']));
    expect(hosts).toContain('login.microsoftonline.com');
    expect(hosts?.every((host) => /(^|\.)(microsoft|microsoftonline|live)\.com$/.test(host))).toBe(true);
    expect(verificationHosts(subjectAt('https://login.example'), issuer('https://login.example'))).toBeUndefined();
  });

  it.each([
    'http://localhost/device',
    'https://user:pass@localhost/device',
    'file:///etc/passwd',
    'javascript:alert(1)',
  ])('T20 nobody is sent to %s', async (verification_uri) => {
    answerDevice(200, { ...CODES, verification_uri });
    const { error, stderr } = await stage.authorize(['--device']);
    expect(error).toBeDefined();
    expect(stderr).not.toContain(verification_uri);
    expect(stderr).not.toContain(CODES.user_code);
  });

  it('T20 R17 what is shown of an issuer’s own cannot act on a terminal, and the code is shown beside the whole address', async () => {
    answerDevice(200, {
      ...CODES,
      expires_in: 2,
      user_code: 'AB\x1b[2J\u202eCD',
      verification_uri: 'https://xn--e1afmkfd.example/\u001b]0;x\u0007device',
      verification_uri_complete: 'https://elsewhere.example/?code=AB',
    });
    answerPollToo();
    const { stderr } = await stage.authorize(['--device']);
    expect(stderr).toContain('https://xn--e1afmkfd.example/');
    expect(stderr).toContain('AB\\u{1b}[2J\\u{202e}CD');
    expect(stderr).not.toMatch(/[\x1b\x07\u202e]/);
    expect(stderr).not.toContain('elsewhere');
  });
});

/** The same, and nobody ever finishes. */
function answerPollToo(): void {
  const { answer } = stage.authorization.circumstances;
  stage.authorization.circumstances.answer = (request, response) => {
    if (answer?.(request, response) === true) return true;
    if (request.url?.endsWith('/token') !== true) return false;
    const pending = JSON.stringify({ error: 'authorization_pending', error_description: 'AADSTS70016' });
    response.writeHead(400, { 'content-type': 'application/json' }).end(pending);
    return true;
  };
}

describe('where it cannot be', () => {
  it('Gmail is refused with the reason and another way, before anything is asked of a server', async () => {
    const gmail = await setStage('gmail');
    const asked: string[] = [];
    gmail.authorization.circumstances.answer = (request) => {
      asked.push(request.url ?? '');
      return false;
    };
    const { error } = await gmail.authorize(['--device']);
    expect(error).toMatchObject({ code: 'policy_blocked', message: expect.stringContaining('Gmail') });
    expect(error?.problem.fix[0]?.command).toBe('mailauth authorize gmail --begin');
    expect(asked).toEqual([]);
    await gmail.clear();
  });

  it('an issuer that has no place for it is named', async () => {
    const other = await setStage('gmail');
    await other.amend((account) => ({ ...account, provider: 'custom' }));
    const { error } = await other.authorize(['--device']);
    expect(error).toMatchObject({ code: 'policy_blocked', message: expect.stringMatching(/^localhost:\d+ offers no/) });
    await other.clear();
  });
});

describe('at a terminal', () => {
  const program = compiledProgram();

  it('R17 T19 the code stands in one piece, and Ctrl-C ends the wait at once', async () => {
    const terminal = run(
      process.execPath,
      [join(program.folder(), 'bin', 'mailauth.js'), 'authorize', 'outlook', '--device'],
      {
        env: stage.env,
        cols: 40,
      },
    );
    await terminal.expect(/type this code there:/);
    await terminal.expect(/[A-Z]{4}-[A-Z]{4}/);
    expect(terminal.raw()).toMatch(/https:\/\/localhost:\d+\/T\/oauth2\/deviceauth/);
    const before = performance.now();
    terminal.send(KEY.ctrlC);
    expect(await terminal.exited(3000)).toEqual({ code: 130, signal: 0 });
    expect(performance.now() - before).toBeLessThan(1000);
  });
});
