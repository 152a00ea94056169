import { z } from 'zod';
import { GATES } from './detectors/state.ts';
import { faultName } from './events.ts';
import { severityZone } from './evidence/card.ts';
import { said } from './evidence/findings/say.ts';

/** The last judgement of a point, as people read it; a gate or "cannot tell" is an answer as well. */
export const pointVerdict = z.object({
  atMs: z.number(),
  outcome: z.enum(['well', 'learning', 'gated', 'cannot-tell', 'watching', 'suspected', 'confirmed']),
  gate: z.enum(GATES).nullable(),
  /** What exactly made the gate close: quality flags, what speaks against the sensor, the maintenance window's note. */
  gateReasons: z.array(z.string()),
  regime: z.string().nullable(),
  coldStart: z.boolean(),
  frozen: z.boolean(),
  /** Version of the tenant's thresholds it was judged under; 0: the defaults. */
  settingsVersion: z.int().default(0),
  speedRpm: z.number().nullable(),
  loadPercent: z.number().nullable(),
  zone: severityZone.nullable(),
  features: z.array(
    z.object({
      name: z.string(),
      value: z.number(),
      unit: z.string(),
      centre: z.number().nullable(),
      upper: z.number().nullable(),
      z: z.number().nullable(),
      speaks: z.boolean(),
    }),
  ),
  diagnosis: z
    .object({
      fault: faultName.nullable(),
      confidence: z.number(),
      cannotTell: z.boolean(),
      reason: said,
      blocks: z.int(),
    })
    .nullable(),
  anomalyId: z.uuid().nullable(),
});
export type PointVerdict = z.infer<typeof pointVerdict>;
