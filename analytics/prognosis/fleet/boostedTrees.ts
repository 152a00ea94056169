/** How an ensemble of regression trees is grown. */
export interface BoostSettings {
  readonly trees: number;
  /** Levels below the root. */
  readonly depth: number;
  readonly learningRate: number;
  /** Least rows of a leaf. */
  readonly leafRows: number;
  /** Shrinks leaves of few rows towards zero, in rows. */
  readonly shrinkRows: number;
  /** Share of rows, and of features, that each tree sees. */
  readonly rowShare: number;
  readonly featureShare: number;
}

/** Complete binary trees of one depth, node `i` with children `2i + 1` and `2i + 2`. Plain data. */
export interface BoostedTrees {
  readonly depth: number;
  readonly base: number;
  /** Per tree and inner node: feature, or −1 where nothing is split (then go left). */
  readonly features: readonly Int32Array[];
  /** Per tree and inner node: go right where the value is above. */
  readonly limits: readonly Float64Array[];
  /** Per tree and leaf: what it adds. */
  readonly leaves: readonly Float64Array[];
}

const BINS = 64;

/**
 * Gradient boosting of squared error on histograms of the features.
 *
 * @param columns one array per feature, each of the same number of rows; finite
 * @param target  what is to be foretold, one per row
 * @param random  seeded, uniform in [0, 1)
 * @remarks O(trees · depth · rows · features · shares). The columns are cut into 64 quantile bins first.
 * @see J. H. Friedman, Stochastic gradient boosting, Comput. Stat. Data Anal. 38 (2002) 367–378
 */
export function growTrees(
  columns: readonly Float64Array[],
  target: Float64Array,
  settings: BoostSettings,
  random: () => number,
): BoostedTrees {
  const edges = columns.map(quantileEdges);
  const bins = columns.map((column, f) => binned(column, edges[f]!));
  const base = target.reduce((sum, y) => sum + y, 0) / target.length;
  const residual = target.map((y) => y - base);
  const grown = { features: [] as Int32Array[], limits: [] as Float64Array[], leaves: [] as Float64Array[] };
  const node = new Int32Array(target.length);
  for (let t = 0; t < settings.trees; t++) {
    const tree = growTree(bins, edges, residual, node, settings, random);
    grown.features.push(tree.features);
    grown.limits.push(tree.limits);
    grown.leaves.push(tree.leaves);
  }
  return { depth: settings.depth, base, ...grown };
}

/** What the trees foretell for one row of features. */
export function foretell(trees: BoostedTrees, row: ArrayLike<number>): number {
  const inner = 2 ** trees.depth - 1;
  let sum = trees.base;
  for (let t = 0; t < trees.leaves.length; t++) {
    const features = trees.features[t]!;
    const limits = trees.limits[t]!;
    let at = 0;
    while (at < inner) at = 2 * at + (features[at]! >= 0 && row[features[at]!]! > limits[at]! ? 2 : 1);
    sum += trees.leaves[t]![at - inner]!;
  }
  return sum;
}

function quantileEdges(column: Float64Array): Float64Array {
  const sorted = Float64Array.from(column).sort();
  const edges: number[] = [];
  for (let b = 1; b < BINS; b++) {
    const edge = sorted[Math.floor((b * sorted.length) / BINS)]!;
    if (edges.length === 0 || edge > edges.at(-1)!) edges.push(edge);
  }
  return Float64Array.from(edges);
}

/** Bin of a value: how many edges lie below it. */
function binned(column: Float64Array, edges: Float64Array): Uint8Array {
  return Uint8Array.from(column, (value) => {
    let low = 0;
    let high = edges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (edges[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  });
}

function growTree(
  bins: readonly Uint8Array[],
  edges: readonly Float64Array[],
  residual: Float64Array,
  node: Int32Array,
  settings: BoostSettings,
  random: () => number,
): { features: Int32Array; limits: Float64Array; leaves: Float64Array } {
  const { depth } = settings;
  const inner = 2 ** depth - 1;
  const features = new Int32Array(inner).fill(-1);
  const limits = new Float64Array(inner);
  const rows = Int32Array.from(residual.keys()).filter(() => random() < settings.rowShare);
  const chosen = bins.map((_, f) => f).filter(() => random() < settings.featureShare);
  const cuts = new Uint8Array(inner);
  node.fill(0);
  for (let level = 0; level < depth; level++) {
    const from = 2 ** level - 1;
    const count = 2 ** level;
    const gains = new Float64Array(count);
    for (const f of chosen) splitLevel(bins[f]!, f, rows, node, residual, from, count, settings, gains, features, cuts);
    for (let i = from; i < from + count; i++) if (features[i]! >= 0) limits[i] = edges[features[i]!]![cuts[i]!]!;
    for (let r = 0; r < node.length; r++) {
      const at = node[r]!;
      const f = features[at]!;
      node[r] = 2 * at + (f >= 0 && bins[f]![r]! > cuts[at]! ? 2 : 1);
    }
  }
  return { features, limits, leaves: fillLeaves(rows, node, residual, inner, settings) };
}

/** Improves the best split of every node of one level by what one feature offers. */
function splitLevel(
  bin: Uint8Array,
  feature: number,
  rows: Int32Array,
  node: Int32Array,
  residual: Float64Array,
  from: number,
  count: number,
  { leafRows, shrinkRows }: BoostSettings,
  gains: Float64Array,
  features: Int32Array,
  cuts: Uint8Array,
): void {
  const sums = new Float64Array(count * BINS);
  const counts = new Int32Array(count * BINS);
  for (let i = 0; i < rows.length; i++) {
    const r = rows[i]!;
    const slot = (node[r]! - from) * BINS + bin[r]!;
    sums[slot]! += residual[r]!;
    counts[slot]! += 1;
  }
  for (let n = 0; n < count; n++) {
    let sum = 0;
    let total = 0;
    for (let b = 0; b < BINS; b++) {
      sum += sums[n * BINS + b]!;
      total += counts[n * BINS + b]!;
    }
    const whole = (sum * sum) / (total + shrinkRows);
    let leftSum = 0;
    let left = 0;
    for (let b = 0; b < BINS - 1; b++) {
      leftSum += sums[n * BINS + b]!;
      left += counts[n * BINS + b]!;
      const right = total - left;
      if (left < leafRows || right < leafRows || counts[n * BINS + b] === 0) continue;
      const gain = (leftSum * leftSum) / (left + shrinkRows) + (sum - leftSum) ** 2 / (right + shrinkRows) - whole;
      if (gain <= gains[n]!) continue;
      gains[n] = gain;
      features[from + n] = feature;
      cuts[from + n] = b;
    }
  }
}

/** Sets the leaves from the sampled rows, and takes what they say off every row's residual. */
function fillLeaves(
  rows: Int32Array,
  node: Int32Array,
  residual: Float64Array,
  inner: number,
  { depth, learningRate, shrinkRows }: BoostSettings,
): Float64Array {
  const sums = new Float64Array(2 ** depth);
  const counts = new Float64Array(2 ** depth);
  for (const r of rows) {
    sums[node[r]! - inner]! += residual[r]!;
    counts[node[r]! - inner]! += 1;
  }
  const leaves = sums.map((sum, i) => (learningRate * sum) / (counts[i]! + shrinkRows));
  for (let r = 0; r < node.length; r++) residual[r]! -= leaves[node[r]! - inner]!;
  return leaves;
}
