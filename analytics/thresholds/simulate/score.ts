import type { Firing } from './replay.ts';
import type { KnownPoint, Truth } from './truth.ts';

/** A firing with the point that it happened at. */
export interface PlacedFiring extends Firing {
  readonly pointKey: string;
}

/** What became of something known, under one setting. */
export interface Caught {
  /** When it would have been told of; null: not at all. */
  readonly firedMs: number | null;
}

/** What settings are worth, against what is known. */
export interface Score {
  /** Alarms that people would have had: firings about the same thing count once. */
  alarms: number;
  /** null for a span of less than a day, which says nothing of a month. */
  alarmsPerMonth: number | null;
  caught: number;
  missed: number;
  falseAlarms: number;
  otherCauses: number;
  /** About anomalies that are still open. */
  undecided: number;
  /** Alarms that history does not have; nobody knows what they were. */
  unknown: number;
  /** Share of the labelled alarms that were confirmed; null without any. */
  precision: number | null;
  /** The same if every unknown alarm were false. */
  precisionAtLeast: number | null;
  /** Share of the confirmed faults that were told of; null without any. */
  recall: number | null;
}

const DAY_MS = 86_400_000;
const MONTH_MS = 30.44 * DAY_MS;

const share = (part: number, of: number): number | null => (of === 0 ? null : part / of);

/** Sets firings against what is known of their points. */
export function scoreFirings(
  firings: readonly PlacedFiring[],
  truths: readonly Truth[],
  points: readonly KnownPoint[],
  { closeAfterMs, spanMs }: { readonly closeAfterMs: number; readonly spanMs: number },
): { score: Score; caught: Map<Truth, Caught>; unknown: PlacedFiring[] } {
  const firedAt = new Map<Truth, number>();
  const unmatched: PlacedFiring[] = [];
  for (const firing of firings) {
    const truth = truthOf(firing, truths, closeAfterMs);
    if (!truth) unmatched.push(firing);
    else firedAt.set(truth, Math.min(firedAt.get(truth) ?? Number.POSITIVE_INFINITY, firing.atMs));
  }
  const unknown = oncePerMachine(unmatched, points, closeAfterMs);
  const told = (label: Truth['label']) => truths.filter((truth) => truth.label === label && firedAt.has(truth)).length;
  const [caught, falseAlarms, otherCauses, undecided] = [
    told('confirmed'),
    told('false_alarm'),
    told('other_cause'),
    told(null),
  ];
  const alarms = caught + falseAlarms + otherCauses + undecided + unknown.length;
  const faults = truths.filter((truth) => truth.label === 'confirmed').length;
  const score = {
    alarms,
    alarmsPerMonth: spanMs >= DAY_MS ? (alarms * MONTH_MS) / spanMs : null,
    ...{ caught, falseAlarms, otherCauses, undecided },
    missed: faults - caught,
    unknown: unknown.length,
    precision: share(caught, caught + falseAlarms),
    precisionAtLeast: share(caught, caught + falseAlarms + unknown.length),
    recall: share(caught, faults),
  };
  return { score, caught: new Map(truths.map((truth) => [truth, { firedMs: firedAt.get(truth) ?? null }])), unknown };
}

/** What a firing is about: the anomaly that it was in history, else one of its point that it came before or during. */
function truthOf(firing: PlacedFiring, truths: readonly Truth[], closeAfterMs: number): Truth | null {
  const same = truths.find((truth) => truth.anomalyId !== null && truth.anomalyId === firing.anomalyId);
  if (same) return same;
  const near = truths.filter(
    ({ pointKeys, startMs, endMs }) =>
      pointKeys.includes(firing.pointKey) &&
      firing.atMs >= startMs - closeAfterMs &&
      (endMs === null || firing.atMs <= endMs),
  );
  return near.toSorted((a, b) => Math.abs(a.startMs - firing.atMs) - Math.abs(b.startMs - firing.atMs))[0] ?? null;
}

/** Firings of one machine close to one another are one alarm to people. */
function oncePerMachine(
  firings: readonly PlacedFiring[],
  points: readonly KnownPoint[],
  closeAfterMs: number,
): PlacedFiring[] {
  const machineOf = new Map(points.map((point) => [point.pointKey, point.machineId ?? point.pointKey]));
  const latest = new Map<string, number>();
  return firings
    .toSorted((a, b) => a.atMs - b.atMs)
    .filter((firing) => {
      const machine = machineOf.get(firing.pointKey) ?? firing.pointKey;
      const isNew = firing.atMs - (latest.get(machine) ?? Number.NEGATIVE_INFINITY) >= closeAfterMs;
      if (isNew) latest.set(machine, firing.atMs);
      return isNew;
    });
}
