/** Maps a range of data onto a range of pixels. */
export interface LinearScale {
  readonly low: number;
  readonly high: number;
  toPixel(value: number): number;
}

export function linearScale(low: number, high: number, fromPixel: number, toPixel: number): LinearScale {
  const span = high > low ? high - low : 1;
  return { low, high: low + span, toPixel: (value) => fromPixel + ((value - low) / span) * (toPixel - fromPixel) };
}

/** Round numbers (1, 2, 5 × 10ⁿ apart) inside a range, about `count` of them. */
export function ticks(low: number, high: number, count: number): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((candidate) => candidate >= rough) ?? 10 * power;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Steps of clock time that people read easily, in ms. */
const TIME_STEPS_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 10e3, 15e3, 30e3, 60e3, 120e3, 300e3, 600e3, 900e3, 1800e3, 3600e3,
  7200e3, 10800e3, 21600e3, 43200e3, 86400e3, 172800e3, 604800e3, 2592000e3,
];

/** Times inside a range on round clock steps, and how to write them (UTC). */
export function timeTicks(lowMs: number, highMs: number, count: number): { at: number; label: string }[] {
  const rough = Math.max(1, (highMs - lowMs) / count);
  const step = TIME_STEPS_MS.find((candidate) => candidate >= rough) ?? TIME_STEPS_MS.at(-1)!;
  const list: { at: number; label: string }[] = [];
  for (let at = Math.ceil(lowMs / step) * step; at <= highMs && list.length < 4 * count; at += step) {
    const iso = new Date(at).toISOString();
    const label =
      step >= 86400e3
        ? iso.slice(5, 10)
        : step >= 60e3
          ? iso.slice(11, 16)
          : step >= 1e3
            ? iso.slice(11, 19)
            : iso.slice(17, 23);
    list.push({ at, label });
  }
  return list;
}
