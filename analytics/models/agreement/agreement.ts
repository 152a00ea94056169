import type { Sql } from '../../../platform/index.ts';
import { WAVEFORM_SETTINGS } from '../../detectors/settings.ts';
import type { ModelContract } from '../contract.ts';

/** How a model's word compares with the faults that were open, observation by observation. */
export interface Agreement {
  /** Observations compared, of points that have a calm past to compare with. */
  readonly observations: number;
  readonly points: number;
  /** It would have spoken while a fault was open, and been silent while none was. */
  readonly bothSpeak: number;
  readonly bothSilent: number;
  readonly onlyModel: number;
  readonly onlyFault: number;
  /** Share of the observations on which they agree; null while there are none. */
  readonly share: number | null;
}

/** What a model said of one block. */
export interface Word {
  readonly pointKey: string;
  readonly value: number;
  /** The block belongs to what the point is like when it is well. */
  readonly isCalm: boolean;
  readonly isFaultOpen: boolean;
}

/** Blocks of a calm past that a point must have before a deviation from it means anything. */
const LEAST_CALM = 12;
/** A spread below this is rounding. */
const LEAST_SPREAD = 0.05;
/** Newest blocks compared. */
const MOST_WORDS = 20_000;

/**
 * Compares what a model would have said with the faults that were open.
 *
 * @param words what it said, on a scale on which equal distances mean the same (logarithm, log odds)
 * @returns counts; it counts as speaking where its value lies further above the point's own calm median than detectors
 *   allow by default, in scaled MADs
 */
export function agreementOf(words: readonly Word[]): Agreement {
  const counts = { bothSpeak: 0, bothSilent: 0, onlyModel: 0, onlyFault: 0 };
  let points = 0;
  for (const ofPoint of Map.groupBy(words, ({ pointKey }) => pointKey).values()) {
    const calm = ofPoint.filter(({ isCalm }) => isCalm).map(({ value }) => value);
    if (calm.length < LEAST_CALM) continue;
    points += 1;
    const centre = median(calm);
    const spread = Math.max(LEAST_SPREAD, 1.4826 * median(calm.map((value) => Math.abs(value - centre))));
    for (const { value, isFaultOpen } of ofPoint) {
      const speaks = (value - centre) / spread > WAVEFORM_SETTINGS.deviationZ;
      if (speaks) counts[isFaultOpen ? 'bothSpeak' : 'onlyModel'] += 1;
      else counts[isFaultOpen ? 'onlyFault' : 'bothSilent'] += 1;
    }
  }
  const observations = counts.bothSpeak + counts.bothSilent + counts.onlyModel + counts.onlyFault;
  const share = observations === 0 ? null : (counts.bothSpeak + counts.bothSilent) / observations;
  return { observations, points, ...counts, share };
}

/** The agreement of one model over what the points remember of their last blocks. Read only. */
export async function readAgreement(tx: Sql, { name, version, output }: ModelContract): Promise<Agreement> {
  const { rows } = await tx.query<{ pointKey: string; value: number; isCalm: boolean; isFaultOpen: boolean }>(
    `select f.point_key as "pointKey", (f.values ->> $1)::float8 as value, f.shape is not null as "isCalm",
       exists (select 1 from anomaly a where a.tenant_id = f.tenant_id and a.point_key = f.point_key
         and a.status in ('confirmed', 'closed') and a.confirmed_ms is not null and a.label is distinct from 'false_alarm'
         and f.at_ms between a.first_seen_ms and coalesce(a.closed_ms, 'infinity')) as "isFaultOpen"
     from analytics_feature f where f.tenant_id = current_tenant() and f.values ? $1 order by f.at_ms desc limit $2`,
    [`model ${name} ${version}`, MOST_WORDS],
  );
  // A score is positive and spreads by ratios; of classes the log odds are kept, which spread by differences.
  const isScore = output.kind === 'score';
  return agreementOf(
    rows.map(({ value, ...row }) => ({ ...row, value: isScore ? Math.log(Math.max(value, 1e-9)) : value })),
  );
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
