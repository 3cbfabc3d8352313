/**
 * Where the program runs, as far as that decides whether a browser can come back to it. A guess from the environment:
 * it chooses the words under the sign-in address and nothing else. No way to sign in is ever taken away by it.
 */
export type Place = 'here' | 'codespace' | 'cloud-shell' | 'ssh' | 'container' | 'wsl';

export interface MachineFacts {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The kernel's release, as `uname -r` prints it. */
  readonly kernel: string;
  /** Whether a container engine has left its mark in the file system. */
  readonly containerMark: boolean;
  /** Undefined where the system does not know the user by name. */
  readonly user: string | undefined;
  readonly host: string;
}

export interface Surroundings {
  readonly place: Place;
  /** What to name after `ssh` to come here, and the port where it is not 22. */
  readonly login: string;
  readonly sshPort?: string;
}

/** A sentence, and a command to copy where there is one. */
export interface ReachHint {
  readonly text: string;
  readonly command?: string;
}

/** The first that fits. A way in from outside comes before what the machine is: it decides what reaches it. */
const SIGNS: readonly (readonly [Place, (facts: MachineFacts) => boolean])[] = [
  ['codespace', ({ env }) => env['CODESPACES'] === 'true'],
  [
    'cloud-shell',
    ({ env }) =>
      isSet(env['CLOUD_SHELL']) ||
      isSet(env['ACC_CLOUD']) ||
      env['AZUREPS_HOST_ENVIRONMENT']?.startsWith('cloud-shell/') === true ||
      env['AWS_EXECUTION_ENV'] === 'CloudShell',
  ],
  ['ssh', ({ env }) => isSet(env['SSH_CONNECTION']) || isSet(env['SSH_CLIENT']) || isSet(env['SSH_TTY'])],
  [
    'container',
    ({ env, containerMark }) => containerMark || isSet(env['container']) || isSet(env['KUBERNETES_SERVICE_HOST']),
  ],
  [
    'wsl',
    ({ env, kernel }) => isSet(env['WSL_DISTRO_NAME']) || isSet(env['WSL_INTEROP']) || /microsoft|wsl/i.test(kernel),
  ],
];

const SITUATION: Readonly<Record<Exclude<Place, 'here' | 'ssh'>, string>> = {
  codespace: 'This is a codespace. An editor on your own computer usually passes its ports on, a browser tab does not.',
  'cloud-shell': 'This is a cloud shell, and a browser cannot reach it.',
  container: 'This is a container, and a browser outside usually cannot reach it.',
  wsl: 'This is WSL. A browser on Windows usually reaches it.',
};

export function surroundingsOf(facts: MachineFacts): Surroundings {
  const { env, user, host } = facts;
  const place = SIGNS.find(([, fits]) => fits(facts))?.[0] ?? 'here';
  // sshd(8): address and port of the client, then of the server.
  const [, , , port] = env['SSH_CONNECTION']?.split(' ') ?? [];
  const plain = [user, host].every((part) => part !== undefined && /^\w[\w.-]*$/.test(part));
  return {
    place,
    login: plain ? `${user}@${host}` : 'USER@HOST',
    ...(port !== undefined && port !== '22' && /^\d{1,5}$/.test(port) && { sshPort: port }),
  };
}

/**
 * What to say under a sign-in address whose last page is on `redirectUri`, in this order: what makes that page load,
 * then what helps where it does not. Empty where the browser is most likely on this computer.
 */
export function reachHints(
  surroundings: Surroundings,
  ways: {
    readonly redirectUri: string;
    /** Whether a prompt waits below the address. */
    readonly canPaste: boolean;
    /** Commands that sign in without that page, where the account has them. */
    readonly begin?: string;
    readonly device?: string;
  },
): readonly ReachHint[] {
  const { place } = surroundings;
  if (place === 'here') return [];
  const reach: ReachHint =
    place === 'ssh'
      ? {
          text: 'You are here over SSH. If your browser is on your own computer, first run this there, in a second terminal:',
          command: forwarding(surroundings, ways.redirectUri),
        }
      : { text: SITUATION[place] };
  return [reach, ...aroundIt(ways)];
}

function forwarding({ login, sshPort }: Surroundings, redirectUri: string): string {
  const { port } = new URL(redirectUri);
  return `ssh -L ${port}:localhost:${port} ${login}${sshPort === undefined ? '' : ` -p ${sshPort}`}`;
}

function aroundIt(ways: Parameters<typeof reachHints>[1]): readonly ReachHint[] {
  const hints: ReachHint[] = [];
  if (ways.canPaste) {
    hints.push({
      text: 'If the last page of the sign-in does not load, paste its whole address below: that does the same.',
    });
  } else if (ways.begin !== undefined) {
    hints.push({
      text: 'If the last page of the sign-in does not load, sign in in two steps, and hand its address to the second:',
      command: ways.begin,
    });
  }
  if (ways.device !== undefined)
    hints.push({ text: 'Or sign in with a code on another device:', command: ways.device });
  return hints;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
