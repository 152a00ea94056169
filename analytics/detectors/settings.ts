/** How sure the detector must be. One object per kind of point; nothing here is per machine. */
export interface DetectorSettings {
  /** Values a baseline needs before it may judge. */
  readonly baselineMinCount: number;
  /** Robust deviation at which a feature speaks. */
  readonly deviationZ: number;
  /** Deviation above which a value is kept out of the baseline, so that a fault is not learnt on its way up. */
  readonly admitZ: number;
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
  /** Observations without any support after which a suspicion is dropped. */
  readonly fadeAfter: number;
}

export const WAVEFORM_SETTINGS: DetectorSettings = {
  baselineMinCount: 12,
  deviationZ: 6,
  admitZ: 4,
  twoSided: false,
  agreeingGroups: 2,
  deviation: { needed: 5, of: 6 },
  severity: { needed: 5, of: 6 },
  agreed: { needed: 2, of: 3 },
  geometry: { needed: 3, of: 4, blocks: 3 },
  fadeAfter: 8,
};

export const SCALAR_SETTINGS: DetectorSettings = {
  baselineMinCount: 60,
  deviationZ: 8,
  admitZ: 5,
  twoSided: true,
  agreeingGroups: 1,
  deviation: { needed: 14, of: 15 },
  severity: { needed: 15, of: 15 },
  agreed: { needed: 15, of: 15 },
  geometry: { needed: 15, of: 15, blocks: 15 },
  fadeAfter: 15,
};
