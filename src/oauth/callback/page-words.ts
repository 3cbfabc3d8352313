/** What the browser shows when it comes back. Our own words only: never a server's. */
export interface Page {
  readonly kind: 'success' | 'failure';
  readonly title: string;
  readonly heading: string;
  readonly lines: readonly string[];
}

export function signedInPage(address: string): Page {
  return {
    kind: 'success',
    title: 'Signed in - mailauth',
    heading: `Signed in as ${address}`,
    lines: ['mailauth is now testing the mailbox in the terminal.', 'You can close this tab.'],
  };
}

export function failedPage(heading: string, nextAction: string | undefined): Page {
  return {
    kind: 'failure',
    title: 'Not signed in - mailauth',
    heading: `${heading.charAt(0).toUpperCase()}${heading.slice(1)}`,
    lines: [
      ...(nextAction === undefined ? [] : [`${nextAction.charAt(0).toUpperCase()}${nextAction.slice(1)}.`]),
      'Go back to the terminal: it is waiting, and nothing was lost.',
    ],
  };
}
