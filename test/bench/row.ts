/** One measured figure beside what it is compared with, both from the same run. */
export interface BenchRow {
  name: string;
  value: number;
  unit: string;
  better: 'higher' | 'lower';
  goal: number;
  /** What `referenceValue` was measured on; named so that a reader can repeat it. */
  reference: string;
  referenceValue: number;
  /** value / referenceValue when higher is better, referenceValue / value when lower is. */
  ratio: number;
  /** Where the time goes, one line a stage. */
  breakdown?: string[];
}
