import { type Protocol, protocols, serverQuestions, whenUsed } from '../words/protocol.js';
import type { Instruction, Step, Value } from './step.js';

/** The questions about every server, in the order in which they are asked. */
export const SERVER_QUESTIONS: readonly string[] = protocols.flatMap((protocol) =>
  Object.values(serverQuestions(protocol)),
);

/** The fields of a program's mail server form, for sending and for collecting: the same in every guide but for one value. */
export function mailFormInstructions(authenticationMethod: string): readonly Instruction[] {
  const connection = (protocol: Protocol): readonly Value[] => [
    { label: 'Host', value: `{${protocol}-host}` },
    { label: 'Port', value: `{${protocol}-port}` },
    { label: 'Timeout', value: '{mail-timeout}' },
    { label: 'Connection Security', value: `{${protocol}-security-label}` },
    { label: 'Authentication Method', value: authenticationMethod },
  ];
  return [
    {
      number: 'i',
      text: 'For sending mail, these are the details.',
      values: [
        { label: 'Name', value: '{form-name}' },
        { label: 'Description', value: '{description}' },
        ...connection('smtp'),
      ],
      when: whenUsed('smtp'),
    },
    {
      number: 'ii',
      text: 'For collecting mail (in OpenVPMS: the Email Document Loader job), host, port and security differ.',
      with: 'link',
      values: connection('imap'),
      when: whenUsed('imap'),
    },
    {
      number: 'iii',
      text: 'For a program that collects mail by POP, these are the details.',
      with: 'link',
      values: connection('pop'),
      when: whenUsed('pop'),
    },
  ];
}

/**
 * Step 1 of a provider whose servers are known: nothing has to be typed unless somebody wants other servers. `asksLast`
 * is what decides about the steps behind it.
 */
export function mailFormStep(
  authenticationMethod: string,
  asksFirst: readonly string[],
  asksLast: readonly string[] = [],
): Step {
  return {
    number: '1',
    title: 'Create or edit the mail server',
    intro:
      'These are the details of the mailbox. They also belong into the mail server form of your program, where it has one (in OpenVPMS: Administration - Organisation - Mail Server).',
    asksFirst,
    instructions: mailFormInstructions(authenticationMethod),
    asks: ['server-settings', 'name', 'description', 'app-name', 'mail-timeout', ...SERVER_QUESTIONS, ...asksLast],
    help: 'Leave Username and Password empty in the form of your program. The user name is the address of the mailbox, and there is no password any more.',
  };
}
