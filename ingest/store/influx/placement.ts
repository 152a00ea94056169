/** A reading as far as its place is concerned. */
export interface Placed {
  timeNs: bigint;
  identity: string;
}

/** A point that the store holds already. */
export interface Occupant extends Placed {
  /** Which delivery it is. */
  receipt: string;
  /** 0 for the first at its instant; others carry the number as a tag. */
  twin: number;
}

/** What stands at an instant of a series; asked only for instants that are not later than everything known. */
export type Standing = (series: number, timeNs: bigint) => readonly Occupant[];

export interface Placement {
  /** Per reading: the twin number to write it under, or -1 when it is a repetition. */
  twins: Int32Array;
  /** Points to be removed: second copies of a reading that another process has stored as well. */
  superfluous: { series: number; occupant: Occupant }[];
}

/** Positions of readings that are not later than all that their series held before: the store has to be asked. */
export function lateOnes(
  batch: readonly Placed[],
  seriesOf: ArrayLike<number>,
  watermarks: readonly bigint[],
  skip: ReadonlySet<number>,
): number[] {
  const late: number[] = [];
  for (let i = 0; i < batch.length; i++) {
    if (batch[i]!.timeNs <= watermarks[seriesOf[i]!]! && !skip.has(i)) late.push(i);
  }
  return late;
}

/**
 * Finds a place for each reading of a batch, so that none overwrites another and none is written twice.
 *
 * A reading later than its series' watermark is new without a question. Any other is compared with what stands at its
 * instant: the same identity under another receipt is a repetition; under its own receipt it was written by an attempt
 * whose transaction did not come to its commit, so it takes that place again and counts as stored. Two readings of one
 * instant that differ get different twin numbers, as small as possible: each number makes a series of its own.
 */
export function place<R extends Placed>(
  batch: readonly R[],
  seriesOf: ArrayLike<number>,
  watermarks: readonly bigint[],
  skip: ReadonlySet<number>,
  standing: Standing,
  receiptOf: (reading: R) => string,
): Placement {
  const twins = new Int32Array(batch.length);
  const superfluous: Placement['superfluous'] = [];
  const running = [...watermarks];
  const behind: number[] = [];
  for (let i = 0; i < batch.length; i++) {
    if (skip.has(i)) {
      twins[i] = -1;
      continue;
    }
    const series = seriesOf[i]!;
    const { timeNs } = batch[i]!;
    if (timeNs > running[series]!) running[series] = timeNs;
    else behind.push(i);
  }
  if (behind.length === 0) return { twins, superfluous };

  const taken = new Map<string, Occupant[]>();
  const slot = (series: number, timeNs: bigint) => `${series} ${timeNs}`;
  // Only instants that somebody comes late to matter: those who came first there are noted.
  for (const i of behind) taken.set(slot(seriesOf[i]!, batch[i]!.timeNs), []);
  const late = new Set(behind);
  const concerned = new Set(behind.map((i) => seriesOf[i]!));
  for (let i = 0; i < batch.length; i++) {
    if (!concerned.has(seriesOf[i]!) || late.has(i) || skip.has(i)) continue;
    const reading = batch[i]!;
    const here = taken.get(slot(seriesOf[i]!, reading.timeNs));
    // Its identity is asked for here only: making it is dear.
    if (here) here.push({ timeNs: reading.timeNs, identity: reading.identity, receipt: receiptOf(reading), twin: 0 });
  }
  for (const i of behind) {
    const series = seriesOf[i]!;
    const { timeNs, identity } = batch[i]!;
    const receipt = receiptOf(batch[i]!);
    const here = taken.get(slot(series, timeNs))!;
    const stored = timeNs <= watermarks[series]! ? standing(series, timeNs) : [];
    if (here.some((other) => other.identity === identity)) {
      twins[i] = -1;
      continue;
    }
    const [known, ...copies] = stored
      .filter((other) => other.identity === identity)
      .sort((a, b) => Number(a.receipt === receipt) - Number(b.receipt === receipt) || a.twin - b.twin);
    for (const occupant of copies) superfluous.push({ series, occupant });
    twins[i] = known ? (known.receipt === receipt ? known.twin : -1) : freeTwin(stored, here);
    if (twins[i]! >= 0) here.push({ timeNs, identity, receipt, twin: twins[i]! });
  }
  return { twins, superfluous };
}

function freeTwin(stored: readonly Occupant[], here: readonly Occupant[]): number {
  const used = new Set<number>();
  for (const { twin } of stored) used.add(twin);
  for (const { twin } of here) used.add(twin);
  let free = 0;
  while (used.has(free)) free++;
  return free;
}
