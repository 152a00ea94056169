import { z } from 'zod';
import type { Sql } from '../../platform/index.ts';
import { WAVEFORM_SETTINGS } from '../detectors/settings.ts';
import type { EvidenceCard } from '../evidence/card.ts';
import { type Anomaly, readCard } from '../store/anomalies.ts';
import { readTrend } from '../store/featureHistory.ts';
import { extend, newPath } from './point/degradation.ts';
import { type RemainingLife, remainingLife } from './point/remainingLife.ts';

/** Remaining life as the routes tell it. */
export const remainingLifeSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('interval'),
    method: z.literal('wiener-log-level'),
    confidence: z.number().describe('probability that the interval holds the time to the limit, by the model'),
    lowHours: z.number(),
    medianHours: z.number(),
    highHours: z.number().nullable().describe('null: not within the horizon that the path allows'),
    limit: z.number().describe('level that counts as failed, in the unit of the feature'),
    onsetMs: z.number(),
    asOfMs: z.number().describe('time of the last measurement: the hours count from there'),
  }),
  z.object({
    kind: z.literal('withheld'),
    reason: z.enum(['no-onset', 'no-limit', 'too-short', 'no-trend', 'past-limit']),
  }),
]);

/** A level this near to its centre is still healthy: the degradation began after it. */
const HEALTHY_RATIO = 1.1;

/**
 * Remaining life at the point that raised an anomaly, from the course of its level since the degradation began.
 *
 * Withheld unless the anomaly is open and confirmed. Failed is where severity zone D begins or, where the standard does
 * not apply, a level so many times the point's baseline as the detector calls serious.
 */
export async function anomalyLife(tx: Sql, anomaly: Anomaly | null): Promise<RemainingLife> {
  if (anomaly?.status !== 'confirmed') return remainingLife(null, null);
  const card = await readCard(tx, anomaly.id);
  const indicator = card && indicatorOf(card);
  if (!indicator) return { kind: 'withheld', reason: 'no-limit' };
  const course = await readTrend(tx, anomaly.pointKey, indicator.feature);
  const path = newPath();
  for (const { atMs, value } of sinceOnset(course, anomaly.firstSeenMs, indicator.centre)) extend(path, atMs, value);
  return remainingLife(path, indicator.limit);
}

interface Indicator {
  readonly feature: string;
  readonly limit: number;
  readonly centre: number | null;
}

function indicatorOf({ severity, features }: EvidenceCard): Indicator | null {
  const named = (name: string) => features.find((feature) => feature.name === name);
  const velocity = named('velocityRms');
  if (severity && velocity) return { feature: 'velocityRms', limit: severity.limitsMmS[2]!, centre: velocity.centre };
  const level = named('velocityRms') ?? named('rms');
  if (!level?.centre) return null;
  return { feature: level.name, limit: level.centre * WAVEFORM_SETTINGS.seriousLevelRatio, centre: level.centre };
}

/** The course from the last healthy level before the anomaly was seen; from there where none is remembered. */
function sinceOnset(
  course: readonly { atMs: number; value: number }[],
  firstSeenMs: number,
  centre: number | null,
): readonly { atMs: number; value: number }[] {
  const seen = course.findIndex(({ atMs }) => atMs >= firstSeenMs);
  if (seen < 0) return [];
  let from = seen;
  while (from > 0 && centre !== null && course[from - 1]!.value > centre * HEALTHY_RATIO) from -= 1;
  return course.slice(from);
}
