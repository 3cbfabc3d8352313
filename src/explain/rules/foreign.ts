import type { Code } from '../codes.js';
import type { Evidence } from '../evidence.js';
import type { Diagnosis, Rule, RuleFix } from '../rule.js';

/**
 * What other programs and libraries say of sign-ins and logins in words of their own, where no server speaks. Only ever
 * pasted (explain/paste); who words it so is named beside each.
 */

interface ForeignWords {
  readonly id: string;
  readonly text: RegExp;
  readonly sample: string;
  readonly code: Code;
  readonly message: string;
  readonly fix: readonly RuleFix[];
  readonly who?: Diagnosis['who'];
  readonly weight?: Rule['weight'];
  readonly at?: Pick<Evidence, 'where' | 'stage'>;
}

const LIBRARY = { where: 'token', stage: 'response' } as const;
const MAIL = { where: 'imap', stage: 'capability' } as const;
const SMTP = { where: 'smtp', stage: 'capability' } as const;

const signIns: readonly ForeignWords[] = [
  {
    // GLPI, oauthlib, the providers’ own libraries, League OAuth2, rclone
    id: 'refresh-token-absent',
    text: /(?:no|without a?) refresh[_ ]?token|(?:not|n['’]t|never|no longer) (?:provide|return|contain|include|receive|have|got|get|find|issue)[a-z]{0,3} (?:a |any |the )?(?:new )?['"]?refresh[_ ]?token|refresh[_ ]?token['"]? ?(?:is |was |are |field )?(?:missing|absent|empty|null|undefined|not (?:set|found|provided|returned|available|present|included|given|supplied|specified)|required|must be)|(?:missing|require[sd]?|must (?:contain|specify|provide)|lacks?|need(?:s|ed)?)[^.]{0,60}refresh[_ ]?token|do not contain the necessary fields|empty refresh[_ ]?token|refresh[_ ]?token (?:could not be|cannot be|can['’]t be) (?:found|obtained)/i,
    sample: 'No refresh token is set.',
    code: 'signin_required',
    message: 'the program has no refresh token, so it cannot renew the sign-in: none was asked for, or none was kept',
    fix: [
      {
        text: 'let the program ask for offline access (the scope offline_access, or access_type=offline with prompt=consent), then sign in again',
      },
    ],
  },
  {
    // Rails OmniAuth, oauthlib, League OAuth2, oauth2-proxy
    id: 'state-mismatch',
    text: /(?:invalid|mismatch(?:ing|ed)?|missing|wrong|incorrect|unknown|unexpected|bad)[ _](?:oauth2?[ _]state|state (?:parameter|value|token|cookie)|state_?(?:param|mismatch))|\b(?:oauth2?|auth\w{0,10}|CSRF)[ _]state\b[^.]{0,40}(?:mismatch|invalid|n[o'’]t (?:match|found|valid)|missing|expired)|\bstate[ _](?:parameter )?(?:mismatch|(?:does|did|do) ?(?:n[o'’]t|not) (?:match|equal))|mismatching_state|invalid_state|csrf_detected|CSRF (?:warning|detected|token mismatch)|states? do(?:es)? not match/i,
    sample: 'Invalid OAuth state parameter.',
    code: 'signin_required',
    message:
      'the answer of the sign-in page does not belong to the sign-in that was begun, so the program threw it away',
    fix: [
      {
        text: 'begin the sign-in again in one browser window and finish it there; cookies must be allowed, and the address of the program must be the one that is registered',
      },
    ],
  },
  {
    id: 'no-sign-in-yet',
    text: /(?:without|no|missing|empty) (?:valid )?access[_ ]?token\b|access[_ ]?token (?:is |was )?(?:missing|empty|null|undefined|not (?:found|set|available|present))|not (?:yet )?(?:been )?(?:authorized|authorised|authenticated|connected) yet|no (?:stored |valid |saved )?(?:oauth2? )?(?:credentials|tokens?) (?:found|available|stored|exist|for)|(?:acquireTokenSilent|no_tokens_found|no_account_in_silent|no_account_error)|token (?:file|cache) (?:is empty|not found|does not exist)/i,
    sample: 'Unable to sign without access token',
    code: 'signin_required',
    message: 'the program has no token yet: nobody has signed in with it, or what it kept is gone',
    fix: [{ text: 'sign in in that program once' }],
    weight: 'general',
  },
  {
    // Python json, JavaScript, Go, .NET, aeson, Gson
    id: 'page-for-json',
    text: /Unexpected token:? ['"]?<|Unexpected ['"\\]{0,3}<!doctype|invalid character '<'|JSONDecodeError|Expecting value: line \d|parsing value: <|'<' is an invalid start|expecting JSON value|Unexpected character \('<'|JSON Parse error: Unrecognized token '<'|<!doctype html[^{]{0,80}JSON|Failed to decode JSON|MalformedJson|response (?:is|was) not (?:valid )?JSON/i,
    sample: 'Token response not valid JSON: SyntaxError: Unexpected token: <',
    code: 'intercepted',
    who: 'network',
    message: 'a web page, or nothing, came back where the program expected an answer in JSON',
    fix: [
      {
        text: 'compare the address that the program asks with the provider’s token endpoint: a sign-in page is another address',
      },
      {
        text: 'if it is right, a proxy or the login page of a network answers in its place: open any web page in a browser',
      },
    ],
    weight: 'general',
  },
  {
    // Node, Go, Python, Java, Windows, Docker
    id: 'port-busy',
    text: /EADDRINUSE|address (?:is )?already in use|only one usage of each socket address|(?:failed|unable|cannot|could not) (?:to )?(?:bind|listen)[^.]{0,30} port|port \d{1,5} (?:is )?(?:already )?(?:in use|taken|occupied|allocated|busy)|port is already allocated|\b10048\b|errno 98\b/i,
    sample: 'listen EADDRINUSE: address already in use 127.0.0.1:8080',
    code: 'port_busy',
    message: 'another program listens on the port that the sign-in needs for its answer',
    fix: [
      {
        text: 'end the other program (often an earlier run of the same one), or choose another port; a registered redirect URI has to name it too',
      },
    ],
  },
  {
    // NeoMutt, mutt, himalaya
    id: 'token-command-absent',
    text: /no (?:oauth\w{0,2}|token|password) ?(?:refresh )?command (?:is )?(?:defined|set|configured|given)|(?:refresh|password|passw?|token|auth)[_ -]?(?:command|cmd|eval) (?:is )?(?:not (?:set|defined|configured)|missing|empty)/i,
    sample: 'No OAUTH refresh command defined',
    code: 'bad_input',
    message: 'the program is told to log in with OAuth, and no command that gives it a token is set',
    fix: [{ text: 'set the command that prints a token, such as "mailauth token NAME"' }],
  },
  {
    // mutt, msmtp, mbsync, offlineimap
    id: 'token-command-failed',
    text: /(?:passwordeval|PassCmd|(?:refresh|password|passw?|token|auth_token)[_ ]?(?:command|cmd|helper|script))\b[^.]{0,40}(?:failed|returned (?:an? )?(?:error|non-zero|nothing|empty)|exited|gave no|produced no|no output)|unable to run (?:the )?(?:refresh|password|token) command|OAUTH refresh failed|OAUTH refresh command returned/i,
    sample: 'OAUTH refresh command returned empty string',
    code: 'signin_required',
    message: 'the command that should print a token for the program failed or printed nothing',
    fix: [{ text: 'run that command by hand, as the same user, and read what it says; paste that here' }],
  },
];

const logins: readonly ForeignWords[] = [
  {
    // Ruby net/imap, himalaya, Thunderbird for Android, curl, mutt
    id: 'oauth-not-in-program',
    text: /unknown auth(?:entication)? (?:type|method|mechanism)|missing `?oauth2?`? (?:cargo )?feature|OAuth(?: ?2(?:\.0)?)?(?: authentication| support)? (?:is )?(?:currently )?not (?:supported|enabled|available|compiled|implemented)|not (?:built|compiled) with (?:oauth|sasl|gsasl|cyrus)|(?:SASL|GSASL|OAuth\d?) support (?:is )?not (?:compiled|built|available|enabled)|Auth(?:entication)? mechanism .{0,24}is not supported by (?:this|the) (?:client|library|program)|auth(?:entication)? (?:type|method) ['"]?XOAUTH2['"]? (?:is )?(?:not supported|unknown|invalid)|no SASL (?:mechanism|plugin)/i,
    sample: 'unknown auth type - "XOAUTH2" (ArgumentError)',
    code: 'mechanism_not_offered',
    who: 'you',
    message: 'this version of the program cannot log in with OAuth2 to this server',
    fix: [{ text: 'use a newer version or a build with OAuth2, or another program' }],
    at: MAIL,
  },
  {
    id: 'no-common-mechanism',
    text: /no (?:supported|compatible|suitable|acceptable|available|usable|common|known)? ?(?:auth(?:entication)?|sasl)(?:entication)? (?:method|mechanism)\(?s?\)?|No authenticators available|(?:does|do) not support (?:the )?(?:required |requested |any )?(?:auth(?:entication)?|XOAUTH2|OAUTHBEARER|SASL)|none of the (?:server['’]s )?auth(?:entication)? (?:mechanism|method)|no mechanism available|SMTP AUTH extension not supported|AUTH (?:command |extension )?(?:is )?not (?:supported|available|advertised|enabled|implemented)|requested (?:auth|SASL)[^.]{0,30}(?:unavailable|not available|not supported)|auth(?:entication)? method(?: not|s? are not| is not) (?:supported|available)|server doesn['’]t support (?:any )?auth|unsupported auth(?:entication)? (?:type|method|mechanism)/i,
    sample: 'No supported authentication method(s) available. Unable to login.',
    code: 'mechanism_not_offered',
    who: 'you',
    message:
      'the program and the server share no way to log in: what the program wants is not in the list that the server offers there',
    fix: [
      {
        text: 'compare the list in the answer to EHLO or CAPABILITY with what the program is set to; for a token it must hold XOAUTH2 or OAUTHBEARER',
      },
      { text: 'a server often offers logins only after STARTTLS, and for sending only on port 587 or 465' },
    ],
    at: MAIL,
  },
  {
    id: 'smtp-tls-required',
    text: /STARTTLS is required|must (?:issue|use) (?:a )?STARTTLS|requires (?:a )?(?:secure|encrypted|TLS|SSL) (?:connection)?|encryption (?:is )?required|TLS (?:is )?required/i,
    sample: '451 5.7.3 STARTTLS is required to send mail',
    code: 'starttls_missing',
    who: 'you',
    message: 'the server takes mail and logins only after encryption has begun, and the program did not begin it',
    fix: [{ text: 'switch STARTTLS on for port 587, or TLS from the start for port 465' }],
    at: SMTP,
  },
];

function foreign({ id, text, sample, code, message, fix, who = 'you', weight, at = LIBRARY }: ForeignWords): Rule {
  return {
    id: `${id}-in-words`,
    ...(weight !== undefined && { weight }),
    when: { stage: [at.stage], text },
    sample: { ...at, text: sample },
    diagnosis: { code, who, message, fix },
  };
}

export const foreignRules: readonly Rule[] = [...signIns, ...logins].map(foreign);
