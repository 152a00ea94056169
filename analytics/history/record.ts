import type { Feature, NamedEvidence, Observation, Verdict } from '../detectors/observation.ts';
import type { Label } from '../detectors/rebaseline.ts';
import type { FaultName, OpenClaim } from '../detectors/state.ts';
import type { Severity } from '../diagnosis/types.ts';

/** Something that people did to a point's memory between two observations: an anomaly of it was closed. */
export interface Intervention {
  readonly anomalyId: string;
  readonly label: Label;
  readonly fault: FaultName;
  readonly strength: number;
}

/** One observation as the detector was given it, and what came of it: enough to judge it again under other settings. */
export interface RecordedObservation {
  /** `state.sequence` once it was judged. */
  readonly sequence: number;
  readonly observation: Observation;
  /** The standard's zone limits at the machine, where it covers it: own limits may be tried on the same velocity. */
  readonly severity: Pick<Severity, 'limitsMmS' | 'assumed'> | null;
  /** Version of the tenant's thresholds that it was judged under. */
  readonly settingsVersion: number;
  readonly outcome: Verdict['outcome'];
  readonly act: Verdict['act'];
  /** What the point had open afterwards, when that had changed. */
  readonly open?: OpenClaim | null;
  /** What people did since the observation before. */
  readonly interventions?: readonly Intervention[];
}

/** Features of one kind of observation without their values: the same for thousands of observations. */
type Shape = Omit<Feature, 'value'>[];

/** Observations as they are stored: the names of the features once, their values per observation. */
interface Packed {
  readonly v: 1;
  readonly shapes: Shape[];
  readonly rows: PackedRow[];
}
type PackedRow = Omit<RecordedObservation, 'observation'> & {
  readonly o: Omit<Observation, 'features' | 'diagnosis'>;
  readonly d: NamedEvidence | null;
  readonly shape: number;
  readonly values: number[];
};

/** Only what the detector looks at: the card keeps the rest. */
function evidenceOf(diagnosis: NamedEvidence | null): NamedEvidence | null {
  if (!diagnosis) return null;
  const { fault, confidence, cannotTell, blocks, harmonics } = diagnosis;
  return { fault, confidence, cannotTell, blocks, harmonics: fault ? harmonics.map(({ snrDb }) => ({ snrDb })) : [] };
}

/** Observations as text; numbers keep all their digits, so that a replay starts from exactly what was judged. */
export function packObservations(recorded: readonly RecordedObservation[]): string {
  const shapes: Shape[] = [];
  const known = new Map<string, number>();
  const rows = recorded.map(({ observation: { features, diagnosis, ...o }, ...rest }): PackedRow => {
    const shape = features.map(({ value: _, ...named }) => named);
    const key = JSON.stringify(shape);
    const index = known.get(key) ?? shapes.push(shape) - 1;
    known.set(key, index);
    return { ...rest, o, d: evidenceOf(diagnosis), shape: index, values: features.map(({ value }) => value) };
  });
  return JSON.stringify({ v: 1, shapes, rows } satisfies Packed);
}

export function unpackObservations(text: string): RecordedObservation[] {
  const { shapes, rows } = JSON.parse(text) as Packed;
  return rows.map(({ o, d, shape, values, ...rest }) => ({
    ...rest,
    observation: { ...o, diagnosis: d, features: shapes[shape]!.map((named, i) => ({ ...named, value: values[i]! })) },
  }));
}
