import fc from 'fast-check';

/**
 * Property tests try the same cases each time, so that a red run means a change and not a new random case. To look for
 * new ones, give another seed: FC_SEED=1 npm test.
 */
fc.configureGlobal({ seed: Number(process.env['FC_SEED'] ?? 20_261_123) });
