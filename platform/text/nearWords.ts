/** Words shorter than this are codes and abbreviations: one letter off is another word. */
export const SHORTEST_CORRECTED = 4;
/** From this length on, two errors are forgiven. */
const LONG = 8;

/**
 * Of words that occur, those that somebody may have meant: off by one letter added, left out, exchanged or swapped with
 * its neighbour (by two in words of eight letters or more); nearest first, at most `most`.
 *
 * @remarks O(words · length²)
 */
export function nearWords(word: string, occurring: Iterable<string>, most: number): string[] {
  if (word.length < SHORTEST_CORRECTED) return [];
  const allowed = word.length >= LONG ? 2 : 1;
  const near: { word: string; distance: number }[] = [];
  for (const other of occurring) {
    if (Math.abs(other.length - word.length) > allowed) continue;
    const distance = editDistance(word, other, allowed);
    if (distance <= allowed) near.push({ word: other, distance });
  }
  near.sort((a, b) => a.distance - b.distance || (a.word < b.word ? -1 : 1));
  return near.slice(0, most).map((one) => one.word);
}

/** Optimal string alignment distance; anything above `limit` when it is more. */
function editDistance(a: string, b: string, limit: number): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, before[j - 2]! + 1);
      row.push(least);
    }
    if (Math.min(...row) > limit) return limit + 1;
    [before, above] = [above, row];
  }
  return above[b.length]!;
}
