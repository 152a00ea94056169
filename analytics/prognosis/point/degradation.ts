/** One stretch of a degradation path: the mean of what was measured in it. */
export interface PathPoint {
  /** Mean time of the measurements, ms. */
  atMs: number;
  /** Mean of the natural logarithm of the level. */
  ln: number;
  count: number;
}

/** The path of a level since its degradation began. Plain data, bounded: neighbours are merged as it grows. */
export interface DegradationPath {
  points: PathPoint[];
  /** Measurements that make one point; doubles whenever the points fill. */
  perPoint: number;
}

const MAX_POINTS = 48;
const TINY = 1e-12;

export function newPath(): DegradationPath {
  return { points: [], perPoint: 1 };
}

/** Adds a measurement of the level, in order of time. Changes the path in place. */
export function extend(path: DegradationPath, atMs: number, level: number): void {
  const ln = Math.log(Math.max(level, TINY));
  const last = path.points.at(-1);
  if (last && last.count < path.perPoint) {
    last.count += 1;
    last.atMs += (atMs - last.atMs) / last.count;
    last.ln += (ln - last.ln) / last.count;
    return;
  }
  path.points.push({ atMs, ln, count: 1 });
  if (path.points.length > MAX_POINTS) merge(path);
}

function merge(path: DegradationPath): void {
  const merged: PathPoint[] = [];
  for (let i = 0; i < path.points.length; i += 2) {
    const a = path.points[i]!;
    const b = path.points[i + 1];
    if (!b) {
      merged.push(a);
      continue;
    }
    const count = a.count + b.count;
    merged.push({
      atMs: (a.atMs * a.count + b.atMs * b.count) / count,
      ln: (a.ln * a.count + b.ln * b.count) / count,
      count,
    });
  }
  path.points = merged;
  path.perPoint *= 2;
}
