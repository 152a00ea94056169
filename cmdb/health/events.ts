import { z } from 'zod';
import { defineEvent } from '../../platform/index.ts';

const bilingual = z.object({ en: z.string(), zh: z.string() });

/** Monitoring says that a CI is not well, or worse than it has said before. */
export const ciFailure = z.object({
  /** One failure, from the first alert until the CI has been well for long enough. */
  failureId: z.uuid(),
  ciId: z.uuid(),
  ciKey: z.string(),
  ciName: z.string(),
  ciType: z.string(),
  state: z.enum(['degraded', 'down']),
  summary: bilingual,
  /** Where the alerts of the CI can be read: a path of this installation. */
  alertsUrl: z.string(),
  sinceMs: z.number(),
  atMs: z.number(),
});
export type CiFailure = z.infer<typeof ciFailure>;

export const CiFailed = defineEvent('CiFailed', ciFailure);
export const CiWorsened = defineEvent('CiWorsened', ciFailure);

/** A timer: whether a CI has stayed well since `recoveredAtMs` is looked at when this is due. */
export const CiRecoveryDue = defineEvent(
  'CiRecoveryDue',
  z.object({ failureId: z.uuid(), ciId: z.uuid(), recoveredAtMs: z.number() }),
);

/** A failure is over: the CI has been well for as long as its source's mapping asks. */
export const CiRecovered = defineEvent(
  'CiRecovered',
  z.object({ failureId: z.uuid(), ciId: z.uuid(), recoveredAtMs: z.number() }),
);
