import type { Instruction, Step, When } from './step.js';

const sends = { question: 'no-smtp', is: ['no'] } as const satisfies When;
const receives = { question: 'no-imap', is: ['no'] } as const satisfies When;

/** The fields of a program's mail server form, for sending and for collecting: the same in every guide but for one value. */
export function mailFormInstructions(authenticationMethod: string): readonly Instruction[] {
  return [
    {
      number: 'i',
      text: 'For sending mail, these are the details.',
      values: [
        { label: 'Name', value: '{form-name}' },
        { label: 'Description', value: '{description}' },
        { label: 'Host', value: '{smtp-host}' },
        { label: 'Port', value: '{smtp-port}' },
        { label: 'Timeout', value: '{mail-timeout}' },
        { label: 'Connection Security', value: '{smtp-security-label}' },
        { label: 'Authentication Method', value: authenticationMethod },
      ],
      when: sends,
    },
    {
      number: 'ii',
      text: 'For collecting mail (in OpenVPMS: the Email Document Loader job), host, port and security differ.',
      with: 'link',
      values: [
        { label: 'Host', value: '{imap-host}' },
        { label: 'Port', value: '{imap-port}' },
        { label: 'Timeout', value: '{mail-timeout}' },
        { label: 'Connection Security', value: '{imap-security-label}' },
        { label: 'Authentication Method', value: authenticationMethod },
      ],
      when: receives,
    },
  ];
}

/** Step 1 of a provider whose servers are known: nothing has to be typed unless somebody wants other servers. */
export function mailFormStep(authenticationMethod: string, asksFirst: readonly string[]): Step {
  return {
    number: '1',
    title: 'Create or edit the mail server',
    intro:
      'These are the details of the mailbox. They also belong into the mail server form of your program, where it has one (in OpenVPMS: Administration - Organisation - Mail Server).',
    asksFirst,
    instructions: mailFormInstructions(authenticationMethod),
    asks: [
      'server-settings',
      'name',
      'description',
      'app-name',
      'mail-timeout',
      'no-smtp',
      'smtp-host',
      'smtp-port',
      'smtp-security',
      'no-imap',
      'imap-host',
      'imap-port',
      'imap-security',
    ],
    help: 'Leave Username and Password empty in the form of your program. The user name is the address of the mailbox, and there is no password any more.',
  };
}
