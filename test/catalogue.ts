/**
 * Every attack and fault mailauth has an answer to, by id. A test names the rows it holds at the beginning of its
 * title; test/catalogue.test.ts fails when a row of priority A or B has neither a test nor a reason.
 */

/** A: nothing is released without it. B: before 1.0. C: hardening, held where it costs little. */
export type Priority = 'A' | 'B' | 'C';

export interface Row {
  readonly id: string;
  readonly priority: Priority;
  /** What holds. */
  readonly holds: string;
  /** Where the proof lives when no test of this repository can hold the row, and why. */
  readonly elsewhere?: Elsewhere;
}

export interface Elsewhere {
  readonly place: 'platform' | 'internet' | 'release process';
  readonly reason: string;
}

/** A demand of a standard, and the rows that show it is met. */
export interface Duty {
  readonly id: string;
  readonly holds: string;
  readonly source: string;
  readonly by: readonly string[];
}

function row(id: string, priority: Priority, holds: string, elsewhere?: Elsewhere): Row {
  return { id, priority, holds, ...(elsewhere && { elsewhere }) };
}

function duty(id: string, holds: string, source: string, ...by: readonly string[]): Duty {
  return { id, holds, source, by };
}

export const DUTIES: readonly Duty[] = [
  duty('R01', 'PKCE with S256 on every sign-in, a new verifier each time, never plain', 'RFC 9700 2.1.1', 'T02', 'T03'),
  duty('R02', 'the verifier is 256 random bits in unreserved characters', 'RFC 7636 4.1', 'T02'),
  duty('R03', 'people sign in with their own browser, never in a window of ours', 'RFC 8252 8.12', 'L29', 'L30'),
  duty(
    'R04',
    'the redirect uses an address of loopback; localhost listens on both families',
    'RFC 8252 7.3',
    'L14',
    'L15',
  ),
  duty('R05', 'the port is open for one sign-in, on loopback alone', 'RFC 8252 8.3', 'L14', 'L27'),
  duty('R06', 'one state per sign-in, bound to it, spent once', 'RFC 9700 2.1', 'L01', 'L02', 'L03', 'L08', 'L09'),
  duty('R07', 'an answer is exchanged only at the issuer that was asked', 'RFC 9700 4.4', 'L33'),
  duty('R08', 'iss is compared as a string, and demanded where it was promised', 'RFC 9207 2.4', 'L33'),
  duty('R09', 'the callback leads nowhere but to its own page', 'RFC 9700 4.11.1', 'L22'),
  duty('R10', 'no code and no token in a Referer, a history or an address', 'RFC 9700 4.2', 'L23', 'X13'),
  duty('R11', 'tokens are asked for by POST, with one kind of client authentication', 'RFC 6749 3.2', 'T25', 'T04'),
  duty('R12', 'a new refresh token replaces the old one, none keeps it', 'RFC 6749 6', 'T11'),
  duty(
    'R13',
    'one refresh at a time, since a reused token ends the whole family',
    'RFC 9700 4.14.2',
    'S01',
    'S02',
    'S03',
    'S04',
    'S05',
    'S06',
  ),
  duty('R14', 'https with a verified certificate at every endpoint', 'RFC 9700 4.16', 'T17', 'T18'),
  duty('R15', 'the secret of an installed client is not trusted to be one', 'RFC 8252 8.5', 'T21', 'X13'),
  duty(
    'R16',
    'the pace of the device grant is the server\u2019s, slower on request and on failure',
    'RFC 8628 3.5',
    'T19',
  ),
  duty('R17', 'the code of the device grant is shown with its address', 'RFC 8628 3.3.1', 'T20'),
  duty(
    'R18',
    'an ID token is checked: issuer, audience, party, time, algorithm, nonce, hash',
    'OIDC Core 3.1.3.7',
    'T15',
  ),
  duty('R19', 'a discovery document speaks for the issuer it was asked about', 'RFC 8414 3.3', 'T16'),
  duty('R20', 'tokens go to mail servers under TLS alone', 'RFC 7628 5', 'M01'),
  duty('R21', 'a refused SASL exchange is brought to its end', 'RFC 7628 3.2.3', 'M15', 'M20', 'M21'),
  duty('R22', 'no account is tried out below the security it needs', 'RFC 8314 5.1', 'M01'),
  duty('R23', 'TLS 1.2 or newer, verified; TLS from the first byte is preferred', 'RFC 8314 3', 'M08', 'M09'),
  duty('R24', 'what was said before TLS is forgotten and asked again', 'RFC 3207 4.2', 'M03', 'M04', 'M05', 'M06'),
  duty('R25', 'a certificate is for the host by its alternative names, never by its common name', 'RFC 9525 6', 'M08'),
  duty('R26', 'Retry-After, 429 and 511 are heeded', 'RFC 9110 10.2.3', 'T07', 'N05'),
  duty('R27', 'removing an account revokes its sign-in', 'RFC 7009', 'T22'),
];

