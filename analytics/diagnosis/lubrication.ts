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
  readonly reason: string;
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
  if (!floor) return not('the blocks do not reach the high frequencies at which friction is heard');
  if (!baseline?.highFloor) return not('needs a baseline of the high-frequency noise');
  const rise = Math.min(floor.quick, floor.slow) - Math.log(baseline.highFloor);
  const level = `noise above 2 kHz is ${Math.exp(rise).toFixed(1)} times its baseline`;
  if (rise < GROWN) return not(`${level}, ${Math.exp(GROWN).toFixed(1)} needed`);
  if (hasComb) return not(`${level}, which the bearing fault explains`);
  if ((state.kurtosis ?? 3) > MOST_KURTOSIS) {
    return {
      ...not(`${level}, with blows (kurtosis ${state.kurtosis?.toFixed(1)}) as no thin film makes`),
      undecided: true,
    };
  }
  if (floor.jump > AT_ONCE * rise) {
    return {
      ...not(`${level}, but rose at once: look for a change of process (cavitation, flow) or of the sensor's mounting`),
      undecided: true,
    };
  }
  return {
    found: true,
    confidence: CONFIDENCE,
    undecided: false,
    reason: `${level}, risen gradually, without blows or a bearing's comb`,
  };
}

function not(reason: string): LubricationVerdict {
  return { found: false, confidence: 0, undecided: false, reason };
}
