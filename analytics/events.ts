import { z } from 'zod';
import { defineEvent } from '../platform/index.ts';
import { bilingual } from './evidence/bilingual.ts';
import { anomalyLevel, faultName, severityZone } from './evidence/card.ts';

export { anomalyLevel, faultName };

/** What is told of an anomaly, to whoever must act on it. */
export const anomalyPayload = z.object({
  anomalyId: z.uuid(),
  /** Stable, and unique in the tenant while the anomaly is open: one fault, one work order. */
  faultKey: z.string(),
  pointKey: z.string(),
  pointId: z.uuid().nullable(),
  /** The CI that fails: the component, else its equipment; null when the CMDB does not know the point. */
  assetId: z.uuid().nullable(),
  assetName: z.string(),
  fault: faultName,
  level: anomalyLevel,
  severityZone: severityZone.nullable(),
  confidence: z.number().min(0).max(1),
  /** Path of the evidence picture. */
  evidenceUrl: z.string(),
  summary: bilingual,
  firstSeenAtMs: z.number(),
  confirmedAtMs: z.number(),
  /** Arrival at our front of the block or reading that confirmed it. */
  lastWaveformAtMs: z.number(),
});
export type AnomalyPayload = z.infer<typeof anomalyPayload>;

/** Persistence and agreement of the evidence have confirmed an anomaly. Published once per anomaly. */
export const AnomalyConfirmed = defineEvent('AnomalyConfirmed', anomalyPayload);

/** A confirmed anomaly has become worse, or what was unexplained has got a name. */
export const AnomalyEscalated = defineEvent('AnomalyEscalated', anomalyPayload);

/** A person has said what an anomaly was: it is closed. */
export const AnomalyClosed = defineEvent('AnomalyClosed', z.object({ anomalyId: z.uuid() }));

/** An anomaly is about another CI: its own was merged into that. */
export const AnomalyMoved = defineEvent('AnomalyMoved', z.object({ anomalyId: z.uuid() }));

/** A sensor's fault is over by itself: good data has come for long enough. */
export const AnomalyCleared = defineEvent(
  'AnomalyCleared',
  z.object({
    anomalyId: z.uuid(),
    faultKey: z.string(),
    pointKey: z.string(),
    assetName: z.string(),
    summary: bilingual,
    clearedAtMs: z.number(),
  }),
);
