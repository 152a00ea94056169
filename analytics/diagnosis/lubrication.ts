import { type Finding, finding } from './finding.ts';
import type { DiagnosisState } from './state.ts';
import type { ShaftBaseline } from './types.ts';

/** Growth of the high-frequency noise over its baseline that asks for a cause: 2.5 times, 8 dB. */
const GROWN = Math.log(2.5);
/** A rise of which more than this share came within a dozen blocks is a change of process or of the sensor's mounting. */
const AT_ONCE = 0.4;
/** Single blows raise the kurtosis above this; a thin film does not. */
const MOST_KURTOSIS = 4.5;
/** Many things raise noise. */
const CONFIDENCE = 0.35;

export interface LubricationVerdict {
  readonly found: boolean;
  readonly confidence: number;
  /** The noise has risen, and more than a thin film may be the cause. */
  readonly undecided: boolean;
  readonly reason: Finding;
}

/**
 * Poor lubrication: the noise floor at high frequencies has risen, gradually, without blows and without the comb of any
 * bearing fault. Never named at more than low confidence: the advice is to grease and to measure again, which is the test.
 *
 * @param hasComb a bearing fault is named or suspected; its blows raise the floor by themselves
 * @see ISO 13373-3:2015, annex on rolling element bearings: raised broadband levels at high frequency
 */
export function judgeLubrication(
  state: DiagnosisState,
  baseline: ShaftBaseline | undefined,
  hasComb: boolean,
): LubricationVerdict {
  const { floor } = state;
  if (!floor) return not(finding('floor-not-reached'));
  if (!baseline?.highFloor) return not(finding('floor-without-baseline'));
  const rise = Math.min(floor.quick, floor.slow) - Math.log(baseline.highFloor);
  const times = Math.exp(rise);
  if (rise < GROWN) return not(finding('floor-low', { times, needed: Math.exp(GROWN) }));
  if (hasComb) return not(finding('floor-of-bearing', { times }));
  const kurtosis = state.kurtosis ?? 3;
  if (kurtosis > MOST_KURTOSIS) return { ...not(finding('floor-with-blows', { times, kurtosis })), undecided: true };
  if (floor.jump > AT_ONCE * rise) return { ...not(finding('floor-at-once', { times })), undecided: true };
  return { found: true, confidence: CONFIDENCE, undecided: false, reason: finding('thin-film', { times }) };
}

function not(reason: Finding): LubricationVerdict {
  return { found: false, confidence: 0, undecided: false, reason };
}
