import type { EvidenceGroup } from '../state.ts';

/** One value of a row: how far it lies from its own baseline. */
export interface JointValue {
  /** The feature's name; for another point's reading the key of that point. */
  readonly name: string;
  readonly group: EvidenceGroup;
  /** Deviations from its own baseline, in its own regime. */
  readonly z: number;
}

/** What one value has to do with a deviation of several together. */
export interface JointPart extends JointValue {
  /** Its share in the statistic, 0..1; all of them add up to 1. */
  readonly share: number;
}

/** What several values say together. */
export interface Joint {
  /**
   * T2: beyond their usual range, the way they usually move, which a process may well do. Q: not together as usual, within
   * the usual range. CUSUM: the same, a small shift that lasts.
   */
  readonly statistic: 'T2' | 'Q' | 'CUSUM';
  /** The statistic as a share of its limit; beyond 1 is unusual. */
  readonly share: number;
  /** Range and relation each as a share of its limit before the limits were lifted. */
  readonly of: { readonly range: number; readonly relation: number };
  readonly alarm: boolean;
  /** Rows since it began. */
  readonly standing: number;
  /** Share of the rows asked for in which they were not together as usual, and in which they were unusual at all. */
  readonly progress: { readonly relation: number; readonly any: number };
  /** The greatest contribution first. */
  readonly parts: readonly JointPart[];
}
