import type { Provider } from '../../guide/provider.js';
import type { Subject } from '../workbench.js';
import type { GivenNow } from './begin.js';
import type { SignInWay } from './state.js';

/** What `setup` is asked to do. */
export interface SetupWish {
  readonly provider: Provider;
  /** The account that was named, to be worked on in place. */
  readonly existing?: Subject;
  readonly given: GivenNow;
  readonly fromStep?: string;
  /** Forget the unfinished set-up. */
  readonly restart: boolean;
  /** A sign-in is agreed to. */
  readonly yes: boolean;
  readonly way: SignInWay;
  readonly warnDays: number;
}
