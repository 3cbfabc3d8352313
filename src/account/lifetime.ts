import type { Credential } from './credential.js';

/** Two clocks of one machine are never this far apart, in seconds; further ahead, the clock has been set back since. */
const CLOCK_SLACK = 60;

/** Days before the end of a client secret or a sign-in from which it is worth a warning, where nobody says otherwise. */
export const WARN_DAYS = 60;

/** Whether an ISO date or date-time has come; a date that nobody knows has not. */
export function isOver(date: string | undefined, now: Date): boolean {
  return date !== undefined && Date.parse(date) <= now.getTime();
}

/**
 * Seconds the stored access token still lives; 0 where there is none, where it is over, and where it was issued in the
 * future: then the clock has moved, and its end means nothing.
 */
export function secondsLeft(credential: Credential, now: Date): number {
  const seconds = now.getTime() / 1000;
  const { accessToken, accessTokenIssued, accessTokenExpires } = credential;
  if (accessToken === undefined || accessTokenExpires === undefined) return 0;
  if (accessTokenIssued !== undefined && accessTokenIssued > seconds + CLOCK_SLACK) return 0;
  return Math.max(0, Math.floor(accessTokenExpires - seconds));
}
