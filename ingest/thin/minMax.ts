import type { Sample, WindowExtremes } from '../store/telemetryStore.ts';

/**
 * Thins a series to its envelope: the first and the last sample, and of each of equally long stretches of time the
 * lowest and the highest. What sticks out stays, each sample at its own time.
 *
 * @param samples   shape (n,), in the order of time
 * @param maxPoints most samples to return; at least 4
 * @returns a subsequence of `samples`, at most `maxPoints` long; `samples` itself when it is short enough
 * @remarks O(n) time, O(maxPoints) memory besides the input. Of equal extremes the earliest is kept.
 * @see U. Jugel et al., "M4: A Visualization-Oriented Time Series Data Aggregation", PVLDB 7 (2014) 797-808, whose
 * four samples a stretch become two here: the borders show only where stretches are as narrow as a pixel
 * @example minMax of values 0 9 1 2 -7 3 at seconds 0…5, to 4 points // 0 9 -7 3
 */
export function minMax(samples: readonly Sample[], maxPoints: number): readonly Sample[] {
  if (samples.length <= maxPoints) return samples;
  const stretches = stretchesFor(maxPoints);
  const firstNs = samples[0]!.timeNs;
  const lengthNs = (samples.at(-1)!.timeNs - firstNs) / BigInt(stretches) + 1n;
  const windows: WindowExtremes[] = [];
  for (const sample of samples) {
    const startNs = firstNs + ((sample.timeNs - firstNs) / lengthNs) * lengthNs;
    const window = windows.at(-1);
    if (window?.timeNs !== startNs) {
      windows.push({ timeNs: startNs, count: 1, first: sample, last: sample, lowest: sample, highest: sample });
      continue;
    }
    window.count++;
    window.last = sample;
    if (sample.value < window.lowest.value) window.lowest = sample;
    if (sample.value > window.highest.value) window.highest = sample;
  }
  return envelopeOf(windows);
}

/** How many stretches leave room for two samples each and one at either end. */
export function stretchesFor(maxPoints: number): number {
  return Math.max(1, (maxPoints - 2) >> 1);
}

/**
 * The same envelope from stretches that the store has summed up: at most two samples a window and two more.
 *
 * @param windows shape (n,), in the order of time
 * @remarks O(n)
 */
export function envelopeOf(windows: readonly WindowExtremes[]): Sample[] {
  if (windows.length === 0) return [];
  const points: Sample[] = [];
  const add = (sample: Sample) => {
    const before = points.at(-1);
    if (before?.timeNs !== sample.timeNs || before.value !== sample.value) points.push(sample);
  };
  add(windows[0]!.first);
  for (const { lowest, highest } of windows) {
    const [one, two] = lowest.timeNs <= highest.timeNs ? [lowest, highest] : [highest, lowest];
    add(one);
    add(two);
  }
  add(windows.at(-1)!.last);
  return points;
}