/** L: the listener on loopback. */
const LISTENER: readonly Row[] = [
  row('L01', 'A', 'an error without our state leaves the sign-in alone'),
  row('L02', 'A', 'a code without our state leaves the sign-in alone, and ours is never shown'),
  row('L03', 'A', 'the state is compared byte for byte'),
  row('L04', 'A', 'a parameter that comes twice is not used'),
  row('L05', 'A', 'icons, robots and the root of the site are absent at once'),
  row('L06', 'A', 'a request at the moment of closing harms nothing'),
  row('L07', 'B', 'looking ahead, HEAD and OPTIONS never spend the code'),
  row('L08', 'A', 'the same callback again shows the same page and exchanges nothing'),
  row('L09', 'A', 'a second callback with another code finds the state spent'),
  row('L10', 'B', 'a body is never read, however long'),
  row('L11', 'C', 'an answer behind a # is explained'),
  row('L12', 'A', 'a request for another host is turned away'),
  row('L13', 'B', 'a page of another site reaches nothing and reads nothing'),
  row('L14', 'A', 'only loopback listens'),
  row('L15', 'A', 'nobody else holds the other family of our port'),
  row('L16', 'A', 'the redirect address names the port that is already listening'),
  row('L17', 'A', 'a busy port is named with its holder, or left for the next'),
  row('L18', 'A', 'no page tells another user about the request'),
  row('L19', 'A', 'nobody is signed in to an account they did not ask for'),
  row('L20', 'A', 'nothing a query holds becomes part of a page'),
  row('L21', 'A', 'line breaks in a query split no header'),
  row('L22', 'A', 'nothing redirects to an address that came in'),
  row('L23', 'B', 'the code leaves the address bar, and nothing on the page fetches anything'),
  row('L24', 'A', 'half-open connections keep neither the answer out nor the port open'),
  row('L25', 'B', 'a flood of connections does not keep the answer out'),
  row('L26', 'B', 'bytes that are no HTTP end plainly'),
  row('L27', 'A', 'in every ending the port is closed and nothing is exchanged afterwards'),
  row('L28', 'A', 'a person who never returns is waited for until a deadline they are told'),
  row('L29', 'A', 'a browser that stays open is not waited for'),
  row('L30', 'A', 'only an https address, spelled by the URL parser, reaches the opener; no shell does'),
  row('L31', 'B', 'where no browser opens the address is there to copy, and the wait goes on'),
  row('L32', 'A', 'a pasted address stands before the same judge'),
  row('L33', 'A', 'an answer of another issuer is turned away and the wait goes on'),
  row('L34', 'B', 'where the browser is on another computer, the way round is told'),
];

