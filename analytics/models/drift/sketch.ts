import { decilesOf } from '../training/standardise.ts';

const BINS = 10;
/** Rows until the inputs in service are their own reference, where the contract brings none. */
const REFERENCE_ROWS = 200;
/** Rows over which the present is averaged; older ones fade. */
const MEMORY_ROWS = 512;
/** Fewer rows than this say nothing. */
const ENOUGH_ROWS = 100;

/** The distribution of one number: shares of ten bins between the reference's deciles. */
interface Channel {
  /** Nine ascending edges. */
  readonly edges: readonly number[];
  readonly counts: number[];
}

/** What is remembered of a model's inputs and output: plain data, bounded by the number of features. */
export interface DriftSketch {
  /** Where the edges come from: the contract, or the first rows in service. */
  readonly reference: 'training' | 'baseline';
  /** Rows seen. */
  rows: number;
  /** First rows, until they become the reference; each the inputs and then the output. */
  first: number[][];
  /** One for each input and a last one for the output; empty while the reference is being collected. */
  channels: Channel[];
}

export interface DriftReport {
  readonly reference: DriftSketch['reference'];
  readonly rows: number;
  readonly state: DriftState;
  /** Population stability index of each input, in the order of the contract; null while too little was seen. */
  readonly inputs: readonly (number | null)[];
  readonly output: number | null;
}
export type DriftState = 'learning' | 'stable' | 'watch' | 'drifted';

/** Customary limits of the population stability index. @see N. Siddiqi, Credit Risk Scorecards (2006), ch. 9 */
const WATCH = 0.1;
const DRIFTED = 0.25;

/** A sketch that has seen nothing; with the deciles of the training rows, if the contract brings them. */
export function newSketch(deciles?: readonly (readonly number[])[], outputDeciles?: readonly number[]): DriftSketch {
  if (!deciles || !outputDeciles) return { reference: 'baseline', rows: 0, first: [], channels: [] };
  return { reference: 'training', rows: 0, first: [], channels: [...deciles, outputDeciles].map(channelOf) };
}

function channelOf(edges: readonly number[]): Channel {
  return { edges, counts: Array.from({ length: BINS }, () => 0) };
}

/**
 * Adds rows, changing the sketch in place.
 *
 * @param rows each the inputs and then one number for the output
 */
export function addRows(sketch: DriftSketch, rows: readonly (readonly number[])[]): void {
  for (const row of rows) {
    sketch.rows += 1;
    if (sketch.channels.length === 0) {
      sketch.first.push([...row]);
      if (sketch.first.length < REFERENCE_ROWS) continue;
      sketch.channels = decilesOf(sketch.first).map(channelOf);
      sketch.first = [];
      continue;
    }
    for (const [i, { edges, counts }] of sketch.channels.entries()) {
      const keep = 1 - 1 / MEMORY_ROWS;
      for (let b = 0; b < BINS; b++) counts[b]! *= keep;
      let bin = 0;
      while (bin < BINS - 1 && row[i]! >= edges[bin]!) bin += 1;
      counts[bin]! += 1;
    }
  }
}

/**
 * How far the present is from the reference: Σ (p − q)·ln(p/q) over ten bins that the reference fills equally.
 *
 * @remarks 0 for the same distribution; below 0.1 is chance and season, above 0.25 another population. A constant input
 *   has equal edges: what falls on them fills one bin, so its expected share is that bin's, not a tenth.
 */
export function driftOf({ reference, rows, channels }: DriftSketch): DriftReport {
  const indexes = channels.map(stability);
  const inputs = indexes.slice(0, -1);
  const known = indexes.filter((index) => index !== null);
  const worst = Math.max(...known);
  const state = known.length === 0 ? 'learning' : worst >= DRIFTED ? 'drifted' : worst >= WATCH ? 'watch' : 'stable';
  return { reference, rows, state, inputs, output: indexes.at(-1) ?? null };
}

function stability({ edges, counts }: Channel): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total < ENOUGH_ROWS) return null;
  const expected = expectedShares(edges);
  let index = 0;
  for (let b = 0; b < BINS; b++) {
    // Half a row in each bin: an empty bin is a rare one, not an impossible one.
    const p = (counts[b]! + 0.5) / (total + 0.5 * BINS);
    const q = (expected[b]! * total + 0.5) / (total + 0.5 * BINS);
    index += (p - q) * Math.log(p / q);
  }
  return index;
}

/** A tenth for each bin; bins between or below equal edges are empty and their share belongs to the bin above. */
function expectedShares(edges: readonly number[]): number[] {
  const shares = Array.from({ length: BINS }, () => 1 / BINS);
  for (let b = 0; b < BINS - 1; b++) {
    if (edges[b] !== edges[b === 0 ? 1 : b - 1]) continue;
    shares[b + 1]! += shares[b]!;
    shares[b] = 0;
  }
  return shares;
}
