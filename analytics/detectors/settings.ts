import { isRegimeNamed } from './placedRegime.ts';
import type { RiseSettings } from './rise/rise.ts';
import { RISE_SETTINGS } from './rise/riseSettings.ts';
import type { RegimeBaselines } from './state.ts';

/** What may differ from feature to feature and from regime to regime of one point. */
export interface FeatureSettings {
  /** Robust deviation at which a feature speaks. */
  readonly deviationZ: number;
  /** Deviation above which a value is kept out of the baseline, so that a fault is not learnt on its way up. */
  readonly admitZ: number;
}

/** What people set for one feature, one regime, or one feature in one regime; null: for any. */
export interface FeatureOverride {
  readonly feature: string | null;
  readonly regime: string | null;
  readonly values: Partial<FeatureSettings>;
}

/** How sure the detector must be at one point: the defaults of its kind, and what `thresholds/` has for its scope. */
export interface DetectorSettings extends FeatureSettings {
  /** Least binding first. */
  readonly overrides: readonly FeatureOverride[];
  /**
   * How often an undisturbed point may see a single observation beyond its limit, a month; the limit follows from the
   * tail of its own deviations. 0 keeps the fixed `deviationZ`.
   */
  readonly falseAlarmsPerMonth: number;
  /** Values a baseline needs before it may judge. */
  readonly baselineMinCount: number;
  /** A fall speaks as well as a rise (temperature, flow); vibration only speaks by rising. */
  readonly twoSided: boolean;
  /** How many kinds of feature must deviate together before a deviation without a name is believed. */
  readonly agreeingGroups: number;
  /** A deviation without a name is confirmed when present in `needed` of the last `of` observations. */
  readonly deviation: { readonly needed: number; readonly of: number };
  /** Severity zone C or D in `needed` of the last `of`. */
  readonly severity: { readonly needed: number; readonly of: number };
  /** A named fault with an agreeing deviation. */
  readonly agreed: { readonly needed: number; readonly of: number };
  /** A named fault on geometry alone: nothing else can speak yet (cold start), or nothing else does. */
  readonly geometry: { readonly needed: number; readonly of: number; readonly blocks: number };
  /** A level this many times its baseline is serious whatever the zone says. */
  readonly seriousLevelRatio: number;
  /** How a rise of a level out of its recent past is told from wandering, restarts and steps. */
  readonly rise: RiseSettings;
  /**
   * What such a rise is worth by itself: 0 nothing, 0.5 a suspicion, 1 it confirms. A machine on constant duty bears 1;
   * where the process moves the level, a rise that nothing supports stays a suspicion.
   */
  readonly riseWorth: number;
  /**
   * What a level is worth by itself that has shifted and stays, within its limits or not: as `riseWorth`. Nothing unless
   * somebody asks for it, for a cyclic load shifts all the time: a shift is told on the card of what is found.
   */
  readonly changeWorth: number;
  /**
   * Several values of a machine together, each of which may lie within its own limits. What it is worth that they are not
   * together as usual, and that they left their usual range together: 0 nothing, 0.5 a suspicion, 1 confirms like any other
   * deviation. A process that is driven elsewhere leaves the range; only a fault, or a new state, breaks the relation.
   */
  readonly joint: {
    /** Rows of values whose mean is judged. */
    readonly span: number;
    readonly relationWorth: number;
    readonly rangeWorth: number;
  };
  /**
   * After a start or a change: observations until the point may count as settled, those after which it does in any case
   * (a start; a mere change), and those after a restart over which a small step of the level may become the new normal.
   */
  readonly settling: {
    readonly least: number;
    readonly mostAfterStart: number;
    readonly mostAfterChange: number;
    readonly probation: number;
  };
  /** Observations without any support after which a suspicion is dropped. */
  readonly fadeAfter: number;
}

/** The settings that hold for one feature in one regime. */
export function featureSettings(
  settings: DetectorSettings,
  feature: string,
  regime: Pick<RegimeBaselines, 'key' | 'place'>,
): FeatureSettings {
  if (settings.overrides.length === 0) return settings;
  let found: FeatureSettings = settings;
  for (const override of settings.overrides) {
    const holds =
      (override.feature === null || override.feature === feature) &&
      (override.regime === null || isRegimeNamed(override.regime, regime));
    if (holds) found = { ...found, ...override.values };
  }
  return found;
}

export const WAVEFORM_SETTINGS: DetectorSettings = {
  overrides: [],
  falseAlarmsPerMonth: 1,
  baselineMinCount: 12,
  deviationZ: 6,
  admitZ: 4,
  twoSided: false,
  agreeingGroups: 2,
  deviation: { needed: 5, of: 6 },
  severity: { needed: 5, of: 6 },
  agreed: { needed: 2, of: 3 },
  geometry: { needed: 3, of: 4, blocks: 3 },
  seriousLevelRatio: 5,
  rise: RISE_SETTINGS,
  riseWorth: 0.5,
  changeWorth: 0,
  joint: { span: 4, relationWorth: 0.5, rangeWorth: 0.5 },
  settling: { least: 2, mostAfterStart: 10, mostAfterChange: 1, probation: 12 },
  fadeAfter: 8,
};

export const SCALAR_SETTINGS: DetectorSettings = {
  overrides: [],
  falseAlarmsPerMonth: 1,
  baselineMinCount: 60,
  deviationZ: 8,
  admitZ: 5,
  twoSided: true,
  agreeingGroups: 1,
  deviation: { needed: 14, of: 15 },
  severity: { needed: 15, of: 15 },
  agreed: { needed: 15, of: 15 },
  geometry: { needed: 15, of: 15, blocks: 15 },
  seriousLevelRatio: 5,
  rise: RISE_SETTINGS,
  riseWorth: 0.5,
  changeWorth: 0,
  joint: { span: 8, relationWorth: 1, rangeWorth: 0.5 },
  settling: { least: 5, mostAfterStart: 240, mostAfterChange: 120, probation: 30 },
  fadeAfter: 15,
};
