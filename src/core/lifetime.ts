import type { Credential } from './grant.js';

/** Two clocks of one machine are never this far apart, in seconds; further ahead, the clock has been set back since. */
const CLOCK_SLACK = 60;

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