/** T: token endpoint, OpenID Connect, device grant. */
const TOKENS: readonly Row[] = [
  row('T01', 'A', 'a code is sent once, also when the connection breaks'),
  row('T02', 'A', 'verifier, state and nonce are new each time, and a wrong verifier is refused'),
  row('T03', 'A', 'S256 is sent whatever the metadata say'),
  row('T04', 'A', 'odd numbers, members and types of an answer become something sensible or an error'),
  row('T05', 'A', 'a page in place of a token is interception, and the store stays byte for byte'),
  row('T06', 'A', 'an answer that is torn, huge or no object ends in a known error within 1 MiB'),
  row('T07', 'A', 'a busy server\u2019s wish to wait is heeded within reason'),
  row('T08', 'A', 'a failed refresh gives the old token while it is valid, with a warning'),
  row('T09', 'A', 'a refused refresh token is compared with the store before it counts, and never deletes'),
  row('T10', 'B', 'a wrong registration is told as one, without a loop of consents'),
  row('T11', 'A', 'a rotated refresh token is kept, an absent one changes nothing'),
  row('T12', 'A', 'a permission that was left out is named, and is no success'),
  row('T13', 'A', 'a clock that is wrong or jumps makes no token live too long'),
  row('T14', 'B', 'a token has its wished time left when it is handed out'),
  row('T15', 'A', 'an ID token with anything wrong is refused'),
  row('T16', 'A', 'a discovery document with anything wrong is refused by the name of the member'),
  row('T17', 'A', 'no redirect carries a secret to another address'),
  row('T18', 'A', 'no variable turns the check of certificates off'),
  row('T19', 'A', 'a device is polled at the server\u2019s pace until its code runs out'),
  row('T20', 'A', 'nobody is sent to an address the provider does not own'),
  row('T21', 'B', 'a client secret comes by prompt, file or input, and is never shown'),
  row('T22', 'B', 'removing works also where revoking fails or hangs'),
  row('T23', 'A', 'whoever signed in is compared with the mailbox before anything is stored'),
  row('T24', 'B', 'the providers\u2019 own ends of a sign-in are announced and explained'),
  row('T25', 'A', 'the shape of each request is fixed, its secrets in the body or the header, once'),
];

/** S: storage, locking, crashes. */
const STORE: readonly Row[] = [
  row('T26', 'A', 'what an app signs is good for minutes, for one endpoint, by a key that never leaves the store'),
  row('T27', 'A', 'a key file that names another server than the provider\u2019s is refused before anything is sent'),
  row('T28', 'B', 'what the credential of an app opens is said before it is stored'),
  row('S01', 'A', 'two hundred programs at once refresh once'),
  row('S02', 'A', 'the lock of a killed program is taken over, never held twice'),
  row('S03', 'B', 'a lock of a reused process number or another machine is told from a living one'),
  row('S04', 'A', 'a program that slept through its lock neither sends nor saves'),
  row('S05', 'A', 'different settings meet at one lock'),
  row('S06', 'A', 'a crash between refresh and save is noticed and told'),
  row('S07', 'A', 'a crash at any step of a write leaves the old file or the new one'),
  row('S08', 'A', 'a full disk is found out before a refresh token is spent'),
  row('S09', 'A', 'a folder that cannot be written spends no refresh token'),
  row('S10', 'A', 'every file is for its owner alone under any umask'),
  row('S11', 'A', 'a file that others can read is closed, or refused where it is not ours'),
  row('S12', 'A', 'links, pipes, devices and folders in place of a file are refused at once'),
  row('S13', 'B', 'odd home folders work or are refused clearly'),
  row('S14', 'B', 'another user\u2019s home folder is left alone'),
  row('S15', 'A', 'damage of any kind is told, kept, and never written over'),
  row('S16', 'A', 'a wrong passphrase is told from damage and deletes nothing'),
  row('S17', 'A', 'a shortened tag is refused and nothing is read before the last byte is checked'),
  row('S18', 'A', 'a secret answers to its own name and header alone'),
  row('S19', 'A', 'a header cannot ask for more memory than the bound'),
  row('S20', 'B', 'no nonce is used twice'),
  row('S21', 'C', 'an old copy that is put back is refreshed or explained, without a loop'),
  row('S22', 'B', 'litter of a crash holds no plain text and is swept'),
  row('S23', 'A', 'without a keychain the encrypted file is offered and plain text never'),
  row('S24', 'A', 'a locked keychain is told, and no other store is taken in its place'),
  row('S25', 'A', 'a keychain that hangs is given up'),
  row('S26', 'A', 'values over the platform\u2019s limit are split and come back whole'),
  row('S27', 'A', 'a keychain that gives back something else is found out'),
  row('S28', 'A', 'a missing key is told, and no new one is made over old secrets'),
  row('S29', 'B', 'what is not ours under our name is neither used nor written over'),
  row('S30', 'A', 'a program without a session finds the same store or names what it lacks'),
  row('S31', 'A', 'removing leaves no copy'),
  row('S32', 'B', 'a file of a newer version asks for an update and stays'),
  row('S33', 'A', 'many programs at once fit into the memory of a small server'),
  row('S34', 'B', 'any order of sign-in, token and removal ends as if they had come in turn'),
];

