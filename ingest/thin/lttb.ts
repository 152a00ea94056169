import type { Sample } from '../store/telemetryStore.ts';

/**
 * Largest-Triangle-Three-Buckets: thins a series to the samples that make its line look as it did. Between the first and
 * the last sample, which are kept, samples are put into buckets of equal number; each gives the one that spans the
 * largest triangle with the sample chosen before it and the mean of the bucket after it.
 *
 * @param samples   shape (n,), in the order of time
 * @param maxPoints how many samples to return; at least 3
 * @returns a subsequence of `samples`, exactly `maxPoints` long; `samples` itself when it is no longer than that
 * @remarks O(n) time, O(maxPoints) memory besides the input. Times are taken relative to the first sample, as float64:
 * exact over 104 days, beyond that to some nanoseconds, which decides nothing but between equal triangles. Of equal
 * triangles the earliest sample wins.
 * @see S. Steinarsson, "Downsampling Time Series for Visual Representation", University of Iceland (2013), section 4.2
 * @example values 0 0 5 0 0 at seconds 0…4, to 3 points // 0 5 0 at seconds 0, 2, 4
 */
export function lttb(samples: readonly Sample[], maxPoints: number): readonly Sample[] {
  const n = samples.length;
  if (n <= maxPoints) return samples;
  const originNs = samples[0]!.timeNs;
  const at = (i: number) => Number(samples[i]!.timeNs - originNs);
  const every = (n - 2) / (maxPoints - 2);
  const startOf = (bucket: number) => Math.floor(bucket * every) + 1;
  const kept: Sample[] = [samples[0]!];
  let chosen = 0;
  for (let bucket = 0; bucket < maxPoints - 2; bucket++) {
    const from = startOf(bucket);
    const to = startOf(bucket + 1);
    const nextTo = Math.min(startOf(bucket + 2), n);
    let meanTime = 0;
    let meanValue = 0;
    for (let i = to; i < nextTo; i++) {
      meanTime += at(i);
      meanValue += samples[i]!.value / (nextTo - to); // divided first: a sum of large values could overflow
    }
    meanTime /= nextTo - to;
    const baseTime = at(chosen);
    const baseValue = samples[chosen]!.value;
    let largest = -1;
    let best = from;
    for (let i = from; i < to; i++) {
      // Twice the area; only the comparison counts.
      const area = Math.abs(
        (baseTime - meanTime) * (samples[i]!.value - baseValue) - (baseTime - at(i)) * (meanValue - baseValue),
      );
      if (area > largest) {
        largest = area;
        best = i;
      }
    }
    kept.push(samples[best]!);
    chosen = best;
  }
  kept.push(samples[n - 1]!);
  return kept;
}
