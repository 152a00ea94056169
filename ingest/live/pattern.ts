/** What a watcher wants to see: series and devices by name, `*` for any run of characters. No pattern at all: all. */
export interface LiveFilter {
  series: readonly string[];
  devices: readonly string[];
}

/** Whether a series of a device is among what is wanted. */
export function wants(filter: LiveFilter, device: string, series: string): boolean {
  if (filter.series.length === 0 && filter.devices.length === 0) return true;
  return filter.series.some((p) => fits(p, series)) || filter.devices.some((p) => fits(p, device));
}

/**
 * Whether a text fits a pattern in which `*` stands for any run of characters.
 *
 * @remarks O(pattern × text) at worst, whatever the pattern: only the last `*` is ever tried again. A regular
 * expression made of the same pattern may take exponential time.
 * @example fits('press-*\/temp*', 'press-7/temperature') // true
 */
export function fits(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resumeAt = 0;
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++;
      resumeAt = t;
    } else if (p < pattern.length && pattern[p] === text[t]) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resumeAt;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
