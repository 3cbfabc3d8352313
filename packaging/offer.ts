/** What only the person who offers the files knows. Nothing is made up in its place, and nothing here is sent anywhere. */

export interface Offer {
  /** Who answers for the Debian and RPM packages: `Jane Doe <jane@happypaws.example>`. */
  readonly maintainer: string | undefined;
  /** The address below which VERSION/FILE will be found, without a slash at its end. */
  readonly downloads: string | undefined;
}

/** Throws an Error that says what is wrong with a variable that is set. */
export function readOffer({ MAILAUTH_MAINTAINER, MAILAUTH_DOWNLOADS }: NodeJS.ProcessEnv): Offer {
  const maintainer = MAILAUTH_MAINTAINER?.trim() || undefined;
  const downloads = MAILAUTH_DOWNLOADS?.trim().replace(/\/+$/, '') || undefined;
  if (maintainer !== undefined && !/^[^<>"\\%\p{Cc}]+ <[^<>@\s%]+@[^<>@\s%]+>$/u.test(maintainer))
    throw new Error('MAILAUTH_MAINTAINER is a name and an address, as in "Jane Doe <jane@happypaws.example>"');
  if (downloads !== undefined && !/^https:\/\/[\w.~:/-]+$/.test(downloads))
    throw new Error(
      'MAILAUTH_DOWNLOADS is the address of a folder, as in https://downloads.happypaws.example/mailauth',
    );
  return { maintainer, downloads };
}

/** What is not made because nobody has said it, one line each. */
export function notMade({ maintainer, downloads }: Offer): readonly string[] {
  return [
    ...(maintainer === undefined
      ? ['no Debian and no RPM packages: set MAILAUTH_MAINTAINER to who answers for them ("Name <address>")']
      : []),
    ...(downloads === undefined
      ? [
          'no texts for scoop, winget and Homebrew: set MAILAUTH_DOWNLOADS to the folder where the files will be offered',
        ]
      : []),
  ];
}
