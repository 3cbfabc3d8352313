/**
 * What betrays a secret while it is still being typed: the head stays readable, the rest does not. A secret pasted into
 * the wrong box must not stand on a screen that somebody shares or scrolls back.
 */
const SECRETS: readonly RegExp[] = [
  /(GOCSPX-)[\w-]+/g,
  /([\w.~]{3}\dQ~)[\w.~-]+/g,
  /((?:^|[^\w])(?:ya29\.|1\/\/0|4\/0A|eyJ))[\w.~*!$%/+=-]+/g,
  /("(?:client_secret|private_key)"\s*:\s*")[^"]+/g,
];
const SHAPES: readonly RegExp[] = [...SECRETS, /([?&]code=)[^&\s]+/g];

/** Whether a secret stands in the text, by its shape. */
export function showsSecret(text: string): boolean {
  return SECRETS.some((shape) => text.search(shape) !== -1);
}

/** Asterisks over everything that looks like a secret. The length stays, so that the cursor stands where it should. */
export function maskSecrets(text: string): string {
  return SHAPES.reduce(
    (shown, shape) => shown.replace(shape, (all: string, head: string) => head + '*'.repeat(all.length - head.length)),
    text,
  );
}