/** X: secrets and texts where they do not belong. */
const EXPOSURE: readonly Row[] = [
  row('X01', 'A', 'no secret on a command line, ours or a child\u2019s'),
  row('X02', 'A', 'no secret in the environment of a child'),
  row('X03', 'A', 'stdout is the result to the byte, and a write that fails is an error'),
  row('X04', 'A', 'no secret in any talk, at any verbosity, in any spelling'),
  row('X05', 'A', 'no SASL string in any talk'),
  row('X06', 'B', 'a crash tells one clean line, and no report of the process is written'),
  row('X07', 'C', 'no signal opens the inspector'),
  row('X08', 'A', 'what a server says cannot act on a terminal'),
  row('X09', 'B', 'what a server says cannot pass for a line of ours'),
  row('X10', 'C', 'nothing is copied that was not asked for, and a secret never'),
  row('X11', 'A', 'no command takes a secret as an argument'),
  row('X12', 'A', 'no document about the accounts holds a secret'),
  row('X13', 'A', 'no secret in an address'),
  row('X14', 'A', 'values with line breaks or zero bytes enter no line protocol and no configuration'),
];

/** M: proving SMTP and IMAP. */
const MAIL: readonly Row[] = [
  row('M01', 'A', 'no login before verified TLS'),
  row('M02', 'A', 'a missing STARTTLS ends the conversation'),
  row('M03', 'A', 'bytes before the handshake end the conversation'),
  row('M04', 'A', 'an answer before its command is not taken for one'),
  row('M05', 'A', 'a greeting that is already logged in ends the conversation'),
  row('M06', 'A', 'what was offered before TLS is not believed after it'),
  row('M07', 'A', 'a refused STARTTLS ends the conversation with the server\u2019s words'),
  row('M08', 'A', 'each wrong certificate ends the conversation under its own name'),
  row('M09', 'B', 'the wrong kind of port is named'),
  row('M10', 'A', 'each stage has a deadline'),
  row('M11', 'A', 'bytes that drip stretch no deadline'),
  row('M12', 'A', 'endless lines and endless replies are cut off, and memory stays flat'),
  row('M13', 'B', 'bytes of any kind end in an outcome'),
  row('M14', 'A', 'a connection that ends anywhere names its stage, and only the last reply proves'),
  row('M15', 'A', 'the challenge of a refusal is answered, decoded and told'),
  row('M16', 'A', 'odd, huge and repeated challenges end within bounds'),
  row('M17', 'A', 'a server without XOAUTH2 gets no other login'),
  row('M18', 'A', 'a good token and a mailbox that does not open are told apart from a bad token'),
  row('M19', 'B', 'a token of another user is explained'),
  row('M20', 'A', 'a user name that could break the frame is refused or escaped'),
  row('M21', 'B', 'OAUTHBEARER names the host and port of the connection'),
  row('M22', 'B', 'a long token goes in a line of its own'),
  row('M23', 'A', 'a proof only reads'),
  row('M24', 'B', 'a busy server is told as busy'),
  row('M25', 'A', 'the token is never sent as a password'),
  row('M26', 'B', 'a private authority is trusted where it is given, hinted at where it is not'),
];

/** N: network, process, environment. */
const SURROUNDINGS: readonly Row[] = [
  row('N01', 'A', 'the proxy variables are heeded, in both cases, with their exceptions'),
  row('N02', 'B', 'a proxy in trouble is named as the trouble, its password unseen'),
  row('N03', 'B', 'mail does not go through the proxy, and the failure says so'),
  row('N04', 'B', 'loopback never goes through a proxy'),
  row('N05', 'A', 'a portal between us and the provider is named, and the store untouched'),
  row('N06', 'A', 'names that do not resolve, now or ever, are named within the deadline'),
  row('N07', 'B', 'an address that swallows packets gives way to the next'),
  row('N08', 'A', 'a far-away server is reached'),
  row('N09', 'B', 'a certificate of an unknown issuer names the issuer and the way to trust it'),
  row('N10', 'B', 'a clock that is wrong is suspected'),
  row('N11', 'A', 'a signal at any step restores the terminal, saves, and ends with its own code'),
  row('N12', 'A', 'a signal between exchange and store loses nothing'),
  row('N13', 'A', 'without a terminal nothing is asked'),
  row('N14', 'B', 'a closed or full stdout is an error'),
  row('N15', 'A', 'a bare environment works, or what it lacks is named'),
  row('N16', 'B', 'sleeping in the middle ends in time or goes on'),
  row('N17', 'C', 'too few files or too little memory ends in a plain failure'),
  row('N18', 'B', 'variables meant for Node open nothing'),
  row('N19', 'A', 'nothing is loaded from the folder we stand in'),
];

/** C: the package and how it is made. */
const PACKAGE: readonly Row[] = [
  row('C01', 'A', 'direct dependencies are a closed list, the whole tree at most 75, all pinned'),
  row('C02', 'A', 'installs and runs with every script blocked'),
  row('C03', 'A', 'without its native keychain the program runs and says what is missing'),
  row('C04', 'A', 'nobody but the protected release can publish', {
    place: 'release process',
    reason: 'trusted publishing and the rules of the tag are settings of the registry and of the repository host',
  }),
  row('C05', 'B', 'a version of a dependency is days old before it is taken', {
    place: 'release process',
    reason: 'a cooldown is a setting of whatever updates the lock file; between updates nothing new is taken',
  }),
  row('C06', 'B', 'a bill of materials and the licences of every dependency'),
  row('C07', 'A', 'the package is a fixed list of files, without tests, source maps or failpoints'),
  row('C08', 'B', 'two clean builds are the same to the byte'),
  row('C09', 'A', 'no known vulnerability of a dependency is shipped', {
    place: 'internet',
    reason: 'the advisories are asked of the registry at release time; the answer changes from day to day',
  }),
  row('C10', 'A', 'the lock file names only the registry, with a hash for every entry'),
  row('C11', 'C', 'runs where code from strings is forbidden'),
  row('C12', 'A', 'runs on every Node that is named as supported'),
];

/** D: the door for programs that know only a password. */
const DOOR: readonly Row[] = [
  row('D01', 'A', 'before the login nothing is answered but what a login needs: nobody relays through it'),
  row('D02', 'A', 'nobody logs in for another user'),
  row('D03', 'A', 'why there is no login is said in the words of the protocol, and mail is kept while that may pass'),
  row('D04', 'B', 'wrong passwords and idle talk end a connection'),
  row('D05', 'A', 'lines without end and floods end a connection, and fill no memory'),
  row('D06', 'A', 'what the provider has not taken is never acknowledged'),
  row('D07', 'A', 'one refresh however many connections come at once'),
  row(
    'D08',
    'A',
    'a token that is refused is renewed once, and a refusal that stays is not asked about again and again',
  ),
  row('D09', 'A', 'a wrong password waits, and ten close the door to their address'),
  row('D10', 'A', 'a password is 160 random bits, kept as a hash, for one account, and over once it is deleted'),
  row('D11', 'A', 'other computers reach it only where it has a certificate, and never log in in clear'),
  row('D12', 'A', 'silent connections keep nobody out, and no more connections are held than allowed'),
  row('D13', 'B', 'those who are in finish when it is told to stop'),
  row('D14', 'B', 'sockets that systemd hands over are taken by the process they are for, and inherited by none'),
  row('D15', 'A', 'no input of a program brings the server down, or the program in'),
  row('D16', 'A', 'a message is passed on as fast as its receiver takes it, and never held'),
];

export const ROWS: readonly Row[] = [
  ...LISTENER,
  ...TOKENS,
  ...STORE,
  ...EXPOSURE,
  ...MAIL,
  ...SURROUNDINGS,
  ...PACKAGE,
  ...DOOR,
];
